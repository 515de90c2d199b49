"""Answers that contradict themselves or come from somebody else: none of them loses or doubles a row."""

from typing import Any

import pytest

from airmeet_sandbox import Quirks, Sandbox, faults
from tests.support.cli import Cli, FirstLoad, database, query, tables

LISTED_AS = {
    "custom_fields": "customFields",
    "participants": "participants",
    "booths": "booths",
    "poll_responses": "data",
    "questions": "data",
    "tracks": "tracks",
    "session_recordings": "recordings",
    "event_attendance": "data",
    "utms": "data",
    "replay_attendance": "data",
    "sessions": "sessions",
}
SUCCESS = {"statusCode": 200, "statusMessage": "SUCCESS"}
# a list that a plan may lack, numbered pages, pages behind a cursor, the event object
ONE_OF_A_KIND = ("tracks", "participants", "event_attendance", "sessions")
VOLATILE = ("_dlt_load_id", "last_listed_at", "link_fetched_at", "link_expires_at", "download_link")
STABLE = f"COLUMNS(name -> name NOT IN {VOLATILE})"


@pytest.fixture
def event(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> str:
    """An event that has something of everything and settles at once."""
    monkeypatch.setenv("SOURCES__AIRMEET__SETTLE_DAYS", "1")
    event = sandbox.world.event_in("just_finished")
    sandbox.world.add_poll_response(event)
    sandbox.world.add_question(event)
    sandbox.world.add_attendance("event_attendance", event, n=3)
    return event


def rows(*events: str) -> dict[str, list[tuple[Any, ...]]]:
    """What the database has of events."""
    names = sorted(tables() - {"sync_log"})
    with database() as connection:
        return {
            name: connection.execute(
                f"SELECT {STABLE} FROM {name} WHERE airmeet_id IN {(*events, '')} ORDER BY ALL"
            ).fetchall()
            for name in names
        }


def outcomes(*events: str) -> dict[str, dict[str, str]]:
    """How the events' units ended the last time, by event and resource."""
    ended: dict[str, dict[str, str]] = {event: {} for event in events}
    for event, resource, outcome in query(
        f"""SELECT airmeet_id, resource, outcome FROM sync_log
        WHERE airmeet_id IN {(*events, "")} AND entity_id IS NULL
        QUALIFY row_number() OVER (PARTITION BY airmeet_id, resource ORDER BY finished_at DESC) = 1"""
    ):
        ended[event][resource] = outcome
    return ended


def lie(sandbox: Sandbox, event: str, answers: dict[str, Any], times: int | None = None) -> None:
    """Answer for an event's lists with these."""
    for endpoint, answer in answers.items():
        path = f"/airmeet/{event}/"
        sandbox.faults.add(faults.body(answer), endpoint=endpoint, path=path, times=times)


def all_but(answer: dict[str, Any], event_object: dict[str, Any]) -> dict[str, Any]:
    """The same answer for each list, and one for the event object."""
    return {**dict.fromkeys(LISTED_AS, answer), "sessions": event_object}


# what stands in the place of every list of an event, and how the event's units end
LIES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a count, no list": (
        {"cursors": {"totalCount": 40}, "statusCode": 200},
        {"name": "Launch", "timezone": "UTC", "sessions": None, "sessionsCount": 4},
        "failed",
    ),
    "a count, an empty list": (
        {name: [] for name in LISTED_AS.values()} | {"userCount": "40"},
        {"name": "Launch", "timezone": "UTC", "sessions": [], "totalCount": 4},
        "failed",
    ),
    "nothing": ({}, {}, "not_available"),
    "success": (SUCCESS, SUCCESS, "not_available"),
}


def test_a_count_beside_nothing_and_an_answer_that_says_nothing_are_never_an_empty_list(
    cli: Cli, loaded: FirstLoad, sandbox: Sandbox
) -> None:
    over = [event for event in sandbox.world.events() if sandbox.world.status(event) == "FINISHED"]
    lies = dict(zip(over[: len(LIES)], LIES.values(), strict=True))
    only = ("--resources", ",".join(LISTED_AS), "--events", ",".join(lies))
    loaded(*only)
    before = rows(*lies)
    for event, (answer, event_object, _) in lies.items():
        lie(sandbox, event, all_but(answer, event_object))
    assert cli(*only, "--full-refresh").code == 3
    assert rows(*lies) == before
    for event, ended in outcomes(*lies).items():
        assert ended == dict.fromkeys(LISTED_AS, lies[event][2])
    sandbox.faults.clear()
    assert cli("--resources", ",".join(ONE_OF_A_KIND), "--events", ",".join(lies)).code == 0
    assert rows(*lies) == before
    for ended in outcomes(*lies).values():
        assert ended.items() >= dict.fromkeys(ONE_OF_A_KIND, "loaded").items()


