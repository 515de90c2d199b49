"""What did not change is not written, what changes slowly is not asked for, and what is gone comes back."""

import re
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dlt
import duckdb
import pytest

from airmeet_sandbox import Sandbox, World, faults
from airmeet_source import Report, load
from airmeet_source.extract.lifecycle import Event
from airmeet_source.settings import Settings
from tests.support.bigquery_server import BigQueryServer
from tests.support.cli import ABOUT_RUNS, database, query, tables
from tests.support.warehouse import QUICK

Load = Callable[..., Report]
ALWAYS_WRITTEN = {"airmeets", "sync_log"}
EMPTY_TABLES = r"(SELECT '\w+' AS held, count\(\*\) AS rows_held FROM `[\w-]+`\.`\w+`\.`\w+`( UNION ALL )?)+"
NEWEST_RUN = "run_id = (SELECT max_by(run_id, finished_at) FROM sync_log)"
NEWEST_LOAD = "_dlt_load_id = (SELECT max(_dlt_load_id) FROM sync_log)"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A few events of today, in all phases of life."""
    with Sandbox(World(seed=7, events=12, people=4)) as running:
        yield running


@pytest.fixture
def run(sandbox: Sandbox, tmp_path: Path) -> Load:
    """`load` from the sandbox, without views."""
    arguments: dict[str, Any] = {
        "access_key": sandbox.access_key,
        "secret_key": sandbox.secret_key,
        "base_url": sandbox.base_url,
        "pipelines_dir": tmp_path / "pipelines",
        "views": False,
        "tail_hours": 0,
        **QUICK,
    }
    return lambda **more: load(**{**arguments, **more})


def contents() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the tables about events, with the load that each came with."""
    names = sorted(tables() - ALWAYS_WRITTEN - set(ABOUT_RUNS))
    with database() as connection:
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in names}


def written(report: Report) -> set[str]:
    return {table for table, rows in report.rows.items() if rows}


def delete(condition: str, *names: str) -> None:
    with duckdb.connect("airmeet.duckdb") as connection:
        for name in names:
            connection.execute(f"DELETE FROM airmeet_data.{name} WHERE {condition}")


def asked(sandbox: Sandbox) -> set[tuple[str, str]]:
    """What was asked for since the log was cleared: endpoint and path."""
    return {(request.endpoint, request.path) for request in sandbox.requests}


def test_a_run_in_which_nothing_changed_asks_for_what_is_due_and_writes_nothing_of_the_events(
    run: Load, sandbox: Sandbox
) -> None:
    first = run()
    asked_first = asked(sandbox)
    sandbox.clear_requests()
    before = contents()
    quiet = run(reread_hours=0)
    assert asked(sandbox) < asked_first
    long_over = [event for event in sandbox.world.events() if sandbox.world.phase(event) == "long_over"]
    assert long_over
    assert not [path for _, path in asked(sandbox) for event in long_over if event in path]
    assert written(first) > ALWAYS_WRITTEN
    assert written(quiet) == ALWAYS_WRITTEN
    assert contents() == before
    assert query(f"SELECT DISTINCT resource FROM sync_log WHERE {NEWEST_RUN} AND written") == [("airmeets",)]


def test_only_what_changed_of_the_lists_that_changed_is_written(run: Load, sandbox: Sandbox) -> None:
    world, event = sandbox.world, sandbox.world.event_in("just_finished")
    few: dict[str, Any] = {
        "resources": ("airmeets", "participants", "event_attendance", "poll_responses", "tracks", "utms"),
        "events": [event, world.event_in("live")],
    }
    run(**few)
    before = contents()
    world.add_poll_response(event)
    world.add_attendance("event_attendance", event, n=1)
    world.update_participant(event, 0, city="Elsewhere")
    world.remove_participant(event, 1)
    changed = {"poll_responses": 1, "event_attendance": 1, "participants": 1, "participant_custom_fields": 0}
    assert written(run(**few)) - ALWAYS_WRITTEN == changed.keys()
    after = contents()
    for table, rows in changed.items():
        assert query(f"SELECT count(*) FROM {table} WHERE {NEWEST_LOAD}") == [(rows,)], table
        kept = Counter(after[table]) & Counter(before[table])
        assert kept.total() == len(after[table]) - rows, table
    assert len(after["participants"]) == len(before["participants"]) - 1
    assert len(after["participant_custom_fields"]) < len(before["participant_custom_fields"])
    assert written(run(**few, reread_hours=0)) == ALWAYS_WRITTEN


def test_of_a_list_by_key_that_is_read_again_only_what_came_at_its_end_is_written(
    run: Load, sandbox: Sandbox
) -> None:
    event = sandbox.world.event_in("just_finished")
    few = {"resources": ("airmeets", "event_attendance", "utms"), "events": [event], "reread_hours": 0}
    run(**few)
    before = contents()
    sandbox.world.add_attendance("event_attendance", event, n=60)  # more than a page
    sandbox.world.add_utm(event)
    run(**few)
    after = contents()
    for table, rows in {"event_attendance": 60, "utms": 1}.items():
        assert query(f"SELECT count(*) FROM {table} WHERE {NEWEST_LOAD}") == [(rows,)], table
        read = query(f"SELECT rows FROM sync_log WHERE {NEWEST_RUN} AND resource = '{table}'")
        assert read == [(len(after[table]),)], table
        assert (Counter(after[table]) & Counter(before[table])).total() == len(before[table])
    sandbox.world.correct_attendance("event_attendance", event, which=0, time_spent="7")
    sandbox.world.add_attendance("event_attendance", event, n=1)
    run(**few)
    assert query("SELECT count(*) FROM event_attendance WHERE time_spent = 7") == [(1,)]
    assert written(run(**few)) == ALWAYS_WRITTEN


