"""New DuckDB files of tests have the smallest blocks.

The tests' tables hold a few rows each. In blocks of 256 KB, as DuckDB has them otherwise, writing such tables
takes twice the time.
"""

from collections.abc import Callable
from typing import Any

import duckdb
import pytest

_SMALLEST = {"default_block_size": "16384"}
_connect: Callable[..., duckdb.DuckDBPyConnection] = duckdb.connect


def use_small_blocks() -> None:
    """For all tests of this process."""
    duckdb.connect = _with_small_blocks


def use_blocks_of_the_size_that_users_have(monkeypatch: pytest.MonkeyPatch) -> None:
    """For one test, which is about DuckDB's memory."""
    monkeypatch.setattr(duckdb, "connect", _connect)


def _with_small_blocks(
    database: Any = ":memory:", read_only: bool = False, config: dict[str, Any] | None = None
) -> duckdb.DuckDBPyConnection:
    return _connect(database, read_only, {**_SMALLEST, **(config or {})})
