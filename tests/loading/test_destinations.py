"""One behaviour on every destination: schemas, state and refusals.

That all of them hold the same rows, runs over a moving world compare: see test_increments.py.
"""

import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import dlt
import duckdb
import duckdb_extension_ducklake
import duckdb_extension_sqlite_scanner
import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from airmeet_sandbox import Sandbox
from airmeet_source.extract.hints import FROZEN_CONTRACT
from airmeet_source.extract.selection import Selection
from airmeet_source.model.columns import TIME_SPENT
from airmeet_source.model.tables import TABLES
from tests.support.bigquery_server import BigQueryServer
from tests.support.cli import Cli, query
from tests.support.warehouse import Warehouse

FEW = ("participants", "utms", "tracks")
on_duckdb = pytest.mark.parametrize("destination", ["DuckDB"], indirect=True)  # no code of the others


@pytest.fixture
def warehouse(tmp_path: Path, sandbox: Sandbox, destination: Any) -> Warehouse:
    """An empty warehouse on each destination in turn."""
    return Warehouse(tmp_path, sandbox, destination=destination)


@pytest.fixture
def event(sandbox: Sandbox) -> str:
    """An event that has tracks and is asked for them again."""
    world = sandbox.world
    fresh = [event for event in world.events() if world.phase(event) in ("running", "just_finished")]
    return next(event for event in fresh if world.records("tracks", event))


def test_a_community_without_data_has_every_table_without_rows(
    sandbox: Sandbox, warehouse: Warehouse
) -> None:
    for event in sandbox.world.events():
        sandbox.world.archive_event(event)
    for _ in range(2):
        warehouse.load("airmeets", "tracks")
        found = warehouse.tables()
        assert set(found) == {"airmeets", "tracks", "track_sessions"}
        assert not any(found.values())


@on_duckdb  # on the others: test_leftovers.py
def test_state_comes_back_from_the_destination_on_a_fresh_machine_which_finds_nothing_to_do(
    sandbox: Sandbox, warehouse: Warehouse
) -> None:
    sandbox.clock.advance(timedelta(days=3650))
    warehouse.load(*FEW)
    before = warehouse.tables()
    shutil.rmtree(warehouse.folder / "pipelines")
    sandbox.clear_requests()
    warehouse.load(*FEW)
    assert {request.endpoint for request in sandbox.requests} == {"auth", "airmeets"}
    assert warehouse.tables() == before
    assert warehouse.query("SELECT count(DISTINCT _dlt_load_id) FROM sync_log") == [(1,)]


@pytest.mark.parametrize("destination", ["Postgres"], indirect=True)  # DuckDB: test_answers_that_lie.py
def test_a_full_refresh_replaces_and_never_doubles(
    sandbox: Sandbox, warehouse: Warehouse, event: str
) -> None:
    some = ("utms", "tracks")  # replaced by key, and by event
    warehouse.load(*some)
    before = warehouse.tables()
    sandbox.world.put(event, "tracks", [])
    warehouse.load(*some, selection=Selection(full_refresh=True))
    after = warehouse.tables()
    assert len(after["tracks"]) < len(before["tracks"])
    assert {**after, "tracks": 0, "track_sessions": 0} == {**before, "tracks": 0, "track_sessions": 0}


# on DuckDB: test_source.py; on BigQuery fields come and go in test_hostile_records.py
@pytest.mark.parametrize("destination", ["Postgres"], indirect=True)
def test_new_fields_become_columns_and_new_resources_tables(
    sandbox: Sandbox, warehouse: Warehouse, event: str
) -> None:
    warehouse.load("tracks")
    assert set(warehouse.tables()) == {"tracks", "track_sessions"}
    tracks = sandbox.world.records("tracks", event)
    fields = {"isOpen": True, "seats": 12, "score": 1.5, "room": "blue", "layout": {"rows": [1, 2]}}
    sandbox.world.put(event, "tracks", [{**track, **fields} for track in tracks])
    warehouse.load("tracks", "custom_fields")
    asked = "SELECT DISTINCT is_open, seats, score, room, layout FROM tracks WHERE seats IS NOT NULL"
    assert warehouse.query(asked) == [(True, 12, 1.5, "blue", '{"rows": [1, 2]}')]
    assert warehouse.tables()["custom_fields"]


