"""The rows that come with an event: attendance, polls, questions, replays, each computed from its number."""

from bisect import bisect_right
from collections.abc import Callable, Sequence

from airmeet_sandbox import names
from airmeet_sandbox.arrivals import first_id, over_time
from airmeet_sandbox.clock import DAY, MINUTE, colons
from airmeet_sandbox.collection import Plan, Record, all_at_once, each
from airmeet_sandbox.event import Event, Session
from airmeet_sandbox.people import Person
from airmeet_sandbox.seeds import Shuffle, fraction, key, mix, pick

REPLAYS = 120 * DAY


def event_attendance(event: Event) -> Plan:
    """Attendees; each finished session adds some, and time to those who were there before."""
    size = event.attendees
    who = _attendee(event)
    seed = key(event.key, "event_attendance")
    sessions = max(len(event.planned_sessions), 1)

    def block_end(finished: int) -> int:
        return size if finished >= sessions else int(size * (1 - 0.4**finished))

    def records(indices: Sequence[int], now: float) -> list[Record]:
        finished = event.finished_sessions(now)
        ends = [block_end(session) for session in range(1, max(finished, 1))]
        rows = []
        for index in indices:
            bits = mix(seed + index)
            attended = max(finished, 1) - bisect_right(ends, index)
            spent = (5 + bits % 20) * 60_000 * attended + (bits >> 20) % 60_000
            rows.append(_attended(who(index), event.planned_end - fraction(bits >> 8) * 3 * 3600, spent))
        return rows

    def arrived(now: float) -> int:
        return block_end(event.finished_sessions(now))

    return Plan(size, records, arrived, first_id(event, "event_attendance"))


def session_attendance(event: Event, session: Session) -> Plan:
    """Who was in a session; now and then somebody leaves and comes back, which makes two rows."""
    who = _attendee(event)
    seed = key(event.key, "session_attendance", session.number)
    shuffle = Shuffle.of(event.attendees, seed)
    start, minutes = session.start, session.minutes

    def record(index: int) -> Record:
        bits = mix(seed + index)
        came_back = index % 50 == 7
        minute = fraction(bits) * minutes
        spent = int((minutes - minute) * fraction(bits >> 32) * 60_000)
        return _attended(who(shuffle(index - came_back)), start + minute * MINUTE, spent)

    size = session.attendance
    name = f"session_attendance {session.session_id}"
    return Plan(size, each(record), all_at_once(size), first_id(event, name))


def booth_attendance(event: Event, booth_id: str) -> Plan:
    """Who visited a booth."""
    who = _attendee(event)
    seed = key(event.key, "booth_attendance", booth_id)
    shuffle = Shuffle.of(event.attendees, seed)
    length = event.planned_end - event.planned_start

    def record(index: int) -> Record:
        bits = mix(seed + index)
        visits = 1 + bits % 3
        at, spent = event.planned_end - length * fraction(bits), visits * 60_000 + (bits >> 9) % 90_000
        row = _attended(who(shuffle(index)), at, spent)
        return {**row, "visits": visits, "interested_in_being_contacted": (bits >> 20) % 4 == 0}

    size = event.attendees * (2 + seed % 4) // 10
    return Plan(size, each(record), all_at_once(size), first_id(event, f"booth_attendance {booth_id}"))


