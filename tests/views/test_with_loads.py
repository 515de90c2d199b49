"""Views and descriptions as loads leave them."""

from pathlib import Path

import duckdb
import psycopg2
import pytest

from airmeet_source import load
from airmeet_source.model.table import all_columns
from airmeet_source.model.tables import TABLES
from airmeet_source.views.declarations import VIEWS
from tests.support.cli import Cli, FirstLoad, database, query
from tests.support.postgres_server import Databases

FEW = ("--resources", "airmeets,tracks,utms")


def test_a_load_makes_views_and_snapshots_have_them(cli: Cli, tmp_path: Path) -> None:
    assert cli(*FEW, "--publish", "dashboards.duckdb", views=True).code == 0

    counted = query("SELECT count(*) FROM airmeet_data_views.event_overview", "dashboards.duckdb")
    assert counted == query("SELECT count(*) FROM airmeets") == [(12,)]
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{tmp_path / 'dashboards.duckdb'}' AS another (READ_ONLY)")
        for view in VIEWS:
            connection.execute(f"SELECT * FROM another.airmeet_data_views.{view}").fetchall()


@pytest.mark.parametrize("is_command", [True, False])
def test_views_are_left_alone_where_they_are_not_wanted(cli: Cli, is_command: bool) -> None:
    if is_command:
        assert cli("--resources", "tracks", "--no-views", views=True).code == 0
    else:
        load(resources=["tracks"], views=False, pipelines_dir="p")

    assert query("SELECT count(*) FROM duckdb_views() WHERE schema_name LIKE '%views'") == [(0,)]


def test_a_view_that_cannot_be_made_changes_no_exit_code(cli: Cli, loaded: FirstLoad) -> None:
    loaded(*FEW)
    with duckdb.connect("airmeet.duckdb") as connection:
        connection.execute(
            "CREATE SCHEMA airmeet_data_views; CREATE TABLE airmeet_data_views.event_people (a INT)"
        )

    assert cli(*FEW, views=True).code == 0


def _declared(tables: set[str]) -> set[tuple[str, str, str]]:
    columns = {
        (table.name, column.name, column.description)
        for table in TABLES.values()
        for column in all_columns(table)
        if table.name in tables
    }
    return columns | {(name, "", TABLES[name].description) for name in tables}


def test_tables_and_columns_are_described_in_duckdb(loaded: FirstLoad) -> None:
    loaded(*FEW)

    with database() as connection:
        told = connection.execute(
            "SELECT table_name, column_name, comment FROM duckdb_columns() "
            "WHERE schema_name = 'airmeet_data' "
            "UNION ALL SELECT table_name, '', comment FROM duckdb_tables() WHERE schema_name = 'airmeet_data'"
        ).fetchall()
    assert set(told) >= _declared({"airmeets", "utms", "tracks", "sync_log", "runs"})


def test_tables_and_columns_are_described_in_postgres(
    cli: Cli, postgres_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres_databases.new()
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", address)

    assert cli(*FEW, "--destination", "postgres", views=True).code == 0

    connection = psycopg2.connect(address)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, coalesce(attname, ''), description "
            "FROM pg_description JOIN pg_class ON objoid = pg_class.oid "
            "LEFT JOIN pg_attribute ON attrelid = objoid AND attnum = objsubid AND objsubid > 0"
        )
        told = cursor.fetchall()
        cursor.execute("SELECT count(*) FROM airmeet_data_views.event_overview")
        assert cursor.fetchone() == (12,)
    connection.close()
    assert set(told) >= _declared({"airmeets", "utms", "tracks", "sync_log", "runs"})