def test_fewer_rows_than_announced_replace_nothing_and_both_numbers_are_named(
    cli: Cli, sandbox: Sandbox, event: str
) -> None:
    only = ("--resources", "tracks,poll_responses,event_attendance", "--events", event)
    assert cli(*only).code == 0
    before = rows(event)
    page = {"cursors": {"totalCount": 3}, "data": [{"id": 9_000_001, "email": "a@x", "polls": ["Why?"]}]}
    tracks = {"tracks": [{"uid": "t"}], "totalCount": 3}
    lie(sandbox, event, {"tracks": tracks, "poll_responses": page, "event_attendance": page})
    assert cli(*only, "--full-refresh").code == 3
    ((reasons,),) = query("SELECT list(DISTINCT error) FROM sync_log WHERE outcome = 'failed'")
    assert all("announce 3 records, and 1 came" in reason for reason in reasons)
    after = rows(event)
    assert len(after["event_attendance"]) == len(before["event_attendance"]) + 1, "by key nothing is replaced"
    assert after | {"event_attendance": None} == before | {"event_attendance": None}


def test_null_empties_a_table_only_when_it_comes_twice(cli: Cli, sandbox: Sandbox, event: str) -> None:
    only = ("--resources", "participants,tracks,sessions", "--events", event)
    assert cli(*only).code == 0
    before = rows(event)
    null: dict[str, Any] = {name: {LISTED_AS[name]: None} for name in ("participants", "tracks", "sessions")}
    null["sessions"] |= {"name": "Launch", "timezone": "UTC"}
    lie(sandbox, event, null, times=1)
    assert cli(*only).code == 0
    assert rows(event) == before
    sandbox.faults.clear()
    lie(sandbox, event, null)
    assert cli(*only, "--full-refresh").code == 0
    assert rows(event).keys() & {"participants", "tracks", "sessions"} == set()


@pytest.mark.parametrize("ties", ["by_page", "random"])
def test_people_with_one_registration_date_are_all_loaded(
    cli: Cli, sandbox: Sandbox, event: str, ties: Any
) -> None:
    """Though pages overlap and leave people out, and everybody has another url in each answer."""
    crowd = [{"email": f"{n}@x", "name": f"{n}", "registrationDate": None} for n in range(130)]
    sandbox.world.put(event, "participants", crowd)
    sandbox.page_cap, sandbox.quirks = 50, Quirks(ties=ties, fresh_urls=True)
    result = cli("--resources", "participants", "--events", event)
    assert result.code == 0
    assert query("SELECT count(*), count(DISTINCT email) FROM participants") == [(130, 130)]


def test_people_who_cannot_be_told_apart_from_those_who_moved_fail_with_both_numbers(
    cli: Cli, sandbox: Sandbox, event: str
) -> None:
    sandbox.world.put(event, "participants", [{"name": "Guest", "city": f"{n}"} for n in range(130)])
    sandbox.page_cap, sandbox.quirks = 50, Quirks(ties="random")
    result = cli("--resources", "participants", "--events", event)
    assert result.code == 3
    assert "announce 130 records" in result.out
    assert "participants" not in tables()


GATED = ("booths", "tracks", "custom_fields", "session_recordings")


def test_a_firewalls_page_is_not_the_plans_word(cli: Cli, sandbox: Sandbox, event: str) -> None:
    another = sandbox.world.event_in("tail")
    only = ("--resources", ",".join(GATED), "--events", f"{event},{another}")
    sandbox.faults.add(faults.html(403), path=event)
    sandbox.faults.add(faults.html(202), path=another)
    for _ in range(2):
        assert cli(*only).code == 3
        assert outcomes(event, another) == dict.fromkeys((event, another), dict.fromkeys(GATED, "failed"))
    sandbox.faults.clear()
    assert cli(*only).code == 0
    assert outcomes(event, another) == dict.fromkeys((event, another), dict.fromkeys(GATED, "loaded"))


def test_a_firewalls_page_at_auth_refuses_no_keys(cli: Cli, sandbox: Sandbox, event: str) -> None:
    only = ("--resources", "utms", "--events", event)
    for status in (301, 403):
        sandbox.faults.add(faults.html(status), endpoint="auth", times=1)
    assert cli(*only).code == 0
    for status in (301, 403):
        sandbox.faults.clear()
        sandbox.expire_tokens()
        sandbox.faults.add(faults.html(status), endpoint="auth")
        result = cli(*only)
        assert result.code == 1
        assert f"HTTP {status}" in result.err
        assert "refuse" not in result.err


