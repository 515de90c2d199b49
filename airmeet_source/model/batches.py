"""Rows -> Arrow tables of a fixed schema.

dlt never casts Arrow data, and a type that drifts poisons a load or, worse, loads wrong numbers. So every
declared column is cast here, unknown fields become columns of a type that stays, and what does not fit its
column is kept as JSON text in ``_unparsed``.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
from dlt.common.normalizers.naming.snake_case import NamingConvention

from airmeet_source.fields import JSON, Record, json_text, squash
from airmeet_source.model.arrow import ARROW, typed_at_once
from airmeet_source.model.columns import DELETED, LOAD_ID, UNPARSED
from airmeet_source.model.privacy import Privacy
from airmeet_source.model.tables import Reload, Table
from airmeet_source.model.values import CONVERTERS, DataType, Misfit, infer_type

BATCH_ROWS = 5_000
NO_EVENT = ""  # no event has this id

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
    for column in types.table.columns:
        given = values.pop(column.name, None)
        arrays[column.name] = (
            pa.nulls(len(rows), ARROW[column.data_type])
            if given is None
            else _typed(given, column.data_type, _misfits(column.name, unparsed))
        )
    if types.table.reload is not Reload.APPEND:
        arrays[DELETED] = pa.nulls(len(rows), pa.bool_())
    for name in sorted(values):
        given = values[name]
        if any(value is not None for value in given):
            data_type = types.extra_types.setdefault(name, infer_type(given))
            arrays[name] = _typed(given, data_type, _misfits(name, unparsed))
    if unparsed:
        texts = [_unparsed_text(unparsed[i], types) if i in unparsed else None for i in range(len(rows))]
        arrays[UNPARSED] = pa.array(texts, pa.string())
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
    return table.set_column(index, DELETED, pa.array([True] * len(airmeet_ids)))


def with_load_id(table: pa.Table, load_id: str) -> pa.Table:
    """The table with the column that dlt itself adds to Arrow data only when configured to."""
    column = pa.repeat(pa.scalar(load_id, pa.string()), table.num_rows)
    return table.append_column(pa.field(LOAD_ID, pa.string(), nullable=False), column)


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


class TableBatches:
    """Rows of one table on their way into Arrow tables of about :data:`BATCH_ROWS` rows."""

    def __init__(self, types: TableTypes) -> None:
        self._types = types
        self._rows: list[Record] = []
        self._tables: list[pa.Table] = []
        self._deleted: list[str] = []  # events
        self.count = 0

    def extend(self, rows: list[Record]) -> None:
        """Take over rows."""
        self._rows += rows
        self.count += len(rows)
        if len(self._rows) >= BATCH_ROWS:
            self._type_rows()

    def delete_event(self, airmeet_id: str) -> None:
        """Replace the rows of an event by none."""
        self._deleted.append(airmeet_id)

    def create_table(self) -> None:
        """Let the table come into being before it has a row, so that queries work.

        A batch without rows would do, but for Postgres: the ADBC driver takes no empty parquet file.
        """
        self.delete_event(NO_EVENT)

    def absorb(self, other: "TableBatches") -> None:
        """Take over the rows of another batch of the same table."""
        self._tables.extend(other._tables)  # noqa: SLF001 - its own kind
        self._deleted.extend(other._deleted)  # noqa: SLF001
        self.extend(other._rows)  # noqa: SLF001
        self.count += sum(table.num_rows for table in other._tables)  # noqa: SLF001

    @property
    def is_full(self) -> bool:
        """Whether it is worth a yield: each costs dlt about a millisecond."""
        return bool(sum(table.num_rows for table in self._tables) + len(self._deleted) >= BATCH_ROWS)

    def take(self, load_id: str) -> pa.Table | None:
        """All rows so far as one table, which belongs to a load package from now on."""
        if self._rows:
            self._type_rows()
        if self._deleted:
            self._tables.append(tombstones(self._deleted, self._types))
        tables, self._tables, self._deleted = self._tables, [], []
        self.count = 0
        if not tables:
            return None
        return with_load_id(pa.concat_tables(tables, promote_options="default"), load_id)

    def _type_rows(self) -> None:
        self._tables.append(arrow_table(self._rows, self._types))
        self._rows = []
