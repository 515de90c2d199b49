"""Rows -> Arrow tables of a fixed schema.

dlt never casts Arrow data, and a type that drifts breaks a load or, worse, loads wrong numbers. So every
declared column is cast here, unknown fields become columns of a type that stays, and what does not fit its
column is kept as JSON text in ``_unparsed``.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from dlt.common.normalizers.naming.snake_case import NamingConvention

from airmeet_source.fields import JSON, Record, json_text, squash
from airmeet_source.model.columns import DELETED, LOAD_ID, LOAD_ID_COLUMN, UNPARSED, UNPARSED_COLUMN
from airmeet_source.model.privacy import Privacy
from airmeet_source.model.table import Table, all_columns
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

_RESERVED = frozenset({UNPARSED, DELETED, LOAD_ID, "_dlt_id"})
_NAMING = NamingConvention()

Unparsed = dict[int, dict[str, JSON]]


class TableTypes:
    """How a table's fields map to columns, and the types that its undocumented columns have taken on."""

    def __init__(
        self,
        table: Table,
        known_types: Mapping[str, str | None] | None = None,
        privacy: Privacy | None = None,
    ) -> None:
        self.table = table
        self.privacy = privacy or Privacy()
        self.extra_types: dict[str, DataType] = {
            name: data_type for name, data_type in (known_types or {}).items() if data_type in CONVERTERS
        }
        self._declared = {squash(column.name): column.name for column in table.columns}
        for column in table.columns:
            for name in column.api_names:
                self._declared.setdefault(squash(name), column.name)
        self._columns_of: dict[str, str | None] = {}

    def column_of(self, field: str) -> str | None:
        """The column that a field of a record lands in; None if it can only go to ``_unparsed``."""
        if field not in self._columns_of:
            self._columns_of[field] = self._resolve(field)
        return self._columns_of[field]

    def _resolve(self, field: str) -> str | None:
        declared = self._declared.get(squash(field))
        if declared is not None:
            return declared
        try:
            name = _NAMING.normalize_identifier(field)
        except ValueError:
            return None
        if name in _RESERVED or not squash(name):
            return None
        return name


def arrow_table(rows: list[Record], types: TableTypes) -> pa.Table:
    """The typed rows, every declared column present, undocumented ones behind them."""
    unparsed: Unparsed = {}
    for index, row in enumerate(rows):
        if isinstance(row.get(UNPARSED), dict):
            unparsed[index] = dict(row[UNPARSED])
    values = _protected(_by_column(rows, types, unparsed), types)
    arrays: dict[str, pa.Array] = {}
    for column in all_columns(types.table):
        if column is LOAD_ID_COLUMN:  # not known before the rows belong to a load package
            continue
        given = values.pop(column.name, None)
        arrays[column.name] = (
            pa.nulls(len(rows), ARROW[column.data_type])
            if given is None
            else _typed(given, column.data_type, _misfits(column.name, unparsed))
        )
    for name in sorted(values):
        given = values[name]
        if any(value is not None for value in given):
            data_type = types.extra_types.setdefault(name, infer_type(given))
            arrays[name] = _typed(given, data_type, _misfits(name, unparsed))
    if unparsed:
        texts = [_unparsed_text(unparsed[i], types) if i in unparsed else None for i in range(len(rows))]
        arrays[UNPARSED] = pa.array(texts, ARROW[UNPARSED_COLUMN.data_type])
    return pa.table(arrays)


def _unparsed_text(kept: dict[str, JSON], types: TableTypes) -> str:
    protect = types.privacy.protect_misfit
    return json_text({field: protect(types.table, field, value) for field, value in kept.items()})


def _protected(values: dict[str, list[JSON]], types: TableTypes) -> dict[str, list[JSON]]:
    """The values with personal ones hashed or dropped, as the settings have it."""
    privacy, table = types.privacy, types.table
    personal = privacy.personal_columns(table)
    for name, given in values.items():
        unknown = name not in table.column_names and privacy.protects_unknown(table, name)
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


def _misfits(column: str, unparsed: Unparsed) -> Callable[[int, JSON], None]:
    def keep(index: int, value: JSON) -> None:
        unparsed.setdefault(index, {})[column] = value

    return keep


def _by_column(rows: list[Record], types: TableTypes, unparsed: Unparsed) -> dict[str, list[JSON]]:
    """The raw values by column. Where several fields of a row mean one column, the first value wins."""
    columns: dict[str, list[JSON]] = {}
    for field in sorted(set().union(*rows), key=lambda f: (f != types.column_of(f), f)):
        column = types.column_of(field)
        values = [row.get(field) for row in rows]
        if field == UNPARSED:
            values = [None if isinstance(value, dict) else value for value in values]  # dicts are ours
        if column is None:
            _set_aside(values, field, unparsed)
        elif column not in columns:
            columns[column] = values
        else:
            columns[column] = _merged(columns[column], values, field, unparsed)
    return columns


def _set_aside(values: list[JSON], field: str, unparsed: Unparsed) -> None:
    for index, value in enumerate(values):
        if value is not None:
            unparsed.setdefault(index, {})[field] = value


def _merged(first: list[JSON], second: list[JSON], field: str, unparsed: Unparsed) -> list[JSON]:
    merged = []
    for index, (kept, other) in enumerate(zip(first, second, strict=True)):
        if kept is not None and other is not None and (type(kept) is not type(other) or kept != other):
            unparsed.setdefault(index, {})[field] = other
        merged.append(other if kept is None else kept)
    return merged


def _typed(values: list[JSON], data_type: DataType, misfit: Callable[[int, JSON], None]) -> pa.Array:
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
            misfit(index, value)
    return pa.array(typed, ARROW[data_type])


def typed_at_once(values: list[JSON], data_type: DataType) -> pa.Array | None:
    """The column, if all its values have the usual form of the type or are null; otherwise None.

    Arrow types a whole column many times as fast as :mod:`airmeet_source.model.values` one value after the
    other. It gets only what it is sure to read in the same way.
    """
    kinds = set(map(type, values)) - {type(None)}
    if not kinds:
        return pa.nulls(len(values), ARROW[data_type])
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
