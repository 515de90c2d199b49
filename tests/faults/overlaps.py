"""Runs that overlap on one Postgres dataset: each ends exact or refused, and the next ones are exact.

Each round is made from its seed: two pipelines, or one pipeline on two machines; into an empty database, or
into tables that exist; at any offset; with a lock of another session at one of the worst moments, which is
released in time or not; and with a SIGKILL at any moment, or none. Each run loads half of the events::

    python -m tests.faults.overlaps --rounds 20
"""

import contextlib
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

import psycopg2

from airmeet_sandbox import Sandbox, World
from tests.faults.histories.contents import LOGS
from tests.faults.histories.runs import LONGEST_RUN, environment_for
from tests.faults.rounds import Tables, TryRound, carry_out, require_same, rows_of
from tests.support.postgres_server import Databases, postgres_server

RESOURCES = "airmeets,tracks,utms,event_attendance,replay_attendance"
LOCKS = {  # at the worst moments
    "before TRUNCATE of staging": "LOCK TABLE {staging}.utms IN ACCESS SHARE MODE",
    "between staging and merge": "LOCK TABLE airmeet_data.utms IN ACCESS EXCLUSIVE MODE",
    "before the state": "LOCK TABLE airmeet_data._dlt_pipeline_state IN SHARE MODE",
    "before the end of the load": "LOCK TABLE airmeet_data._dlt_loads IN SHARE MODE",
}
RELEASED = 6.0  # seconds after which a lock is released
REFUSALS = ("Another run loads into this dataset", "is still locked after")

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["airmeet_source.cli.main", "airmeet_source.cli.running"])


@dataclass(frozen=True, kw_only=True)
class Round:
    """How two runs overlap."""

    seed: int
    names: tuple[str, str]  # of the pipelines
    tables_exist: bool
    offset: float  # seconds between the two starts
    lock: str | None
    lock_timeout: float
    kill_after: float | None  # seconds; the first run

    @classmethod
    def of(cls, seed: int) -> "Round":
        """The round of a seed."""
        rng = random.Random(seed)
        tables_exist = rng.random() < 0.7
        return cls(
            seed=seed,
            names=rng.choice((("airmeet", "other"), ("airmeet", "airmeet"))),
            tables_exist=tables_exist,
            offset=rng.choice((0.0, rng.uniform(0, 2.0))),
            lock=rng.choice((None, *LOCKS)) if tables_exist else None,
            lock_timeout=rng.choice((1.0, 60.0, 60.0)),
            kill_after=rng.choice((None, None, rng.uniform(0.3, 5.0))),
        )


@dataclass(frozen=True, kw_only=True)
class Run:
    """One of the two runs: a machine of its own, with half of the events."""

    folder: Path
    name: str
    events: tuple[str, ...]
    environment: dict[str, str]

    def start(self, lock_timeout: float = 60.0) -> BaseProcess:
        """Start the command line in a process of its own."""
        arguments = (
            *("--destination", "postgres", "--pipeline-name", self.name, "--pipelines-dir", "pipelines"),
            *("--resources", RESOURCES, "--events", ",".join(self.events), "--no-views"),
            *("--lock-timeout", str(lock_timeout)),
        )
        self.folder.mkdir(exist_ok=True)
        process = PROCESSES.Process(target=_command, args=(str(self.folder), self.environment, arguments))
        process.start()
        return process

    @property
    def log(self) -> str:
        """What it said."""
        return (self.folder / "run.log").read_text()


def _command(folder: str, environment: dict[str, str], arguments: tuple[str, ...]) -> None:
    from airmeet_source.cli.main import program  # noqa: PLC0415 - only the processes of the runs import it

    os.chdir(folder)
    os.environ.update(environment)
    with (
        Path("run.log").open("a") as log,
        contextlib.redirect_stdout(log),
        contextlib.redirect_stderr(log),
    ):
        code = program("load", arguments, prog="airmeet load")
    sys.exit(code)


def ended(process: BaseProcess) -> int:
    """The exit code of a run."""
    try:
        process.join(LONGEST_RUN)
        assert not process.is_alive(), f"a run took more than {LONGEST_RUN} s"
    finally:
        process.kill()
        process.join()
    return process.exitcode or 0


@contextlib.contextmanager
def session(database: str) -> Iterator[psycopg2.extensions.connection]:
    """Another session of the database, whose transaction ends with the context."""
    connection = psycopg2.connect(database)
    try:
        yield connection
    finally:
        connection.close()


