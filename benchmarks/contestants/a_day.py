"""A day of hourly runs over a living community, on the sandbox's clock.

Writes ``day.json`` to the current folder: for each run its requests, the lists that it asked for, the seconds
that it waited, the rows that it wrote, and those that were new or other ones than an hour before; without the
list of events and the logs.
The clock is not a setting of ours, so this knows private names.
"""

import argparse
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import duckdb

from airmeet_sandbox import Sandbox, World
from airmeet_source import Report, load
from airmeet_source.extract.extraction import Extraction
from airmeet_source.loading import run as running

START = datetime(2026, 6, 1, 0, 30, tzinfo=UTC)
FILE, BEFORE = Path("airmeet.duckdb"), Path("before.duckdb")
ASIDE = {"airmeets", "sync_log", "runs", "schema_changes"}
VOLATILE = {"_dlt_load_id", "last_listed_at", "link_fetched_at", "link_expires_at", "download_link"}
WRITTEN = (
    "SELECT * FROM now.airmeet_data.{table} "
    "WHERE _dlt_load_id NOT IN (SELECT load_id FROM before.airmeet_data._dlt_loads)"
)
MOVES: tuple[Callable[[World, str], object], ...] = (
    lambda world, event: world.register(event, 2),
    lambda world, event: world.add_utm(event),
    lambda world, event: world.update_participant(event, 0, city="Elsewhere"),
    lambda world, event: world.add_poll_response(event),
)
MOVES_AN_HOUR = 10


class Rewriting(Extraction):
    """A run that believes no digest, and so hands over every list."""

    believes_digests = property(lambda _: False, lambda _, __: None)


def main() -> None:
    """Run once, and then every hour."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--rewrite", action="store_true", help="every list in every run, whatever changed")
    options = parser.parse_args()
    random = Random(7)
    world = World(seed=7, events=options.events, people=20, now=START)
    with Sandbox(world) as sandbox:
        sandbox.clock.freeze(START)
        kind = Rewriting if options.rewrite else Extraction
        setattr(running, "Extraction", partial(kind, clock=sandbox.clock.now))  # noqa: B010 - not exported
        if options.rewrite:
            setattr(running, "merges_row_by_row", lambda _: False)  # noqa: B010 - as above
        hours = [_run(sandbox, options.rewrite)]
        for _ in range(options.hours):
            sandbox.clock.advance(timedelta(hours=1))
            for _ in range(MOVES_AN_HOUR):
                phases = ("just_finished", "live", "upcoming")
                event = random.choice([one for one in world.events() if world.phase(one) in phases])
                random.choice(MOVES)(world, event)
            hours.append(_run(sandbox, options.rewrite))
    Path("day.json").write_text(json.dumps(hours), encoding="utf-8")


def _run(sandbox: Sandbox, rewrite: bool) -> dict[str, Any]:
    if FILE.exists():
        shutil.copy(FILE, BEFORE)
    before = len(sandbox.requests)
    settings: dict[str, Any] = {"tail_hours": 0} if rewrite else {}
    report = load(
        access_key=sandbox.access_key,
        secret_key=sandbox.secret_key,
        base_url=sandbox.base_url,
        pipelines_dir=Path("pipelines"),
        **settings,
    )
    report.raise_on_problems()
    return {
        "requests": len(sandbox.requests) - before,
        "waited_seconds": report.waited_seconds,
        "lists": sum(report.units.values()),
        **_rows(report),
    }


def _rows(report: Report) -> dict[str, int]:
    """The rows that came with the run's own loads, and those that were not there before, or not like that."""
    tables = report.rows.keys() - ASIDE
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{FILE}' AS now (READ_ONLY)")
        if not BEFORE.exists():
            all_rows = sum(_count(connection, f"SELECT * FROM now.airmeet_data.{table}") for table in tables)
            return {"rows_written": all_rows, "rows_changed": all_rows}
        connection.execute(f"ATTACH '{BEFORE}' AS before (READ_ONLY)")
        return {
            "rows_written": sum(_count(connection, WRITTEN.format(table=table)) for table in tables),
            "rows_changed": sum(_count(connection, _difference(connection, table)) for table in tables),
        }


def _difference(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    described = connection.execute(f"DESCRIBE before.airmeet_data.{table}").fetchall()
    columns = ", ".join(f'"{name}"' for name, *_ in described if name not in VOLATILE)
    now, before = (f"SELECT {columns} FROM {base}.airmeet_data.{table}" for base in ("now", "before"))
    return f"{now} EXCEPT ALL {before}"


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> int:
    ((count,),) = connection.execute(f"SELECT count(*) FROM ({sql})").fetchall()
    return int(count)


if __name__ == "__main__":
    main()
