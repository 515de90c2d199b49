"""A small world with every oddity that the views have to bear."""

from datetime import UTC, datetime, timedelta

from tests.views.people import Row, World

START = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)  # elsewhere it is another day
LATER = datetime(2999, 1, 1, tzinfo=UTC)
HOUR = 3_600_000


def at(days: float) -> datetime:
    return START + timedelta(days=days)


def event(airmeet_id: str, **more: object) -> Row:
    return {
        "airmeet_id": airmeet_id,
        "name": f"It's {airmeet_id}",
        "status": "FINISHED",
        "timezone": "Asia/Kolkata",
        "start_time": START,
        "end_time": at(0.1),
        "last_listed_at": at(60),
        **more,
    }


def participant(key: str, **more: object) -> Row:
    return {"airmeet_id": "e1", "person_key": key, "user_type": "Registered User", **more}


def seen(number: int, **more: object) -> Row:
    return {
        "airmeet_id": "e1",
        "id": number,
        "time_stamp": at(number / 1000),
        "time_spent": number * 60_000,
        **more,
    }


def entry(resource: str, outcome: str, day: float, entity_id: str | None = None, **more: object) -> Row:
    return {
        "airmeet_id": "e1",
        "resource": resource,
        "entity_id": entity_id,
        "outcome": outcome,
        "rows": None,
        "error": None,
        "started_at": at(day) - timedelta(minutes=5),
        "finished_at": at(day),
        **more,
    }


