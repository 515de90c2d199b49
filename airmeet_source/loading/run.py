"""Run: one run of a pipeline, with everything that makes a load safe."""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal
from uuid import uuid4

from airmeet_source.communities import DEFAULT
from airmeet_source.errors import AirmeetError, AlreadyRunning, FileInUse, Overtaken, UsageError
from airmeet_source.extract.extraction import Extraction
from airmeet_source.extract.hints import CONTRACT, FROZEN_CONTRACT
from airmeet_source.extract.package import Checkpoint
from airmeet_source.extract.selection import Selection
from airmeet_source.extract.sync_log import SYNC_LOG
from airmeet_source.loading.allocator import give_back_large_blocks
from airmeet_source.loading.analysts import serve_analysts
from airmeet_source.loading.clients import Clients
from airmeet_source.loading.command_report import Status
from airmeet_source.loading.configuration import our_configuration
from airmeet_source.loading.configured import read_configuration
from airmeet_source.loading.demo import demo
from airmeet_source.loading.destinations import (
    Target,
    build_pipeline,
    merges_row_by_row,
    place,
    require_pipeline_name,
)
from airmeet_source.loading.duckdb import publish, require_elsewhere, require_publishable
from airmeet_source.loading.erasing.sweeping import sweep_up
from airmeet_source.loading.failures import in_our_words
from airmeet_source.loading.files import private_files
from airmeet_source.loading.log_tables import Row
from airmeet_source.loading.notices.telling import Ended, tell_of_run, tell_of_unreached
from airmeet_source.loading.opened import Opened
from airmeet_source.loading.packages import load_packages
from airmeet_source.loading.postgres import is_postgres, require_server
from airmeet_source.loading.report import OUTCOMES, Report
from airmeet_source.loading.run_log import enter_run, run_row
from airmeet_source.loading.working_folder import empty_working_folder
from airmeet_source.loading.writers import locks_of
from airmeet_source.model.tables import TABLES
from airmeet_source.resources import RESOURCES, resources_of
from airmeet_source.settings import (
    Settings,
    SettingsArguments,
    resolve_settings,
)
from airmeet_source.source import airmeet_from
from airmeet_source.spelling import did_you_mean

log = logging.getLogger("airmeet_source")

SchemaContract = Literal["evolve", "freeze"]
_CONTRACTS = {"evolve": CONTRACT, "freeze": FROZEN_CONTRACT}
_MOST_BEGINNINGS = 10
_STATUS: dict[int, Status] = {0: "ok", 3: "partial"}

