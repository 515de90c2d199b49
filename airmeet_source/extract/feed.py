"""Feed: the generator of one resource: plans units, takes over their pages, remembers how they end.

All of it runs on dlt's thread. What is remembered changes in the step that takes over the last rows of a
unit, and these rows are yielded before the generator ends: both belong to one load package or to none.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import dlt

from airmeet_source.api.reading import Message, Outcome, Page, Reading, Unit
from airmeet_source.extract.children import Family
from airmeet_source.extract.collected import Collected, Planned
from airmeet_source.extract.digest import Digest
from airmeet_source.extract.event_list import EventList
from airmeet_source.extract.extraction import Extraction
from airmeet_source.extract.ledger import Ledger
from airmeet_source.extract.lifecycle import IN_FULL, Content, Event, Read
from airmeet_source.extract.unit_states import resource_state
from airmeet_source.model.batches import TableBatches
from airmeet_source.model.making import made_of
from airmeet_source.model.table import Reload
from airmeet_source.model.tables import TABLES
from airmeet_source.model.unit import UnitContext
from airmeet_source.resources import RESOURCES, Resource


class Feed:
    """The units of one resource; lives as long as the run."""

    def __init__(self, extraction: Extraction, event_list: EventList, resource: Resource) -> None:
        self._extraction = extraction
        self._event_list = event_list
        self._resource = resource
        self._ledger: Ledger  # from planning on
        self._open = 0  # units that have not ended, planned ones included
        self._planned: deque[Planned] = deque()
        self._arrived: deque[Message] = deque()  # not taken over yet
        self._collected: dict[Unit, Collected] = {}  # by units that are being read
        self._families_awaited: dict[str, Event] = {}
        self._batches: dict[str, TableBatches] = {}

    def rows(self) -> Iterator[Any]:
        """What dlt iterates: Arrow tables marked with their table's name, and None while there is nothing."""
        extraction, resource = self._extraction, self._resource
        extraction.enter_package(resource.name)
        yield None  # every resource has entered before the first one plans
        while not self._event_list.is_read():
            yield None
        yield from self._fill_package()
        # not if closed early, as by `add_limit`: the rows still to come are not loaded
        self._ledger.write(resource_state(resource.name))
        extraction.leave_package(resource.name, finished=self._finished)

    def _fill_package(self) -> Iterator[Any]:
        extraction, resource = self._extraction, self._resource
        self._batches = {table: extraction.package.batches(table) for table in resource.tables}
        if resource.name not in extraction.planned:
            while self._parent_is_about_to_plan():
                yield None
            self._plan()
        while True:  # once at least, or a run of packages that are due at once would get nowhere
            self._collect()
            if self._finished:
                break
            full = self._full_tables()
            yield from self._take(full) if full else [None]
            if self._package_full():
                break
        if not self._finished and self._extraction.is_stopped():  # no package follows
            yield from self._take_what_came()
        self._create_missing_tables()
        yield from self._take(self._batches)

    def _take_what_came(self) -> Iterator[Any]:
        self._collect()
        while full := self._full_tables():
            yield from self._take(full)
            self._collect()

    def _full_tables(self) -> list[str]:
        return [table for table, batches in self._batches.items() if batches.is_full]

    def _package_full(self) -> bool:
        return self._extraction.is_stopped() or self._extraction.package.is_due()

    @property
    def _finished(self) -> bool:
        return not self._open and not self._families_awaited

    # -- planning --------------------------------------------------------------------------------

    def _parent_is_about_to_plan(self) -> bool:
        """Whether the parent will have its lists read in this package, but has not planned them yet."""
        parent = self._resource.parent
        return self._extraction.package.takes_part(parent) and parent not in self._extraction.planned

    def _plan(self) -> None:
        extraction, resource = self._extraction, self._resource
        self._ledger = Ledger(resource, extraction.settings)
        self._ledger.read(resource_state(resource.name))
        now = extraction.clock()
        for event in extraction.shared:
            self._ledger.forget(event)  # who takes it over reads what its owner may have changed
        for event in extraction.events or ():
            if extraction.selection.full_refresh:
                self._ledger.forget(event)  # what fails now is due again, and in full
            how = self._ledger.due(event, now)
            if how is None:
                continue
            if resource.parent is None:
                self._add(Planned(resource, event, None, how))
            else:
                self._await_family(event, RESOURCES[resource.parent])
        extraction.planned.add(resource.name)

    def _add(self, planned: Planned) -> None:
        self._planned.append(planned)
        self._open += 1
        self._extraction.log.tally.planned += 1
        if planned.resource.endpoint.children is not None:
            self._extraction.children.expect(planned.resource.name, planned.event.airmeet_id)

    def _await_family(self, event: Event, parent: Resource) -> None:
        family = self._extraction.children.family(parent.name, event.airmeet_id)
        if family is not None:
            self._plan_children(event, family)
            return
        self._families_awaited[event.airmeet_id] = event
        if not self._extraction.children.is_expected(parent.name, event.airmeet_id):
            self._add(Planned(parent, event, None, IN_FULL))

    def _plan_children(self, event: Event, family: Family) -> None:
        if not family.known:
            return  # its parent failed; the event stays due
        now = self._extraction.clock()
        for child, how in self._ledger.due_children(event, family.children, now):
            self._add(Planned(self._resource, event, child.entity_id, how))
        self._ledger.close(event, now)

    def _submit_planned(self) -> None:
        if not self._planned:
            return
        scheduler, now = self._extraction.scheduler, self._extraction.clock()
        for _ in range(min(len(self._planned), scheduler.room(self._resource.name))):
            scheduler.submit(self._begin(self._planned.popleft(), now))

    def _begin(self, planned: Planned, now: datetime) -> Reading:
        resource, event, entity_id, how = planned
        settings = self._extraction.settings
        unit = Unit(resource.name, event.airmeet_id, entity_id)
        context = UnitContext(
            event.airmeet_id, entity_id, now, settings.include_entry_links, settings.privacy
        )
        self._collected[unit] = Collected(planned, context, *self._contents(planned))
        return Reading(unit=unit, endpoint=resource.endpoint, deliver_to=self._resource.name, after=how.after)

    def _contents(self, planned: Planned) -> tuple[Content | None, Digest | None]:
        """What the unit is known to hold, if that may be believed, and the digest of what it will."""
        resource, event, entity_id, how = planned
        if resource is not self._resource:
            return None, None
        known = self._ledger.content(event, entity_id)
        if how.after is None and not self._extraction.believes_digests:
            known = None
        if known is None and (how.final or how.after is not None):
            return None, None  # it will not be compared, or is not known as a whole
        before = known.digest if known and how.after is not None else None
        return known, Digest(resource, self._extraction.settings, before)

    # -- collecting ------------------------------------------------------------------------------

    def _collect(self) -> None:
        """Take over what has come, until a table is full: lists that end at the same time may be large."""
        for airmeet_id, family in self._extraction.children.news(self._resource):
            event = self._families_awaited.pop(airmeet_id, None)
            if event is not None:
                self._plan_children(event, family)
        self._submit_planned()
        while not self._full_tables():
            self._arrived.extend(
                () if self._arrived else self._extraction.scheduler.take(self._resource.name)
            )
            if not self._arrived:
                return
            self._take_message(self._arrived.popleft())

    def _take_message(self, message: Message) -> None:
        unit = message.reading.unit
        if isinstance(message, Page):
            self._take_page(self._collected[unit], message)
        elif isinstance(message, Outcome):
            self._end_unit(message, self._collected.pop(unit))
        else:
            self._collected[unit].restart()

    def _take_page(self, collected: Collected, page: Page) -> None:
        resource = collected.planned.resource
        self._extraction.log.tally.records += len(page.records)
        left = self._extraction.left_of(page.records, resource)
        known = collected.sum_up(left)
        if known:
            self._take_records(collected, left[:known], page.size)
            collected.buffers.clear()
        self._take_records(collected, left[known:], page.size)

    def _take_records(self, collected: Collected, elements: list[Any], size: int) -> None:
        resource = collected.planned.resource
        children_of = resource.endpoint.children
        batches = collected.buffers if collected.waits else self._batches
        records = [record for record in elements if isinstance(record, dict)]
        collected.context.skipped += len(elements) - len(records)
        if children_of is not None:
            for record in records:
                collected.family.extend(children_of(record))
        if resource is not self._resource:
            return
        for table, made in made_of(records, resource.rows, collected.context).items():
            if table not in batches:
                batches[table] = self._extraction.package.batches(table)
            batches[table].extend(made, size)
            collected.rows += len(made)
            collected.tables.add(table)

    def _end_unit(self, outcome: Outcome, collected: Collected) -> None:
        resource, event = collected.planned.resource, collected.planned.event
        self._open -= 1
        written = resource is self._resource and self._take_over(outcome, collected)
        if resource is self._resource:
            self._remember(outcome, collected, is_written=written)
        if resource.endpoint.children is not None:
            known = outcome.name == "loaded" or self._is_certain(outcome, collected)
            family = Family(collected.family, known)
            self._extraction.children.tell(resource.name, event.airmeet_id, family)
        counts = outcome.name == "loaded" or resource.endpoint.keeps_cursor
        is_final = resource is self._resource and self._ledger.is_final(event, collected.planned.entity_id)
        rows = collected.rows if counts else 0
        self._extraction.log.enter(outcome, rows, collected.context.skipped, written=written, final=is_final)

    def _take_over(self, outcome: Outcome, collected: Collected) -> bool:
        """Take over the rows that waited for the unit's end; returns whether anything of it is written."""
        if outcome.name == "loaded":
            if collected.is_unchanged:
                return False
            for table, batches in self._batches.items():
                if table not in collected.buffers and TABLES[table].reload is Reload.BY_EVENT:
                    batches.delete_event(collected.planned.event.airmeet_id)
        elif not collected.planned.resource.endpoint.keeps_cursor:
            return False
        for table, buffered in collected.buffers.items():
            self._batches[table].absorb(buffered)
        is_any_written = bool(collected.buffers) if collected.waits else collected.rows > 0
        return outcome.name == "loaded" or is_any_written

    def _remember(self, outcome: Outcome, collected: Collected, *, is_written: bool) -> None:
        _, event, entity_id, how = collected.planned
        read = Read(
            due=how,
            started=collected.context.fetched_at,
            content=collected.content,
            is_written=is_written,
        )
        if entity_id is None:
            self._ledger.move(event, read, outcome)
        else:
            self._ledger.move_child(event, read, outcome)
            self._ledger.close(event, self._extraction.clock())

    def _is_certain(self, outcome: Outcome, collected: Collected) -> bool:
        """Whether an answer without a list means that there is none, and no hiccup."""
        resource, event, _, _ = collected.planned
        settled = resource is self._resource and self._ledger.is_settled(event)
        return outcome.name == "not_available" and (settled or not outcome.doubtful)

    # -- handing over to dlt ---------------------------------------------------------------------

    def _take(self, tables: Iterable[str]) -> Iterator[Any]:
        for name in tables:
            yield from self._extraction.package.add(name, self._batches[name])

    def _create_missing_tables(self) -> None:
        known = dlt.current.source_schema().tables
        for name, batches in self._batches.items():
            if name not in known:
                batches.create_table()
