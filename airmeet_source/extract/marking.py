"""Arrow rows on their way into the load package that dlt is extracting."""

import dlt
import pyarrow as pa
from dlt.common.schema.typing import TColumnSchema
from dlt.extract.hints import make_hints
from dlt.extract.items import DataItemWithMeta

from airmeet_source.extract.hints import column_schema
from airmeet_source.model.columns import UNPARSED, UNPARSED_COLUMN, undocumented
from airmeet_source.model.placing import TableTypes
from airmeet_source.model.table import all_columns


def load_id() -> str:
    """Id of the load package that is being extracted."""
    return str(dlt.current.load_package_state()["load_id"])


def marked(rows: pa.Table, types: TableTypes) -> DataItemWithMeta:
    """Arrow rows on their way to a table; columns that it does not have yet come with a description."""
    schema, name = dlt.current.source_schema(), types.table.name
    known = schema.get_table_columns(name, include_incomplete=True) if name in schema.tables else {}
    if UNPARSED in rows.column_names and UNPARSED not in known and name in schema.tables:
        # ours, not the API's: it may come late even where the schema contract freezes columns
        schema.update_table({"name": name, "columns": {UNPARSED: column_schema(UNPARSED_COLUMN)}})
        known = schema.get_table_columns(name)
    declared = {column.name for column in all_columns(types.table)}
    new = [column for column in rows.column_names if column not in known and column not in declared]
    if not new:
        return dlt.mark.with_table_name(rows, name)
    columns = {column: _describe(column, types) for column in new}
    return dlt.mark.with_hints(rows, make_hints(table_name=name, columns=columns), create_table_variant=True)


def _describe(column: str, types: TableTypes) -> TColumnSchema:
    if column == UNPARSED:
        return column_schema(UNPARSED_COLUMN)
    return {"name": column, "description": undocumented(types.fields[column])}
