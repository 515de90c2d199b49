"""Extraction: what all resources of one run share - client, scheduler, event list, families and the tally."""

import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import dlt
import pyarrow as pa
from dlt.common.schema.typing import TColumnSchema
from dlt.extract.hints import make_hints
from dlt.extract.items import DataItemWithMeta

from airmeet_source.batches import TableBatches, TableTypes
from airmeet_source.client import AirmeetClient
from airmeet_source.endpoints import AIRMEETS, EVENT_ENDPOINTS, Child
from airmeet_source.errors import AirmeetError, EventListFailed, TooManyFailures, UsageError
from airmeet_source.lifecycle import Event, utc_now
from airmeet_source.paging import pages_of
from airmeet_source.records import Record, UnitContext, as_record
from airmeet_source.scheduler import Outcome, Page, Patience, Read, Restart, Scheduler
from airmeet_source.settings import Settings
from airmeet_source.sync_log import Tally, log_row
from airmeet_source.tables import ENTRY_LINK, TABLES, UNPARSED, UNPARSED_COLUMN, Table, all_columns

MOST_FAILURES_IN_A_ROW = 50


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
        checkpoint_seconds: float | None = None,
        *,
        demo: bool = False,
    ) -> None:
        self.settings = settings
        self.selection = selection or Selection()
        self.clock = clock
        self.client = AirmeetClient(settings)
        self.tally = Tally()
        self.error: AirmeetError | None = None
        self.events: list[Event] | None = None
        self.families: dict[tuple[str, str], Family] = {}
        self.told: dict[str, deque[str]] = defaultdict(
            deque
        )  # child resource -> events with news of a family
        self.families_underway: set[tuple[str, str]] = set()  # families whose parent unit is being read
        self.planned: set[str] = set()  # resources whose units are submitted
        self._unfinished: set[str] = set()  # resources that have not delivered everything
        self._active: set[str] = set()  # resources whose generators run, in this package
        self.submitted = 0  # units, the event list among them
        self.rows_read = 0
        self._demo = demo
        self._checkpoint_seconds = checkpoint_seconds
        self._package_started = 0.0
        self._scheduler: Scheduler | None = None
        self._listed: list[Record] = []
        self._list_outcome: Outcome | None = None
        self._log: list[Record] = []
        self._types: dict[str, TableTypes] = {}

    # -- the run ---------------------------------------------------------------------------------

    @property
    def scheduler(self) -> Scheduler:
        """The scheduler, started when first needed; its first job is the event list."""
        if self._scheduler is None:
            s = self.settings
            patience = Patience(
                s.pending_wait,
                s.pending_timeout if self.selection.wait else 0.0,
                s.max_attempts,
                s.backoff,
            )
            self._scheduler = Scheduler(self.client.ask, s.max_concurrency, patience)
            self.submit(Read(AIRMEETS, AIRMEETS.path, pages_of(AIRMEETS), AIRMEETS.name))
        return self._scheduler

    def submit(self, read: Read) -> None:
        """Have a unit read."""
        self.submitted += 1
        self.scheduler.submit(read)

    @property
    def waiting(self) -> tuple[int, float | None]:
        """How many units wait for a result in preparation, and the seconds until the next ask."""
        return self._scheduler.waiting() if self._scheduler else (0, None)

    @property
    def waited(self) -> float:
        """Seconds during which at least one unit waited for a result in preparation."""
        return self._scheduler.waited if self._scheduler else 0.0

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
    def stopped(self) -> bool:
        """Whether the run ends early; what is complete stays."""
        if self._scheduler is None or not self._scheduler.stopped:
            return False
        broken = self._scheduler.broken
        if broken is not None and (self.events is None or not isinstance(broken, AirmeetError)):
            raise broken
        self.error = self.error or broken
        return True

    @property
    def package_full(self) -> bool:
        """Whether the current load package should be closed: a checkpoint is due, or the run ends early."""
        if self.stopped:
            return True
        age = time.monotonic() - self._package_started
        return self._checkpoint_seconds is not None and age >= self._checkpoint_seconds

    def enter_package(self, resource: str) -> None:
        """A resource's generator starts to fill the current load package."""
        if not self._active:
            self._package_started = time.monotonic()
        self._active.add(resource)
        self._unfinished.add(resource)

    def leave_package(self, resource: str, *, finished: bool = True) -> None:
        """A resource's generator has delivered what it has for the current load package."""
        self._active.discard(resource)
        if finished:
            self._unfinished.discard(resource)

    # -- the event list --------------------------------------------------------------------------

    def poll_event_list(self) -> None:
        """Take over what has come of the event list.

        Raises:
            EventListFailed: the list cannot be read.
        """
        messages = self.scheduler.take(AIRMEETS.name)
        for message in messages:
            if isinstance(message, Page):
                self._listed.extend(map(as_record, message.records))
            elif isinstance(message, Restart):
                self._listed.clear()
            elif message.outcome != "loaded":
                raise EventListFailed(f"The event list cannot be read: {message.error}")
            else:
                self._take_event_list(message)
        if not messages:
            _ = self.stopped  # raises what broke the scheduler

    def _take_event_list(self, outcome: Outcome) -> None:
        self._list_outcome = outcome
        # an event that is listed twice moved while the list was read: its last record is the newest
        newest = {event.airmeet_id: event for event in map(Event.of, self._listed) if event is not None}
        unknown = (self.selection.airmeet_ids or frozenset()) - set(newest)
        if unknown:
            raise UsageError(
                f"Not in the event list (archived, or of another community?): {', '.join(sorted(unknown))}"
            )
        self.events = [event for event in newest.values() if self.selection.includes(event)]

    def event_rows(self) -> Iterator[pa.Table | None]:
        """The generator of resource ``airmeets``: every listed event, whatever is selected."""
        self.enter_package(AIRMEETS.name)
        yield None
        while self.events is None:
            self.poll_event_list()
            yield None
        dlt.current.source_state()["demo"] = self._demo
        if self._list_outcome is not None:
            batches = self.batches(AIRMEETS.name)
            unit = UnitContext("", None, self.clock())
            nameless = 0
            newest: dict[str, Record] = {}
            for record in self._listed:
                event = Event.of(record)
                if event is None:
                    nameless += 1
                else:
                    newest[event.airmeet_id] = record
            for record in newest.values():
                for _, row in AIRMEETS.rows(record, unit):
                    batches.add(row)
            self.end_unit(self._list_outcome, None, None, batches.count)
            if nameless:
                self.log_lost_events(self._list_outcome, nameless)
            self.tally.rows[AIRMEETS.name] += batches.count
            self._list_outcome = None
            self._listed.clear()
            table = batches.take(load_id())
            yield dlt.mark.with_table_name(
                batches.empty(load_id()) if table is None else table, AIRMEETS.name
            )
        self.leave_package(AIRMEETS.name)

    def log_lost_events(self, outcome: Outcome, count: int) -> None:
        """Events without an id have no key to be stored under: say so."""
        reason = f"{count} listed event(s) have no id and cannot be stored"
        self.end_unit(Outcome(outcome.read, "failed", reason), None, None, 0)

    # -- what the feeds share --------------------------------------------------------------------

    def is_about_to_plan(self, resource: str | None) -> bool:
        """Whether a resource takes part in this package, but has not submitted its units yet."""
        return resource in self._active and resource not in self.planned

    def tell_family(self, parent: str, airmeet_id: str, family: Family) -> None:
        """The unit that lists an event's sessions or booths has ended."""
        self.families[parent, airmeet_id] = family
        for endpoint in EVENT_ENDPOINTS.values():
            if endpoint.parent == parent:
                self.told[endpoint.name].append(airmeet_id)

    def table(self, name: str) -> Table:
        """The declaration of a table, as these settings have it."""
        table = TABLES[name]
        if name == "participants" and self.settings.include_entry_links:
            return replace(table, columns=(*table.columns, ENTRY_LINK))
        return table

    def batches(self, table_name: str) -> TableBatches:
        """An empty batch of a table; undocumented columns keep the type that the dlt schema has for them."""
        if table_name not in self._types:
            schema = dlt.current.source_schema()
            known = schema.get_table_columns(table_name) if table_name in schema.tables else {}
            types = {name: column["data_type"] for name, column in known.items()}
            self._types[table_name] = TableTypes(self.table(table_name), types)
        return TableBatches(self._types[table_name])

    def end_unit(self, outcome: Outcome, airmeet_id: str | None, entity_id: str | None, rows: int) -> None:
        """Enter the end of a unit in the log and the tally; too many failures in a row end the run."""
        self._log.append(log_row(outcome, airmeet_id, entity_id, rows))
        self.tally.count(outcome, airmeet_id, entity_id)
        if self.tally.failures_in_a_row >= MOST_FAILURES_IN_A_ROW and self.error is None:
            self.error = TooManyFailures(
                f"{MOST_FAILURES_IN_A_ROW} units failed one after another; the last said: {outcome.error}"
            )
            self.scheduler.close()

    def log_rows(self) -> Iterator[Any]:
        """The generator of resource ``sync_log``: goes on until the other resources have ended."""
        yield None
        while self._active:
            yield None
        batches = self.batches("sync_log")
        for row in self._log:
            batches.add(row)
        self._log.clear()
        table = batches.take(load_id())
        yield marked(batches.empty(load_id()) if table is None else table, "sync_log")


def load_id() -> str:
    """Id of the load package that is being extracted."""
    return str(dlt.current.load_package_state()["load_id"])


def marked(table: pa.Table, name: str) -> DataItemWithMeta:
    """Arrow rows on their way to a table; columns that it does not have yet come with a description."""
    schema = dlt.current.source_schema()
    known = schema.get_table_columns(name, include_incomplete=True) if name in schema.tables else {}
    declared = {column.name for column in all_columns(TABLES[name])}
    new = [column for column in table.column_names if column not in known and column not in declared]
    if not new:
        return dlt.mark.with_table_name(table, name)
    columns = {column: _describe(column) for column in new}
    return dlt.mark.with_hints(table, make_hints(table_name=name, columns=columns), create_table_variant=True)


def _describe(column: str) -> TColumnSchema:
    if column == UNPARSED:
        return {"name": column, "description": UNPARSED_COLUMN.description}
    return {"name": column, "description": f"{column}, a field of the API that its documents do not mention"}
