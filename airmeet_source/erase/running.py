"""Running an erasure: the state comes first, so that nobody comes back, then rows, then files."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import dlt

from airmeet_source.communities import DEFAULT, configured, pipeline_of
from airmeet_source.erase.certificate import Certificate, Files
from airmeet_source.erase.order import Order
from airmeet_source.errors import AirmeetError
from airmeet_source.extract.erased import Erased, erased_of
from airmeet_source.extract.origin import pii_of
from airmeet_source.extract.unit_states import SourceState
from airmeet_source.loading.clients import Clients
from airmeet_source.loading.configuration import our_configuration
from airmeet_source.loading.configured import read_configuration
from airmeet_source.loading.destinations import build_pipeline
from airmeet_source.loading.duckdb import is_duckdb, publish, require_publishable
from airmeet_source.loading.erasing.people import People
from airmeet_source.loading.erasing.rewriting import rewrite
from airmeet_source.loading.erasing.states import pipelines_of, tell_all, tell_first
from airmeet_source.loading.erasing.taking_out import Findings, TakingOut
from airmeet_source.loading.failures import in_our_words
from airmeet_source.loading.files import private_files
from airmeet_source.loading.locking import Locks
from airmeet_source.loading.log_tables import Row
from airmeet_source.loading.recognition import refuse_other_ways_of_all, stored_states
from airmeet_source.loading.run_log import run_row
from airmeet_source.loading.side_runs import opened_beside, side_run
from airmeet_source.loading.storage import has_database, read_storage
from airmeet_source.loading.working_folder import empty_working_folder
from airmeet_source.loading.writers import locks_of
from airmeet_source.model.privacy import Privacy
from airmeet_source.settings import Settings, resolve_settings_of_rows


class Erasure:
    """One erasure, from its start on."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._community = order.settings.get("community") or DEFAULT
        self._target = order.target
        self.run_id = uuid4().hex
        self._started_at = datetime.now(UTC)
        self._people: People | None = None
        self._findings = Findings()
        self._files = Files()
        self._is_done = False

    def look(self) -> Certificate:
        """Find out what there is of them; nothing changes.

        Raises:
            AirmeetError: it cannot be found out.
        """
        with self._opened() as (settings, pipeline, locks):
            if has_database(pipeline):
                clients = Clients(pipeline)
                with locks.hold():
                    refuse_other_ways_of_all(clients, read_storage(clients), settings, demo=None)
                    with self._taking_out(clients, settings) as taking_out:
                        self._findings = taking_out.look()
        return self.certificate()

    def run(self) -> Certificate:
        """Erase them.

        Raises:
            AirmeetError: it failed or was stopped. Running the same command again completes it.
        """
        with self._opened() as (settings, pipeline, locks), ExitStack() as stack:
            stack.enter_context(empty_working_folder(self._target, self._order.lock_timeout))
            stack.enter_context(side_run(pipeline, locks, settings, self._run_row, demo=None))
            clients = Clients(pipeline)
            others = self._keep_others_away(stack, clients, locks)
            self._files = Files(working_folders_emptied=1 + others)
            self._erase(clients, locks, settings)
            self._is_done = True
        return self.certificate()

    @contextmanager
    def _opened(self) -> Iterator[tuple[Settings, dlt.Pipeline, Locks]]:
        order = self._order
        with in_our_words():
            self._community, self._target = read_configuration(
                order.settings, order.target, order.pipeline_name
            )
        files = {"--report": order.report, "--publish": order.publish}
        with in_our_words(), private_files(), our_configuration():
            settings = resolve_settings_of_rows(**order.settings)
            with opened_beside(self._target, order.lock_timeout, files) as (pipeline, locks):
                if order.publish is not None:
                    require_publishable(pipeline)
                yield settings, pipeline, locks

    def _keep_others_away(self, stack: ExitStack, clients: Clients, locks: Locks) -> int:
        """Keep runs of the dataset's other pipelines away: what they have fetched may show the people.

        Returns:
            How many pipelines have loaded into it.
        """
        ours, names = {clients.pipeline.pipeline_name}, set[str]()
        if has_database(clients.pipeline):
            with locks.hold():
                names = pipelines_of(clients) - ours
        timeout = self._order.lock_timeout
        first_ones = set(map(pipeline_of, configured())) - ours  # may be about to load for the first time
        for name in sorted(names | first_ones):
            target = replace(self._target, pipeline_name=name)
            if name in names:
                stack.enter_context(empty_working_folder(target, timeout))
            theirs = stack.enter_context(locks_of(build_pipeline(target), timeout))
            stack.enter_context(theirs.only_run())
        return len(names)

    def _erase(self, clients: Clients, locks: Locks, settings: Settings) -> None:
        order, pipeline = self._order, clients.pipeline
        with locks.hold():
            states = stored_states(clients, read_storage(clients))
            erased = Erased(erased_of(states), settings.privacy)
            with self._taking_out(clients, settings) as taking_out:
                self._findings = taking_out.look()
                self._keep_out(clients, erased, settings)
                taking_out.take(self._findings)
            erased.unswept = False
            tell_all(clients, erased.as_state())
            if is_duckdb(pipeline):
                rewrite(pipeline)
        self._files = replace(self._files, database_rewritten=is_duckdb(pipeline))
        if order.publish is not None:
            with locks.hold():
                publish(pipeline, order.publish, order.publish_mode)
            self._files = replace(self._files, snapshot=str(order.publish))

    def _keep_out(self, clients: Clients, erased: Erased, settings: Settings) -> None:
        """Write down who is kept out, and that rows of theirs may still be there."""
        assert self._people is not None  # noqa: S101 - they were looked for
        erased.add(self._people.identifiers)
        erased.unswept = True
        if self._order.mentions == "blank":
            erased.add_mentions(self._people.asked_for)
        if not tell_all(clients, erased.as_state(), self._findings.events):
            origin = SourceState(community=self._community, demo=False, pii=pii_of(settings))
            tell_first(clients.pipeline, erased.as_state(), origin)

    @contextmanager
    def _taking_out(self, clients: Clients, settings: Settings) -> Iterator[TakingOut]:
        self._people = People(settings.privacy, self._order.addresses)
        pipelines = {*pipelines_of(clients), clients.pipeline.pipeline_name}
        with clients.opened() as client:
            yield TakingOut(client, self._people, pipelines, blanks=self._order.mentions == "blank")

    def _run_row(self, error: AirmeetError | None) -> Row:
        certificate = self.certificate(error)
        return run_row(certificate, "erase", certificate.rows)

    def certificate(self, error: AirmeetError | None = None) -> Certificate:
        """What the erasure did so far; ``error`` is what ended it."""
        people = self._people or People(Privacy(), self._order.addresses)
        return Certificate(
            run_id=self.run_id,
            status="failed" if error else "ok",
            exit_code=error.exit_code if error else 0,
            dry_run=self._order.dry_run,
            community=self._community,
            pipeline=self._target.pipeline_name,
            destination=self._target.destination,
            dataset=self._target.dataset_name,
            started_at=self._started_at,
            finished_at=datetime.now(UTC),
            addresses=len(people.asked_for),
            other_addresses=people.other_addresses,
            user_ids=people.user_ids,
            findings=self._findings,
            are_mentions_blanked=self._is_done and self._order.mentions == "blank",
            files=self._files,
            error=str(error) if error else None,
        )