Watch = Callable[[Extraction], AbstractContextManager[object]]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be loaded, where to and how; ``load()`` describes each part."""

    target: Target = field(default_factory=Target)
    pipeline_name: str | None = None  # None: that of the community
    selection: Selection = field(default_factory=Selection)
    resources: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    schema_contract: SchemaContract = "evolve"
    lock_timeout: float = 60.0
    publish: Path | None = None
    publish_mode: int | None = None
    report: Path | None = None  # which the caller is going to write
    demo: bool = False
    new_events: bool = False
    views: bool = True
    settings: SettingsArguments = field(default_factory=SettingsArguments)


class Run:
    """One run, from its start on."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._community = order.settings.get("community") or DEFAULT
        self._target = order.target
        self.run_id = uuid4().hex
        self._started_at = datetime.now(UTC)
        self._extraction: Extraction | None = None
        self._beginnings = 1  # more if others were quicker
        self._requests = 0  # before the last of them
        self._loaded_into: str | None = None
        self._is_entered = False  # in the table of runs

    @contextmanager
    def opened(self) -> Iterator[Opened]:
        """What a run works with, to look at; dlt has a folder of its own, runs under way are not disturbed.

        Raises:
            AirmeetError: whatever goes wrong, in the context as well.
        """
        self._read_configuration()
        with TemporaryDirectory() as folder:
            target = replace(self._target, pipelines_dir=folder)
            with self._opened(target, nullcontext()) as opened:
                yield opened

    def load(self, watch: Watch = nullcontext) -> Report:
        """Load everything that is due.

        Args:
            watch: entered while the run is under way, to show or to stop it.

        Raises:
            AirmeetError: the run failed or was stopped. What is complete is loaded.
        """
        try:
            self._load(watch)
        except AirmeetError as error:
            if not self._is_entered and not self._order.demo:
                tell_of_unreached(self._ended(error), self._order.settings)
            raise
        return self.report()

    def _load(self, watch: Watch) -> None:
        give_back_large_blocks()
        self._read_configuration()
        while True:
            try:
                self._attempt(watch)
            except Overtaken as overtaken:
                if not self._can_begin_again():
                    raise
                log.info("This run begins again: %s", overtaken)
                self._beginnings += 1
                self._requests += self._extraction.client.requests if self._extraction else 0
            else:
                return

    def _can_begin_again(self) -> bool:
        """Whether nothing was loaded yet, so that a run that was overtaken can still have its way."""
        is_first = self._extraction is None or not self._extraction.package.loaded
        return is_first and self._beginnings < _MOST_BEGINNINGS

    def _attempt(self, watch: Watch) -> None:
        target, snapshot = self._target, self._order.publish
        with (
            self._opened(target, empty_working_folder(target, self._order.lock_timeout)) as run,
            run.locks.only_run(),
            self._entered(run),
            watch(run.extraction),
        ):
            run.extraction.ask_for_events()  # it comes while the destination is looked at
            run.begin()
            load_packages(run.clients, run.source, run.extraction, run.locks, run.neighbours.require_no_news)
            sweep_up(run.clients, run.locks, run.extraction.settings.privacy)
            self._loaded_into = place(run.pipeline)
            serve_analysts(run.clients, run.locks.hold, views=self._order.views)
            if snapshot is not None:
                with run.locks.hold():
                    publish(run.pipeline, snapshot, self._order.publish_mode)
            if run.extraction.error is not None:
                raise run.extraction.error

    @contextmanager
    def _entered(self, run: Opened) -> Iterator[None]:
        """Have the run entered in the table of runs, however it ends, unless somebody is in a hurry."""
        try:
            with in_our_words():
                yield
        except AirmeetError as error:
            if not (isinstance(error, Overtaken) and self._can_begin_again()):
                self._enter(run, error)
            raise
        else:
            self._enter(run, None)

    def _enter(self, run: Opened, error: AirmeetError | None) -> None:
        if isinstance(error, FileInUse | AlreadyRunning):  # it is still out of our reach
            return
        ended, settings = self._ended(error), run.extraction.settings
        self._is_entered = enter_run(run.clients, run.locks.hold, _row(ended.report), settings.log_days)
        run.locks.let_go()  # whom we tell may take a while to answer
        if self._is_entered and not self._order.demo:
            tell_of_run(ended, run.clients, run.locks.hold, settings)

    def _ended(self, error: AirmeetError | None) -> Ended:
        return Ended(report=self.report(error), error=error, target=self._target)

    def _read_configuration(self) -> None:
        """Take from the configuration whose events are loaded, and into which pipeline."""
        with in_our_words():
            order = self._order
            self._community, self._target = read_configuration(
                order.settings, order.target, order.pipeline_name
            )

    @contextmanager
    def _opened(self, target: Target, folder: AbstractContextManager[None]) -> Iterator[Opened]:
        """Settings, source and pipeline, for as long as the context lasts; nothing is asked or loaded yet."""
        order = self._order
        with in_our_words(), private_files(), our_configuration(), ExitStack() as stack:
            settings = (
                stack.enter_context(demo(order.settings, self._community)) if order.demo else order.settings
            )
            extraction = Extraction(
                resolve_settings(**settings),
                order.selection,
                checkpoint=Checkpoint(),
                demo=order.demo,
                run_id=self.run_id,
            )
            stack.callback(extraction.close)
            self._extraction = extraction
            resources = _chosen(order, extraction.settings)
            require_pipeline_name(target)
            stack.enter_context(folder)
            pipeline = build_pipeline(target)
            source = airmeet_from(extraction, row_by_row=merges_row_by_row(pipeline))
            source = source.with_resources(*resources, SYNC_LOG)
            source.schema_contract = _CONTRACTS[order.schema_contract]
            if order.publish is not None:
                require_publishable(pipeline)
                require_elsewhere(pipeline, "--publish", order.publish)
            if order.report is not None:
                require_elsewhere(pipeline, "--report", order.report)
            if is_postgres(pipeline):
                require_server(pipeline)
            locks = stack.enter_context(locks_of(pipeline, order.lock_timeout))
            yield Opened(
                extraction=extraction,
                source=source,
                clients=Clients(pipeline),
                locks=locks,
                takes_new_events=order.new_events,
            )

    def report(self, error: AirmeetError | None = None) -> Report:
        """What the run did so far; ``error`` is what ended it."""
        extraction, target = self._extraction, self._target
        tally = extraction.log.tally if extraction else None
        rows = extraction.package.rows if extraction else {}
        problems = tuple(tally.problems) if tally else ()
        exit_code = error.exit_code if error else 3 if problems else 0
        return Report(
            run_id=self.run_id,
            status="failed" if error else _STATUS[exit_code],
            exit_code=exit_code,
            community=self._community,
            pipeline=target.pipeline_name,
            destination=target.destination,
            dataset=target.dataset_name,
            started_at=self._started_at,
            finished_at=datetime.now(UTC),
            requests=self._requests + (extraction.client.requests if extraction else 0),
            waited_seconds=extraction.scheduler.waited() if extraction else 0.0,
            rows={table: rows[table] for table in TABLES if table in rows},
            units={outcome: tally.units[outcome] if tally else 0 for outcome in OUTCOMES},
            problems=problems,
            event_names=extraction.names_of(problems) if extraction else {},
            error=str(error) if error else None,
            loaded_into=self._loaded_into,
        )


def _row(report: Report) -> Row:
    """The row of the run in the table runs."""
    waited = round(report.waited_seconds, 3)
    return run_row(report, "load", sum(report.rows.values()), **report.units, waited_seconds=waited)


def _chosen(order: Order, settings: Settings) -> list[str]:
    """The names of the resources that are asked for.

    Raises:
        UsageError: there is no such resource, or not in this region.
    """
    offered = resources_of(settings.api)
    for name in (*order.resources, *order.exclude):
        if name not in RESOURCES:
            raise UsageError(
                f"Unknown resource {name}{did_you_mean(name, offered)}\n"
                f"The resources are {', '.join(offered)}."
            )
        if name not in offered:
            raise UsageError(
                f"Region {settings.region} does not have {name}: its resources are {', '.join(offered)}."
            )
    chosen = [
        name
        for name in offered
        if (not order.resources or name in order.resources) and name not in order.exclude
    ]
    if not chosen:
        raise UsageError("No resource is left to load.")
    return chosen
