"""Extraction: what all resources of one run share - client, scheduler, families, package and tally."""

import logging
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import dlt

from airmeet_source.api.children import Child
from airmeet_source.api.client import AirmeetClient
from airmeet_source.api.reading import Outcome, Reading, Unit
from airmeet_source.api.retrying import Breaker, Patience, Trip
from airmeet_source.api.scheduler import Scheduler
from airmeet_source.errors import AirmeetError, TooManyFailures
from airmeet_source.extract.hints import declaration
from airmeet_source.extract.lifecycle import Event, utc_now
from airmeet_source.extract.marking import load_id, marked
from airmeet_source.extract.sync_log import Tally, log_row
from airmeet_source.fields import Record
from airmeet_source.model.arrow import TableTypes
from airmeet_source.model.batches import TableBatches
from airmeet_source.resources import AIRMEETS, EVENT_RESOURCES
from airmeet_source.settings import Settings

log = logging.getLogger("airmeet_source")


@dataclass(frozen=True)
class Selection:
    """What a run is asked to load; the default is everything that is due."""

    airmeet_ids: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    full_refresh: bool = False
    wait: bool = True

    def includes(self, event: Event) -> bool:
        """Whether the event is asked for. Events without the times in question are."""
        if self.airmeet_ids is not None and event.airmeet_id not in self.airmeet_ids:
            return False
        end = event.end or event.start
        if self.since is not None and end is not None and end < self.since:
            return False
        return self.until is None or event.start is None or event.start < self.until


@dataclass(frozen=True)
class Checkpoint:
    """When a load package is closed although the run goes on: after so many seconds, or bytes of Arrow data.

    A crash loses no more than that, and the memory that the destination needs to merge it is bounded.
    """

    seconds: float = 300.0
    size: int = 32_000_000


@dataclass
class Family:
    """The sessions or booths of an event, as far as their parent unit has told them."""

    children: list[Child] = field(default_factory=list)
    known: bool = False  # the list was read to its end, or is not available at all


