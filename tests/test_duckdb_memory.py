"""DuckDB has the memory that a load package needs, and lets go of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest
from duckdb_memory import MEGABYTE, MEMORY_TO_CLOSE, limit_duckdb, memory_to_merge
from loading import build_pipeline, load, select
from options import parse
from warehouse import Warehouse

REPLACE = {"disposition": "merge", "strategy": "delete-insert"}


def test_a_package_that_replaces_very_many_rows_has_the_memory_it_needs(tmp_path: Path) -> None:
    """It failed with 128 MB, which all packages had: "Out of Memory Error: failed to pin block"."""
    texts = [f"event {n:032}" for n in range(200_000)]
    events = pa.table({"airmeet_id": texts, "name": texts, "description": [text * 10 for text in texts]})
    pipeline = build_pipeline(parse(["--pipelines-dir", str(tmp_path)]))
    for _ in range(2):
        limit_duckdb(pipeline, memory_to_merge(events.nbytes))
        loaded = pipeline.run(
            events, table_name="events", write_disposition=REPLACE, primary_key="airmeet_id"
        )
        loaded.raise_on_failed_jobs()
    with pipeline.sql_client() as client:
        assert client.execute_sql("SELECT count(*) FROM events") == [(200_000,)]


def test_a_load_sets_the_limit_for_its_package_and_a_lower_one_to_close_the_file(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loading.memory_to_merge", lambda size: 100 * MEGABYTE + 1_000 * size)
    options = parse(["--pipelines-dir", str(tmp_path), "--resources", "participants"])
    pipeline, extraction = build_pipeline(options), warehouse.extraction()
    limits: list[str] = []

    @contextmanager
    def noting() -> Iterator[None]:
        with pipeline.sql_client() as client:
            setting = "SELECT current_setting('memory_limit')"
            limits.append(client.execute_sql(setting)[0][0])
            yield
            limits.append(client.execute_sql(setting)[0][0])

    load(pipeline, select(extraction, options), extraction, noting)
    merging = 100 * MEGABYTE + 1_000 * extraction.package_size
    assert extraction.package_size > 1_000
    assert limits == [mebibytes(merging), mebibytes(MEMORY_TO_CLOSE)]


def mebibytes(size: int) -> str:
    """As DuckDB tells a setting."""
    return f"{size // MEGABYTE * MEGABYTE / 2**20:.1f} MiB"


def test_a_file_of_ones_own_has_settings_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", "mine.duckdb")
    pipeline = build_pipeline(parse([]))
    with pipeline.sql_client() as client:
        before = client.execute_sql("SELECT current_setting('memory_limit')")
    limit_duckdb(pipeline, MEMORY_TO_CLOSE)
    with pipeline.sql_client() as client:
        assert client.execute_sql("SELECT current_setting('memory_limit')") == before
