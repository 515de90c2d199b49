"""What a database holds, and what of it must be the same as after a clean load."""

import contextlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg2

from airmeet_source.model.tables import log

Row = tuple[tuple[str, object], ...]
Rows = Counter[Row]
Tables = dict[str, Rows]

VOLATILE = ("_dlt_load_id", "last_listed_at", "link_fetched_at", "link_expires_at")
NOT_OURS = ("_dlt_", "theirs")  # how names begin of columns that somebody renamed, or that a repair kept
_THAT_GROW = ("time_spent", "duration_viewed")  # in rows that are read again in full only now and then
_CHILDREN = {"session_attendance": "session_id", "booth_attendance": "booth_id"}
LOGS = {table.name for table in log.TABLES}


def contents(file: Path) -> Tables:
    """Every table of a DuckDB file but the log, without what changes with each load."""
    with duckdb.connect(str(file), read_only=True) as connection:
        return _tables(connection.cursor())


def postgres_contents(database: str) -> Tables:
    """The same of a Postgres database."""
    with contextlib.closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        return _tables(cursor)


def _tables(cursor: Any) -> Tables:
    cursor.execute(
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_schema = 'airmeet_data' AND table_type = 'BASE TABLE'"
    )
    names = [name for (name,) in cursor.fetchall() if not name.startswith("_dlt") and name not in LOGS]
    found: Tables = {}
    for name in names:
        cursor.execute(f'SELECT * FROM airmeet_data."{name}"')
        columns = [column[0] for column in cursor.description]
        found[name] = Counter(
            tuple(
                (column, value)
                for column, value in zip(columns, row, strict=True)
                if value is not None and column not in VOLATILE
            )
            for row in cursor.fetchall()
        )
    return found


@dataclass(frozen=True, kw_only=True)
class Scope:
    """The rows that a clean load has as well; of archived events and deleted sessions it knows nothing."""

    events: Collection[str]
    children: Collection[str]  # sessions and booths
    rows_grow_late: bool

    def of(self, tables: Tables) -> Tables:
        """The rows to compare; columns in one order, since one that was made again comes last."""
        return {name: rows for name, rows in self._parts(tables, self._is_listed) if rows}

    def archived(self, tables: Tables) -> Tables:
        """The rows of archived events."""
        return {name: rows for name, rows in self._parts(tables, self._is_archived) if rows}

    def _parts(
        self, tables: Tables, belongs: Callable[[str, dict[str, object]], bool]
    ) -> Iterator[tuple[str, Rows]]:
        for table, rows in tables.items():
            if not table.startswith(NOT_OURS):
                yield table, Counter(self._row(row) for row in rows.elements() if belongs(table, dict(row)))

    def _row(self, row: Row) -> Row:
        left_out = _THAT_GROW if self.rows_grow_late else ()
        return tuple(
            sorted(
                (column, value)
                for column, value in row
                if column not in left_out and not column.startswith(NOT_OURS) and column != "download_link"
            )
        )

    def _is_archived(self, _table: str, row: dict[str, object]) -> bool:
        return "airmeet_id" in row and row["airmeet_id"] not in self.events

    def _is_listed(self, table: str, row: dict[str, object]) -> bool:
        child = _CHILDREN.get(table)
        is_gone = child is not None and row.get(child) not in self.children
        return not is_gone and not self._is_archived(table, row)


def difference(found: Tables, expected: Tables) -> dict[str, tuple[Rows, Rows]]:
    """By table, the rows too many and the rows too few."""
    none: Rows = Counter()
    return {
        name: (
            found.get(name, none) - expected.get(name, none),
            expected.get(name, none) - found.get(name, none),
        )
        for name in sorted(found.keys() | expected.keys())
        if found.get(name, none) != expected.get(name, none)
    }
