"""The command line as a user has it, in this process, and the DuckDB file it leaves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from airmeet_source.model.tables import log

SCRIPT = Path(__file__).resolve().parents[2] / "pipelines" / "run.py"


@dataclass(frozen=True)
class Result:
    """What a user sees of a run."""

    code: int
    out: str
    err: str


Cli = Callable[..., Result]
FirstLoad = Callable[..., None]


@contextmanager
def database(file: str = "airmeet.duckdb") -> Iterator[duckdb.DuckDBPyConnection]:
    """The DuckDB file in the working directory, opened to be read, dataset airmeet_data."""
    with duckdb.connect(file, read_only=True) as connection:
        connection.execute("USE airmeet_data")
        yield connection


def query(sql: str, file: str = "airmeet.duckdb") -> list[tuple[Any, ...]]:
    """Rows of that file."""
    with database(file) as connection:
        return connection.execute(sql).fetchall()


ABOUT_RUNS = {table.name for table in log.TABLES} - {"sync_log"}


def tables() -> set[str]:
    """The tables that hold a row, but those about runs as a whole."""
    names = (
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_schema = 'airmeet_data' AND table_name NOT LIKE '\\_dlt%' ESCAPE '\\'"
    )
    with database() as connection:
        found = connection.execute(names).fetchall()
        names_found = [name for (name,) in found if name not in ABOUT_RUNS]
        return {
            name for name in names_found if connection.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone()
        }
