"""What fails fails alone: units, endpoints, and when an API that is down is left in peace."""

from collections import Counter

import pytest

from airmeet_sandbox import Quirks, Sandbox, World, faults
from airmeet_source import TooManyFailures
from airmeet_source.api import pages
from airmeet_source.api.retrying import MOST_FAILURES_IN_A_ROW
from airmeet_source.extract.selection import Selection
from tests.support.warehouse import Warehouse


@pytest.fixture
def many_events(sandbox: Sandbox) -> World:
    """More events than may fail in a row."""
    for number in range(MOST_FAILURES_IN_A_ROW + 20):
        sandbox.world.add_event(f"Event {number}", bare=True)
    return sandbox.world


def test_an_endpoint_that_refuses_everything_spoils_no_other(
    sandbox: Sandbox, warehouse: Warehouse, many_events: World
) -> None:
    sandbox.faults.add(faults.status(404), endpoint="sessions")
    run = warehouse.load("sessions", "participants")
    assert run.error is None
    assert run.log.tally.units["failed"] == len(many_events.records("airmeets"))
    assert warehouse.query("SELECT count(DISTINCT airmeet_id) FROM participants") != [(0,)]


def test_an_endpoint_that_is_down_is_given_up_and_spoils_no_other(
    sandbox: Sandbox, warehouse: Warehouse, many_events: World
) -> None:
    sandbox.faults.add(faults.status(503), endpoint="utms")
    run = warehouse.load("utms", "custom_fields", max_attempts=1)
    events = len(many_events.records("airmeets"))
    assert run.error is None
    assert MOST_FAILURES_IN_A_ROW <= len(sandbox.requests.to("utms")) < events
    assert run.log.tally.units == Counter(loaded=events, failed=events)
    assert any(problem.message.startswith("not asked") for problem in run.log.tally.problems)
    sandbox.faults.clear()
    assert not warehouse.load("utms").log.tally.problems


def test_an_api_that_is_down_ends_the_run_early(
    sandbox: Sandbox, warehouse: Warehouse, many_events: World
) -> None:
    warehouse.load("airmeets")
    sandbox.faults.add(faults.status(503), path="/airmeet/")
    run = warehouse.load("tracks", "participants", "utms", "questions", max_attempts=1)
    assert isinstance(run.error, TooManyFailures)
    assert run.log.tally.units["failed"] < 3 * MOST_FAILURES_IN_A_ROW
    assert warehouse.query("SELECT count(*) FROM airmeets") == [(len(many_events.records("airmeets")),)]


def test_what_fails_in_a_full_refresh_stays_due(sandbox: Sandbox, warehouse: Warehouse) -> None:
    warehouse.load("event_attendance", "session_attendance")
    settled = sandbox.world.event_in("long_over")
    session = sandbox.world.sessions(settled)[0]
    sandbox.world.correct_attendance("event_attendance", settled, which=0, time_spent="4711")
    sandbox.world.correct_attendance("session_attendance", settled, session, which=0, time_spent="4711")
    rule = sandbox.faults.add(faults.status(500), path="attendees")
    refresh = Selection(airmeet_ids=frozenset({settled}), full_refresh=True)
    assert warehouse.load("event_attendance", "session_attendance", selection=refresh).log.tally.problems
    sandbox.faults.remove(rule)
    assert not warehouse.load("event_attendance", "session_attendance").log.tally.problems
    for table in ("event_attendance", "session_attendance"):
        assert warehouse.query(f"SELECT count(*) FROM {table} WHERE time_spent = 4711") == [(1,)]


LISTS = ("sessions", "participants", "booths", "poll_responses", "questions", "tracks")


@pytest.mark.parametrize("instead", ["null", "missing"])
def test_a_list_that_is_null_or_left_out_is_survived(
    sandbox: Sandbox, warehouse: Warehouse, instead: str
) -> None:
    sandbox.quirks = Quirks(empty_lists=instead)  # type: ignore[arg-type]
    gated = ("booths", "tracks", "custom_fields", "session_recordings")
    run = warehouse.load(*gated)
    assert not run.log.tally.problems
    assert all(warehouse.rows(table) for table in gated)


def test_an_answer_without_its_list_deletes_nothing(sandbox: Sandbox, warehouse: Warehouse) -> None:
    warehouse.load(*LISTS)
    before = {table: warehouse.rows(table) for table in LISTS}
    for number, event in enumerate(sandbox.world.events()):
        answer = {"name": "x"} if number % 2 else {"error": "odd"}
        sandbox.faults.add(faults.body(answer), path=event)
    run = warehouse.load(*LISTS)
    assert run.log.tally.units["loaded"] == 0
    assert {table: warehouse.rows(table) for table in LISTS} == before


def test_an_id_that_cannot_be_part_of_a_path_fails_its_unit_alone_and_is_not_sent(
    sandbox: Sandbox, warehouse: Warehouse
) -> None:
    live = sandbox.world.event_in("just_finished")
    session = {"sessionid": "..", "status": "FINISHED"}
    bad = ("..", ".", "e" * 5_000)
    events = [{"uid": id_, "name": "Odd", "status": "FINISHED"} for id_ in (*bad, "a/b?x=1#y", "%2e%2e")]
    sandbox.world.put(None, "airmeets", [*sandbox.world.records("airmeets"), *events])
    sandbox.faults.add(faults.body({"sessions": [session]}), endpoint="sessions", path=live)

    run = warehouse.load("airmeets", "tracks", "session_attendance", "sessions")

    not_asked = {
        (problem.resource, problem.airmeet_id, problem.entity_id)
        for problem in run.log.tally.problems
        if problem.message.startswith("not asked: its id")
    }
    assert not_asked == {("session_attendance", live, "..")} | {
        (resource, id_, None) for resource in ("tracks", "sessions") for id_ in bad
    }
    asked = {request.path for request in sandbox.requests}
    assert not any("/./" in path or "/../" in path or "eee" in path for path in asked)
    assert warehouse.query("SELECT sum(requests) FROM sync_log WHERE error LIKE 'not asked%'") == [(0,)]


def test_a_list_without_end_fails_alone_and_replaces_nothing(
    sandbox: Sandbox, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = sandbox.world.event_in("just_finished")
    before = warehouse.load("participants") and warehouse.rows("participants")
    sandbox.world.register(event, 30)
    sandbox.page_cap = 5
    monkeypatch.setattr(pages, "MOST_PAGES", 4)
    sandbox.requests.clear()

    problems = warehouse.load("participants").log.tally.problems

    assert [(problem.airmeet_id, problem.message) for problem in problems] == [
        (event, "the list goes on after 20 records on 4 pages")
    ]
    assert warehouse.rows("participants") == before
