"""What a run asks for, and that increments lead to the same tables as one full load."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from airmeet_sandbox import Sandbox, World, faults
from airmeet_source.extract.lifecycle import Event, Phase
from airmeet_source.settings import Settings
from tests.support.warehouse import NewWarehouse, Warehouse, assert_same

DAY = timedelta(days=1)
YEARS = timedelta(days=3650)


def asked(sandbox: Sandbox) -> set[tuple[str, str]]:
    """What was asked for since the log was cleared: endpoint and path, without logins."""
    return {(request.endpoint, request.path) for request in sandbox.requests if request.endpoint != "auth"}


class TestWhatIsAsked:
    def test_settled_events_cost_no_request(self, sandbox: Sandbox, warehouse: Warehouse) -> None:
        sandbox.clock.advance(YEARS)
        warehouse.load()
        sandbox.clear_requests()
        warehouse.load()
        assert {endpoint for endpoint, _ in asked(sandbox)} == {"airmeets"}

    def test_a_second_run_goes_on_from_the_cursor_unless_the_last_full_read_was_long_ago(
        self, sandbox: Sandbox, warehouse: Warehouse
    ) -> None:
        warehouse.load("utms", reread_hours=20)
        sandbox.clear_requests()
        warehouse.load("utms", reread_hours=20)
        requests = sandbox.requests.to("utms")
        assert requests
        assert all(
            "after" in request.query
            for request in requests
            if sandbox.world.records("utms", request.path.split("/")[-2])
        )
        sandbox.clock.advance(timedelta(hours=21))
        sandbox.clear_requests()
        warehouse.load("utms", reread_hours=20)
        firsts = {request.path for request in sandbox.requests.to("utms") if "after" not in request.query}
        assert firsts == {request.path for request in sandbox.requests.to("utms")}

    def test_a_forgotten_event_is_tried_settles_and_is_asked_again_when_its_status_changes(
        self, sandbox: Sandbox, warehouse: Warehouse
    ) -> None:
        sandbox.clock.advance(YEARS)
        forgotten = next(e for e in sandbox.world.events() if sandbox.world.phase(e) == "forgotten")
        warehouse.load("replay_attendance")
        assert [p for _, p in asked(sandbox) if forgotten in p]
        sandbox.clear_requests()
        warehouse.load("replay_attendance")
        assert not [p for _, p in asked(sandbox) if forgotten in p]
        sandbox.world.finish_event(forgotten)
        sandbox.world.add_replay(forgotten, 2)
        warehouse.load("replay_attendance")
        sql = f"SELECT count(*) FROM replay_attendance WHERE airmeet_id = '{forgotten}'"
        assert warehouse.query(sql) == [(len(sandbox.world.records("replay_attendance", forgotten)),)]


class TestWhatChanges:
    @pytest.fixture
    def event(self, sandbox: Sandbox) -> str:
        """An event that was over a few days ago."""
        return next(e for e in sandbox.world.events() if sandbox.world.phase(e) == "just_finished")

    def count(self, warehouse: Warehouse, table: str, event: str) -> int:
        return int(warehouse.query(f"SELECT count(*) FROM {table} WHERE airmeet_id = '{event}'")[0][0])

    def test_late_attendance_arrives_and_is_not_doubled_and_corrections_come_with_the_next_full_read(
        self, sandbox: Sandbox, warehouse: Warehouse, event: str
    ) -> None:
        sandbox.world.add_attendance("event_attendance", event, n=3, with_id=False)
        warehouse.load("event_attendance")
        sandbox.world.add_attendance("event_attendance", event, n=2, with_id=False)
        sandbox.world.add_attendance("event_attendance", event, n=3)
        for _ in range(2):
            warehouse.load("event_attendance")
            expected = len(sandbox.world.records("event_attendance", event))
            assert self.count(warehouse, "event_attendance", event) == expected

        row = sandbox.world.records("event_attendance", event)[0]
        sandbox.world.correct_attendance("event_attendance", event, which=0, time_spent="123456789")
        sandbox.clock.advance(DAY)
        warehouse.load("event_attendance")
        sql = f"SELECT time_spent FROM event_attendance WHERE airmeet_id = '{event}' AND id = {row['id']}"
        assert warehouse.query(sql) == [(123456789,)]

    def test_what_was_renamed_is_renamed_and_what_was_deleted_leaves_but_attendance_and_archived_events_stay(
        self, sandbox: Sandbox, warehouse: Warehouse, event: str
    ) -> None:
        renamed, deleted, *_ = sandbox.world.sessions(event)
        resources = ("airmeets", "sessions", "session_attendance", "participants")
        warehouse.load(*resources)
        attendance, people = (
            warehouse.rows("session_attendance"),
            self.count(warehouse, "participants", event),
        )
        sandbox.world.rename_session(renamed, "A better title")
        sandbox.world.delete_session(deleted)
        sandbox.world.remove_participant(event, 0)
        warehouse.load(*resources)
        sessions = dict(
            warehouse.query(f"SELECT session_id, name FROM sessions WHERE airmeet_id = '{event}'")
        )
        assert sessions[renamed] == "A better title"
        assert deleted not in sessions
        assert warehouse.rows("session_attendance") == attendance
        assert self.count(warehouse, "participants", event) == people - 1

        sandbox.world.archive_event(event)
        sandbox.clock.advance(DAY)
        warehouse.load("airmeets", "sessions")
        archived = warehouse.query(
            "SELECT airmeet_id FROM airmeets "
            "WHERE last_listed_at < (SELECT max(last_listed_at) FROM airmeets)"
        )
        assert archived == [(event,)]
        assert self.count(warehouse, "sessions", event) == len(sessions)

    def test_a_list_that_became_empty_empties_its_tables(
        self, sandbox: Sandbox, warehouse: Warehouse, event: str
    ) -> None:
        endpoints = ("booths", "custom_fields", "poll_responses")  # the first has a table of a nested list

        def of_others() -> list[Any]:
            count = "SELECT count(*) FROM {} WHERE airmeet_id <> '{}'"
            return [warehouse.query(count.format(endpoint, event)) for endpoint in endpoints]

        warehouse.load(*endpoints)
        others = of_others()
        assert all(self.count(warehouse, endpoint, event) for endpoint in endpoints)
        for endpoint in endpoints:
            sandbox.world.put(event, endpoint, [])
        warehouse.load(*endpoints)
        assert [self.count(warehouse, endpoint, event) for endpoint in endpoints] == [0] * len(endpoints)
        assert of_others() == others

    def test_a_list_that_cannot_be_read_to_its_end_replaces_nothing(
        self, sandbox: Sandbox, warehouse: Warehouse, event: str
    ) -> None:
        for number in range(60):
            sandbox.world.add_poll_response(event, question=f"Question {number}")
        warehouse.load("poll_responses")
        before = warehouse.rows("poll_responses")
        sandbox.world.put(event, "poll_responses", sandbox.world.records("poll_responses", event)[1:])
        sandbox.faults.add(faults.status(500), endpoint="poll_responses", path=event, skip=1)
        run = warehouse.load("poll_responses")
        assert [problem.outcome for problem in run.log.tally.problems] == ["failed"]
        assert warehouse.rows("poll_responses") == before
        sandbox.faults.clear()
        warehouse.load("poll_responses")
        assert warehouse.rows("poll_responses") != before


class TestSameAsOneFullLoad:
    """On each destination; tests/faults has many more histories on DuckDB."""

    DAYS = (2, 68, 200)  # between two runs
    # of the first four, there is one of each kind
    RESOURCES = (
        *("airmeets", "participants", "session_attendance", "tracks"),
        *("event_attendance", "poll_responses", "utms", "replay_attendance"),
    )

    def test_runs_over_a_moving_world(
        self, sandbox: Sandbox, tmp_path: Path, destination: Any, another_warehouse: NewWarehouse
    ) -> None:
        world = sandbox.world
        warehouse = Warehouse(tmp_path, sandbox, destination=destination)
        is_emulated = destination is not None and destination.destination_name == "bigquery"
        resources = self.RESOURCES[: 4 if is_emulated else None]
        for step, days in enumerate(self.DAYS):
            self.move_on(sandbox, world, step, days)
            warehouse.load(*resources)
        full = another_warehouse()
        full.load(*resources)
        tables = warehouse.tables()
        assert_same(tables, full.tables())
        assert [name for name, rows in tables.items() if not rows] == []

    def move_on(self, sandbox: Sandbox, world: World, step: int, days: int) -> None:
        """Some days in the life of a community; what is settled does not change any more."""
        sandbox.clock.advance(timedelta(days=days, hours=step))
        world.add_event(f"Announced late {step}", start=sandbox.clock.now() + DAY, people=5)
        for event in in_phase(sandbox, "upcoming", "live", "settling", "tail"):
            world.register(event, 2)
            world.remove_participant(event, 0)
        for event in in_phase(sandbox, "upcoming", "live", "settling"):
            world.rename_event(event, f"Renamed {step}")
            world.add_question(event, f"Question {step}?")
            world.add_poll_response(event)
            world.rename_session(world.sessions(event)[0], f"Session {step}")
            world.put(event, "tracks", [])


def in_phase(sandbox: Sandbox, *phases: Phase) -> list[str]:
    """The listed events that the connector takes to be in one of the phases."""
    settings, now = Settings(), sandbox.clock.now()
    events = [Event.of(record) for record in sandbox.world.records("airmeets")]
    return [event.airmeet_id for event in events if event and event.phase(now, settings) in phases]
