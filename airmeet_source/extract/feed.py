"""Feed: the generator of one resource: plans units, takes over their pages, moves their state.

All of it runs on dlt's thread. State changes in the step that takes over the last rows of a unit, and these
rows are yielded before the generator ends: both belong to one load package or to none.
"""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import dlt

from airmeet_source.api.children import Child
from airmeet_source.api.reading import Outcome, Page, Read
from airmeet_source.extract.event_list import EventList
from airmeet_source.extract.extraction import Extraction, Family
from airmeet_source.extract.lifecycle import (
    IN_FULL,
    Due,
    Event,
    UnitState,
    due,
    is_final,
    is_settled,
    next_state,
)
from airmeet_source.extract.unit_states import UnitStates
from airmeet_source.fields import Record, as_record
from airmeet_source.model.batches import TableBatches
from airmeet_source.model.records import UnitContext
from airmeet_source.model.table import Reload
from airmeet_source.model.tables import TABLES
from airmeet_source.resources import RESOURCES, Resource


class Planned(NamedTuple):
    """A unit that is due. A backfill has very many, so they become a `Unit` only when their turn is near."""

    resource: Resource
    event: Event
    child: Child | None
    due: Due
    emits: bool = True


@dataclass(slots=True)
class Unit:
    """A resource's rows of one event, session or booth, while they are read."""

    resource: Resource
    event: Event
    child: Child | None
    due: Due
    context: UnitContext
    emits: bool = True  # False: only the children's ids are wanted
    buffers: dict[str, TableBatches] = field(default_factory=dict)
    family: list[Child] = field(default_factory=list)
    rows: int = 0

    def restart(self) -> None:
        """Forget what was read so far."""
        self.buffers.clear()
        self.family.clear()
        self.rows = 0
        self.context.seen.clear()


