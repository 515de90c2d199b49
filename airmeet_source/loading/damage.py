"""Damage: what somebody dropped, renamed or changed of our tables, as the schema and the destination tell."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from dlt.common.destination.client import JobClientBase
from dlt.common.schema import Schema
from dlt.common.schema.typing import TTableSchemaColumns
from dlt.common.schema.utils import has_table_seen_data
from dlt.destinations.exceptions import DatabaseException
from dlt.destinations.job_client_impl import SqlJobClientWithStagingDataset

from airmeet_source.loading.storage import VERSIONS, Storage
from airmeet_source.loading.stored_states import UNREADABLE
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
        missing = _missing(client, client.schema, table, stored)
        retyped = _retyped(client, table, stored)
        if missing or retyped:
            keyless = not _key(client.schema, table).isdisjoint((*missing, *retyped))
            yield Damage(table=table, missing=missing, retyped=retyped, is_without_key=keyless)


def is_staging_stale(client: SqlJobClientWithStagingDataset, storage: Storage) -> bool:
    """Whether staging tables are not what dlt takes them for, by the schema that was last loaded there."""
    schema = _schema_of_staging(client) or client.schema
    for table, stored in storage.staging.items():
        known = client.schema.tables.get(table, {}).get("columns", {})
        # of two pipelines that evolve the schema at once, one has the columns of the other in its tables only
        strays = stored.keys() - known.keys() - storage.tables.get(table, {}).keys()
        if not known or strays or _missing(client, schema, table, stored) or _retyped(client, table, stored):
            return True
    return VERSIONS in storage.staging and any(
        (table in storage.tables or has_table_seen_data(schema.tables[table]))
        and client.should_load_data_to_staging_dataset(table)
        and table not in storage.staging
        for table in TABLES.keys() & schema.tables.keys() & client.schema.tables.keys()
    )


def _schema_of_staging(client: SqlJobClientWithStagingDataset) -> Schema | None:
    with suppress(*UNREADABLE, DatabaseException), client.with_staging_dataset():
        stored = client.get_stored_schema(client.schema.name)
        if stored is not None:
            # dlt validated it before it was stored, and needs 50 ms for that
            return Schema.from_dict(json.loads(stored.schema), validate_schema=False)
    return None


def _missing(
    client: JobClientBase, schema: Schema, table: str, stored: TTableSchemaColumns
) -> tuple[str, ...]:
    case_sensitive = client.capabilities.generates_case_sensitive_identifiers()
    new = schema.get_new_table_columns(table, dict(stored), case_sensitive)
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
