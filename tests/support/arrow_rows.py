"""Rows of any shape, and how to read them back from Arrow tables."""

import json
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from airmeet_source.model.columns import DELETED, LOAD_ID, UNPARSED
from airmeet_source.model.placing import TableTypes
from airmeet_source.model.values import CONVERTERS, Misfit
from tests.support.json_values import JSON_VALUES, TEXTS, as_kept

SPELLINGS = ["time_spent", "timeSpent", "TIME_SPENT", "Time Spent", "user_id", "userId", "name", "Name"]
RESERVED = [DELETED, LOAD_ID, "_dlt_id", "_dltId", "Unparsed"]
UNKNOWN = ["score", "newField", "new_field", "NEW FIELD", "имя", "a__b", "a_b", "n@me", "", " ", "é", "\x00"]
FIELDS = st.sampled_from(SPELLINGS + RESERVED + UNKNOWN) | TEXTS
ROWS = st.lists(st.dictionaries(FIELDS, JSON_VALUES, max_size=4), max_size=3)


def unparsed(row: dict[str, Any]) -> dict[str, Any]:
    """The values of a row that did not fit their columns."""
    return dict(json.loads(row.get(UNPARSED) or "{}"))


def raw(table: pa.Table) -> list[dict[str, Any]]:
    """The rows with times as microseconds."""
    for name in table.column_names:
        if pa.types.is_timestamp(table[name].type):
            table = table.set_column(table.column_names.index(name), name, table[name].cast(pa.int64()))
    return list(table.to_pylist())


def is_kept(field: str, value: Any, row: dict[str, Any], types: TableTypes) -> bool:
    """Whether the value is in its column, or raw in ``_unparsed``."""
    if as_kept(value) in unparsed(row).values():
        return True
    column = types.column_of(field)
    if column is None or column not in row:
        return False
    data_type = {c.name: c.data_type for c in types.table.columns} | types.extra_types
    try:
        return bool(CONVERTERS[data_type[column]](value) == row[column])
    except Misfit:
        return False
