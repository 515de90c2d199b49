"""One event and its sessions: what happens to them as time passes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from airmeet_sandbox.clock import DAY, MINUTE, epoch_ms, iso, iso_ms
from airmeet_sandbox.seeds import Shuffle, mix

if TYPE_CHECKING:
    from collections.abc import Callable

    from airmeet_sandbox.collection import Collection, Record
    from airmeet_sandbox.people import Community, Person

RECORDINGS_KEPT = 60 * DAY

# Registrations come in rounds of forty, with the same odd people in each.
_ROUND = 40
_ODD = {5, 8, 11, 14, 25}


class UnknownIdError(LookupError):
    """There is no event, session or booth of this id, or no row at this place."""


@dataclass(slots=True, eq=False)
class Session:
    """A session; `status` is None while it follows the clock."""

    session_id: str
    number: int
    name: str
    start: float
    minutes: int
    summary: str | None = None
    type: str = "HOSTING"
    hosts: tuple[Person, ...] = ()
    cohosts: tuple[Person, ...] = ()
    speakers: tuple[Person, ...] = ()
    attendance: int = 0
    is_recorded: bool = True
    status: str | None = None
    never_ended: bool = False
    extra: Record = field(default_factory=dict)
    replaced_files: dict[int, bytes] = field(default_factory=dict)  # of recordings, by their part

    @property
    def recordings(self) -> int:
        """How many recordings it has when it is over: one that was started again comes as two files."""
        return (2 if self.number % 5 == 3 else 1) if self.is_recorded else 0

    @property
    def end(self) -> float:
        """When the session should end."""
        return self.start + self.minutes * MINUTE


@dataclass(slots=True, eq=False)
class Event:
    """An event; `status` is None while it follows the clock."""

    airmeet_id: str
    number: int
    key: int
    phase: str
    name: str
    timezone: str
    start: float
    end: float
    opens: float
    planned_start: float
    planned_end: float
    registrations: int
    programme: Callable[[Event], list[Session]]
    community: Community
    shuffle: Shuffle
    bare: bool = False
    paused: bool = False
    never_ended: bool = False
    archived: bool = False
    status: str | None = None
    _sessions: list[Session] | None = None
    _planned_sessions: tuple[Session, ...] = ()
    gone_finished_sessions: int = 0
    collections: dict[tuple[str, str | None], Collection] = field(default_factory=dict)

    @property
    def sessions(self) -> list[Session]:
        """The sessions; made when first asked for, which a long list of events never does."""
        if self._sessions is None:
            self._sessions = self.programme(self)
            self._planned_sessions = tuple(self._sessions)
        return self._sessions

    def session(self, session_id: str) -> Session:
        """The session of an id."""
        for session in self.sessions:
            if session.session_id == session_id:
                return session
        raise UnknownIdError(session_id)

    @property
    def planned_sessions(self) -> tuple[Session, ...]:
        """The sessions as they were at first, whatever became of them."""
        return self._planned_sessions if self._sessions is not None else tuple(self.sessions)

    @property
    def registrations_before_end(self) -> int:
        """How many of the registrations come before the event is over."""
        return self.registrations - self.registrations // 10

    @property
    def attendees(self) -> int:
        """How many people show up."""
        return self.registrations_before_end * 2 // 3

    def status_at(self, now: float) -> str:
        """CREATED, ONGOING, PAUSED or FINISHED, or whatever it was set to."""
        if self.status is not None:
            return self.status
        if now < self.start:
            return "CREATED"
        if now >= self.end and not self.never_ended:
            return "FINISHED"
        return "PAUSED" if self.paused else "ONGOING"

    def session_status_at(self, session: Session, now: float) -> str:
        """The status of one of the sessions; the end of the event ends them all."""
        if session.status is not None:
            return session.status
        if self.status_at(now) == "FINISHED":
            return "FINISHED"
        if now < session.start:
            return "CREATED"
        return "FINISHED" if now >= session.end and not session.never_ended else "ONGOING"

    def finished_sessions(self, now: float) -> int:
        """How many sessions count for the event's attendance."""
        finished = sum(self.session_status_at(session, now) == "FINISHED" for session in self.sessions)
        return finished + self.gone_finished_sessions

    def registrant(self, index: int) -> Person:
        """Who registered as number `index`; some have no e-mail, no user id, or somebody else's e-mail."""
        person = self.community.person(self.shuffle(index))
        if index % _ROUND not in _ODD:
            return person
        match index % _ROUND:
            case 5:
                return person._replace(email=None)
            case 8:
                return person._replace(user_id=None)
            case 11:
                return person._replace(email=self.registrant(index - 1).email)
            case 14:
                return person._replace(email=None, user_id=None)
        return person._replace(email="")

    def listing(self, now: float) -> Record:
        """The event as the list of events shows it."""
        return {
            "uid": self.airmeet_id,
            "name": self.name,
            "status": self.status_at(now),
            "timezone": self.timezone,
            "startTime": iso_ms(self.start),
            "endTime": iso(self.end),
        }

    def details(self, now: float) -> Record:
        """The event object, without its sessions."""
        return {
            "uid": self.airmeet_id,
            "name": self.name,
            "short_desc": None if self.bare else f"{self.name}, online and free of charge.",
            "long_desc": None,
            "status": self.status_at(now),
            "event_type": "CONFERENCE" if len(self.sessions) > 3 else "MEETUP",
            "start_time": epoch_ms(self.start),
            "end_time": epoch_ms(self.end),
            "timezone": self.timezone,
            "is_paid": False,
            "branding": None
            if self.bare
            else {"color": f"#{mix(self.key) & 0xFFFFFF:06x}", "logo_url": None},
            "session_hosts": self._session_hosts(),
        }

    def session_records(self, now: float) -> list[Record]:
        """The sessions as the event object shows them."""
        return [self._session_record(session, now) for session in self.sessions]

    def _session_record(self, session: Session, now: float) -> Record:
        return {
            "sessionid": session.session_id,
            "name": session.name,
            "start_time": iso_ms(session.start),
            "status": self.session_status_at(session, now),
            "duration": session.minutes,
            "summary": session.summary,
            "host_id": [person.user_id for person in session.hosts],
            "cohost_ids": [person.user_id for person in session.cohosts],
            "speaker_id": [person.user_id for person in session.speakers],
            "speakerList": [{"id": person.user_id, "name": person.name} for person in session.speakers],
            "type": session.type,
            **session.extra,
        }

    def _session_hosts(self) -> list[Record]:
        hosts = {
            person.user_id: {
                "id": person.user_id,
                "name": person.name,
                "organisation": person.organisation,
                "designation": person.designation,
                "profile_img": None,
            }
            for session in self.sessions
            for person in (*session.hosts, *session.cohosts)
        }
        return list(hosts.values())
