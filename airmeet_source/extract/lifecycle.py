"""Which units are due: from an event's status, its times and what the state knows of the unit.

An event is upcoming, live, settling (over; attendance and the like may still change), in its tail
(registrations, UTM, replays and recordings still grow) or settled.
"""

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from airmeet_source.api.children import Child
from airmeet_source.extract.unit_states import CursorState, EventState, UnitState
from airmeet_source.fields import Record, pick, to_text
from airmeet_source.model.values import to_datetime
from airmeet_source.resources import From, Resource, Until
from airmeet_source.settings import Settings

Phase = Literal["upcoming", "live", "settling", "tail", "settled"]

_MINUTES = len("2026-05-06T13:11")
_STARTED = ("ONGOING", "PAUSED", "FINISHED")


@dataclass(frozen=True, slots=True)
class Event:
    """What the event list says of an event, as far as it decides what is due, and the event's name."""

    airmeet_id: str
    status: str
    start: datetime | None
    end: datetime | None
    name: str = field(default="", compare=False)  # for people who read what became of it
    fingerprint: str = field(init=False)  # changes when something happened that makes settled units due again

    def __post_init__(self) -> None:
        fingerprint = f"{self.status} {self.end.isoformat()[:_MINUTES]}" if self.end else self.status
        object.__setattr__(self, "fingerprint", sys.intern(fingerprint))  # states that were read have it, too

    @classmethod
    def of(cls, record: Record) -> "Event | None":
        """The event of a record of the list; None if the record has no id."""
        airmeet_id = pick(record, "airmeet_id", "uid")
        if airmeet_id is None or not to_text(airmeet_id).strip():
            return None
        return cls(
            to_text(airmeet_id),
            sys.intern(to_text(pick(record, "status") or "").strip().upper()),
            to_datetime(pick(record, "start_time")),
            to_datetime(pick(record, "end_time")),
            to_text(pick(record, "name") or "").strip(),
        )

    def has_started(self, now: datetime) -> bool:
        """By its status, or by its planned start: organisers forget to press the button."""
        return self.status in _STARTED or (self.start is not None and self.start <= now)

    def is_over(self, now: datetime) -> bool:
        """By its status, or by its planned end."""
        return self.status == "FINISHED" or (self.end is not None and self.end <= now)

    def days_since_end(self, now: datetime) -> float | None:
        """Days since the planned end (or start, if no end is known); None if it is not over."""
        end = self.end or self.start
        if end is None or not self.is_over(now):
            return None
        return (now - end) / timedelta(days=1)

    def phase(self, now: datetime, settings: Settings) -> Phase:
        """Where the event is in its life."""
        days = self.days_since_end(now)
        if not self.is_over(now):
            return "live" if self.has_started(now) else "upcoming"
        if days is None or days < settings.settle_days:
            return "settling"
        return "tail" if days < settings.replay_days else "settled"


@dataclass(frozen=True)
class Due:
    """How a unit is to be read: from its cursor or (``after`` is None) in full, and whether for good."""

    after: int | None
    final: bool


IN_FULL = Due(None, final=False)
FOR_GOOD = Due(None, final=True)


def is_settled(state: EventState | None, event: Event) -> bool:
    """Whether the unit is final and nothing happened to its event since."""
    return state is not None and "settled" in state and state["settled"] == event.fingerprint


def due(
    resource: Resource,
    event: Event,
    child: Child | None,
    state: EventState | None,
    now: datetime,
    settings: Settings,
) -> Due | None:
    """Whether and how a unit is to be read now; None if it is settled or cannot have rows yet."""
    if is_settled(state, event) or not _can_have_rows(resource, event, child, now):
        return None
    final = is_final(resource, event, now, settings)
    if final:
        return FOR_GOOD
    if state is None or "full_at" not in state or not _read_lately(state, event, now, settings):
        return IN_FULL
    return Due(state["after"], final=False)


def is_final(resource: Resource, event: Event, now: datetime, settings: Settings) -> bool:
    """Whether the resource's rows of the event are taken not to change any more."""
    days = event.days_since_end(now)
    horizon = settings.settle_days if resource.due_until is Until.SETTLE else settings.replay_days
    return days is not None and days >= horizon


def _can_have_rows(resource: Resource, event: Event, child: Child | None, now: datetime) -> bool:
    if resource.due_from is From.ALWAYS or event.is_over(now):
        return True
    if resource.due_from is From.START:
        return event.has_started(now)
    if resource.due_from is From.SESSION_END:
        # without a child the question is whether its parent has to be asked
        return event.has_started(now) if child is None else (child.status or "").strip().upper() == "FINISHED"
    return False


def _read_lately(state: CursorState, event: Event, now: datetime, settings: Settings) -> bool:
    if state["event"] != event.fingerprint:
        return False
    # a time in the future is that of a clock that was wrong
    return abs(now - datetime.fromisoformat(state["full_at"])) < timedelta(hours=settings.reread_hours)


def next_state(
    resource: Resource,
    event: Event,
    read: Due,
    after: int | None,
    started: datetime,
    state: UnitState | None,
) -> UnitState | None:
    """The state of a unit that was read to its end; None if there is nothing to remember."""
    if read.final:
        return {"settled": event.fingerprint}
    if not resource.endpoint.keeps_cursor:
        return None
    if read.after is None:
        full_at = started.isoformat(timespec="seconds")
    elif state is not None and "full_at" in state:
        full_at = state["full_at"]
    else:
        return None  # when it was last read in full is not known: it will be now
    return {"full_at": full_at, "after": after, "event": event.fingerprint}


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)
