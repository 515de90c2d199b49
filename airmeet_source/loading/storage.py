"""What the destination really has: tables and columns, of the dataset and of its staging dataset."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import dlt
from dlt.common.schema.typing import TTableSchemaColumns
from dlt.destinations.job_client_impl import SqlJobClientBase, SqlJobClientWithStagingDataset

from airmeet_source.loading.clients import Clients
from airmeet_source.loading.duckdb import duckdb_file, is_duckdb
from airmeet_source.loading.failures import opening
from airmeet_source.model.tables import TABLES

Columns = Mapping[str, TTableSchemaColumns]  # by table; tables that are not there have no entry

LOADS, VERSIONS, STATES = "_dlt_loads", "_dlt_version", "_dlt_pipeline_state"

# dlt's own tables, and the columns without which they cannot be read or written
BOOKKEEPING: dict[str, frozenset[str]] = {
    name: frozenset(columns.split())
    for name, columns in {
        LOADS: "load_id schema_name status inserted_at schema_version_hash",
        VERSIONS: "version engine_version inserted_at schema_name version_hash schema",
        STATES: "version engine_version pipeline_name state created_at version_hash _dlt_load_id _dlt_id",
    }.items()
}


@dataclass(frozen=True, kw_only=True)
class Storage:
    """Our tables and dlt's, as the destination has them."""

    tables: Columns
    staging: Columns

    def has(self, *bookkeeping: str) -> bool:
        """Whether tables of dlt are there, with all their columns."""
        return all(BOOKKEEPING[name] <= self.tables.get(name, {}).keys() for name in bookkeeping)

    def without(self, names: Iterable[str]) -> "Storage":
        """The same once tables are gone from the dataset."""
        gone = set(names)
        left = {name: columns for name, columns in self.tables.items() if name not in gone}
        return Storage(tables=left, staging=self.staging)


def has_database(pipeline: dlt.Pipeline) -> bool:
    """Whether there is a database to look into; DuckDB would create its file."""
    return not is_duckdb(pipeline) or duckdb_file(pipeline).exists()


def read_storage(clients: Clients) -> Storage:
    """Look into the destination.

    Raises:
        AirmeetError: it cannot be opened.
    """
    with opening(), clients.opened() as client:
        tables = _columns(client, [*TABLES, *BOOKKEEPING])
        staging: Columns = {}
        if isinstance(client, SqlJobClientWithStagingDataset):
            with client.with_staging_dataset():
                staging = _columns(client, [*TABLES, VERSIONS])
    return Storage(tables=tables, staging=staging)


def read_tables(clients: Clients, names: Iterable[str]) -> Columns:
    """The columns that some tables of the dataset have at this moment."""
    with clients.opened() as client:
        return _columns(client, sorted(names))


def _columns(client: SqlJobClientBase, names: list[str]) -> Columns:
    if not client.is_storage_initialized():
        return {}
    return {name: columns for name, columns in client.get_storage_tables(names) if columns}
