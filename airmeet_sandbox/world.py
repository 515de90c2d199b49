"""The world and the ways in which it moves on. Each method is one thing that happens at Airmeet."""

from datetime import datetime
from typing import Final

from airmeet_sandbox import names
from airmeet_sandbox.clock import HOUR, colons, iso_ms
from airmeet_sandbox.collection import Record
from airmeet_sandbox.edits import Which
from airmeet_sandbox.event import Session, UnknownIdError
from airmeet_sandbox.lists import booth_record
from airmeet_sandbox.recorded import RecordedWorld
from airmeet_sandbox.registrations import utm_parameters
from airmeet_sandbox.seeds import mix, pick
from airmeet_sandbox.state import locked

_ADDED_SESSIONS: Final = 1000
_ATTENDANCES: Final = {"event_attendance", "session_attendance", "booth_attendance"}


class World(RecordedWorld):
    """A made-up Airmeet community.

    Args:
        seed: the same seed, size and `now` give the same world.
        events: how many events; a dozen shows every phase of life.
        people: typical registrations per event; all else follows from it.
        now: when the world begins; the clock starts there and ticks. By default the real time.
    """

    # Events

    @locked
    def add_event(
        self,
        name: str | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        *,
        people: int | None = None,
        sessions: int = 3,
        bare: bool = False,
    ) -> str:
        """Create an event, by default one that begins in an hour, and return its id.

        Args:
            name: its name.
            start: when it begins.
            end: when it ends; by default an hour per session later.
            people: how many registrations will come in time, besides those added later; by default none.
            sessions: how many hours of programme it has.
            bare: whether it goes without booths, tracks, polls and everything else that is optional.
        """
        number, self._count = self._count, self._count + 1
        begins = start.timestamp() if start else self.clock.timestamp() // 60 * 60 + HOUR
        ends = end.timestamp() if end else begins + max(sessions, 1) * HOUR
        title = name or f"{pick(names.EVENT_TITLES, number)} {number + 1}"
        event = self._maker.blank(
            number, title, phase="added", slots=sessions, start=begins, end=ends, registrations=people or 0
        )
        event.bare = bare
        self._events[number] = event
        self._listed.append(number)
        return event.airmeet_id

    @locked
    def finish_event(self, event: str) -> None:
        """End an event, and with it its sessions."""
        self.event(event).status = "FINISHED"

    @locked
    def set_event_status(self, event: str, status: str | None) -> None:
        """Give an event any status, or with None let it follow the clock again."""
        self.event(event).status = status

    @locked
    def archive_event(self, event: str) -> None:
        """Take an event off the list; its data stays."""
        found = self.event(event)
        found.archived = True
        self._listed = [number for number in self._listed if number != found.number]

    @locked
    def unarchive_event(self, event: str) -> None:
        """Bring an archived event back."""
        found = self.event(event)
        found.archived = False
        self._listed = sorted({*self._listed, found.number})

    @locked
    def rename_event(self, event: str, name: str) -> None:
        """Give an event another name."""
        self.event(event).name = name

    @locked
    def reschedule_event(self, event: str, start: datetime, end: datetime | None = None) -> None:
        """Move an event and its sessions; without `end` it keeps its length."""
        found = self.event(event)
        shift = start.timestamp() - found.start
        for session in found.sessions:
            session.start += shift
        found.start += shift
        found.end = end.timestamp() if end else found.end + shift

    # Sessions

    @locked
    def add_session(
        self,
        event: str,
        name: str = "Added session",
        start: datetime | None = None,
        minutes: int = 30,
        **fields: object,
    ) -> str:
        """Add a session, by default at the event's start, and return its id. It has no attendance yet."""
        found = self.event(event)
        self._newcomers += 1
        number = _ADDED_SESSIONS + self._newcomers
        session_id = self._maker.session_id(found.number, number)
        begins = start.timestamp() if start else found.start
        found.sessions.append(Session(session_id, number, name, begins, minutes, extra=dict(fields)))
        return session_id

    @locked
    def rename_session(self, session: str, name: str) -> None:
        """Give a session another name."""
        self.session(session)[1].name = name

    @locked
    def delete_session(self, session: str) -> None:
        """Delete a session: it leaves event and tracks, and its attendance cannot be fetched any more."""
        event, found = self.session(session)
        if event.session_status_at(found, self.clock.timestamp()) == "FINISHED":
            event.gone_finished_sessions += 1  # people who came for it still came to the event
        event.sessions.remove(found)
        now = self.clock.timestamp()
        tracks = self.collection("tracks", event)
        for position, record in enumerate(tracks.slice(0, tracks.count(now), now)):
            listed = record.get("sessions") if isinstance(record, dict) else None
            if isinstance(listed, list) and session in listed:
                left = [uid for uid in listed if uid != session]
                tracks.replace(position, {**record, "sessions": left}, now)

    @locked
    def finish_session(self, session: str) -> None:
        """End a session."""
        self.session(session)[1].status = "FINISHED"

    @locked
    def set_session_status(self, session: str, status: str | None) -> None:
        """Give a session any status, or with None let it follow the clock again."""
        self.session(session)[1].status = status

    # People

    @locked
    def register(self, event: str, n: int = 1, **fields: object) -> list[Record]:
        """Let people register now, each with UTM parameters; `fields` replace what would be made up."""
        registered = []
        for _ in range(n):
            person = self._newcomer()
            record = {
                "email": person.email,
                "name": person.name,
                "city": person.city,
                "country": person.country,
                "organisation": person.organisation,
                "Designation": person.designation,
                "registrationDate": iso_ms(self.clock.timestamp()),
                "profile_url": None,
                "user_type": "Registered User",
                "token": f"https://join.airmeet.example/e/{event}?code={mix(self._newcomers):016x}",
                "invite_sent": True,
                "user_profile": [],
                "user_id": person.user_id,
                **fields,
            }
            self.append("participants", event, record)
            self.add_utm(event, email=record["email"])
            registered.append(record)
        return registered

    @locked
    def remove_participant(self, event: str, which: Which = -1) -> None:
        """Take a participant off the event."""
        self.remove("participants", event, which)

    @locked
    def update_participant(self, event: str, which: Which = -1, **fields: object) -> None:
        """Change fields of a participant."""
        self.update("participants", event, which, None, **fields)

    @locked
    def add_utm(self, event: str, n: int = 1, **fields: object) -> None:
        """Add rows of UTM parameters."""
        for _ in range(n):
            bits = mix(self.seed ^ self._newcomers)
            email = self._somebody(event)["email"]
            row = {"airmeetId": event, "email": email, "id": 0, "utms": utm_parameters(bits), **fields}
            self.append("utms", event, self._with_next_id("utms", event, None, row))

    # Attendance, replays

    @locked
    def add_attendance(
        self,
        endpoint: str,
        event: str,
        child: str | None = None,
        n: int = 1,
        *,
        with_id: bool = True,
        **fields: object,
    ) -> None:
        """Add late rows to the attendance of an event, session or booth (`child`), with new ids or none."""
        if endpoint not in _ATTENDANCES:
            raise UnknownIdError(endpoint)
        for _ in range(n):
            person = self._somebody(event)
            row = {**person, "time_stamp": colons(self.clock.timestamp()), "time_spent": "61000", **fields}
            if endpoint == "booth_attendance":
                row = {"visits": 1, "interested_in_being_contacted": False, **row}
            if with_id:
                row = self._with_next_id(endpoint, event, child, row)
            self.append(endpoint, event, row, child)

    @locked
    def correct_attendance(
        self, endpoint: str, event: str, child: str | None = None, which: Which = -1, **fields: object
    ) -> None:
        """Change an attendance row under its id, by default the time spent."""
        changes = fields or {"time_spent": str(self._next() % 3_600_000)}
        self.update(endpoint, event, which, child, **changes)

    @locked
    def add_replay(self, event: str, n: int = 1, **fields: object) -> None:
        """Let people watch a recording."""
        for _ in range(n):
            sessions = self.sessions(event)
            row = {
                **self._somebody(event),
                "session_id": sessions[self._next() % len(sessions)] if sessions else None,
                "duration_viewed": 1 + self._next() % 40,
                **fields,
            }
            self.append("replay_attendance", event, self._with_next_id("replay_attendance", event, None, row))

    @locked
    def grow_replay(self, event: str, which: Which = -1, minutes: float = 5) -> None:
        """Let somebody watch some more."""
        position = self._position("replay_attendance", event, which, None)
        watched = self.records("replay_attendance", event)[position]["duration_viewed"]
        self.update("replay_attendance", event, position, duration_viewed=watched + minutes)

    # Booths, polls, questions

    @locked
    def add_booth(self, event: str, name: str | None = None, **fields: object) -> str:
        """Add a booth and return its id."""
        number = len(self.booths(event))
        booth = booth_record(self.event(event), number, self._next())
        booth.update({**({"name": name} if name else {}), **fields})
        self.append("booths", event, booth)
        return str(booth["uid"])

    @locked
    def rename_booth(self, event: str, booth: str, name: str) -> None:
        """Give a booth another name."""
        self.update("booths", event, booth, name=name)

    @locked
    def delete_booth(self, event: str, booth: str) -> None:
        """Delete a booth; its attendance cannot be fetched any more."""
        self.remove("booths", event, booth)
        self.event(event).collections.pop(("booth_attendance", booth), None)

    @locked
    def add_poll_response(
        self, event: str, question: str = "One more thing?", answer: str | None = "Yes", **fields: object
    ) -> None:
        """Let somebody answer a poll."""
        poll = {"question": question, "answer": answer, "time_stamp": colons(self.clock.timestamp())}
        self.append("poll_responses", event, {**self._somebody(event), "polls": [poll], **fields})

    @locked
    def add_question(self, event: str, question: str = "One more question?", **fields: object) -> None:
        """Let somebody ask a question."""
        asked = {
            "question": question,
            "session_id": next(iter(self.sessions(event)), None),
            "upvoteCount": 0.0,
            "time_stamp": colons(self.clock.timestamp()),
        }
        self.append("questions", event, {**self._somebody(event), "questions": [asked], **fields})
