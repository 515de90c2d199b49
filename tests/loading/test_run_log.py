"""The tables about runs: how each ended, which columns came with it, and what of the log stays."""

from datetime import UTC, datetime, timedelta

import duckdb

from airmeet_sandbox import Sandbox
from tests.support.cli import Cli, FirstLoad, query

FEW = ("--resources", "airmeets,tracks")
NOW = datetime.now(UTC)
# of a unit: how its tries ended, how many days ago, and which of them tell its state
HISTORIES = {
    "reloaded": ([("loaded", 300), ("loaded", 200)], {200}),
    "stuck": ([("loaded", 300), ("failed", 290), ("pending", 280)], {300, 290, 280}),
    "stuck again": ([("failed", 300), ("loaded", 290), ("failed", 280)], {290, 280}),
    "refused": ([("loaded", 300), ("not_available", 290), ("failed", 280), ("failed", 10)], {300, 280, 10}),
    "well again": ([("failed", 300), ("loaded", 50), ("loaded", 40)], {50, 40}),
}


def enter_histories() -> None:
    rows = [
        ("tracks", "old", unit, outcome, NOW - timedelta(days=days), "")
        for unit, (tries, _) in HISTORIES.items()
        for outcome, days in tries
    ]
    columns = "resource, airmeet_id, entity_id, outcome, finished_at, _dlt_load_id"
    with duckdb.connect("airmeet.duckdb") as connection:
        connection.executemany(
            f"INSERT INTO airmeet_data.sync_log ({columns}) VALUES (?, ?, ?, ?, ?, ?)", rows
        )
        connection.execute("INSERT INTO airmeet_data.runs (finished_at) VALUES (now() - INTERVAL 200 DAY)")


def test_every_run_has_a_row_and_old_rows_go_unless_they_tell_the_state_of_a_unit(
    cli: Cli, loaded: FirstLoad, sandbox: Sandbox
) -> None:
    loaded(*FEW)
    enter_histories()
    sandbox.revoke_keys()
    assert cli(*FEW).code == 2
    assert cli(*FEW, "--check").code == 2

    runs = query("SELECT status, exit_code, error IS NULL, run_id FROM runs ORDER BY finished_at")
    assert [run[:3] for run in runs] == [("ok", 0, True), ("failed", 2, False)]
    assert query("SELECT DISTINCT run_id FROM sync_log WHERE run_id IS NOT NULL") == [(runs[0][3],)]
    left = query("SELECT entity_id, finished_at FROM sync_log WHERE airmeet_id = 'old'")
    days = {(unit, round((NOW - moment) / timedelta(days=1))) for unit, moment in left}
    assert days == {(unit, day) for unit, (_, kept) in HISTORIES.items() for day in kept}


def test_a_new_column_is_entered_once(cli: Cli, sandbox: Sandbox) -> None:
    event = sandbox.world.event_in("just_finished")
    tracks = sandbox.world.records("tracks", event)
    sandbox.world.put(event, "tracks", [{**track, "newField": 7} for track in tracks])

    for _ in range(2):
        assert cli(*FEW).code == 0

    changes = query("SELECT table_name, column_name, data_type FROM schema_changes")
    assert changes == [("tracks", "new_field", "bigint")]