class Feed:
    """The units of one resource; lives as long as the run."""

    def __init__(self, extraction: Extraction, event_list: EventList, resource: Resource) -> None:
        self._extraction = extraction
        self._event_list = event_list
        self._resource = resource
        self._open = 0  # units that have not ended, planned ones included
        self._planned: deque[Planned] = deque()
        self._families_awaited: dict[str, Event] = {}
        self._children_open: Counter[str] = Counter()
        self._children_unsettled: set[str] = set()
        self._batches: dict[str, TableBatches] = {}
        self._events = UnitStates({})

    def rows(self) -> Iterator[Any]:
        """What dlt iterates: Arrow tables marked with their table's name, and None while there is nothing."""
        extraction, resource = self._extraction, self._resource
        extraction.enter_package(resource.name)
        yield None  # every resource has entered before the first one plans
        while not self._event_list.is_read():
            yield None
        yield from self._fill_package()
        # not if closed early, as by `add_limit`: the rows still to come are not loaded
        self._events.pack(dlt.current.resource_state(resource.name))
        extraction.leave_package(resource.name, finished=self._finished)

    def _fill_package(self) -> Iterator[Any]:
        extraction, resource = self._extraction, self._resource
        self._batches = {table: extraction.batches(table) for table in resource.tables}
        if resource.name not in extraction.planned:
            while extraction.is_about_to_plan(resource.parent):
                yield None
            self._plan()
        while not self._finished and not extraction.package_full:
            self._collect()
            full = [table for table, batches in self._batches.items() if batches.is_full]
            yield from self._take(full) if full else [None]
        self._collect()
        self._create_missing_tables()
        yield from self._take(self._batches)

    @property
    def _finished(self) -> bool:
        return not self._open and not self._families_awaited

    # -- planning --------------------------------------------------------------------------------

    def _plan(self) -> None:
        extraction, resource = self._extraction, self._resource
        self._events = UnitStates(dlt.current.resource_state(resource.name))
        now = extraction.clock()
        for event in extraction.events or ():
            if extraction.selection.full_refresh:
                self._events.pop(event.airmeet_id, None)  # what fails now is due again, and in full
            state = self._events.get(event.airmeet_id)
            read = due(resource, event, None, state, now, extraction.settings)
            if read is None:
                continue
            if resource.parent is None:
                self._add(Planned(resource, event, None, read))
            else:
                self._await_family(event, RESOURCES[resource.parent])
        extraction.planned.add(resource.name)

    def _add(self, planned: Planned) -> None:
        self._planned.append(planned)
        self._open += 1
        self._extraction.units += 1
        if planned.resource.endpoint.children is not None:
            self._extraction.families_underway.add((planned.resource.name, planned.event.airmeet_id))

    def _submit_planned(self) -> None:
        if not self._planned:
            return
        scheduler, now = self._extraction.scheduler, self._extraction.clock()
        for _ in range(min(len(self._planned), scheduler.room(self._resource.name))):
            scheduler.submit(self._read_of(self._planned.popleft(), now))

    def _read_of(self, planned: Planned, now: datetime) -> Read:
        resource, event, child, how, emits = planned
        airmeet_id, entity_id = event.airmeet_id, child and child.entity_id
        settings = self._extraction.settings
        context = UnitContext(airmeet_id, entity_id, now, settings.include_entry_links, settings.privacy)
        unit = Unit(resource, event, child, how, context, emits)
        return Read(
            resource.endpoint, resource.name, self._resource.name, airmeet_id, entity_id, unit, how.after
        )

    def _await_family(self, event: Event, parent: Resource) -> None:
        key = (parent.name, event.airmeet_id)
        if key in self._extraction.families:
            self._plan_children(event, self._extraction.families[key])
            return
        self._families_awaited[event.airmeet_id] = event
        if key not in self._extraction.families_underway:
            self._add(Planned(parent, event, None, IN_FULL, emits=False))

    def _plan_children(self, event: Event, family: Family) -> None:
        extraction, resource = self._extraction, self._resource
        if not family.known:
            return  # its parent failed; the event stays due
        now = extraction.clock()
        known = self._events.get(event.airmeet_id, {}).get("children", {})
        children = {child.entity_id: child for child in family.children}
        kept = {entity_id: known[entity_id] for entity_id in children if entity_id in known}
        self._events[event.airmeet_id] = {"children": kept}
        for child in children.values():
            read = due(resource, event, child, kept.get(child.entity_id), now, extraction.settings)
            if read is not None:
                self._children_open[event.airmeet_id] += 1
                self._add(Planned(resource, event, child, read))
        self._close_event(event)

    # -- collecting ------------------------------------------------------------------------------

    def _collect(self) -> None:
        told = self._extraction.told[self._resource.name]
        while told:
            event = self._families_awaited.pop(told.popleft(), None)
            if event is not None:
                family = self._extraction.families[self._resource.parent or "", event.airmeet_id]
                self._plan_children(event, family)
        self._submit_planned()
        for message in self._extraction.scheduler.take(self._resource.name):
            unit: Unit = message.read.unit
            if isinstance(message, Page):
                self._take_page(unit, message.records)
            elif isinstance(message, Outcome):
                self._end_unit(message, unit)
            else:
                unit.restart()

    def _take_page(self, unit: Unit, records: list[Any]) -> None:
        children_of = unit.resource.endpoint.children
        # rows that replace others by key can go at once; a whole list counts only when read to its end
        batches = self._batches if unit.resource.endpoint.keeps_cursor else unit.buffers
        self._extraction.rows_read += len(records)
        rows: defaultdict[str, list[Record]] = defaultdict(list)
        for record in map(as_record, records):
            if children_of is not None:
                unit.family.extend(children_of(record))
            if unit.emits:
                for table, row in unit.resource.rows(record, unit.context):
                    rows[table].append(row)
        for table, made in rows.items():
            if table not in batches:
                batches[table] = self._extraction.batches(table)
            batches[table].extend(made)
            unit.rows += len(made)

    def _end_unit(self, outcome: Outcome, unit: Unit) -> None:
        extraction, resource, event = self._extraction, unit.resource, unit.event
        self._open -= 1
        if unit.emits:
            if outcome.outcome == "loaded":
                self._take_unit(unit)
            self._move_state(outcome, unit)
        if resource.endpoint.children is not None:
            known = outcome.outcome == "loaded" or self._is_certain(outcome, unit)
            extraction.tell_family(resource.name, event.airmeet_id, Family(unit.family, known))
        counts = outcome.outcome == "loaded" or resource.endpoint.keeps_cursor
        written = unit.rows if counts else 0
        extraction.end_unit(outcome, event.airmeet_id, unit.context.entity_id, written)

    def _take_unit(self, unit: Unit) -> None:
        for table, batches in self._batches.items():
            if table in unit.buffers:
                batches.absorb(unit.buffers[table])
            elif TABLES[table].reload is Reload.BY_EVENT:
                batches.delete_event(unit.event.airmeet_id)

    # -- state -----------------------------------------------------------------------------------

    def _move_state(self, outcome: Outcome, unit: Unit) -> None:
        event, child = unit.event, unit.child
        states: MutableMapping[str, UnitState] = self._events
        if child is not None:
            states = dict(self._events[event.airmeet_id]["children"])
        key = event.airmeet_id if child is None else child.entity_id
        state: UnitState | None = states.get(key)
        if outcome.outcome == "loaded":
            after = outcome.read.pages.next_run
            state = next_state(self._resource, event, unit.due, after, unit.context.fetched_at, state)
        elif outcome.outcome == "not_available" and unit.due.final:
            certain = not outcome.doubtful or (state or {}).get("refused") == event.fingerprint
            state = {"settled" if certain else "refused": event.fingerprint}
        if state is None:
            states.pop(key, None)
        else:
            states[key] = state
        if child is not None:
            self._events[event.airmeet_id] = {"children": states}
            self._children_open[event.airmeet_id] -= 1
            if not is_settled(state, event):
                self._children_unsettled.add(event.airmeet_id)
            self._close_event(event)

    def _is_certain(self, outcome: Outcome, unit: Unit) -> bool:
        """Whether an answer without a list means that there is none, and no hiccup."""
        settled = unit.emits and is_settled(self._events.get(unit.event.airmeet_id), unit.event)
        return outcome.outcome == "not_available" and (settled or not outcome.doubtful)

    def _close_event(self, event: Event) -> None:
        """Settle the event as a whole when all its children are; drop state that says nothing."""
        if self._children_open[event.airmeet_id]:
            return
        final = is_final(self._resource, event, self._extraction.clock(), self._extraction.settings)
        if final and event.airmeet_id not in self._children_unsettled:
            self._events[event.airmeet_id] = {"settled": event.fingerprint}
        elif not self._events[event.airmeet_id]["children"]:
            del self._events[event.airmeet_id]

    # -- handing over to dlt ---------------------------------------------------------------------

    def _take(self, tables: Iterable[str]) -> Iterator[Any]:
        for name in tables:
            yield from self._extraction.hand_over(name, self._batches[name])

    def _create_missing_tables(self) -> None:
        known = dlt.current.source_schema().tables
        for name, batches in self._batches.items():
            if name not in known:
                batches.create_table()
