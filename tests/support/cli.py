"""The command line as a user has it, in this process, and the DuckDB file it leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

SCRIPT = Path(__file__).resolve().parents[2] / "pipelines" / "run.py"


@dataclass(frozen=True)
class Result:
    """What a user sees of a run."""

    code: int
    out: str
    err: str


Cli = Callable[..., Result]


def query(sql: str, file: str = "airmeet.duckdb") -> list[tuple[Any, ...]]:
    """Rows of the DuckDB file in the working directory, dataset airmeet_data."""
    with duckdb.connect(file, read_only=True) as connection:
        connection.execute("USE airmeet_data")
        return connection.execute(sql).fetchall()


def tables() -> set[str]:
    """The tables that hold a row."""
    names = query(
        "SELECT table_name FROM information_schema.tables WHERE table_name NOT LIKE '\\_dlt%' ESCAPE '\\'"
    )
    return {name for (name,) in names if query(f'SELECT 1 FROM "{name}" LIMIT 1')}