def test_rows_that_somebody_deleted_come_back(run: Load, sandbox: Sandbox) -> None:
    event = sandbox.world.event_in("just_finished")
    few: dict[str, Any] = {
        "resources": (
            "airmeets",
            "participants",
            "sessions",
            "event_attendance",
            "booths",
            "session_attendance",
        ),
        "events": [event, sandbox.world.event_in("live")],
    }
    run(**few)
    before = contents()
    delete(f"airmeet_id = '{event}'", "participants", "sessions", "event_attendance", "booth_tags")
    [(session,)] = query(f"SELECT max(session_id) FROM session_attendance WHERE airmeet_id = '{event}'")
    delete(f"session_id = '{session}'", "session_attendance")
    assert written(run(**few)) >= {
        "participants",
        "sessions",
        "event_attendance",
        "booth_tags",
        "session_attendance",
    }
    after = contents()
    for table, rows in before.items():
        assert Counter(row[:-1] for row in after[table]) == Counter(row[:-1] for row in rows), table


def test_rows_of_a_list_that_failed_are_put_right_by_the_next_full_read(run: Load, sandbox: Sandbox) -> None:
    event = sandbox.world.event_in("just_finished")
    few = {"resources": ("airmeets", "event_attendance"), "events": [event], "reread_hours": 0}
    run(**few)
    before = contents()
    wrong = {**sandbox.world.records("event_attendance", event)[0], "time_spent": "7"}
    lie = {"cursors": {"totalCount": 40}, "data": [wrong]}
    sandbox.faults.add(faults.body(lie), endpoint="event_attendance", path=event)
    assert run(**few).exit_code == 3
    assert query("SELECT count(*) FROM event_attendance WHERE time_spent = 7") == [(1,)]
    sandbox.faults.clear()
    assert run(**few).exit_code == 0
    after = contents()
    assert [row[:-1] for row in after["event_attendance"]] == [row[:-1] for row in before["event_attendance"]]


def test_what_changes_slowly_is_asked_for_once_in_tail_hours(run: Load, sandbox: Sandbox) -> None:
    listed = filter(None, map(Event.of, sandbox.world.records("airmeets")))
    phases = {event.airmeet_id: event.phase(sandbox.clock.now(), Settings()) for event in listed}
    asked = f"SELECT DISTINCT airmeet_id FROM sync_log WHERE {NEWEST_RUN} AND airmeet_id IS NOT NULL"
    some = [next(event for event in phases if phases[event] == phase) for phase in ("tail", "settling")]
    few = {"resources": ("airmeets", "participants", "session_attendance"), "events": some}
    run(**few)
    for tail_hours, is_asked in ((20, False), (0, True), (20, False)):
        run(**few, tail_hours=tail_hours)
        assert ("tail" in {phases[event] for (event,) in query(asked)}) is is_asked


@pytest.mark.parametrize("name", ["postgres", "bigquery"])
def test_on_other_destinations_what_did_not_change_stays_and_what_is_gone_comes_back_as_well(
    run: Load,
    sandbox: Sandbox,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    bigquery_server: BigQueryServer,
    name: str,
) -> None:
    there = request.getfixturevalue(name)
    if name == "postgres":
        monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", str(there.config_params["credentials"]))
    event, dataset = sandbox.world.event_in("just_finished"), f"quiet_{uuid.uuid4().hex[:8]}"
    few: dict[str, Any] = {
        "destination": name, "dataset_name": dataset, "events": [event],
        "resources": ("airmeets", "poll_responses", "participants", "questions"),
    }  # fmt: skip
    first = run(**few)
    about_events = first.rows.keys() - ALWAYS_WRITTEN
    assert len(about_events) == 4

    def merged() -> bool:  # row by row
        return any("MERGE INTO" in sql for sql in bigquery_server.statements(dataset))

    assert not merged()

    sent = len(bigquery_server.statements(dataset))
    assert written(run(**few, reread_hours=0)) == ALWAYS_WRITTEN
    if name == "bigquery":  # but for the question which tables are empty, which reads no column: for nothing
        statements = bigquery_server.statements(dataset)[sent:]
        touching = [sql for sql in statements if any(f".`{table}`" in sql for table in about_events)]
        assert touching
        assert all(re.fullmatch(EMPTY_TABLES, sql) for sql in touching), touching

    sandbox.world.add_poll_response(event)
    sandbox.world.update_participant(event, 0, city="Elsewhere")
    sandbox.world.remove_participant(event, 1)
    with dlt.pipeline("changed", destination=there, dataset_name=dataset).sql_client() as client:
        questions = client.make_qualified_table_name("questions")
        client.execute_sql(f"DELETE FROM {questions} WHERE true")
        run(**few)

        def loads(table: str) -> list[int]:
            name = client.make_qualified_table_name(table)
            counts = f"SELECT count(*) FROM {name} GROUP BY _dlt_load_id ORDER BY _dlt_load_id"
            return [int(count) for (count,) in client.execute_sql(counts) or ()]

        assert loads("participants") == [len(sandbox.world.records("participants", event)) - 1, 1]
        assert loads("poll_responses")[1:] == [1]
        assert loads("questions") == [first.rows["questions"]]
        assert merged() == (name == "bigquery")
