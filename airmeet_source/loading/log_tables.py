"""Log tables: those that the connector fills itself, a row at a time; dlt does not know of them."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, cast

from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.schema.utils import new_table
from dlt.destinations.job_client_impl import SqlJobClientBase
from sqlglot import exp

from airmeet_source.extract.hints import column_schema
from airmeet_source.model.table import Table, all_columns

Row = Mapping[str, Any]

_COMMENTING = ("duckdb", "postgres")  # dialects in which comments are statements of their own


class LogTables:
    """The tables in the destination; the client is open."""

    def __init__(self, client: SqlJobClientBase) -> None:
        self._client = client
        self._sql = client.sql_client
        self._dialect = str(client.capabilities.sqlglot_dialect)

    def add(self, table: Table, rows: Collection[Row]) -> None:
        """Add rows to a table, which is made if it does not exist."""
        if not rows:
            return
        self.make(table)
        values = ", ".join(
            f"({', '.join(self.literal(row.get(name)) for name in table.column_names)})" for row in rows
        )
        names = self._names(table.column_names)
        self._sql.execute_sql(f"INSERT INTO {self.name(table)} ({names}) VALUES {values}")  # noqa: S608 - literals

    def select(self, table: Table, columns: Iterable[str]) -> list[tuple[Any, ...]]:
        """Columns of all rows."""
        rows = self._sql.execute_sql(f"SELECT {self._names(columns)} FROM {self.name(table)}")  # noqa: S608 - our names
        return [tuple(row) for row in rows or ()]

    def delete(self, table: Table, condition: str) -> None:
        """Delete the rows that meet a condition, which is made of our names and of literals."""
        self._sql.execute_sql(f"DELETE FROM {self.name(table)} WHERE {condition}")  # noqa: S608 - see above

    def make(self, table: Table) -> None:
        """Make a table, or the columns that it lacks."""
        stored = self.columns(table)
        columns = {column.name: column_schema(column) for column in all_columns(table)}
        schema = cast(PreparedTableSchema, new_table(table.name, columns=list(columns.values())))
        types = self._client.type_mapper
        definitions = [
            f"{self._sql.escape_column_name(name)} {types.to_destination_type(column, schema)}"
            for name, column in columns.items()
            if name not in stored
        ]
        name = self.name(table)
        if not stored:
            self._sql.execute_sql(f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(definitions)})")
            if self._dialect in _COMMENTING:
                self._describe(table)
            return
        for definition in definitions:
            self._sql.execute_sql(f"ALTER TABLE {name} ADD COLUMN {definition}")

    def _describe(self, table: Table) -> None:
        name = self.name(table)
        comments = [f"COMMENT ON TABLE {name} IS {self.literal(table.description)}"]
        comments += [
            f"COMMENT ON COLUMN {name}.{self._sql.escape_column_name(column.name)} "
            f"IS {self.literal(column.description)}"
            for column in all_columns(table)
        ]
        self._sql.execute_sql("; ".join(comments))

    def columns(self, table: Table) -> Collection[str]:
        """The columns that a table has; none if it does not exist."""
        [(_, columns)] = self._client.get_storage_tables([table.name])
        return columns

    def name(self, table: Table) -> str:
        """The table in a statement."""
        return self._sql.make_qualified_table_name(table.name)

    def literal(self, value: object) -> str:
        """A value in a statement."""
        if isinstance(value, datetime):
            return exp.cast(exp.Literal.string(value.isoformat()), "timestamptz").sql(self._dialect)
        return exp.convert(value).sql(self._dialect)

    def _names(self, columns: Iterable[str]) -> str:
        return ", ".join(map(self._sql.escape_column_name, columns))
