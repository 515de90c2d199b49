"""The same events on every destination give equal tables, also after the world has moved on."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from postgres_server import PostgresServer
from warehouse import Warehouse

from airmeet_source.sandbox import Sandbox


def test_postgres_holds_the_same_rows_as_duckdb(
    sandbox: Sandbox, warehouse: Warehouse, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    postgres = Warehouse(tmp_path, sandbox, postgres=postgres_server.new_database())
    changes: list[Callable[[str], object]] = [
        lambda event: sandbox.world.register(event, 3),
        lambda event: sandbox.world.put(event, "tracks", []),
    ]
    for change in changes:
        change(sandbox.world.event_in("just_finished"))
        sandbox.clock.advance(timedelta(days=1))
        warehouse.load()
        postgres.load()
        assert postgres.tables() == warehouse.tables()