def contents(database: str) -> Tables:
    """Every table but the log, without what changes with each load."""
    found: Tables = {}
    with session(database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'airmeet_data'")
        names = [name for (name,) in cursor.fetchall() if not name.startswith("_dlt") and name not in LOGS]
        for name in names:
            cursor.execute(f'SELECT * FROM airmeet_data."{name}"')
            found[name] = rows_of(cursor)
    return found


def of_events(tables: Tables, events: tuple[str, ...]) -> Tables:
    """The rows of some events."""
    return {
        name: Counter({row: count for row, count in rows.items() if dict(row)["airmeet_id"] in events})
        for name, rows in tables.items()
        if name != "airmeets"
    }


@dataclass(frozen=True, kw_only=True)
class Arena:
    """What all rounds share: the API, the databases, the rows of a clean load, the events of each run."""

    sandbox: Sandbox
    databases: Databases
    clean: Tables
    halves: tuple[tuple[str, ...], tuple[str, ...]]

    def runs(self, folder: Path, database: str, names: tuple[str, str]) -> tuple[Run, Run]:
        """The two runs, each in a folder of its own."""
        environment = {**environment_for(self.sandbox), "DESTINATION__POSTGRES__CREDENTIALS": database}
        first, second = (
            Run(folder=folder / str(number), name=name, events=events, environment=environment)
            for number, (name, events) in enumerate(zip(names, self.halves, strict=True))
        )
        return first, second


@contextlib.contextmanager
def arena(databases: Databases) -> Iterator[Arena]:
    """A sandbox whose time stands still, and the tables of a clean load."""
    with (
        Sandbox(World(seed=7, events=6, people=8), prepare_seconds=0.0) as sandbox,
        tempfile.TemporaryDirectory() as name,
    ):
        sandbox.clock.freeze()
        events = sorted(str(record["uid"]) for record in sandbox.world.records("airmeets"))
        database = databases.new()
        environment = {**environment_for(sandbox), "DESTINATION__POSTGRES__CREDENTIALS": database}
        run = Run(folder=Path(name, "clean"), name="airmeet", events=tuple(events), environment=environment)
        assert ended(run.start()) == 0, run.log
        yield Arena(
            sandbox=sandbox,
            databases=databases,
            clean=contents(database),
            halves=(tuple(events[::2]), tuple(events[1::2])),
        )


def try_round(plan: Round, arena: Arena) -> tuple[str, str]:
    """Carry out a round; returns how each of the two runs ended: exact, refused or killed.

    Raises:
        AssertionError: rows are missing, doubled or foreign, or a run ended in another way.
    """
    database = arena.databases.new()
    with tempfile.TemporaryDirectory() as name, session(database) as other:
        runs = arena.runs(Path(name), database, plan.names)
        if plan.tables_exist:
            _make_tables(runs)
        if plan.lock is not None:
            with other.cursor() as cursor:
                cursor.execute(LOCKS[plan.lock].format(staging="airmeet_data_staging"))
        codes = _overlap(plan, runs, other)
        loaded = contents(database)
        ends = tuple(
            _end(code, run, loaded, arena.clean, (plan, codes)) for code, run in zip(codes, runs, strict=True)
        )
        for run in runs:
            assert ended(run.start()) == 0, (plan, run.log)
        require_same(contents(database), arena.clean, (plan, codes))
    return ends[0], ends[1]


def _make_tables(runs: tuple[Run, Run]) -> None:
    for name in sorted({run.name for run in runs}):
        one = next(run for run in runs if run.name == name)
        only_one = Run(folder=one.folder, name=name, events=one.events[:1], environment=one.environment)
        assert ended(only_one.start()) == 0, one.log


def _overlap(plan: Round, runs: tuple[Run, Run], other: psycopg2.extensions.connection) -> tuple[int, int]:
    began = time.monotonic()
    first = runs[0].start(plan.lock_timeout)
    time.sleep(plan.offset)
    second = runs[1].start(plan.lock_timeout)
    moments = [(RELEASED, other.rollback)]
    if plan.kill_after is not None:
        moments.append((plan.kill_after, lambda: _kill(first)))
    for moment, act in sorted(moments, key=lambda pair: pair[0]):
        time.sleep(max(0.0, began + moment - time.monotonic()))
        act()
    return ended(first), ended(second)


def _kill(process: BaseProcess) -> None:
    if process.pid is not None and process.is_alive():
        os.kill(process.pid, signal.SIGKILL)


def _end(code: int, run: Run, loaded: Tables, clean: Tables, what: object) -> str:
    if code == 0:
        require_same(of_events(loaded, run.events), of_events(clean, run.events), what)
        return "exact"
    if code == -signal.SIGKILL:
        return "killed"
    assert code == 1, (what, run.log)
    assert any(refusal in run.log for refusal in REFUSALS), (what, run.log)
    return "refused"


@contextlib.contextmanager
def rounds() -> Iterator[TryRound]:
    """Rounds on a server of their own."""
    with postgres_server() as server, Databases(server) as databases, arena(databases) as shared:
        yield lambda seed: try_round(Round.of(seed), shared)


def main() -> int:
    """Carry out rounds and print their tally."""
    return carry_out("Have runs overlap on Postgres and print how they ended.", "two runs", rounds, 20)


if __name__ == "__main__":
    sys.exit(main())
