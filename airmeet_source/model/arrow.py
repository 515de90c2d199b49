"""Rows -> Arrow tables of a fixed schema.

dlt never casts Arrow data, and a type that drifts breaks a load or, worse, loads wrong numbers. So every
declared column is cast here, unknown fields become columns of a type that stays, and what does not fit its
column is kept as JSON text in ``_unparsed``.
"""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from airmeet_source.fields import JSON, Record, squash, to_text
from airmeet_source.model.block import Block
from airmeet_source.model.columns import (
    DELETED,
    LOAD_ID,
    LOAD_ID_COLUMN,
    UNPARSED,
    UNPARSED_COLUMN,
)
from airmeet_source.model.placing import TableTypes, Unparsed, by_column, keep_rows_storable
from airmeet_source.model.table import all_columns
from airmeet_source.model.values import CONVERTERS, DataType, Misfit, infer_type

ARROW: dict[DataType, pa.DataType] = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}
_NATIVE: dict[DataType, type] = {"text": str, "bigint": int, "double": float, "bool": bool}
# the API's own form 2021:12:25T12:20:56.00Z, and ISO 8601; years of which every calendar is sure
_USUAL_TIME = r"^[12]\d{3}[-:/]\d\d[-:/]\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z$"
_USUAL_NUMBER = r"^-?\d{1,18}$"


def arrow_table(rows: list[Record] | Block, types: TableTypes) -> pa.Table:
    """The typed rows, every declared column present, undocumented ones behind them."""
    unparsed = Unparsed(len(rows))
    raw = by_column(rows, types, unparsed)
    values = _protected(raw, types)
    arrays: dict[str, pa.Array] = {}
    for column in all_columns(types.table):
        if column is LOAD_ID_COLUMN:  # not known before the rows belong to a load package
            continue
        given = values.pop(column.name, None)
        arrays[column.name] = (
            pa.nulls(len(rows), ARROW[column.data_type])
            if given is None
            else _typed(given, column.data_type, _keep_raw(raw, column.name, unparsed))
        )
    extra = {name: values[name] for name in sorted(values) if any(v is not None for v in values[name])}
    for name, given in extra.items():
        types.extra_types.setdefault(name, infer_type(given))
    keep_rows_storable(extra, raw, types, unparsed)
    for name, given in extra.items():
        arrays[name] = _typed(given, types.extra_types[name], _keep_raw(raw, name, unparsed))
    if unparsed:
        arrays[UNPARSED] = pa.array(unparsed.texts(types), ARROW[UNPARSED_COLUMN.data_type])
    return pa.table(arrays)


def _keep_raw(raw: dict[str, list[JSON]], column: str, unparsed: Unparsed) -> Callable[[int], None]:
    return lambda index: unparsed.keep(index, column, raw[column][index])


def _protected(raw: dict[str, list[JSON]], types: TableTypes) -> dict[str, list[JSON]]:
    """The values with personal ones hashed or dropped, as the settings have it."""
    privacy, table = types.privacy, types.table
    values = dict(raw)
    if privacy.keeps:
        return values
    personal = privacy.personal_columns(table)
    for name, given in raw.items():
        told = (
            f"{name} {squash(types.fields[name])}"  # a column's name may be only the beginning of its field's
        )
        unknown = name not in table.column_names and privacy.protects_unknown(table, told)
        if name in personal or unknown:
            values[name] = [privacy.protect(value) for value in given]
    return values


def tombstones(airmeet_ids: list[str], types: TableTypes) -> pa.Table:
    """One row per event that makes the destination delete all rows of the event and insert none."""
    table = arrow_table([{"airmeet_id": airmeet_id} for airmeet_id in airmeet_ids], types)
    index = table.schema.get_field_index(DELETED)
    return table.set_column(index, DELETED, pa.array([True] * len(airmeet_ids), table.schema.types[index]))


def with_load_id(table: pa.Table, load_id: str) -> pa.Table:
    """The table with the column that dlt itself adds to Arrow data only when configured to."""
    data_type = ARROW[LOAD_ID_COLUMN.data_type]
    column = pa.repeat(pa.scalar(load_id, data_type), table.num_rows)
    return table.append_column(pa.field(LOAD_ID, data_type, nullable=False), column)


def _typed(values: list[JSON], data_type: DataType, misfit: Callable[[int], None]) -> pa.Array:
    array = typed_at_once(values, data_type)
    if array is not None:
        return array
    convert = CONVERTERS[data_type]
    typed: list[Any] = []
    for index, value in enumerate(values):
        try:
            typed.append(None if value is None else convert(value))
        except Misfit:
            typed.append(None)
            misfit(index)
    return pa.array(typed, ARROW[data_type])


def typed_at_once(values: list[JSON], data_type: DataType) -> pa.Array | None:
    """The column, if all its values have the usual form of the type or are null; otherwise None.

    Arrow types a whole column many times as fast as :mod:`airmeet_source.model.values` one value after the
    other. It gets only what it is sure to read in the same way.
    """
    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return pa.nulls(len(values), ARROW[data_type])
    if data_type == "text" and kinds != {str}:  # any value has a text
        values = [value if value is None or type(value) is str else to_text(value) for value in values]
        kinds = {str}
    if len(kinds) > 1:
        return None
    try:
        return _typed_as(values, kinds.pop(), data_type)
    except (pa.ArrowInvalid, OverflowError, UnicodeEncodeError):
        return None  # no such day, beyond 64 bits, half a surrogate pair


def _typed_as(values: list[JSON], kind: type, data_type: DataType) -> pa.Array | None:
    if kind is _NATIVE.get(data_type):
        array = pa.array(values, ARROW[data_type])
        if data_type == "text":
            return None if _any(pc.match_substring(array, "\x00")) else array
        return array if data_type != "double" or _all(pc.is_finite(array)) else None
    if kind is not str:
        return None
    texts = pa.array(values, pa.string())
    if data_type == "bigint" and _all(pc.match_substring_regex(texts, _USUAL_NUMBER)):
        return texts.cast(ARROW[data_type])
    if data_type == "timestamp" and _all(pc.match_substring_regex(texts, _USUAL_TIME)):
        for separator in (4, 7):
            texts = pc.binary_replace_slice(texts, separator, separator + 1, "-")
        return texts.cast(ARROW[data_type])
    return None


def _all(flags: Any) -> bool:
    return bool(pc.all(flags).as_py())


def _any(flags: Any) -> bool:
    return bool(pc.any(flags).as_py())
