"""What dlt is told of each table: columns, how a reload replaces rows, and how BigQuery lays them out."""

from collections.abc import Container, Mapping
from functools import cache
from typing import Any

import dlt
from dlt.common.schema.typing import (
    TCdcStrategyDict,
    TColumnSchema,
    TDeleteInsertStrategyDict,
    TSchemaContractDict,
    TWriteDispositionConfig,
)
from dlt.destinations.adapters import bigquery_adapter
from dlt.destinations.impl.bigquery.bigquery_adapter import PartitionTransformation
from dlt.extract import DltSource
from dlt.extract.hints import TResourceHints, make_hints

from airmeet_source.model.columns import AIRMEET_ID, DELETED, LOAD_ID, ROW_ID, Column
from airmeet_source.model.table import Reload, Table, all_columns
from airmeet_source.model.tables import TABLES
from airmeet_source.resources import RESOURCES
from airmeet_source.settings import Settings

# tables are those of the data model and come with their first row; only columns can be the API's idea
CONTRACT: TSchemaContractDict = {"tables": "evolve", "columns": "evolve", "data_type": "freeze"}
FROZEN_CONTRACT: TSchemaContractDict = {**CONTRACT, "columns": "freeze"}

_REPLACE: TDeleteInsertStrategyDict = {"disposition": "merge", "strategy": "delete-insert"}
# also deletes what the event has no more, and leaves rows alone that are the same
_REPLACE_CHANGED: TCdcStrategyDict = {"disposition": "merge", "strategy": "cdc", "skip_unchanged_rows": True}

# an event's rows lie in a few months; days would soon be more partitions than one load may touch
_BY_MONTH = "TIMESTAMP_TRUNC({column_name}, MONTH)"


def declaration(table_name: str, settings: Settings) -> Table:
    """The declaration of a table, with the columns that the settings switch on."""
    table = TABLES[table_name]
    return table.with_entry_link() if settings.include_entry_links else table


def table_hints(table: Table, *, row_by_row: bool = True) -> TResourceHints:
    """The dlt hints of a table: columns with types and descriptions, and how a reload replaces rows.

    ``row_by_row``: whether the destination can leave rows of a whole list alone that are the same.
    """
    columns: dict[str, TColumnSchema] = {column.name: column_schema(column) for column in all_columns(table)}
    disposition, key = _replacement(table, row_by_row=row_by_row)
    return make_hints(
        table_name=table.name,
        columns=columns,
        write_disposition=disposition,
        primary_key=key,
        merge_key=AIRMEET_ID.name if table.reload is Reload.BY_EVENT else None,
        file_format="parquet",
        additional_table_hints={"description": table.description, **_bigquery_layout(table)},
    )


def _replacement(table: Table, *, row_by_row: bool) -> tuple[TWriteDispositionConfig, list[str] | None]:
    """The write disposition of a table, and its primary key as dlt needs it."""
    if table.reload is Reload.APPEND:
        return "append", None
    if table.reload is Reload.BY_KEY:
        return _REPLACE, list(table.key)
    return (_REPLACE_CHANGED, [AIRMEET_ID.name, ROW_ID]) if row_by_row else (_REPLACE, None)


def fill_plainly(source: DltSource, known: Container[str]) -> None:
    """Have tables that are not ``known`` yet filled without comparing rows, in half the CPU and memory.

    Should there be rows already, those of an event are replaced as a whole.
    """
    for name in source.selected_resources.keys() & RESOURCES.keys():
        for table in RESOURCES[name].tables:
            if TABLES[table].reload is Reload.BY_EVENT and table not in known:
                source.resources[name].apply_hints(
                    table_name=table, write_disposition=_REPLACE, primary_key="", create_table_variant=True
                )


def column_schema(column: Column) -> TColumnSchema:
    """A column as dlt's schema has it."""
    hints: TColumnSchema = {
        "name": column.name,
        "data_type": column.data_type,
        "description": column.description,
        "nullable": column.name != LOAD_ID,
    }
    if column.name == DELETED:
        hints["hard_delete"] = True
    return hints


@cache
def _bigquery_layout(table: Table) -> Mapping[str, Any]:
    """The hints that dlt's adapter gives a table; the adapter itself serves resources of one table only."""
    adapted = bigquery_adapter(
        dlt.resource([], name=table.name),
        partition=PartitionTransformation(_BY_MONTH, table.partition) if table.partition else None,  # type: ignore[arg-type]
        cluster=AIRMEET_ID.name,
        table_description=table.description,
    )
    schema = adapted.compute_table_schema()
    return {hint: value for hint, value in schema.items() if hint.startswith("x-bigquery")}
