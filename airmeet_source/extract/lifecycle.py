"""Which units are due: from an event's status, its times and what the state knows of the unit.

An event is upcoming, live, settling (over; attendance and the like may still change), in its tail
(registrations, UTM, replays and recordings still grow) or settled.
"""

import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, cast

from airmeet_source.api.children import Child
from airmeet_source.extract.unit_states import EventState, ReadState, UnitState
from airmeet_source.fields import Record, pick, to_text
from airmeet_source.model.values import to_datetime
from airmeet_source.resources import From, Resource, Until
from airmeet_source.settings import Settings

Phase = Literal["upcoming", "live", "settling", "tail", "settled"]

_MINUTES = len("2026-05-06T13:11")
_SOON = timedelta(days=7)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a unit holds, as far as it was read."""

    digest: str
    tables: list[str]  # that it has rows in


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """How and when a unit was asked for, and what it holds."""

    due: Due
    started: datetime
    content: Content | None = None
    is_written: bool = False  # whether rows of it are, also of one that failed amid its list


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
    if is_final(resource, event, now, settings):
        return FOR_GOOD
    if state is None or "read_at" not in state or state["event"] != event.fingerprint:
        return IN_FULL
    if _changes_slowly(resource, event, now, settings) and _is_within(
        state["read_at"], now, settings.tail_hours
    ):
        return None
    if "full_at" not in state or not _is_within(state["full_at"], now, settings.reread_hours):
        return IN_FULL
    return Due(state.get("after"), final=False)


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


def _changes_slowly(resource: Resource, event: Event, now: datetime, settings: Settings) -> bool:
    """Whether it is asked for once in ``tail_hours``: in its tail, and the programme of an event to come."""
    phase = event.phase(now, settings)
    if phase == "upcoming" and event.start is not None:
        return resource.due_until is Until.SETTLE and event.start - now > _SOON
    return phase in ("tail", "settled")


def rests_until(
    resource: Resource, event: Event, state: EventState | None, now: datetime, settings: Settings
) -> datetime | None:
    """When a unit is due again that changes slowly and was read lately; None if it is another one."""
    if state is None or "read_at" not in state or not _changes_slowly(resource, event, now, settings):
        return None
    return datetime.fromisoformat(state["read_at"]) + timedelta(hours=settings.tail_hours)


def _is_within(moment: str, now: datetime, hours: float) -> bool:
    # a time in the future is that of a clock that was wrong
    return abs(now - datetime.fromisoformat(moment)) < timedelta(hours=hours)


def next_state(
    resource: Resource,
    event: Event,
    read: Read,
    after: int | None,
    state: UnitState | None,
) -> UnitState:
    """The state of a unit that was read to its end; ``after``: the cursor that a later run may go on from."""
    if read.due.final:
        return {"settled": event.fingerprint}
    asked = ReadState(event=event.fingerprint, read_at=read.started.isoformat(timespec="seconds"))
    if read.content is not None:
        asked = {**asked, "digest": read.content.digest, "tables": read.content.tables}
    if not resource.endpoint.keeps_cursor:
        return asked
    if read.due.after is None:
        return {**asked, "full_at": asked["read_at"], "after": after}
    if state is not None and "full_at" in state:
        return {**asked, "full_at": state["full_at"], "after": after}
    return asked  # when it was last read in full is not known: it will be next time


def unsure_state(state: UnitState | None) -> UnitState | None:
    """The state of a unit of which rows were written that may not be its own: what it holds is not known."""
    if state is None or "digest" not in state:
        return state
    kept = dict(state)
    del kept["digest"]
    return cast(ReadState, kept)


def unavailable_state(event: Event, started: datetime, state: UnitState | None) -> UnitState:
    """The state of a unit that Airmeet does not offer now; what is known of its rows stays."""
    asked = ReadState(event=event.fingerprint, read_at=started.isoformat(timespec="seconds"))
    if state is None or "read_at" not in state:
        return asked
    if "digest" in state:
        asked = {**asked, "digest": state["digest"], "tables": state.get("tables", [])}
    if "full_at" in state and state["event"] == event.fingerprint:
        return {**asked, "full_at": state["full_at"], "after": state.get("after")}
    return asked


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)
