"""The DuckDB file: the memory that a load package needs, its format, and how often it is opened."""

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dlt
import duckdb
import pyarrow as pa
import pytest
from dlt.common.schema.typing import TDeleteInsertStrategyDict

from airmeet_source.loading.clients import Clients
from airmeet_source.loading.destinations import Target, build_pipeline
from airmeet_source.loading.duckdb import DuckDbMemory, held
from airmeet_source.loading.locking import Locks
from airmeet_source.loading.packages import load_packages
from airmeet_source.source import airmeet_from
from tests.support.cli import Cli, FirstLoad
from tests.support.small_blocks import use_blocks_of_the_size_that_users_have
from tests.support.warehouse import Warehouse

FORMAT = "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = current_database()"
LIMIT = "SELECT current_setting('memory_limit')"
REPLACE: TDeleteInsertStrategyDict = {"disposition": "merge", "strategy": "delete-insert"}


@pytest.fixture(autouse=True)
def _blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    use_blocks_of_the_size_that_users_have(monkeypatch)


class Unlocked(Locks):
    """Nobody else is there: the file is open for as long as it is held."""

    def __init__(self, pipeline: dlt.Pipeline) -> None:
        self._client = pipeline.sql_client()

    def only_run(self) -> AbstractContextManager[None]:
        return nullcontext()

    def hold(self) -> AbstractContextManager[None]:
        return held(self._client, 0)


def events_source(rows: pa.Table) -> dlt.sources.DltSource:
    events = dlt.resource([rows], name="events", write_disposition=REPLACE, primary_key="airmeet_id")
    return dlt.sources.DltSource(dlt.Schema("events"), "events", [events])


def load_events(pipeline: dlt.Pipeline, rows: pa.Table) -> None:
    package = SimpleNamespace(size=rows.nbytes, rows={}, loaded=0)
    of_one_package: Any = SimpleNamespace(is_finished=lambda: True, package=package)
    load_packages(
        Clients(pipeline),
        events_source(rows),
        of_one_package,
        Unlocked(pipeline),
        lambda: None,
    )


def test_a_package_that_replaces_very_many_rows_has_the_memory_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It failed with 128 MB, which all packages had: "Out of Memory Error: failed to pin block"."""
    monkeypatch.setattr(DuckDbMemory, "give_more", lambda *_: False)
    texts = [f"event {n:032}" for n in range(200_000)]
    events = pa.table({"airmeet_id": texts, "name": texts, "description": [text * 10 for text in texts]})
    pipeline = build_pipeline(Target(pipelines_dir=tmp_path))
    for _ in range(2):
        load_events(pipeline, events)
    with pipeline.sql_client() as client:
        assert client.execute_sql("SELECT count(*) FROM events") == [(200_000,)]


def test_a_table_of_very_many_columns_has_the_memory_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It failed in every run: "Failed to commit: could not allocate block of size 256.0 KiB"."""
    monkeypatch.setattr(DuckDbMemory, "give_more", lambda *_: False)
    names = {f"column_{number}": [number] for number in range(400)}
    pipeline = build_pipeline(Target(pipelines_dir=tmp_path))
    for _ in range(2):
        load_events(pipeline, pa.table({"airmeet_id": ["e"], **names}))
    with pipeline.sql_client() as client:
        assert client.execute_sql("SELECT count(*), sum(column_399) FROM events") == [(1, 399)]


def test_a_load_gives_the_memory_for_what_was_extracted(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(DuckDbMemory, "give", lambda _, size: sizes.append(size))
    pipeline, extraction = build_pipeline(Target(pipelines_dir=tmp_path)), warehouse.extraction()
    source = airmeet_from(extraction).with_resources("participants", "sync_log")
    load_packages(Clients(pipeline), source, extraction, Unlocked(pipeline), lambda: None)
    assert sizes == [extraction.package.size]
    assert sizes[0] > 1_000


def test_rows_all_over_a_large_table_are_replaced_with_more_memory(tmp_path: Path) -> None:
    """They failed in every run: what DuckDB needs for them grows with the table, not with the package."""
    pipeline = build_pipeline(Target(pipelines_dir=tmp_path))
    load_events(pipeline, pa.table({"airmeet_id": [-1]}))
    rows = 12_000_000
    with pipeline.sql_client() as client:
        client.execute_sql(f"INSERT INTO events SELECT range FROM range({rows})")
    here_and_there = pa.table({"airmeet_id": range(0, rows, 200)})
    load_events(pipeline, here_and_there)
    with pipeline.sql_client() as client:
        assert client.execute_sql("SELECT count(*), sum(airmeet_id) FROM events") == [
            (rows + 1, rows * (rows - 1) // 2 - 1)
        ]
        assert client.execute_sql(LIMIT) == [("366.2 MiB",)]  # four times the 96 MB that a small package has


def test_more_memory_has_an_end_and_helps_against_nothing_else(tmp_path: Path) -> None:
    pipeline = build_pipeline(Target(pipelines_dir=tmp_path))
    memory = DuckDbMemory(pipeline)
    assert not memory.give_more(duckdb.IOException("IO Error: disk full"))
    short = "TransactionContext Error: Failed to commit: could not allocate block of size 256.0 KiB"
    assert memory.give_more(duckdb.TransactionException(short))
    while memory.give_more(duckdb.OutOfMemoryException("Out of Memory Error: failed to pin block")):
        pass
    with pipeline.sql_client() as client:
        assert client.execute_sql(LIMIT) == [("3.7 GiB",)]


def test_a_file_of_ones_own_has_settings_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", "mine.duckdb")
    pipeline = build_pipeline(Target(pipelines_dir=tmp_path))
    with pipeline.sql_client() as client:
        before = client.execute_sql(LIMIT)
    memory = DuckDbMemory(pipeline)
    memory.give(0)
    assert not memory.give_more(duckdb.OutOfMemoryException("Out of Memory Error"))
    with pipeline.sql_client() as client:
        assert client.execute_sql(LIMIT) == before


@pytest.mark.parametrize(("own", "version"), [("", "v1.4.0+"), ("mine.duckdb", "v1.0.0+")])
def test_a_new_file_is_in_the_format_of_the_oldest_version_that_we_need(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: str, version: str
) -> None:
    if own:  # then DuckDB's own defaults apply
        monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", own)
    client = build_pipeline(Target(pipelines_dir=tmp_path)).sql_client()
    with held(client, 0):
        assert client.execute_sql(FORMAT) == [(version,)]


def test_a_run_opens_the_file_to_look_and_once_more_to_write(
    loaded: FirstLoad, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded()
    opened: list[str] = []
    connect = duckdb.connect

    def counted(database: str, *arguments: Any, **named: Any) -> duckdb.DuckDBPyConnection:
        opened.append(Path(database).name)
        return connect(database, *arguments, **named)

    monkeypatch.setattr(duckdb, "connect", counted)
    assert cli("--publish", "snapshot.duckdb").code == 0
    assert opened == ["airmeet.duckdb"] * 2