def test_different_records_under_one_id_are_as_many_rows_in_every_run(
    cli: Cli, sandbox: Sandbox, event: str
) -> None:
    only = ("--resources", "replay_attendance,event_attendance,tracks", "--events", event)
    replays: list[Any] = [{"id": 7, "session_id": "a"}, {"id": 7, "session_id": "b"}, {"id": 8}]
    times: list[Any] = [{"id": 9, "time_spent": 1}, {"id": 9, "time_spent": 9}, {"id": 9, "time_spent": 1}]
    tracks: list[Any] = [{"uid": "t", "name": "A"}, {"uid": "t", "name": "B"}, {"uid": "t", "name": "A"}]
    for endpoint, records in {
        "replay_attendance": replays,
        "event_attendance": times,
        "tracks": tracks,
    }.items():
        sandbox.world.put(event, endpoint, records)
    for options in ((), ("--full-refresh",)):
        result = cli(*only, *options)
        assert result.code == 0
        assert query("SELECT session_id, sign(id), _unparsed FROM replay_attendance ORDER BY ALL") == [
            ("a", 1, None),
            ("b", -1, '{"id": 7}'),
            (None, 1, None),
        ]
        assert query("SELECT time_spent, sign(id), _unparsed FROM event_attendance ORDER BY ALL") == [
            (1, 1, None),
            (9, -1, '{"id": 9}'),
        ]
        assert query("SELECT track_id, name, _unparsed FROM tracks ORDER BY ALL") == [
            ("t", "A", None),
            ("t#2", "B", '{"track_id": "t"}'),
        ]
        assert query("SELECT DISTINCT resource, rows FROM sync_log WHERE rows > 0 ORDER BY 1") == [
            ("event_attendance", 2),
            ("replay_attendance", 3),
            ("tracks", 2),
        ]


def test_different_records_under_one_id_stay_when_they_come_on_two_pages(
    cli: Cli, sandbox: Sandbox, event: str
) -> None:
    records = [{"id": 1, "time_spent": n} for n in range(3)]
    first = {"data": records[:2], "cursors": {"after": 1}}
    second = {"data": records[1:], "cursors": {"after": 2}}
    attendance = "event_attendance"
    sandbox.faults.add(
        faults.body(first), endpoint=attendance, when=lambda request: "after" not in request.query
    )
    sandbox.faults.add(
        faults.body(second), endpoint=attendance, when=lambda request: request.query["after"] == "1"
    )
    sandbox.faults.add(faults.body({"data": []}), endpoint=attendance)
    assert cli("--resources", "event_attendance", "--events", event).code == 0
    assert query("SELECT time_spent FROM event_attendance ORDER BY 1") == [(0,), (1,), (2,)]


def test_what_is_no_record_makes_no_row_and_is_counted(cli: Cli, sandbox: Sandbox, event: str) -> None:
    odd: dict[str, Any] = {
        "participants": [None, {"email": "a@x", "user_profile": [{}, None]}, "text", 7, []],
        "tracks": ["text"],
        "sessions": [None, {"sessionid": "s"}, "text"],
        "poll_responses": [{"email": "a@x", "polls": {}}, {"email": "b@x", "polls": ["Why?", None]}],
        "questions": {},
    }
    answers = {endpoint: {LISTED_AS[endpoint]: listed} for endpoint, listed in odd.items()}
    lie(sandbox, event, answers)
    assert cli("--resources", ",".join(odd), "--events", event).code == 0
    assert query("SELECT email FROM participants") == [("a@x",)]
    assert query("SELECT session_id FROM sessions") == [("s",)]
    assert query("SELECT email, question FROM poll_responses") == [("b@x", "Why?")]
    assert tables().isdisjoint({"tracks", "questions", "participant_custom_fields"})
    assert dict(query("SELECT resource, skipped FROM sync_log")) == {
        "participants": 4,
        "poll_responses": 0,
        "questions": 0,
        "sessions": 2,
        "tracks": 1,
    }


def test_a_count_of_zero_without_a_list_ends_the_pages(cli: Cli, sandbox: Sandbox, event: str) -> None:
    sandbox.page_cap = 2
    last = len(sandbox.world.records("participants", event)) // 2 + 1
    sandbox.faults.add(
        faults.body({"userCount": 0}),
        endpoint="participants",
        when=lambda request: int(request.query["pageNumber"]) > last,
    )
    assert cli("--resources", "participants", "--events", event).code == 0
    expected = len(sandbox.world.records("participants", event))
    assert query("SELECT count(*) FROM participants") == [(expected,)]