@on_duckdb
class TestSchemaContract:
    def load_frozen(self, warehouse: Warehouse) -> None:
        """A run as --schema-contract freeze makes it."""
        warehouse.load("tracks", schema_contract=FROZEN_CONTRACT)

    def test_frozen_columns_refuse_a_new_field_and_keep_the_rows_and_an_odd_value_is_none(
        self, sandbox: Sandbox, warehouse: Warehouse, event: str
    ) -> None:
        warehouse.load("tracks")
        tracks = sandbox.world.records("tracks", event)
        sandbox.world.put(event, "tracks", [{**track, "track_order": "first"} for track in tracks])
        self.load_frozen(warehouse)
        odd = warehouse.query("SELECT DISTINCT _unparsed FROM tracks WHERE _unparsed IS NOT NULL")
        assert odd == [('{"track_order": "first"}',)]

        before = warehouse.tables()
        tracks = sandbox.world.records("tracks", event)
        sandbox.world.put(event, "tracks", [{**track, "room": "blue"} for track in tracks])
        with pytest.raises(PipelineStepFailed, match="`columns` are frozen"):
            self.load_frozen(warehouse)
        warehouse.pipeline.abort_packages()
        assert warehouse.tables() == before


def test_the_command_line_says_which_field_is_refused(cli: Cli, sandbox: Sandbox, event: str) -> None:
    assert cli("--resources", "tracks", "--schema-contract", "freeze").code == 0
    tracks = sandbox.world.records("tracks", event)
    sandbox.world.put(event, "tracks", [{**track, "meetingRoom": "blue"} for track in tracks])
    result = cli("--resources", "tracks", "--schema-contract", "freeze", "--full-refresh")
    assert result.code == 1
    assert "meeting_room" in result.err
    assert "tracks" in result.err
    assert "--schema-contract evolve" in result.err
    assert cli("--resources", "tracks", "--schema-contract", "evolve", "--full-refresh").code == 0
    assert query("SELECT DISTINCT meeting_room FROM tracks WHERE meeting_room IS NOT NULL") == [("blue",)]


def test_on_bigquery_tables_are_clustered_and_described_and_rows_replaced_in_one_transaction(
    sandbox: Sandbox, tmp_path: Path, bigquery: Any, bigquery_server: BigQueryServer
) -> None:
    """The emulator knows no transactions, so what it was sent is read."""
    warehouse = Warehouse(tmp_path, sandbox, destination=bigquery)
    warehouse.load("participants", "event_attendance")
    statements = bigquery_server.statements(warehouse.dataset)

    for name in ("participants", "participant_custom_fields", "event_attendance", "sync_log"):
        table, moment = bigquery_server.table(warehouse.dataset, name), TABLES[name].partition
        assert table["clustering"] == {"fields": ["airmeet_id"]}
        assert table.get("timePartitioning") == (moment and {"type": "MONTH", "field": moment})

    name = f"`{warehouse.dataset}`.`event_attendance`"
    [created] = [sql for sql in statements if sql.startswith("CREATE TABLE") and name in sql]
    assert f"description='{TIME_SPENT.description}'" in created
    assert f"OPTIONS (description='{TABLES['event_attendance'].description}'" in created

    deletes = [sql for sql in statements if f"DELETE FROM `test-project`.`{warehouse.dataset}`" in sql]
    assert deletes
    assert all(re.search(r";\s*(INSERT|MERGE) INTO", sql) for sql in deletes)
    begun = statements.count("BEGIN TRANSACTION")
    assert begun >= len(deletes)
    assert begun == sum(sql.startswith("COMMIT TRANSACTION") for sql in statements)


class TestDuckLake:
    """Parquet files in a folder or bucket, which many may read while a load writes."""

    @pytest.fixture
    def lake(self, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
        """An empty lake; its extensions come from wheels instead of from DuckDB's server."""
        monkeypatch.setenv("HOME", str(tmp_path))  # DuckDB keeps extensions there
        connect = duckdb.connect

        def trusting(*, config: dict[str, Any], **options: Any) -> duckdb.DuckDBPyConnection:
            return connect(config={**config, "allow_unsigned_extensions": "true"}, **options)

        # to verify their signatures takes each of the fifty connections half a second
        monkeypatch.setattr(duckdb, "connect", trusting)
        for package in (duckdb_extension_ducklake, duckdb_extension_sqlite_scanner):
            [file] = Path(package.__file__).parent.rglob("*.duckdb_extension")
            duckdb.execute(f"INSTALL '{file}'")
        return Warehouse(tmp_path, sandbox, destination=dlt.destinations.ducklake(supports_transactions=True))

    def test_a_lake_holds_the_same_rows_and_is_read_during_a_load(
        self, sandbox: Sandbox, tmp_path: Path, lake: Warehouse, event: str
    ) -> None:
        on_duckdb = Warehouse(tmp_path, sandbox)
        on_duckdb.load("utms", "tracks")
        lake.load("utms", "tracks")
        assert lake.tables() == on_duckdb.tables()
        sandbox.world.put(event, "tracks", [])
        on_duckdb.load("tracks")
        with lake.pipeline.sql_client() as reader:
            before = reader.execute_sql("SELECT count(*) FROM tracks")
            lake.load("tracks")
            assert reader.execute_sql("SELECT count(*) FROM tracks") != before
        assert lake.tables() == on_duckdb.tables()