def poll_responses(event: Event) -> Plan:
    """People with their answers, in the order in which they answer while the event goes on."""
    who = _attendee(event)
    session_at = _session_at(event)
    seed = key(event.key, "poll_responses")
    size = 0 if event.bare else event.attendees // 2

    def answered_at(event: Event, index: int) -> float:
        return (
            event.planned_start
            + (event.planned_end - event.planned_start) * (index + fraction(mix(seed + index))) / size
        )

    def record(index: int) -> Record:
        bits = mix(seed ^ mix(index))
        at = answered_at(event, index)
        session_id = session_at(at)
        questions = sorted({bits % 5, (bits >> 8) % 5, (bits >> 16) % 5})
        polls = [
            {
                "question": names.POLL_QUESTIONS[number][0],
                "answer": pick(names.POLL_QUESTIONS[number][1], bits >> (24 + 4 * number)),
                "session_id": session_id,
                "time_stamp": colons(at - MINUTE * position),
            }
            for position, number in enumerate(questions)
        ]
        if index % 9 == 4:
            del polls[0]["answer"]  # asked, but not answered
        return {**_who(who(index)), "polls": polls}

    return over_time(event, "poll_responses", size, each(record), answered_at, with_id=False)


def questions(event: Event) -> Plan:
    """People with the questions they asked; some ask the same thing twice."""
    who = _attendee(event)
    session_at = _session_at(event)
    seed = key(event.key, "questions")
    size = 0 if event.bare else (event.attendees + 4) // 5

    def asked_at(event: Event, index: int) -> float:
        return (
            event.planned_start
            + (event.planned_end - event.planned_start) * (index + fraction(mix(seed + index))) / size
        )

    def record(index: int) -> Record:
        bits = mix(seed ^ mix(index))
        at = asked_at(event, index)
        first: Record = {
            "question": pick(names.QUESTIONS, bits),
            "session_id": session_at(at),
            "upvoteCount": float(bits >> 8 & 7),
        }
        asked = [first if bits >> 12 & 1 else {**first, "time_stamp": colons(at)}]
        if index % 3 == 0:
            asked.append({**asked[0], "upvoteCount": 0.0})
        if bits >> 16 & 1:
            another = pick(names.QUESTIONS, bits >> 20)
            asked.append({**first, "question": another, "time_stamp": colons(at - MINUTE)})
        return {**_who(who(index)), "questions": asked}

    return over_time(event, "questions", size, each(record), asked_at, with_id=False)


def replay_attendance(event: Event) -> Plan:
    """Who watched which recording afterwards; for three days after its first minute a row still grows."""
    seed = key(event.key, "replay_attendance")
    size = 0 if event.bare else event.registrations * 2 // 5
    shuffle = Shuffle.of(event.registrations_before_end, seed)

    def watched_at(event: Event, index: int) -> float:
        return event.planned_end + REPLAYS * ((index + fraction(mix(seed + index))) / size) ** 2

    def record(index: int, now: float) -> Record:
        bits = mix(seed ^ mix(index))
        watched = min(1.0, 0.2 + (now - watched_at(event, index)) / (3 * DAY))
        session = pick(event.planned_sessions, bits >> 8) if event.planned_sessions else None
        return {
            "id": 0,
            **_who(event.registrant(shuffle(index))),
            "session_id": session.session_id if session else None,
            "duration_viewed": round((1 + bits % 50) * watched, 1 if bits >> 16 & 1 else None),
        }

    def records(indices: Sequence[int], now: float) -> list[Record]:
        return [record(index, now) for index in indices]

    return over_time(event, "replay_attendance", size, records, watched_at)


def _attendee(event: Event) -> Callable[[int], Person]:
    shuffle = Shuffle.of(event.registrations_before_end, key(event.key, "attendees"))
    registrant = event.registrant
    return lambda number: registrant(shuffle(number))


def _who(person: Person) -> Record:
    return {"email": person.email, "name": person.name, "user_id": person.user_id}


def _attended(person: Person, at: float, spent: int) -> Record:
    return {
        "email": person.email,
        "id": 0,
        "name": person.name,
        "user_id": person.user_id,
        "time_stamp": colons(at),
        "time_spent": str(spent),
    }


def _session_at(event: Event) -> Callable[[float], str | None]:
    """Which session was going on at a time."""
    starts = [session.start for session in event.planned_sessions]
    ids = [session.session_id for session in event.planned_sessions]
    return lambda at: ids[max(0, bisect_right(starts, at) - 1)] if ids else None
