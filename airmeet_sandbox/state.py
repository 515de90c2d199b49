"""The state of the made-up community: its events, and what each endpoint would show at this moment."""

import threading
from bisect import bisect_right
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from airmeet_sandbox import plans, registrations
from airmeet_sandbox.clock import SandboxClock
from airmeet_sandbox.collection import Collection, Plan, Record
from airmeet_sandbox.event import Event, Session
from airmeet_sandbox.lists import booth_records, custom_field_records, track_records
from airmeet_sandbox.phases import EventMaker

P = ParamSpec("P")
R = TypeVar("R")

_PLANS: dict[str, Callable[[Event], Plan]] = {
    "participants": registrations.participants,
    "event_attendance": plans.event_attendance,
    "poll_responses": plans.poll_responses,
    "questions": plans.questions,
    "utms": registrations.utms,
    "replay_attendance": plans.replay_attendance,
}
_LISTS: dict[str, Callable[[Event], list[Record]]] = {
    "booths": booth_records,
    "tracks": track_records,
    "custom_fields": custom_field_records,
}
EVENT_NOT_OVER = "Airmeet status is not valid"
SESSION_NOT_OVER = "Session status is not valid"

# What `records` and `put` know, named like the connector's resources.
ENDPOINTS = (
    "airmeets", "airmeet_details", "sessions", "custom_fields", "participants", "event_attendance",
    "session_attendance", "booths", "booth_attendance", "poll_responses", "questions", "tracks", "utms",
    "session_recordings", "replay_attendance", "registrations",
)  # fmt: skip

_REGISTRATION_FIELDS = ("email", "name", "city", "country", "organisation", "Designation", "registrationDate")


class UnknownIdError(LookupError):
    """There is no event, session or booth of this id, or no row at this place."""


def locked(method: Callable[P, R]) -> Callable[P, R]:
    """Let a method of the world run alone: no request sees half of a change."""

    @wraps(method)
    def run_alone(*args: P.args, **kwargs: P.kwargs) -> R:
        world = args[0]
        assert isinstance(world, WorldState)  # noqa: S101 (for the type checker)
        with world.lock:
            return method(*args, **kwargs)

    return run_alone


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
        now = self.clock.timestamp()
        if endpoint == "airmeets":
            listing = self.listing()
            return listing.slice(0, listing.count(now), now)
        if event is None:
            raise UnknownIdError(endpoint)
        found = self.event(event)
        match endpoint:
            case "airmeet_details":
                return [found.details(now)]
            case "sessions":
                return found.session_records(now)
            case "session_recordings":
                return self.recordings(found)
        if self.too_early(endpoint, found, child) is not None:
            return []
        rows = self.collection(endpoint, found, child)
        records = rows.slice(0, rows.count(now), now)
        return self.registrations(found, records) if endpoint == "registrations" else records

    def registrations(self, event: Event, records: list[Any]) -> list[Any]:
        """Participants as the first version of the API shows them; what was put is shown as it is."""
        put = ("registrations", None) in event.collections
        return records if put else [_as_registration(record) for record in records]

    def too_early(self, endpoint: str, event: Event, child: str | None) -> str | None:
        """Airmeet's words if the status does not allow this endpoint yet."""
        now = self.clock.timestamp()
        if endpoint == "session_attendance" and child is not None:
            _, session = self.session(child)
            return None if event.session_status_at(session, now) == "FINISHED" else SESSION_NOT_OVER
        if endpoint in {"booth_attendance", "replay_attendance"}:
            return None if event.status_at(now) == "FINISHED" else EVENT_NOT_OVER
        if endpoint == "event_attendance":
            return None if event.finished_sessions(now) else EVENT_NOT_OVER
        return None

    def collection(self, endpoint: str, event: Event, child: str | None = None) -> Collection:
        """The rows of an endpoint and unit. The old registrations show the participants, unless put."""
        if endpoint == "registrations" and (endpoint, None) not in event.collections:
            endpoint = "participants"
        rows = event.collections.get((endpoint, child))
        if rows is None:
            rows = event.collections[endpoint, child] = self._first_rows(endpoint, event, child)
        return rows

    def recordings(self, event: Event) -> list[Any]:
        """The recordings of an event."""
        put = event.collections.get(("session_recordings", None))
        now = self.clock.timestamp()
        return event.recording_records(now) if put is None else put.slice(0, put.count(now), now)

    def listing(self) -> "Collection | Listing":
        """The list of events."""
        return self._put_airmeets or Listing(self._listed, self._numbered)

    def event(self, airmeet_id: str) -> Event:
        """The event of an id."""
        number = self._maker.event_number(airmeet_id)
        if number is None or number >= self._count or self._maker.airmeet_id(number) != airmeet_id:
            raise UnknownIdError(airmeet_id)
        return self._numbered(number)

    def session(self, session_id: str) -> tuple[Event, Session]:
        """The session of an id, and its event."""
        number = self._maker.session_event_number(session_id)
        if number is not None and number < self._count:
            event = self._numbered(number)
            for session in event.sessions:
                if session.session_id == session_id:
                    return event, session
        raise UnknownIdError(session_id)

    def _numbered(self, number: int) -> Event:
        event = self._events.get(number)
        if event is None:
            event = self._events[number] = self._maker.make(number)
        return event

    def _first_rows(self, endpoint: str, event: Event, child: str | None) -> Collection:
        """The rows as they follow from the seed."""
        if endpoint in _PLANS:
            return Collection(_PLANS[endpoint](event))
        if endpoint in _LISTS:
            return Collection.of([] if event.bare else _LISTS[endpoint](event))
        if endpoint == "session_attendance" and child is not None:
            return Collection(plans.session_attendance(event, self.session(child)[1]))
        if endpoint == "booth_attendance" and child in self.booths(event.airmeet_id):
            return Collection(plans.booth_attendance(event, child))
        raise UnknownIdError(endpoint)


class Listing:
    """The list of events as rows with cursors, made from the events when a page is asked for."""

    raw = False

    def __init__(self, numbers: list[int], numbered: Callable[[int], Event]) -> None:
        self._numbers = numbers
        self._numbered = numbered

    def count(self, now: float) -> int:  # noqa: ARG002 (as Collection)
        """How many events are listed."""
        return len(self._numbers)

    def slice(self, start: int, stop: int, now: float) -> list[Any]:
        """The events of a range of places."""
        return [self._numbered(number).listing(now) for number in self._numbers[start:stop]]

    def cursor(self, position: int, now: float) -> int:  # noqa: ARG002 (as Collection)
        """The cursor of the event at a place."""
        return self._numbers[position] * 7 + 2001

    def rows_up_to(self, cursor: int, now: float) -> int:
        """How many events have a cursor of at most this."""
        return bisect_right(
            range(len(self._numbers)), cursor, key=lambda position: self.cursor(position, now)
        )

    def rows_before(self, cursor: int, now: float) -> int:
        """How many events have a smaller cursor."""
        return self.rows_up_to(cursor - 1, now)


def _as_registration(record: object) -> object:
    if not isinstance(record, dict):
        return record
    return {field: record[field] for field in _REGISTRATION_FIELDS if field in record}
