"""DuckDB has the memory that a load package needs, and lets go of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest
from duckdb_memory import give_memory, let_go
from loading import build_pipeline, load, select
from options import parse
from warehouse import Warehouse

LIMIT = "SELECT current_setting('memory_limit')"
REPLACE = {"disposition": "merge", "strategy": "delete-insert"}


def test_a_package_that_replaces_very_many_rows_has_the_memory_it_needs(tmp_path: Path) -> None:
    """It failed with 128 MB, which all packages had: "Out of Memory Error: failed to pin block"."""
    texts = [f"event {n:032}" for n in range(200_000)]
    events = pa.table({"airmeet_id": texts, "name": texts, "description": [text * 10 for text in texts]})
    pipeline = build_pipeline(parse(["--pipelines-dir", str(tmp_path)]))
    for _ in range(2):
        give_memory(pipeline, events.nbytes)
        loaded = pipeline.run(
            events, table_name="events", write_disposition=REPLACE, primary_key="airmeet_id"
        )
        loaded.raise_on_failed_jobs()
    with pipeline.sql_client() as client:
        assert client.execute_sql("SELECT count(*) FROM events") == [(200_000,)]


def test_a_load_gives_its_package_memory_and_lets_go_of_it_before_the_file_is_closed(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    monkeypatch.setattr("loading.give_memory", lambda _, size: sizes.append(size))
    options = parse(["--pipelines-dir", str(tmp_path), "--resources", "participants"])
    pipeline, extraction = build_pipeline(options), warehouse.extraction()
    limits: list[str] = []

    @contextmanager
    def noting() -> Iterator[None]:
        with pipeline.sql_client() as client:
            limits.append(client.execute_sql(LIMIT)[0][0])
            yield
            limits.append(client.execute_sql(LIMIT)[0][0])

    load(pipeline, select(extraction, options), extraction, noting)
    assert sizes == [extraction.package_size]
    assert sizes[0] > 1_000
    assert limits == ["122.0 MiB", "61.0 MiB"]


def test_a_file_of_ones_own_has_settings_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", "mine.duckdb")
    pipeline = build_pipeline(parse(["--pipelines-dir", str(tmp_path)]))
    with pipeline.sql_client() as client:
        before = client.execute_sql(LIMIT)
        give_memory(pipeline, 0)
        let_go(pipeline)
        assert client.execute_sql(LIMIT) == before
    with pipeline.sql_client() as client:
        assert client.execute_sql(LIMIT) == before
