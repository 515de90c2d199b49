"""The state of the made-up community: its events, and what each endpoint would show at this moment."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from airmeet_sandbox.clock import SandboxClock
from airmeet_sandbox.collection import Collection
from airmeet_sandbox.endpoint import Endpoint, RowsOf, ViewOf
from airmeet_sandbox.endpoints import BY_NAME
from airmeet_sandbox.event import Event, Session, UnknownIdError
from airmeet_sandbox.phases import EventMaker
from airmeet_sandbox.rows import Listing, Rows, View, all_records

P = ParamSpec("P")
R = TypeVar("R")


def locked(method: Callable[P, R]) -> Callable[P, R]:
    """Let a method of the world run alone: no request sees half of a change."""

    @wraps(method)
    def run_alone(*args: P.args, **kwargs: P.kwargs) -> R:
        world = args[0]
        assert isinstance(world, WorldState)  # noqa: S101 (for the type checker)
        with world.lock:
            return method(*args, **kwargs)

    return run_alone


def declaration(endpoint: str) -> Endpoint:
    """The declaration of an endpoint."""
    if endpoint not in BY_NAME:
        raise UnknownIdError(endpoint)
    return BY_NAME[endpoint]


class WorldState:
    """Events and their records. Everything that was never changed is computed when it is asked for."""

    def __init__(
        self, seed: int = 7, events: int = 12, people: int = 40, now: datetime | None = None
    ) -> None:
        self.lock = threading.RLock()
        self.clock = SandboxClock(now)
        self.seed = seed
        began = (now or datetime.now(UTC)).timestamp()
        self._maker = EventMaker(seed, people, began)
        self._events: dict[int, Event] = {}
        self._count = events
        self._listed = list(range(events))
        self._put_airmeets: Collection | None = None

    # Which there are

    @locked
    def events(self, *, archived: bool = False) -> list[str]:
        """Ids of the events in the order of their creation, with or without the archived ones."""
        numbers = range(self._count) if archived else self._listed
        return [self._maker.airmeet_id(number) for number in numbers]

    @locked
    def sessions(self, event: str) -> list[str]:
        """Ids of the event's sessions."""
        return [session.session_id for session in self.event(event).sessions]

    @locked
    def booths(self, event: str) -> list[str]:
        """Ids of the event's booths."""
        return [
            record["uid"]
            for record in self.records("booths", event)
            if isinstance(record, dict) and isinstance(record.get("uid"), str)
        ]

    @locked
    def phase(self, event: str) -> str:
        """The phase of life in which the event was made; moving the clock does not change this name."""
        return self.event(event).phase

    @locked
    def event_in(self, phase: str) -> str:
        """The first event of a phase."""
        for number in range(self._count):
            if self._numbered(number).phase == phase:
                return self._numbered(number).airmeet_id
        raise UnknownIdError(phase)

    @locked
    def status(self, event: str) -> str:
        """The event's status now."""
        return self.event(event).status_at(self.clock.timestamp())

    @locked
    def session_status(self, session: str) -> str:
        """The session's status now."""
        event, found = self.session(session)
        return event.session_status_at(found, self.clock.timestamp())

    # What the endpoints show

    @locked
    def records(self, endpoint: str, event: str | None = None, child: str | None = None) -> list[Any]:
        """All records an endpoint would serve now, pages joined, oldest first; nothing if it is too early.

        Args:
            endpoint: one of `ENDPOINTS`.
            event: the event; not needed for `airmeets`.
            child: the session or booth of `session_attendance` and `booth_attendance`.
        """
        now, declared = self.clock.timestamp(), declaration(endpoint)
        found = self.event(event) if event is not None and declared.rows is not None else None
        if found is not None and declared.too_early(found, child or "", now) is not None:
            return []
        return all_records(self.rows(endpoint, found, child), now)

    def rows(self, endpoint: str, event: Event | None, child: str | None = None) -> Rows:
        """The rows of an endpoint, and of an event, session or booth if it is about one."""
        made_of = declaration(endpoint).rows
        if made_of is None:
            return self._put_airmeets or Listing(self._listed, self._numbered)
        if event is None:
            raise UnknownIdError(endpoint)
        rows = event.collections.get((endpoint, child))
        if rows is not None:
            return rows
        if isinstance(made_of, ViewOf):
            return View(self.rows(made_of.endpoint, event, child), made_of.record)
        return self._first_rows(endpoint, event, child, made_of)

    def collection(self, endpoint: str, event: Event, child: str | None = None) -> Collection:
        """The rows of an endpoint, to be changed."""
        rows = self.rows(endpoint, event, child)
        if isinstance(rows, View):
            rows = rows.rows
        if not isinstance(rows, Collection):
            raise UnknownIdError(f"the rows of {endpoint} can only be put, not changed")
        return rows

    def event(self, airmeet_id: str) -> Event:
        """The event of an id."""
        number = self._maker.event_number(airmeet_id)
        if number is None or number >= self._count or self._maker.airmeet_id(number) != airmeet_id:
            raise UnknownIdError(airmeet_id)
        return self._numbered(number)

    def session(self, session_id: str) -> tuple[Event, Session]:
        """The session of an id, and its event."""
        number = self._maker.session_event_number(session_id)
        if number is None or number >= self._count:
            raise UnknownIdError(session_id)
        event = self._numbered(number)
        return event, event.session(session_id)

    def _numbered(self, number: int) -> Event:
        event = self._events.get(number)
        if event is None:
            event = self._events[number] = self._maker.make(number)
        return event

    def _first_rows(self, endpoint: str, event: Event, child: str | None, made_of: RowsOf) -> Rows:
        """The rows as they follow from the seed; kept if they can be changed."""
        if declaration(endpoint).is_of_booths and child not in self.booths(event.airmeet_id):
            raise UnknownIdError(child)
        rows = made_of(event, child or "")
        if isinstance(rows, Collection):
            event.collections[endpoint, child] = rows
        return rows
