"""A database to load a sandbox's events into, and to compare: a DuckDB file, or any other destination."""

import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import dlt
from dlt.common.schema.typing import TSchemaContract
from dlt.destinations.sql_client import SqlClientBase

from airmeet_sandbox import Sandbox
from airmeet_source.extract.extraction import Extraction
from airmeet_source.extract.hints import CONTRACT
from airmeet_source.extract.package import Checkpoint
from airmeet_source.extract.selection import Selection
from airmeet_source.loading.destinations import resolve_once
from airmeet_source.settings import resolve_settings
from airmeet_source.source import airmeet_from

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
VOLATILE = {"_dlt_load_id", "last_listed_at", "link_fetched_at", "link_expires_at"}
QUICK = {"pending_wait": 0.05, "pending_timeout": 10.0, "backoff": 0.01, "max_attempts": 3}

Rows = Counter[tuple[tuple[str, Any], ...]]


@dataclass
class Warehouse:
    """A database that a pipeline loads a sandbox's events into, with the sandbox's clock for a clock."""

    folder: Path
    sandbox: Sandbox
    settings: dict[str, Any] = field(default_factory=dict)
    name: str = field(default_factory=lambda: f"airmeet_{uuid.uuid4().hex[:8]}")
    believes_digests: bool = False  # as `load()` does where the rows are there
    destination: Any = None  # of dlt; otherwise a DuckDB file in the folder

    @property
    def dataset(self) -> str:
        """Nobody else's, wherever the destination is."""
        return f"data_{self.name}"

    @property
    def pipeline(self) -> dlt.Pipeline:
        """The pipeline; on a folder without its working files it restores its state from the file."""
        return self._pipeline_to(self._resolved)

    @cached_property
    def _resolved(self) -> Any:
        """The destination, which looks for its configuration once, as that of the command line does."""
        destination = self.destination or self._duckdb_file()
        resolve_once(self._pipeline_to(destination))
        return destination

    def _pipeline_to(self, destination: Any) -> dlt.Pipeline:
        return dlt.pipeline(
            self.name,
            destination=destination,
            dataset_name=self.dataset,
            pipelines_dir=str(self.folder / "pipelines"),
        )

    def _duckdb_file(self) -> Any:
        file = str(self.folder / f"{self.name}.duckdb")
        return dlt.destinations.duckdb(file, supports_transactions=True)

    def load(
        self,
        *resources: str,
        selection: Selection | None = None,
        checkpoint: Checkpoint | None = None,
        schema_contract: TSchemaContract = CONTRACT,
        **settings: Any,
    ) -> Extraction:
        """One run; all resources unless some are named."""
        extraction = self.extraction(selection, checkpoint, **settings)
        source = airmeet_from(extraction)
        if resources:
            source = source.with_resources(*resources, "sync_log")
        source.schema_contract = schema_contract
        pipeline = self.pipeline
        with self._reader if self.destination is None else nullcontext():  # or each step opens the file anew
            try:
                while not extraction.is_finished():
                    pipeline.run(source).raise_on_failed_jobs()
            finally:
                extraction.close()
        return extraction

    def extraction(
        self, selection: Selection | None = None, checkpoint: Checkpoint | None = None, **settings: Any
    ) -> Extraction:
        """What a run is made of, not yet started."""
        resolved = resolve_settings(
            access_key=self.sandbox.access_key,
            secret_key=self.sandbox.secret_key,
            **{"base_url": self.sandbox.base_url, **QUICK, **self.settings, **settings},
        )
        made = Extraction(resolved, selection, self.sandbox.clock.now, checkpoint)
        made.believes_digests = self.believes_digests
        return made

    @cached_property
    def _reader(self) -> SqlClientBase[Any]:
        """What queries go through: making one costs ten times as much as a query."""
        return self.pipeline.sql_client()

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows of a query, tables named without their dataset."""
        with self._reader as client:
            return [tuple(row) for row in client.execute_sql(sql) or []]

    def tables(self) -> dict[str, Rows]:
        """Every table but the log as a multiset of rows, without what changes with each load."""
        with self._reader as client:
            names = [name for (name,) in client.execute_sql(self._catalogue()) or []]
            return {n: _rows(client, n) for n in names if not n.startswith("_dlt") and n != "sync_log"}

    def _catalogue(self) -> str:
        if self._reader.capabilities.sqlglot_dialect == "bigquery":
            return f"SELECT table_name FROM {self.dataset}.INFORMATION_SCHEMA.TABLES"
        return f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{self.dataset}'"

    def rows(self, table: str) -> Rows:
        """A table as a multiset of rows; null columns say nothing, so a column that is missing is one."""
        with self._reader as client:
            return _rows(client, table)


NewWarehouse = Callable[[], Warehouse]


def assert_same(left: dict[str, Rows], right: dict[str, Rows]) -> None:
    """Compare two warehouses table by table, and name the tables that differ."""
    differing = {name for name in left | right if left.get(name) != right.get(name)}
    details = {name: (left[name] - right[name], right[name] - left[name]) for name in sorted(differing)}
    assert not differing, details


def _rows(client: SqlClientBase[Any], table: str) -> Rows:
    everything = f"SELECT * FROM {client.make_qualified_table_name(table)}"
    with client.execute_query(everything) as cursor:
        names = [column[0] for column in cursor.description]
        return Counter(_told(names, tuple(row)) for row in cursor.fetchall())


def _told(names: list[str], row: tuple[Any, ...]) -> tuple[tuple[str, Any], ...]:
    values = zip(names, row, strict=True)
    return tuple(
        sorted((name, value) for name, value in values if value is not None and name not in VOLATILE)
    )
