"""The list of events: read first, for it tells what else is due; it is also the resource ``airmeets``."""

from collections.abc import Iterator
from typing import Any

from airmeet_source.api.reading import Outcome, Page, Restart
from airmeet_source.errors import EventListFailed
from airmeet_source.extract.extraction import Extraction
from airmeet_source.extract.lifecycle import Event
from airmeet_source.fields import Record
from airmeet_source.model.batches import TableBatches
from airmeet_source.model.unit import UnitContext
from airmeet_source.resources import AIRMEETS


class EventList:
    """The event list of one run. Any resource may drive its reading, all wait for it."""

    def __init__(self, extraction: Extraction) -> None:
        self._extraction = extraction
        self._outcome: Outcome | None = None
        self._begin()

    def _begin(self) -> None:
        self._listed: dict[str, Event] = {}
        self._unit: UnitContext | None = None
        self._batches: TableBatches | None = None  # if they are to become rows
        self._nameless = 0  # records without an id
        self._skipped = 0  # elements that are no record

    def is_read(self) -> bool:
        """Take over what has come of the list; True when ``extraction.events`` is known.

        Raises:
            EventListFailed: the list cannot be read.
            UsageError: the list is another community's, or an event that is asked for is not in it.
        """
        extraction = self._extraction
        if extraction.events is not None:
            return True
        extraction.ask_for_events()
        messages = extraction.scheduler.take(AIRMEETS.name)
        for message in messages:
            if isinstance(message, Page):
                self._take_page(message)
            elif isinstance(message, Restart):
                self._begin()
            elif message.name != "loaded":
                raise EventListFailed(f"The event list cannot be read: {message.error}")
            else:
                extraction.take_events(self._listed)
                self._listed = {}
                self._outcome = message
        if not messages and extraction.is_stopped():
            raise extraction.error or EventListFailed("The run was stopped before the event list was read.")
        return extraction.events is not None

    def _take_page(self, page: Page) -> None:
        package = self._extraction.package
        if self._batches is None and package.takes_part(AIRMEETS.name):
            self._batches = package.batches(AIRMEETS.name)
        if self._unit is None:
            community = self._extraction.settings.community
            self._unit = UnitContext("", None, self._extraction.clock(), community=community)
        rows: list[Record] = []
        is_loaded = self._batches is not None
        for record in self._extraction.left_of(page.records, AIRMEETS) if is_loaded else page.records:
            event = Event.of(record) if isinstance(record, dict) else None
            if event is not None:
                self._listed[event.airmeet_id] = event
                if self._batches is not None and not self._extraction.is_elsewhere(event.airmeet_id):
                    rows += (row for _, row in AIRMEETS.rows(record, self._unit))
            elif isinstance(record, dict):
                self._nameless += 1
            else:
                self._skipped += 1
        if self._batches is not None:
            self._batches.extend(rows, page.size)

    def rows(self) -> Iterator[Any]:
        """The generator of resource ``airmeets``: every listed event, whatever is selected."""
        extraction = self._extraction
        extraction.enter_package(AIRMEETS.name)
        yield None
        while not self.is_read():
            yield None
        if self._outcome is not None:
            batches = self._batches or extraction.package.batches(AIRMEETS.name)
            if not batches.count:
                batches.create_table()
            self._log(self._outcome, batches.count)
            self._outcome = self._batches = None
            yield from extraction.package.add(AIRMEETS.name, batches)
        extraction.leave_package(AIRMEETS.name)

    def _log(self, outcome: Outcome, rows: int) -> None:
        self._extraction.log.enter(outcome, rows, self._skipped, written=True)
        if self._nameless:  # they have no key to be stored under: say so
            reason = f"{self._nameless} listed event(s) have no id and cannot be stored"
            self._extraction.log.enter(Outcome(outcome.reading, "failed", reason), 0)
