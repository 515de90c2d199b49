"""Where the values of a record go: each into the one column of its field, or into ``_unparsed``."""

from collections import Counter
from collections.abc import Mapping

from airmeet_source.fields import JSON, Record, json_text, squash, storable
from airmeet_source.model.block import Block
from airmeet_source.model.columns import UNPARSED
from airmeet_source.model.naming import column_name, identity, is_tagged
from airmeet_source.model.privacy import Privacy
from airmeet_source.model.table import Table, all_columns
from airmeet_source.model.values import CONVERTERS, DataType

MOST_UNDOCUMENTED = 1_000  # columns of a table: Postgres has 1,600, and dropped ones count
# a row of Postgres lies in one page of 8,160 bytes, of which the declared columns need up to a thousand
ROW_BYTES = 7_000
_MOST_IN_ROW = 24  # bytes: Postgres keeps longer values elsewhere


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
        self.fields: dict[str, str] = {}  # undocumented columns that were filled -> their fields
        self._columns = {squash(column.name): column.name for column in table.columns}
        for column in table.columns:
            for name in column.api_names:
                self._columns.setdefault(squash(name), column.name)
        ours = {column.name for column in all_columns(table)} | {UNPARSED}
        undocumented = sorted(set(known_types or ()) - ours)
        self._room = MOST_UNDOCUMENTED - len(undocumented)
        self._tagged = set(filter(is_tagged, undocumented))  # their fields are not known before they come
        for name in undocumented:
            if name not in self._tagged:
                self._columns.setdefault(squash(name), name)

    def column_of(self, field: str) -> str | None:
        """The column that a field of a record lands in; None if it has none, or none yet."""
        return self._columns.get(identity(field))

    def add(self, field: str) -> None:
        """Give a field a column, if it can have one and the table is not full."""
        letters = identity(field)
        if not letters or letters in self._columns or (self._room <= 0 and not self._tagged):
            return
        name = column_name(field)
        if name not in self._tagged:
            if self._room <= 0:
                return
            self._room -= 1
        self._columns[letters] = name


class Unparsed:
    """What of each row has no place in a column, by row and by the name that it is kept under."""

    def __init__(self, length: int) -> None:
        """Begin with nothing; ``length``: the number of rows."""
        self._kept: dict[int, dict[str, JSON]] = {}
        self._length = length
        self._numbers: Counter[tuple[int, str]] = Counter()  # by row and name: how often it was taken

    def begin_with(self, rows: list[Record]) -> None:
        """Keep what the makers of the rows have put aside."""
        for index, row in enumerate(rows):
            if isinstance(row.get(UNPARSED), dict):
                self._kept[index] = dict(row[UNPARSED])

    def __bool__(self) -> bool:
        return bool(self._kept)

    def keep(self, index: int, name: str, value: JSON) -> None:
        """Keep a raw value of a row; never in the place of another one."""
        kept = self._kept.setdefault(index, {})
        name = free = storable(name)
        while free in kept:
            self._numbers[index, name] += 1
            free = f"{name}#{self._numbers[index, name] + 1}"
        kept[free] = value

    def texts(self, types: TableTypes) -> list[str | None]:
        """The JSON texts of column ``_unparsed``."""
        return [self._text(self._kept.get(index), types) for index in range(self._length)]

    def _text(self, kept: dict[str, JSON] | None, types: TableTypes) -> str | None:
        if kept is None:
            return None
        protect = types.privacy.protect_misfit
        return json_text({name: protect(types.table, name, value) for name, value in kept.items()})


def by_column(rows: list[Record] | Block, types: TableTypes, unparsed: Unparsed) -> dict[str, list[JSON]]:
    """The raw values by column. Where several fields of a row mean one column, the first value wins."""
    if not isinstance(rows, Block):
        return _sorted_out(rows, types, unparsed)
    columns = _as_they_are(rows, types)
    return _sorted_out(rows.rows(), types, unparsed) if columns is None else columns


def _as_they_are(block: Block, types: TableTypes) -> dict[str, list[JSON]] | None:
    """The values of a block by column, if each of its fields has one to itself or nothing to put there."""
    columns: dict[str, list[JSON]] = {}
    for field, values in block.columns.items():
        column = types.column_of(field)
        if column is None:
            if any(value is not None for value in values):
                return None
        elif column in columns:
            return None
        else:
            columns[column] = values
            types.fields[column] = field
    return columns


def _sorted_out(rows: list[Record], types: TableTypes, unparsed: Unparsed) -> dict[str, list[JSON]]:
    unparsed.begin_with(rows)
    fields = sorted(set().union(*rows))
    _add_columns(rows, [field for field in fields if types.column_of(field) is None], types)
    spellings: dict[str, list[str]] = {}
    for field in fields:
        spellings.setdefault(types.column_of(field) or "", []).append(field)
    homeless = spellings.pop("", [])
    columns: dict[str, list[JSON]] = {}
    others: dict[str, str] = {}  # further fields of a column -> the column
    for column, names in spellings.items():
        first = column if column in names else names[0]
        columns[column] = [row.get(first) for row in rows]
        types.fields[column] = first
        others.update((name, column) for name in names if name != first)
    _merge(rows, others, columns, unparsed)
    _set_aside(rows, homeless, unparsed)
    return columns


# What follows looks at the fields that a row has, not at those that it might have: there may be very many.


def _add_columns(rows: list[Record], fields: list[str], types: TableTypes) -> None:
    if not fields:
        return
    new = set(fields)
    filled = {field for row in rows for field in row.keys() & new if row[field] is not None}
    for field in sorted(filled):
        types.add(field)


def _merge(
    rows: list[Record], others: dict[str, str], columns: dict[str, list[JSON]], unparsed: Unparsed
) -> None:
    if not others:
        return
    for index, row in enumerate(rows):
        for field in sorted(row.keys() & others.keys()):
            value, values = row[field], columns[others[field]]
            if values[index] is None:
                values[index] = value
            elif value is not None and json_text(value) != json_text(values[index]):
                unparsed.keep(index, field, value)


def _set_aside(rows: list[Record], homeless: list[str], unparsed: Unparsed) -> None:
    if not homeless:
        return
    wanted = set(homeless)
    for index, row in enumerate(rows):
        for field in sorted(row.keys() & wanted):
            value = row[field]
            ours = field == UNPARSED and isinstance(value, dict)
            if value is not None and not ours:
                unparsed.keep(index, field, value)


def keep_rows_storable(
    columns: dict[str, list[JSON]], raw: dict[str, list[JSON]], types: TableTypes, unparsed: Unparsed
) -> None:
    """Put aside what would make a row too long for Postgres; ``columns`` are the undocumented ones."""
    if len(columns) * _MOST_IN_ROW <= ROW_BYTES:
        return
    length = len(next(iter(columns.values())))
    for index in range(length):
        size = numbers = others = 0
        for name, values in columns.items():
            value = values[index]
            if value is None:
                continue
            if types.extra_types[name] in ("text", "bool"):
                size += _size_in_row(value)
                others += 1
            else:
                numbers += 1
            # numbers begin at multiples of eight bytes
            if size + 8 * numbers + 7 * min(numbers, others) > ROW_BYTES:
                unparsed.keep(index, name, raw[name][index])
                values[index] = None


def _size_in_row(value: JSON) -> int:
    if isinstance(value, bool):
        return 1
    if isinstance(value, str) and len(value) < _MOST_IN_ROW:
        return min(_MOST_IN_ROW, 1 + len(value.encode("utf-8", "replace")))
    return _MOST_IN_ROW
