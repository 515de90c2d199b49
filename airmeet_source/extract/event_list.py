"""The list of events: read first, for it tells what else is due; it is also the resource ``airmeets``."""

from collections.abc import Iterator
from typing import Any

from airmeet_source.api.reading import Outcome, Page, Restart
from airmeet_source.errors import EventListFailed
from airmeet_source.extract.extraction import Extraction
from airmeet_source.extract.lifecycle import Event
from airmeet_source.fields import Record
from airmeet_source.model.unit import UnitContext
from airmeet_source.resources import AIRMEETS


class EventList:
    """The event list of one run. Any resource may drive its reading, all wait for it."""

    def __init__(self, extraction: Extraction) -> None:
        self._extraction = extraction
        self._listed: list[Event | None] = []  # None: it has no id
        self._records: list[Record] = []  # of the same, if they are to become rows
        self._skipped = 0  # elements that are no record
        self._outcome: Outcome | None = None

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
                records = [record for record in message.records if isinstance(record, dict)]
                self._skipped += len(message.records) - len(records)
                self._listed += map(Event.of, records)
                if extraction.package.takes_part(AIRMEETS.name):
                    self._records += records
            elif isinstance(message, Restart):
                self._listed.clear()
                self._records.clear()
                self._skipped = 0
            elif message.name != "loaded":
                raise EventListFailed(f"The event list cannot be read: {message.error}")
            else:
                extraction.take_events(
                    {event.airmeet_id: event for event in self._listed if event is not None}
                )
                if extraction.package.takes_part(AIRMEETS.name):
                    self._outcome = message
                else:
                    self._listed.clear()
        if not messages and extraction.is_stopped():
            raise extraction.error or EventListFailed("The run was stopped before the event list was read.")
        return extraction.events is not None

    def rows(self) -> Iterator[Any]:
        """The generator of resource ``airmeets``: every listed event, whatever is selected."""
        extraction = self._extraction
        extraction.enter_package(AIRMEETS.name)
        yield None
        while not self.is_read():
            yield None
        if self._outcome is not None:
            batches = extraction.package.batches(AIRMEETS.name)
            unit = UnitContext("", None, extraction.clock())
            listed = zip(self._listed, self._records, strict=True)
            records = (record for event, record in listed if event is not None)
            batches.extend([row for record in records for _, row in AIRMEETS.rows(record, unit)])
            if not batches.count:
                batches.create_table()
            self._log(self._outcome, batches.count)
            self._outcome = None
            self._listed.clear()
            self._records.clear()
            yield from extraction.package.add(AIRMEETS.name, batches)
        extraction.leave_package(AIRMEETS.name)

    def _log(self, outcome: Outcome, rows: int) -> None:
        self._extraction.end_unit(outcome, rows, self._skipped)
        nameless = self._listed.count(None)
        if nameless:  # they have no key to be stored under: say so
            reason = f"{nameless} listed event(s) have no id and cannot be stored"
            self._extraction.end_unit(Outcome(outcome.reading, "failed", reason), 0)