AIRMEETS: list[Row] = [
    event("e1"),
    event("e2", status="CREATED", end_time=LATER, name=None),
    event("e3", status=None, end_time=None, start_time=None, last_listed_at=at(5)),
]
PARTICIPANTS: list[Row] = [
    participant(
        "u1", user_id="u1", email=" Ann@X.com\t", name="Ann", registration_date=at(-3), city="", country="IN"
    ),
    participant(
        "u2", user_id="u2", email="ann@x.com", name="Bob", registration_date=at(-9), organisation="B's"
    ),
    participant("cy", email="CY@x.com", name="Cy", registration_date=at(-9), user_type="Invitee"),
    participant(
        "cy#2", email="cy@x.com", name="Cyril", registration_date=at(-20), user_type=None, city="Ulm"
    ),
    participant("h1", name="Nobody", user_type="Registered User"),
    participant("h2", name="Nobody", user_type="Guest", registration_date=at(-1)),
    participant("gu", email="gu@x.com", user_type="guest", registration_date=at(-2)),
    participant("iv", email="iv@x.com", user_type="INVITED"),
    participant("un", email="un@x.com", user_type="Unregistered User", registration_date=at(-2)),
    participant(
        "sp", user_id="sp", email="sp@x.com", name="Zoë", user_type="Speaker", registration_date=at(-2)
    ),
    participant("s2", user_id="s2", email="s2@x.com", name="Ødön", registration_date=at(-2)),
    participant("ex", email="EX@x.com", name="Ex", registration_date=at(-2)),
    participant("no", email="NO\u00c4@x.com", name="", registration_date=at(-2), designation="Head"),
    participant("na", user_id="na", email="na@x.com", name="Na", registration_date=at(-4)),
    participant("od", user_id="od", email="od@x.com", name="Od", registration_date=at(-4)),
    participant("u1", airmeet_id="e2", user_id="u1", email="ann@x.com", registration_date=at(-5)),
    participant("p3", airmeet_id="e3", user_id="p3", email="p3@x.com", registration_date=at(-5)),
]
REGISTRATIONS: list[Row] = [
    {"airmeet_id": "e1", "person_key": "re", "email": "re@x.com", "name": "Re", "registration_date": at(-7)},
    {"airmeet_id": "e1", "person_key": "iv", "email": "un@x.com", "name": "Un", "organisation": "Acme"},
]
EVENT_ATTENDANCE: list[Row] = [
    seen(1, user_id="u1", email="ann@x.com", name="Ann"),
    seen(2, user_id="u1", email="other@x.com"),
    seen(3, email="ANN@X.COM"),
    seen(4, email="other@x.com"),
    seen(5),
    seen(6, user_id="", email="   "),
    seen(7, user_id="w1", name="Walk"),
    seen(8, email="walk@x.com", name=""),
    seen(9, user_id="sp", email="sp@x.com"),
    seen(10, email="cy@x.com", time_spent=None),
    seen(11, email="ex@x.com"),
    seen(12, email="no\u00e4@x.com", time_spent=0),
    seen(13, user_id="h1x", email="h@x.com", name="O'Hara"),
]
SESSION_ATTENDANCE: list[Row] = [
    seen(1, session_id="s1", user_id="u1", email="ann@x.com", time_spent=24 * 60_000),
    seen(2, session_id="s1", user_id="u1", time_spent=12 * 60_000),
    seen(3, session_id="s1", email="cy@x.com", time_spent=30 * 60_000),
    seen(4, session_id="s1", time_spent=35 * 60_000),
    seen(5, session_id="s1", time_spent=None),
    seen(6, session_id="s1", user_id="sp", time_spent=HOUR),
    seen(7, session_id="s2", user_id="w1", email="w1@x.com", name="Walker"),
    seen(8, session_id="s2", email="gu@x.com"),
    seen(9, session_id="gone", email="na@x.com"),
    seen(1, session_id="s3", email="s2@x.com", airmeet_id="e2"),
]
BOOTH_ATTENDANCE: list[Row] = [
    seen(1, booth_id="b1", user_id="u1", visits=2, interested_in_being_contacted=True),
    seen(2, booth_id="b1", email="ann@x.com", visits=3, interested_in_being_contacted=False),
    seen(3, booth_id="b1", email="ex@x.com", visits=9, interested_in_being_contacted=True),
    seen(4, booth_id="b2", email="ex@x.com", visits=1, interested_in_being_contacted=None),
    seen(5, booth_id="b1", visits=1, interested_in_being_contacted=True),
    seen(6, booth_id="b1", visits=None, time_spent=None),
    seen(7, booth_id="b2", user_id="bo", name="Bo", visits=1),
]
POLL_RESPONSES: list[Row] = [
    {
        "airmeet_id": "e1",
        "user_id": "u1",
        "email": None,
        "question": "Q?",
        "answer": "yes",
        "time_stamp": at(0),
    },
    {
        "airmeet_id": "e1",
        "user_id": "u1",
        "email": None,
        "question": "Q?",
        "answer": "yes",
        "time_stamp": at(0),
    },
    {
        "airmeet_id": "e1",
        "user_id": None,
        "email": "po@x.com",
        "question": "Q?",
        "answer": "no",
        "name": "Po",
    },
    {"airmeet_id": "e1", "user_id": None, "email": None, "question": "Q?", "answer": "no"},
    {"airmeet_id": "e1", "user_id": "na", "email": "na@x.com", "question": "R?", "answer": ""},
    {"airmeet_id": "e1", "user_id": "na", "email": "na@x.com", "question": "R?", "answer": None},
    {"airmeet_id": "e1", "user_id": "na", "email": "na@x.com", "question": None, "answer": "50 %"},
]
QUESTIONS: list[Row] = [
    {"airmeet_id": "e1", "user_id": "u1", "email": "third@x.com", "question": "Why?", "time_stamp": at(0)},
    {"airmeet_id": "e1", "user_id": None, "email": None, "question": "Why?"},
    {"airmeet_id": "e1", "user_id": None, "email": "qu@x.com", "name": "Qu", "question": "Why?"},
]
UTMS: list[Row] = [
    {"airmeet_id": "e1", "id": 5, "email": "ann@x.com", "utm_source": " Spring-Launch", "utm_medium": "Mail"},
    {"airmeet_id": "e1", "id": 3, "email": "ANN@x.com", "utm_source": "spring-launch", "utm_campaign": ""},
    {"airmeet_id": "e1", "id": 7, "email": "na@x.com", "utm_source": "SPRING-LAUNCH ", "utm_term": "T"},
    {"airmeet_id": "e1", "id": 8, "email": "removed@x.com", "utm_source": "x"},
    {"airmeet_id": "e1", "id": 9, "email": None, "utm_source": "y"},
]
REPLAY_ATTENDANCE: list[Row] = [
    {
        "airmeet_id": "e1",
        "id": 1,
        "session_id": "s1",
        "user_id": "od",
        "email": None,
        "duration_viewed": 12.5,
    },
    {"airmeet_id": "e1", "id": 2, "session_id": "s1", "user_id": "od", "email": None, "duration_viewed": 2.5},
    {"airmeet_id": "e1", "id": 3, "session_id": "s1", "user_id": None, "email": None, "duration_viewed": 5.0},
    {
        "airmeet_id": "e1",
        "id": 4,
        "session_id": "s1",
        "user_id": "sp",
        "email": None,
        "duration_viewed": 90.0,
    },
    {
        "airmeet_id": "e1",
        "id": 5,
        "session_id": None,
        "user_id": None,
        "email": "iv@x.com",
        "duration_viewed": None,
    },
    {"airmeet_id": "e1", "id": 6, "session_id": "s2", "user_id": "u1", "email": None, "duration_viewed": 1.0},
]
SESSIONS: list[Row] = [
    {
        "airmeet_id": "e1",
        "session_id": "s1",
        "name": "Same",
        "duration": 45,
        "status": "FINISHED",
        "start_time": START,
    },
    {
        "airmeet_id": "e1",
        "session_id": "s2",
        "name": "Same",
        "duration": 0,
        "status": None,
        "start_time": None,
    },
    {"airmeet_id": "e1", "session_id": "s4", "name": None, "duration": None},
    {"airmeet_id": "e2", "session_id": "s3", "name": "Later", "duration": 30},
]
SESSION_PEOPLE: list[Row] = [
    {"airmeet_id": "e1", "session_id": "s1", "role": "speaker", "person_id": "sp"},
    {"airmeet_id": "e1", "session_id": "s1", "role": "speaker", "person_id": "s2"},
    {"airmeet_id": "e1", "session_id": "s1", "role": "speaker", "person_id": "unknown"},
    {"airmeet_id": "e1", "session_id": "s2", "role": "host", "person_id": "s2"},
]
BOOTHS: list[Row] = [
    {"airmeet_id": "e1", "booth_id": "b1", "name": 'B"1'},
    {"airmeet_id": "e1", "booth_id": "b2", "name": None},
    {"airmeet_id": "e1", "booth_id": "b3", "name": "Empty"},
]
BOOTH_EXHIBITORS: list[Row] = [
    {"airmeet_id": "e1", "booth_id": "b1", "email": "Ex@X.com "},
    {"airmeet_id": "e1", "booth_id": "b2", "email": "nobody@x.com"},
]
CUSTOM_FIELDS: list[Row] = [{"airmeet_id": "e1", "field_id": "f1", "label": "Size"}]
PARTICIPANT_CUSTOM_FIELDS: list[Row] = [
    {"airmeet_id": "e1", "person_key": key, "field_id": field_id, "value": value}
    for key, field_id, value in (
        ("u1", "f1", "S"),
        ("u2", "f1", "S"),
        ("cy", "f1", "S"),
        ("cy#2", "f1", "S"),
        ("h1", "f1", "M"),
        ("gu", "f1", ""),
        ("iv", "f2", "S"),
        ("sp", "f2", None),
    )
]
SYNC_LOG: list[Row] = [
    {**entry("airmeets", "loaded", 1, rows=3), "airmeet_id": None},
    entry("event_attendance", "pending", 1, error="wait"),
    entry("event_attendance", "loaded", 2, rows=13),
    entry("utms", "loaded", 1, rows=9),
    entry("utms", "failed", 2, error="HTTP 500"),
    entry("utms", "pending", 3, error="in preparation"),
    entry("booths", "not_available", 3),
    entry("session_attendance", "loaded", 1, "s1", rows=6),
    entry("session_attendance", "pending", 2, "s2", error="first"),
    entry("session_attendance", "pending", 3, "s2", error="second"),
    entry("session_attendance", "failed", 2.5, "s4", error="worse"),
    entry("session_attendance", "failed", 1, "gone", error="gone"),
    entry("booth_attendance", "loaded", 1, "b1", rows=2),
    entry("booth_attendance", "loaded", 2, "b1", rows=4),
    entry("booth_attendance", "loaded", 2, "b2", rows=3),
    {**entry("event_attendance", "failed", 2, error="no"), "airmeet_id": "e2"},
    {**entry("event_attendance", "loaded", 2, rows=0), "airmeet_id": "e3"},
]
WORLD: World = {
    "airmeets": AIRMEETS,
    "participants": PARTICIPANTS,
    "registrations": REGISTRATIONS,
    "event_attendance": EVENT_ATTENDANCE,
    "session_attendance": SESSION_ATTENDANCE,
    "booth_attendance": BOOTH_ATTENDANCE,
    "poll_responses": POLL_RESPONSES,
    "questions": QUESTIONS,
    "utms": UTMS,
    "replay_attendance": REPLAY_ATTENDANCE,
    "sessions": SESSIONS,
    "session_people": SESSION_PEOPLE,
    "booths": BOOTHS,
    "booth_exhibitors": BOOTH_EXHIBITORS,
    "custom_fields": CUSTOM_FIELDS,
    "participant_custom_fields": PARTICIPANT_CUSTOM_FIELDS,
    "sync_log": SYNC_LOG,
}
