"""HTTP faults: what passes is retried and leaves no trace, what lasts fails alone and says so."""

import zlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from airmeet_sandbox import Sandbox, faults
from airmeet_source.api.retrying import MOST_FAILURES_IN_A_ROW
from tests.support.cli import Cli, FirstLoad, query

# named as in docs/faults.md
FAULTS: dict[str, Callable[[], Any]] = {
    "503": lambda: faults.status(503, message="Come back later"),
    "429": lambda: faults.status(429, retry_after=0.1),
    "HTML 502": lambda: faults.html(502),
    "HTML 200": lambda: faults.html(200),
    "reset": faults.reset,
    "time-out": faults.hang,
    "truncated body": faults.truncated,
    "no JSON": faults.not_json,
    "empty body": faults.empty,
    "error in a 200": lambda: faults.error_in_body(500),
    "no list": lambda: faults.body({"odd": True}),
}
RESOURCES = ("--resources", "airmeets,participants,tracks")


def rows() -> list[tuple[Any, ...]]:
    """What was loaded of the resources under test."""
    return query("SELECT airmeet_id, person_key, email FROM participants ORDER BY ALL") + query(
        "SELECT airmeet_id, track_id, name FROM tracks ORDER BY ALL"
    )


def test_a_fault_that_passes_leaves_no_trace(
    cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each fault strikes an event of its own twice, and the event list once."""
    monkeypatch.setenv("SOURCES__AIRMEET__MAX_ATTEMPTS", str(len(FAULTS) + 1))
    monkeypatch.setenv("SOURCES__AIRMEET__BACKOFF", "0.001")
    struck = dict(zip(FAULTS, sandbox.world.events(), strict=False))
    for fault, event in struck.items():
        sandbox.faults.add(FAULTS[fault](), endpoint="participants", path=event, times=2)
        sandbox.faults.add(FAULTS[fault](), endpoint="airmeets", times=1)
    assert cli(*RESOURCES).code == 0
    loaded = dict(query("SELECT airmeet_id, count(*) FROM participants GROUP BY 1"))
    for fault in FAULTS:
        assert loaded[struck[fault]] == len(sandbox.world.records("participants", struck[fault])), fault
    assert dict(query("SELECT airmeet_id, requests FROM sync_log WHERE resource = 'participants'")) == {
        event: 3 if event in struck.values() else 1 for event in sandbox.world.events()
    }


def test_a_fault_that_lasts_fails_alone_keeps_old_rows_and_is_taken_up_again(
    cli: Cli, loaded: FirstLoad, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__TAIL_HOURS", "0")
    lasting = ["503", "HTML 200", "reset", "time-out", "truncated body", "no list"]
    due = [event for event in sandbox.world.events() if sandbox.world.phase(event) != "long_over"]
    struck = dict(zip(due, lasting, strict=False))
    assert len(struck) == len(lasting)
    loaded(*RESOURCES)
    before = rows()
    for event, fault in struck.items():
        sandbox.faults.add(FAULTS[fault](), endpoint="participants", path=event)
    result = cli(*RESOURCES)
    assert result.code == 3
    assert rows() == before
    failed = query("SELECT resource, airmeet_id FROM sync_log WHERE outcome = 'failed'")
    assert sorted(failed) == sorted(("participants", event) for event in struck)
    assert all(event in result.out for event in struck)
    sandbox.faults.clear()
    for event in struck:
        sandbox.world.register(event, 1)
    assert cli(*RESOURCES).code == 0
    assert len(rows()) == len(before) + len(struck)


def test_429_silences_the_whole_client_until_retry_after(cli: Cli, sandbox: Sandbox) -> None:
    """No request of any thread starts meanwhile."""
    sandbox.latency, sandbox.page_cap = 0.2, 2  # enough to do for all threads all the time
    sandbox.faults.add(faults.status(429, retry_after=1.5), endpoint="participants", times=1, skip=3)
    assert cli(*RESOURCES).code == 0
    refused = next(request for request in sandbox.requests if request.status == 429)
    after = [request.arrived - refused.answered for request in sandbox.requests]
    on_their_way = 0.15  # seconds: what was sent before the 429 was read
    later = [seconds for seconds in after if seconds > on_their_way]
    assert later
    assert min(later) > 1.4


def test_a_token_that_expires_amid_the_run_is_renewed_once_for_all_threads(
    cli: Cli, sandbox: Sandbox
) -> None:
    seen = 0

    def expire_amid(_request: Any) -> bool:
        nonlocal seen
        seen += 1
        if seen == 15:
            sandbox.expire_tokens()
        return False

    sandbox.faults.add(faults.status(412), when=expire_amid)
    assert cli(*RESOURCES).code == 0
    assert len(sandbox.requests.to("auth")) == 2


def test_keys_revoked_amid_the_run_end_it_with_1_and_what_is_complete_stays(
    cli: Cli, sandbox: Sandbox
) -> None:
    seen = 0

    def revoke_amid(_request: Any) -> bool:
        nonlocal seen
        seen += 1
        if seen == 8:
            sandbox.expire_tokens()
            sandbox.revoke_keys()
        return False

    sandbox.faults.add(faults.status(403), when=revoke_amid)
    result = cli("--resources", "airmeets,tracks")
    assert result.code == 1
    assert "refuses the keys" in result.err
    complete = query("SELECT count(DISTINCT airmeet_id) FROM tracks")
    assert query("SELECT count(*) FROM airmeets") == [(len(sandbox.world.records("airmeets")),)]
    sandbox.revoke_keys(revoked=False)
    assert cli("--resources", "airmeets,tracks").code == 0
    assert query("SELECT count(DISTINCT airmeet_id) FROM tracks") >= complete


def _is_larger(most: int, asked: faults.Incoming) -> bool:
    return int(asked.query.get("resultSize") or asked.query["size"]) > most


TOO_MUCH = {
    "500": faults.status(500),
    "502": faults.html(502),
    "503": faults.status(503),
    "504": faults.html(504),
    "524": faults.html(524),
    "reset": faults.reset(),
    "cut off": faults.truncated(),
    "time-out": faults.hang(),
}


def test_a_page_that_is_too_much_for_the_server_is_asked_for_in_smaller_pieces(
    cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__MAX_ATTEMPTS", "6")
    struck = dict(zip(TOO_MUCH, sandbox.world.events(), strict=False))
    for fault, event in struck.items():
        sandbox.world.register(event, 300)
        for endpoint, most in (("participants", 250), ("event_attendance", 25)):
            when = partial(_is_larger, most)
            sandbox.faults.add(TOO_MUCH[fault], endpoint=endpoint, path=event, when=when)
    events = ",".join(struck.values())
    assert cli("--resources", "participants,event_attendance", "--events", events).code == 0
    for table in ("participants", "event_attendance"):
        loaded = dict(query(f"SELECT airmeet_id, count(*) FROM {table} GROUP BY 1"))
        for fault, event in struck.items():
            assert loaded.get(event, 0) == len(sandbox.world.records(table, event)), (table, fault)


def test_an_answer_that_trickles_fails_alone(
    cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__MAX_ATTEMPTS", "1")
    event = sandbox.world.event_in("just_finished")
    sandbox.faults.add(faults.trickle(0.05), endpoint="tracks", path=event)
    assert cli("--resources", "tracks,questions", "--events", event).code == 3
    ((outcome, error),) = query("SELECT outcome, error FROM sync_log WHERE resource = 'tracks'")
    assert outcome == "failed"
    assert "did not end within 2.5 s" in error
    assert query("SELECT outcome FROM sync_log WHERE resource = 'questions'") == [("loaded",)]


def test_a_retry_after_of_hours_is_not_waited_for(
    cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is one of a second by a run that waits for nothing."""
    monkeypatch.setenv("SOURCES__AIRMEET__PENDING_TIMEOUT", "5")
    event = sandbox.world.event_in("just_finished")
    only = ("--resources", "tracks,questions", "--events", event)
    for seconds, options in ((7200, ()), (1.0, ("--no-wait",))):
        fault = faults.status(503, retry_after=seconds)
        sandbox.faults.add(fault, endpoint="tracks", path=event, times=1)
        assert cli(*only, *options).code == 3
        ((outcome, error),) = query(
            "SELECT outcome, error FROM sync_log WHERE resource = 'tracks' ORDER BY finished_at DESC LIMIT 1"
        )
        assert outcome == "failed"
        assert f"not to be asked again for {seconds:g} s" in error
    assert query("SELECT DISTINCT outcome FROM sync_log WHERE resource = 'questions'") == [("loaded",)]
    assert cli(*only).code == 0


def test_a_429_for_days_ends_the_run_with_what_it_has(
    cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says of every unit that it was not asked for, and when that was decided."""
    monkeypatch.setenv("SOURCES__AIRMEET__MAX_CONCURRENCY", "1")
    until = sandbox.clock.now() + timedelta(days=2)
    sandbox.faults.add(faults.status(429, retry_after=until), endpoint="tracks", times=1, skip=3)
    result = cli("--resources", "airmeets,tracks")
    assert result.code == 3
    events = len(sandbox.world.records("airmeets"))
    assert query("SELECT count(*) FROM airmeets") == [(events,)]
    log = dict(query("SELECT outcome, count(*) FROM sync_log WHERE resource = 'tracks' GROUP BY ALL"))
    assert sum(log.values()) == events
    assert log["loaded"] == 3
    ((not_asked,),) = query(
        "SELECT count(*) FROM sync_log WHERE error LIKE 'not asked: HTTP 429%' AND requests = 0 "
        "AND finished_at - started_at BETWEEN INTERVAL 0 SECONDS AND INTERVAL 1 MINUTE"
    )
    assert not_asked == events - 4
    sandbox.faults.clear()
    assert cli("--resources", "airmeets,tracks").code == 0


def test_a_quarter_of_all_units_fails_and_the_rest_is_loaded(
    cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__MAX_ATTEMPTS", "2")
    for number in range(80):
        sandbox.world.add_event(f"Event {number}", bare=True)
    resources = ("tracks", "questions", "custom_fields", "utms")
    sandbox.faults.add(
        faults.status(503),
        when=lambda request: request.endpoint in resources and zlib.crc32(request.path.encode()) % 4 == 0,
    )
    result = cli("--resources", ",".join(resources))
    assert result.code == 3
    asked = {request.path for request in sandbox.requests if request.endpoint in resources}
    failing = {request.path for request in sandbox.requests if request.status == 503}
    ends = dict(query("SELECT outcome, count(*) FROM sync_log WHERE airmeet_id IS NOT NULL GROUP BY ALL"))
    assert ends == {"loaded": len(asked - failing), "failed": len(failing)}
    assert len(failing) > MOST_FAILURES_IN_A_ROW


def test_ten_percent_of_errors_cost_at_most_fifteen_percent_more_requests(
    cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__MAX_ATTEMPTS", "8")
    event = sandbox.world.event_in("long_over")
    sandbox.page_cap = 1
    sandbox.world.add_attendance("event_attendance", event, n=300)
    only = ("--resources", "event_attendance", "--events", event)
    assert cli(*only).code == 0
    without = len(sandbox.requests)
    assert without >= 300
    sandbox.clear_requests()
    sandbox.faults.add(faults.status(503), probability=0.05, seed=1)
    sandbox.faults.add(faults.reset(), probability=0.05, seed=2)
    assert cli(*only, "--full-refresh").code == 0
    assert len(sandbox.requests) <= 1.15 * without
    assert query("SELECT count(*) FROM event_attendance") == [
        (len(sandbox.world.records("event_attendance", event)),)
    ]


def test_a_bomb_fails_alone(cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__MAX_RESPONSE_MB", "1")
    event = sandbox.world.event_in("just_finished")
    sandbox.faults.add(faults.raw(b" " * 1_100_000), endpoint="tracks", path=event)
    result = cli("--resources", "tracks,questions", "--events", event)
    assert result.code == 3
    assert "more than 1 MB (max_response_mb)" in " ".join(result.out.split())
    assert query("SELECT resource, outcome FROM sync_log WHERE airmeet_id IS NOT NULL ORDER BY 1") == [
        ("questions", "loaded"),
        ("tracks", "failed"),
    ]
