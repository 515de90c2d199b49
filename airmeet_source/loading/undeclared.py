"""The columns that nobody declared: those that fields of the API have added."""

from collections.abc import Iterator
from itertools import product

import dlt
from dlt.common.schema.typing import TColumnSchema

from airmeet_source.model.columns import UNPARSED
from airmeet_source.model.table import all_columns
from airmeet_source.model.tables import TABLES


def undeclared_columns(pipeline: dlt.Pipeline) -> Iterator[tuple[str, str, TColumnSchema]]:
    """Table, name and hints of each column of the pipeline's schema that came with the API's data."""
    for schema, name in product(pipeline.schemas.values(), TABLES):
        if name not in schema.tables:
            continue
        declared = {column.name for column in all_columns(TABLES[name].with_entry_link())} | {UNPARSED}
        for column, hints in schema.get_table_columns(name).items():
            if column not in declared:
                yield name, column, hints
