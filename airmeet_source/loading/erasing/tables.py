"""The tables of a dataset that rows about people may be in, and statements about them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dlt.destinations.job_client_impl import SqlJobClientBase
from sqlglot import exp

from airmeet_source.fields import Record
from airmeet_source.model.columns import LOAD_ID, ROW_ID
from airmeet_source.model.tables import TABLES

Condition = tuple[tuple[str, str | None], ...]  # columns, and the values that all of them have

_KEPT = re.compile(r"_dlt_kept_\d+_\d+_(.+)")  # a table that somebody had changed, which `repair.py` keeps
_OF_PEOPLE_BESIDES = ("session_people",)
_AT_ONCE = 50  # rows that a statement names


@dataclass(frozen=True, kw_only=True)
class StoredTable:
    """A table as the destination has it."""

    name: str
    columns: Sequence[str]  # of text
    is_of_people: bool


class StoredTables:
    """The tables of a dataset; the client is open, and names it.

    ``known``: those that it has, if they were read before.
    """

    def __init__(self, client: SqlJobClientBase, known: list[StoredTable] | None = None) -> None:
        self._client = client
        self._sql = client.sql_client
        self._dialect = str(client.capabilities.sqlglot_dialect)
        self._tables = known

    def all(self) -> list[StoredTable]:
        """Our tables, and those of ours that were kept under another name when they were repaired."""
        if self._tables is None:
            self._tables = list(self._read())
        return self._tables

    def _read(self) -> Iterator[StoredTable]:
        if not self._sql.has_dataset():
            return
        for name, columns in self._client.get_storage_tables([*TABLES, *self._kept()]):
            texts = [column for column, hints in columns.items() if hints["data_type"] == "text"]
            like = _KEPT.fullmatch(name)
            table = TABLES.get(like[1] if like else name)
            is_of_people = name in _OF_PEOPLE_BESIDES or table is None or table.about_people
            if texts:
                columns_to_search = [column for column in texts if column != LOAD_ID]
                yield StoredTable(name=name, columns=columns_to_search, is_of_people=is_of_people)

    def _kept(self) -> list[str]:
        catalogue = "INFORMATION_SCHEMA.TABLES"
        if self._dialect == "bigquery":
            catalogue = f"{self._sql.fully_qualified_dataset_name()}.{catalogue}"
        query = (
            f"SELECT table_name FROM {catalogue} WHERE table_schema = {self._literal(self._sql.dataset_name)}"  # noqa: S608 - literals
        )
        names = (str(name) for (name,) in self._sql.execute_sql(query) or ())
        return [name for name in names if _KEPT.fullmatch(name)]

    def rows_with(self, table: StoredTable, traces: Iterable[str]) -> Iterator[tuple[Record, int]]:
        """The texts of rows that show one of some ASCII texts in any case, and how many rows have them."""
        names = ", ".join(map(self._column, table.columns))
        shown = " OR ".join(
            self._shows(column, trace) for column in table.columns for trace in sorted(traces)
        )
        query = f"SELECT {names}, COUNT(*) FROM {self._name(table)} WHERE {shown} GROUP BY {names}"  # noqa: S608 - our names and literals
        for *values, count in self._sql.execute_sql(query) or ():
            yield dict(zip(table.columns, values, strict=True)), int(count)

    def people_in(self, table: StoredTable, columns: Sequence[str]) -> Iterator[Record]:
        """What some columns hold, each combination once."""
        names = ", ".join(map(self._column, columns))
        rows = self._sql.execute_sql(f"SELECT DISTINCT {names} FROM {self._name(table)}")  # noqa: S608 - our names
        for row in rows or ():
            yield dict(zip(columns, row, strict=True))

    def delete(self, table: StoredTable, conditions: Iterable[Condition]) -> None:
        """Delete the rows that meet any of some conditions."""
        wanted = [self._meets(condition) for condition in conditions]
        for start in range(0, len(wanted), _AT_ONCE):
            either = " OR ".join(wanted[start : start + _AT_ONCE])
            self._sql.execute_sql(f"DELETE FROM {self._name(table)} WHERE {either}")  # noqa: S608 - our names and literals

    def change(self, table: StoredTable, condition: Condition, values: Mapping[str, str | None]) -> None:
        """Put other values in the place of some; an id that is made of them goes."""
        made = {ROW_ID: None} if ROW_ID in table.columns else {}
        sets = ", ".join(
            f"{self._column(name)} = {self._literal(value)}" for name, value in {**values, **made}.items()
        )
        self._sql.execute_sql(f"UPDATE {self._name(table)} SET {sets} WHERE {self._meets(condition)}")  # noqa: S608 - see above

    def empty(self, table: StoredTable) -> None:
        """Delete all rows."""
        self._sql.execute_sql(f"DELETE FROM {self._name(table)} WHERE 1 = 1")  # noqa: S608 - our name

    def _meets(self, condition: Condition) -> str:
        parts = (
            f"{self._column(name)} IS NULL"
            if value is None
            else f"{self._column(name)} = {self._literal(value)}"
            for name, value in condition
        )
        return f"({' AND '.join(parts)})"

    def _shows(self, column: str, trace: str) -> str:
        name = exp.column(column, quoted=True)
        text: exp.Expression = (
            exp.Collate(this=name, expression=exp.to_identifier("C", quoted=True))
            if (self._dialect == "postgres")
            else name
        )
        place = exp.StrPosition(this=exp.Lower(this=text), substr=exp.Literal.string(trace))
        return f"{place.sql(self._dialect)} > 0"

    def _name(self, table: StoredTable) -> str:
        return self._sql.make_qualified_table_name(table.name)

    def _column(self, name: str) -> str:
        return self._sql.escape_column_name(name)

    def _literal(self, value: object) -> str:
        return exp.convert(value).sql(self._dialect)