class Extraction:
    """One run over the API. It outlives the load packages that the run consists of."""

    def __init__(
        self,
        settings: Settings,
        selection: Selection | None = None,
        clock: Callable[[], datetime] = utc_now,
        checkpoint: Checkpoint | None = None,
        *,
        demo: bool = False,
    ) -> None:
        self.settings = settings
        self.selection = selection or Selection()
        self.clock = clock
        self.client = AirmeetClient(
            settings.url,
            access_key=settings.access_key,
            secret_key=settings.secret_key,
            connections=settings.max_concurrency,
            timeout=settings.request_timeout,
        )
        self.tally = Tally()
        self.error: AirmeetError | None = None
        self.events: list[Event] | None = None  # the selected ones, once the event list is read
        self._asked_for_events = False
        self.families: dict[tuple[str, str], Family] = {}
        self.told: dict[str, deque[str]] = defaultdict(deque)  # child resource -> events with news
        self.families_underway: set[tuple[str, str]] = set()  # families whose parent unit is being read
        self.planned: set[str] = set()  # resources whose units are planned
        self.abandoned = False
        self._unfinished: set[str] = set()  # resources that have not delivered everything
        self._active: set[str] = set()  # resources whose generators run, in this package
        self.units = 0  # planned so far, the event list among them
        self.rows_read = 0
        self.demo = demo
        self._checkpoint = checkpoint
        self._package_started = 0.0
        self.package_size = 0  # bytes of Arrow data, of the current or last load package
        self._scheduler: Scheduler | None = None
        self._breaker = Breaker()
        self._log: list[Record] = []
        self._types: dict[str, TableTypes] = {}

    # -- the run ---------------------------------------------------------------------------------

    @property
    def scheduler(self) -> Scheduler:
        """The scheduler, started when first needed."""
        if self._scheduler is None:
            s = self.settings
            timeout = s.pending_timeout if self.selection.wait else 0.0
            patience = Patience(
                pending_wait=s.pending_wait,
                pending_timeout=timeout,
                max_attempts=s.max_attempts,
                backoff=s.backoff,
            )
            self._scheduler = Scheduler(self.client.ask, s.max_concurrency, patience)
        return self._scheduler

    def ask_for_events(self) -> None:
        """Have the event list read, if it is not yet; what comes waits until somebody takes it over."""
        if not self._asked_for_events:
            self._asked_for_events = True
            self.units += 1
            self.scheduler.submit(
                Reading(unit=Unit(AIRMEETS.name), endpoint=AIRMEETS.endpoint, deliver_to=AIRMEETS.name)
            )

    @property
    def waiting(self) -> tuple[int, float | None]:
        """How many units wait for a result in preparation, and the seconds until the next ask."""
        return self._scheduler.waiting() if self._scheduler else (0, None)

    @property
    def waited(self) -> float:
        """Seconds during which at least one unit waited for a result in preparation."""
        return self._scheduler.waited() if self._scheduler else 0.0

    def close(self) -> None:
        """Stop asking; for the end of a run and for its interruption."""
        if self._scheduler is not None:
            self._scheduler.close()
        self.client.close()

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to extract: one more load package would be empty."""
        return self.events is not None and (self.stopped or not self._unfinished)

    @property
    def extracting(self) -> bool:
        """Whether a load package is being filled; otherwise dlt normalises and loads one."""
        return bool(self._active) or self.events is None

    @property
    def stopped(self) -> bool:
        """Whether the run ends early; what is complete stays."""
        if self.error is not None:
            return True
        if self._scheduler is None or not self._scheduler.closed:
            return False
        broken = self._scheduler.broken
        if broken is not None and (self.events is None or not isinstance(broken, AirmeetError)):
            raise broken
        if broken is not None:
            self.end_early(broken)
        return True

    def end_early(self, error: AirmeetError) -> None:
        """Ask for nothing more; what is complete is loaded."""
        log.error("The run ends early: %s", error)
        self.error = error
        self.close()

    @property
    def package_full(self) -> bool:
        """Whether the current load package should be closed: a checkpoint is due, or the run ends early."""
        if self.stopped:
            return True
        if self._checkpoint is None:
            return False
        age = time.monotonic() - self._package_started
        return self.package_size >= self._checkpoint.size or age >= self._checkpoint.seconds

    def enter_package(self, resource: str) -> None:
        """A resource's generator starts to fill the current load package."""
        if not self._active:
            self._package_started = time.monotonic()
            self.package_size = 0
        self._active.add(resource)
        self._unfinished.add(resource)

    def leave_package(self, resource: str, *, finished: bool = True) -> None:
        """A resource's generator has delivered what it has for the current load package."""
        self._active.discard(resource)
        if finished:
            self._unfinished.discard(resource)
        if self.finished:
            self.close()

    def abandon(self) -> None:
        """The package is given up: what was taken over for it is lost, so the run cannot go on."""
        self.abandoned = True
        self.close()

    # -- what the feeds share --------------------------------------------------------------------

    def takes_part(self, resource: str | None) -> bool:
        """Whether a resource's generator fills the current load package."""
        return resource in self._active

    def is_about_to_plan(self, resource: str | None) -> bool:
        """Whether a resource takes part in this package, but has not planned its units yet."""
        return self.takes_part(resource) and resource not in self.planned

    def tell_family(self, parent: str, airmeet_id: str, family: Family) -> None:
        """The unit that lists an event's sessions or booths has ended."""
        self.families[parent, airmeet_id] = family
        for resource in EVENT_RESOURCES.values():
            if resource.parent == parent:
                self.told[resource.name].append(airmeet_id)

    def batches(self, table_name: str) -> TableBatches:
        """An empty batch of a table; undocumented columns keep the type that the dlt schema has for them."""
        if table_name not in self._types:
            schema = dlt.current.source_schema()
            known = schema.get_table_columns(table_name) if table_name in schema.tables else {}
            types = {name: column["data_type"] for name, column in known.items()}
            self._types[table_name] = TableTypes(
                declaration(table_name, self.settings), types, self.settings.privacy
            )
        return TableBatches(self._types[table_name])

    def hand_over(self, table_name: str, batches: TableBatches) -> Iterator[Any]:
        """The rows so far, as one item of the load package that is being extracted."""
        self.tally.rows[table_name] += batches.count
        table = batches.take(load_id())
        if table is not None:
            self.package_size += table.nbytes
            yield marked(table, declaration(table_name, self.settings))

    def end_unit(self, outcome: Outcome, rows: int) -> None:
        """Enter the end of a unit in the log and the tally, and stop where going on makes no sense."""
        self._log.append(log_row(outcome, rows))
        self.tally.count(outcome)
        if outcome.name != "failed":
            self._breaker.success()
        elif outcome.exhausted and self.error is None:
            trip = self._breaker.failure(outcome.reading.unit.resource, outcome.error)
            if trip is not None:
                self._stop_asking(trip)

    def _stop_asking(self, trip: Trip) -> None:
        if trip.resource is None:
            self.end_early(TooManyFailures(trip.reason))
        else:
            self.scheduler.give_up(trip.resource, f"not asked: {trip.reason}")

    def log_rows(self) -> Iterator[Any]:
        """The generator of resource ``sync_log``: goes on until the other resources have ended."""
        yield None
        dlt.current.source_state()["demo"] = self.demo
        while self._active and not self.abandoned:
            yield None
        batches = self.batches("sync_log")
        batches.extend(self._log)
        self._log.clear()
        yield from self.hand_over("sync_log", batches)
