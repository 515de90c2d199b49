"""Damage: what somebody dropped, renamed or changed of our tables, as the schema and the destination tell."""

from collections.abc import Iterator
from dataclasses import dataclass

from dlt.common.destination.client import JobClientBase
from dlt.common.schema import Schema
from dlt.common.schema.typing import TTableSchemaColumns
from dlt.common.schema.utils import has_table_seen_data
from dlt.destinations.job_client_impl import SqlJobClientWithStagingDataset

from airmeet_source.loading.storage import VERSIONS, Storage
from airmeet_source.model.tables import TABLES

# where dlt reads the types back that it wrote; elsewhere another type says nothing
_TELL_TYPES = ("duckdb", "ducklake", "postgres", "bigquery")


@dataclass(frozen=True, kw_only=True)
class Damage:
    """What is wrong with one of our tables."""

    table: str
    is_gone: bool = False
    missing: tuple[str, ...] = ()  # columns
    retyped: tuple[str, ...] = ()  # columns of another type
    is_without_key: bool = False  # one of them identifies the rows, which cannot be replaced without it

    def __str__(self) -> str:
        """What is wrong, for people."""
        if self.is_gone:
            return f"table {self.table} was gone"
        lacked = f"lacked {', '.join(self.missing)}" if self.missing else ""
        changed = f"had another type in {', '.join(self.retyped)}" if self.retyped else ""
        return f"table {self.table} {' and '.join(filter(None, (lacked, changed)))}"


def find_damage(client: JobClientBase, storage: Storage) -> Iterator[Damage]:
    """The damage to tables that were loaded before."""
    for table in TABLES:
        if table not in client.schema.tables:
            continue
        stored = storage.tables.get(table)
        if stored is None:
            yield Damage(table=table, is_gone=True)
            continue
        missing, retyped = _missing(client, table, stored), _retyped(client, table, stored)
        if missing or retyped:
            keyless = not _key(client.schema, table).isdisjoint((*missing, *retyped))
            yield Damage(table=table, missing=missing, retyped=retyped, is_without_key=keyless)


def is_staging_stale(client: SqlJobClientWithStagingDataset, storage: Storage) -> bool:
    """Whether staging tables are not what dlt takes them for, by the schema version that it stored there."""
    for table, stored in storage.staging.items():
        known = client.schema.tables.get(table, {}).get("columns", {})
        if not known or stored.keys() - known.keys() or _missing(client, table, stored):
            return True
        if _retyped(client, table, stored):
            return True
    return VERSIONS in storage.staging and any(
        table in client.schema.tables
        and (table in storage.tables or has_table_seen_data(client.schema.tables[table]))
        and client.should_load_data_to_staging_dataset(table)
        and table not in storage.staging
        for table in TABLES
    )


def _missing(client: JobClientBase, table: str, stored: TTableSchemaColumns) -> tuple[str, ...]:
    case_sensitive = client.capabilities.generates_case_sensitive_identifiers()
    new = client.schema.get_new_table_columns(table, dict(stored), case_sensitive)
    return tuple(str(column["name"]) for column in new)


def _retyped(client: JobClientBase, table: str, stored: TTableSchemaColumns) -> tuple[str, ...]:
    if not client.config.destination_type.endswith(_TELL_TYPES):
        return ()
    known = client.schema.get_table_columns(table)
    return tuple(
        name for name in known.keys() & stored.keys() if known[name]["data_type"] != stored[name]["data_type"]
    )


def _key(schema: Schema, table: str) -> set[str]:
    columns = schema.get_table_columns(table).values()
    return {str(column["name"]) for column in columns if column.get("primary_key") or column.get("merge_key")}
