"""`airmeet erase` in Postgres and on the emulator of BigQuery."""

from typing import Any

import psycopg2
import pytest

from airmeet_sandbox import World
from tests.erase.conftest import ADA, ID, Erase, certificate, settle_in
from tests.support.cli import Cli
from tests.support.postgres_server import Databases

FEW = ("--resources", "event_attendance,poll_responses")


def test_in_postgres_rows_and_staging_rows_go_and_nobody_comes_back(
    erase: Erase, cli: Cli, world: World, postgres_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres_databases.new()
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", address)
    postgres = ("--destination", "postgres")
    event = settle_in(world)
    assert cli(*postgres, "--events", event, *FEW).code == 0

    told = certificate(erase(ADA, *postgres))

    assert told["rows"] == {"event_attendance": 2, "poll_responses": 1}
    assert told["staging_rows"] == {"event_attendance": 2, "poll_responses": 1}
    assert cli(*postgres, "--events", event, *FEW, "--full-refresh").code == 0
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        for dataset in ("airmeet_data", "airmeet_data_staging"):
            for table in told["rows"]:
                cursor.execute(
                    f"SELECT count(*) FROM {dataset}.{table} WHERE user_id = %s OR email ILIKE %s",
                    (ID, f"%{ADA}%"),
                )
                assert cursor.fetchone() == (0,), (dataset, table)
    connection.close()


def test_on_bigquerys_emulator_rows_go_and_nobody_comes_back(
    erase: Erase, cli: Cli, world: World, bigquery: Any
) -> None:
    assert bigquery
    place = ("--destination", "bigquery", "--dataset", "erase_data")
    few = (*place, "--events", settle_in(world), "--resources", "event_attendance")
    assert cli(*few).code == 0

    assert certificate(erase(ADA, *place))["rows"] == {"event_attendance": 2}
    assert cli(*few, "--full-refresh").code == 0
    assert certificate(erase(ADA, *place, "--dry-run"))["rows"] == {}
