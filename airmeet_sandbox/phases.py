"""The phases of an event's life, and how a new event is made up."""

from dataclasses import dataclass
from functools import partial

from airmeet_sandbox import names
from airmeet_sandbox.clock import DAY, HOUR, MINUTE
from airmeet_sandbox.event import Event, Session
from airmeet_sandbox.people import Community, Person
from airmeet_sandbox.seeds import Shuffle, fraction, key, mix, number_in_uuid, numbered_uuid, pick

QUARTER_HOUR = 15 * MINUTE
_STAFF = 1_000_000_000


@dataclass(frozen=True)
class Phase:
    """Where in its life an event is when the world begins.

    Attributes:
        starts_in: earliest and latest start, in days from then.
        opens_before: days between the first registration and the start.
    """

    starts_in: tuple[float, float]
    opens_before: float = 60
    slots: int | None = None
    paused: bool = False
    never_ended: bool = False
    bare: bool = False


PHASES = {
    "just_finished": Phase((-5, -2)),
    "live": Phase((-0.11, -0.1), slots=6),
    "tail": Phase((-50, -20)),
    "upcoming": Phase((2, 6)),
    "forgotten": Phase((-40, -25), never_ended=True),
    "long_over": Phase((-900, -120)),
    "paused": Phase((-0.11, -0.1), slots=6, paused=True),
    "far_upcoming": Phase((90, 200), opens_before=230),
    "bare": Phase((-45, -30), slots=2, bare=True),
}

_FIRST_DOZEN = (*PHASES, "tail", "just_finished", "long_over")
_AFTERWARDS = (
    *["long_over"] * 13, *["tail"] * 3, "just_finished", "upcoming", "far_upcoming", "forgotten",
)  # fmt: skip


def phase_of(number: int, seed: int) -> str:
    """The phase of an event: a dozen holds them all, of many events most are over."""
    if number < len(_FIRST_DOZEN):
        return _FIRST_DOZEN[number]
    return pick(_AFTERWARDS, mix(key(seed, "phase") + number))


class EventMaker:
    """Makes the events of one world."""

    def __init__(self, seed: int, people: int, began: float) -> None:
        self.seed = seed
        self.people = people
        self.began = began
        self.community = Community(key(seed, "community"))
        self._event_salt = key(seed, "airmeets") & 0xFFFFFFFF
        self._session_salt = key(seed, "sessions") & 0xFFFFFFFF

    def airmeet_id(self, number: int) -> str:
        """The id of an event."""
        return numbered_uuid(number, self._event_salt, mix(self._event_salt) ^ number)

    def event_number(self, airmeet_id: str) -> int | None:
        """Which event an id may belong to."""
        return number_in_uuid(airmeet_id, self._event_salt)

    def session_id(self, event_number: int, number: int) -> str:
        """The id of a session."""
        bits = mix(mix(self._session_salt ^ event_number) + number)
        return numbered_uuid(event_number, self._session_salt, bits)

    def session_event_number(self, session_id: str) -> int | None:
        """Which event the session of an id may belong to."""
        return number_in_uuid(session_id, self._session_salt)

    def make(self, number: int) -> Event:
        """The event that follows from the seed and its number."""
        name = phase_of(number, self.seed)
        phase = PHASES[name]
        bits = mix(key(self.seed, "event", number))
        earliest, latest = phase.starts_in
        wanted = self.began + (earliest + (latest - earliest) * fraction(bits)) * DAY
        start = wanted // QUARTER_HOUR * QUARTER_HOUR
        slots = phase.slots or 3 + bits % 4
        registrations = round(self.people * (0.6 + 0.8 * fraction(bits >> 32)))
        title = pick(names.EVENT_TITLES, bits >> 20)
        event = self.blank(
            number,
            f"{title} {number + 1}",
            phase=name,
            slots=slots,
            start=start,
            end=start + slots * HOUR,
            registrations=registrations,
        )
        event.opens = start - phase.opens_before * DAY
        event.bare, event.paused, event.never_ended = phase.bare, phase.paused, phase.never_ended
        return event

    def blank(  # noqa: PLR0913 (each is one fact of an event)
        self, number: int, name: str, *, phase: str, slots: int, start: float, end: float, registrations: int
    ) -> Event:
        """An event with this many hours of programme."""
        bits = key(self.seed, "event", number)
        pool = max(self.people * 3, registrations, 60)
        return Event(
            airmeet_id=self.airmeet_id(number),
            number=number,
            key=bits,
            phase=phase,
            name=name,
            timezone=pick(names.TIME_ZONES, bits),
            start=start,
            end=end,
            opens=start - 60 * DAY,
            planned_start=start,
            planned_end=end,
            registrations=registrations,
            programme=partial(self._programme, slots),
            community=self.community,
            shuffle=Shuffle.of(pool, mix(bits)),
        )

    def _programme(self, slots: int, event: Event) -> list[Session]:
        """One session an hour, and every third hour a parallel one."""
        sessions = []
        hours = [hour for hour in range(slots) for _ in range(2 if hour % 3 == 1 and not event.bare else 1)]
        length = (event.planned_end - event.planned_start) / max(slots, 1)
        for number, hour in enumerate(hours):
            bits = mix(event.key + number)
            minutes = min((30, 45, 60)[bits % 3], max(1, int(length // MINUTE)))
            is_keynote = number == 0
            sessions.append(
                Session(
                    session_id=self.session_id(event.number, number),
                    number=number,
                    name=names.SESSION_TITLES[0] if is_keynote else pick(names.SESSION_TITLES[1:], bits >> 8),
                    start=event.planned_start + hour * length,
                    minutes=minutes,
                    summary=None if event.bare else pick(names.SESSION_SUMMARIES, bits >> 16),
                    type="NETWORKING" if number == 4 else "HOSTING",
                    hosts=() if event.bare else (self._staff(bits),),
                    cohosts=() if event.bare or number % 2 else (self._staff(bits >> 8),),
                    speakers=() if event.bare else tuple(self._staff(bits >> shift) for shift in (16, 24)),
                    attendance=event.attendees * (7 if is_keynote else 3 + bits % 4) // 10,
                    is_recorded=number != 2,
                )
            )
        if event.never_ended and sessions:
            sessions[-1].never_ended = True
        return sessions

    def _staff(self, bits: int) -> Person:
        return self.community.person(_STAFF + bits % 40)
