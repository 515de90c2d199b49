"""The columns that nobody declared: those that fields of the API have added."""

from collections.abc import Iterator

from dlt.common.schema import Schema
from dlt.common.schema.typing import TColumnSchema

from airmeet_source.model.columns import UNPARSED
from airmeet_source.model.table import all_columns
from airmeet_source.model.tables import TABLES


def undeclared_columns(schema: Schema) -> Iterator[tuple[str, str, TColumnSchema]]:
    """Table, name and hints of each column of a schema that came with the API's data."""
    for name in TABLES.keys() & schema.tables.keys():
        declared = {column.name for column in all_columns(TABLES[name].with_entry_link())} | {UNPARSED}
        for column, hints in schema.get_table_columns(name).items():
            if column not in declared:
                yield name, column, hints
