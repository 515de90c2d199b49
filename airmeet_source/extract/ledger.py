"""Ledger: what is remembered of a resource's units, and how it moves on when one of them ends."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime

from airmeet_source.api.children import Child
from airmeet_source.api.reading import Outcome
from airmeet_source.extract.lifecycle import (
    Content,
    Due,
    Event,
    Read,
    due,
    is_final,
    is_settled,
    next_state,
    unavailable_state,
    unsure_state,
)
from airmeet_source.extract.unit_states import EventState, ResourceState, UnitState, UnitStates
from airmeet_source.resources import Resource
from airmeet_source.settings import Settings


class Ledger:
    """The states of one resource's units; they move in the step that takes over a unit's last rows."""

    def __init__(self, resource: Resource, settings: Settings) -> None:
        self._resource = resource
        self._settings = settings
        self._states = UnitStates({})
        self._children_open: Counter[str] = Counter()  # by event: due, and not ended yet
        self._children_unsettled: set[str] = set()  # events

    def read(self, resource_state: ResourceState) -> None:
        """Begin with what earlier runs remembered."""
        self._states = UnitStates(resource_state)

    def write(self, resource_state: ResourceState) -> None:
        """Put what is remembered now into the load package that is being extracted."""
        self._states.pack(resource_state)

    def forget(self, event: Event) -> None:
        """Remember nothing of an event's units: they are due again, and in full."""
        self._states.pop(event.airmeet_id, None)

    def due(self, event: Event, now: datetime) -> Due | None:
        """Whether and how an event's unit is to be read; with children, whether any of them may be."""
        return due(self._resource, event, None, self._states.get(event.airmeet_id), now, self._settings)

    def is_settled(self, event: Event) -> bool:
        """Whether all of the event's units are final."""
        return is_settled(self._states.get(event.airmeet_id), event)

    def is_final(self, event: Event, entity_id: str | None) -> bool:
        """Whether a unit of the event is final: of a session or booth, if it has an id."""
        child = self._children(event).get(entity_id or "")
        return self.is_settled(event) or is_settled(child, event)

    def content(self, event: Event, entity_id: str | None) -> Content | None:
        """What a unit is known to hold."""
        state: EventState | None = self._states.get(event.airmeet_id)
        if state is not None and "children" in state:
            state = state["children"].get(entity_id or "")
        if state is None or "read_at" not in state or "digest" not in state:
            return None
        return Content(digest=state["digest"], tables=state.get("tables", []))

    # -- sessions and booths ---------------------------------------------------------------------

    def due_children(
        self, event: Event, children: Iterable[Child], now: datetime
    ) -> Iterator[tuple[Child, Due]]:
        """The event's children that are to be read; what is remembered of others is forgotten."""
        known = self._children(event)
        listed = {child.entity_id: child for child in children}
        kept = {entity_id: known[entity_id] for entity_id in listed if entity_id in known}
        self._states[event.airmeet_id] = {"children": kept}
        for child in listed.values():
            how = due(self._resource, event, child, kept.get(child.entity_id), now, self._settings)
            if how is not None:
                self._children_open[event.airmeet_id] += 1
                yield child, how

    def close(self, event: Event, now: datetime) -> None:
        """Settle the event as a whole when all its children are; drop state that says nothing."""
        if self._children_open[event.airmeet_id]:
            return
        final = is_final(self._resource, event, now, self._settings)
        if final and event.airmeet_id not in self._children_unsettled:
            self._states[event.airmeet_id] = {"settled": event.fingerprint}
        elif not self._children(event):
            del self._states[event.airmeet_id]

    def _children(self, event: Event) -> dict[str, UnitState]:
        state: EventState | None = self._states.get(event.airmeet_id)
        return state["children"] if state is not None and "children" in state else {}

    # -- the end of a unit -----------------------------------------------------------------------

    def move(self, event: Event, read: Read, outcome: Outcome) -> None:
        """Remember the end of the unit of an event."""
        known: EventState | None = self._states.get(event.airmeet_id)
        before = None if known is None or "children" in known else known
        state = self._next(event, read, outcome, before)
        if state is None:
            self._states.pop(event.airmeet_id, None)
        else:
            self._states[event.airmeet_id] = state

    def move_child(self, event: Event, read: Read, outcome: Outcome) -> None:
        """Remember the end of the unit of a session or booth."""
        entity_id = outcome.reading.unit.entity_id or ""
        children = dict(self._children(event))
        state = self._next(event, read, outcome, children.get(entity_id))
        if state is None:
            children.pop(entity_id, None)
        else:
            children[entity_id] = state
        self._states[event.airmeet_id] = {"children": children}
        self._children_open[event.airmeet_id] -= 1
        if not is_settled(state, event):
            self._children_unsettled.add(event.airmeet_id)

    def _next(self, event: Event, read: Read, outcome: Outcome, state: UnitState | None) -> UnitState | None:
        if outcome.name == "loaded":
            return next_state(self._resource, event, read, outcome.reading.pages.next_run, state)
        if read.is_written:
            state = unsure_state(state)
        if outcome.name != "not_available":
            return state
        if not read.due.final:
            return state if outcome.doubtful else unavailable_state(event, read.started, state)
        if outcome.doubtful and not _was_refused(state, event):
            return {"refused": event.fingerprint}
        return {"settled": event.fingerprint}


def _was_refused(state: UnitState | None, event: Event) -> bool:
    return state is not None and "refused" in state and state["refused"] == event.fingerprint
