"""Six communities that load into one Postgres dataset at once: the rows are those of loads in turn.

Each round is made from its seed. All six begin together, into an empty database or into tables that exist,
and wait for one another where it is worst: before they look at the destination, or before their first load.
In some rounds another session locks a table between staging and merge, so that they queue up there, and some
of the six are killed. Two communities list an event together, and two add one column with different types::

    python -m tests.faults.communities --rounds 20
"""

import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any
from unittest import mock

from airmeet_sandbox import Sandbox, World
from tests.faults.overlaps import LOCKS, PROCESSES, RELEASED, contents, ended, session
from tests.faults.rounds import Tables, TryRound, carry_out, require_same
from tests.support.postgres_server import Databases, postgres_server

NAMES = ("north", "south", "east", "west", "here", "there")
RESOURCES = "airmeets,tracks,utms,event_attendance"
MEETINGS = {  # where all wait for one another
    "before they look": "airmeet_source.loading.opened.Opened.begin",
    "before the first load": "airmeet_source.loading.packages._load_package",
}
PATIENCE = 20.0  # seconds to wait for one another: who was killed does not come
EVOLVED = "new_field"

_SETTINGS = {"PENDING_WAIT": "0.05", "BACKOFF": "0.01", "MAX_ATTEMPTS": "3"}


@dataclass(frozen=True, kw_only=True)
class Round:
    """How the six meet."""

    seed: int
    tables_exist: bool
    meeting: str | None
    lock: str | None
    killed: dict[str, float]  # by name, seconds after the start

    @classmethod
    def of(cls, seed: int) -> "Round":
        """The round of a seed."""
        rng = random.Random(seed)
        tables_exist = rng.random() < 0.5
        victims = rng.sample(NAMES, rng.choice((0, 0, 1, 2)))
        return cls(
            seed=seed,
            tables_exist=tables_exist,
            meeting=rng.choice((None, *MEETINGS, *MEETINGS)),
            lock=rng.choice((None, *LOCKS)) if tables_exist else None,
            killed={name: rng.uniform(1.0, 10.0) for name in victims},
        )


@dataclass(frozen=True, kw_only=True)
class Gathering:
    """Runs that wait for one another: in a folder, where one that is killed leaves no lock behind."""

    folder: Path
    size: int

    def wait(self) -> None:
        """Wait for the others, for as long as there is patience."""
        (self.folder / f"arrived-{os.getpid()}").touch()
        until = time.monotonic() + PATIENCE
        while len(list(self.folder.glob("arrived-*"))) < self.size and time.monotonic() < until:
            time.sleep(0.02)


def load(
    folder: str,
    environment: dict[str, str],
    words: tuple[str, ...],
    meeting: str | None,
    gathering: Gathering | None,
) -> None:
    """Run the command, in a process of its own."""
    from airmeet_source.cli.main import program  # noqa: PLC0415 - only the processes of the runs import it

    Path(folder).mkdir(exist_ok=True)
    os.chdir(folder)
    os.environ.update(environment)
    usual = ("--resources", RESOURCES, "--no-views", "--lock-timeout", "120", "--pipelines-dir", "pipelines")
    with (
        Path("run.log").open("a") as log,
        contextlib.redirect_stdout(log),
        contextlib.redirect_stderr(log),
        _meeting(meeting, gathering),
    ):
        code = program("load", (*words, *usual), prog="airmeet load")
    sys.exit(code)


@contextlib.contextmanager
def _meeting(place: str | None, gathering: Gathering | None) -> Iterator[None]:
    if place is None or gathering is None:
        yield
        return
    module, _, function = MEETINGS[place].rpartition(".")
    owner = _named(module)
    original, met = getattr(owner, function), threading.Event()

    def after_all_have_come(*arguments: Any) -> Any:
        if not met.is_set():
            met.set()
            gathering.wait()
        return original(*arguments)

    with mock.patch.object(owner, function, after_all_have_come):
        yield


def _named(path: str) -> Any:
    """A module, or a class in one."""
    from importlib import import_module  # noqa: PLC0415 - as above

    try:
        return import_module(path)
    except ModuleNotFoundError:
        module, _, name = path.rpartition(".")
        return getattr(import_module(module), name)


@dataclass(frozen=True, kw_only=True)
class Arena:
    """What all rounds share: the APIs, the databases, the rows of loads in turn."""

    environment: dict[str, str]
    databases: Databases
    in_turn: Tables
    events: dict[str, set[str]]  # by community

    def start(
        self,
        name: str,
        folder: Path,
        database: str,
        meeting: str | None = None,
        gathering: Gathering | None = None,
    ) -> BaseProcess:
        """Start the run of a community in a process of its own, on a machine of its own."""
        environment = {**self.environment, "DESTINATION__POSTGRES__CREDENTIALS": database}
        words = ("--community", name, "--destination", "postgres")
        process = PROCESSES.Process(
            target=load, args=(str(folder / name), environment, words, meeting, gathering)
        )
        process.start()
        return process


@contextlib.contextmanager
def apis(names: Iterable[str] = NAMES) -> Iterator[tuple[dict[str, str], dict[str, set[str]]]]:
    """Sandboxes whose time stands still: what leads runs to them, and the events of each."""
    with contextlib.ExitStack() as stack:
        environment = {f"SOURCES__AIRMEET__{name}": value for name, value in _SETTINGS.items()}
        events: dict[str, set[str]] = {}
        for number, name in enumerate(names):
            # south's events are those of north, as far as both list them
            world = World(seed=max(number, 1), events=4, people=4)
            sandbox = stack.enter_context(Sandbox(world, prepare_seconds=0.0))
            sandbox.clock.freeze()
            _make_special(sandbox, name)
            events[name] = set(world.events())
            for key, value in (
                ("ACCESS_KEY", sandbox.access_key),
                ("SECRET_KEY", sandbox.secret_key),
                ("BASE_URL", sandbox.base_url),
            ):
                environment[f"SOURCES__AIRMEET__COMMUNITIES__{name.upper()}__{key}"] = value
        yield environment, events


@contextlib.contextmanager
def arena(databases: Databases, names: Iterable[str] = NAMES) -> Iterator[Arena]:
    """The six or some of them, and the tables of loads in turn."""
    with contextlib.ExitStack() as stack:
        environment, events = stack.enter_context(apis(names))
        shared = Arena(environment=environment, databases=databases, in_turn={}, events=events)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = databases.new()
        for name in events:
            assert ended(shared.start(name, folder, database)) == 0, (folder / name / "run.log").read_text()
        shared.in_turn.update(compared(contents(database), events))
        yield shared


def _make_special(sandbox: Sandbox, name: str) -> None:
    first, *_, last = sandbox.world.events()
    if name in ("north", "south"):
        sandbox.world.archive_event(first if name == "north" else last)
    if name in ("east", "west"):
        value = 7 if name == "east" else "seven"
        sandbox.world.put(last, "tracks", [{"uid": f"track of {name}", "newField": value}])


def compared(tables: Tables, events: dict[str, set[str]]) -> Tables:
    """The rows as they must be: who owns a shared event, and the type of a new column, is for the quicker."""
    shared = events["north"] & events["south"]
    found: Tables = {}
    for table, rows in tables.items():
        found[table] = Counter()
        for row, count in rows.items():
            values = dict(row)
            if values.get("airmeet_id") in shared and "community" in values:
                values["community"] = "north or south"
            unparsed = json.loads(str(values.pop("_unparsed", "{}")))
            if EVOLVED in unparsed:
                values[EVOLVED] = unparsed.pop(EVOLVED)
            if EVOLVED in values:  # the row's id is made of the columns that hold its values
                del values["_dlt_row_id"]
            values = {**values, **({"_unparsed": str(unparsed)} if unparsed else {})}
            found[table][tuple(sorted((name, str(value)) for name, value in values.items()))] += count
    return found


def try_round(plan: Round, shared: Arena) -> Counter[str]:
    """Carry out a round; returns how the runs ended: exact or killed.

    Raises:
        AssertionError: rows are missing, doubled or foreign, or a run ended in another way.
    """
    database = shared.databases.new()
    with tempfile.TemporaryDirectory() as name, session(database) as other:
        folder = Path(name)
        if plan.tables_exist:
            for first in ("east", "north"):
                assert ended(shared.start(first, folder, database)) == 0
        if plan.lock is not None:
            with other.cursor() as cursor:
                cursor.execute(LOCKS[plan.lock].format(staging="airmeet_data_staging_airmeet_north"))
        gathering = Gathering(folder=folder, size=len(shared.events))
        began = time.monotonic()
        runs = {run: shared.start(run, folder, database, plan.meeting, gathering) for run in shared.events}
        moments = [(RELEASED, other.rollback)]
        moments += [(at, runs[victim].kill) for victim, at in plan.killed.items()]
        for moment, act in sorted(moments, key=lambda pair: pair[0]):
            time.sleep(max(0.0, began + moment - time.monotonic()))
            act()
        codes = {run: ended(process) for run, process in runs.items()}
        killed = [run for run, code in codes.items() if code == -signal.SIGKILL]
        for run, code in codes.items():
            assert code == 0 or run in plan.killed, (plan, codes, (folder / run / "run.log").read_text())
        for run in killed:
            assert ended(shared.start(run, folder, database)) == 0, (
                plan,
                (folder / run / "run.log").read_text(),
            )
        require_same(compared(contents(database), shared.events), shared.in_turn, plan)
    return Counter({"exact": len(runs) - len(killed), "killed": len(killed)})


@contextlib.contextmanager
def rounds() -> Iterator[TryRound]:
    """Rounds on a server of their own."""
    with postgres_server() as server, Databases(server) as databases, arena(databases) as shared:
        yield lambda seed: try_round(Round.of(seed), shared)


def main() -> int:
    """Carry out rounds and print their tally."""
    return carry_out("Have six communities load at once, and print how it ended.", "six runs", rounds, 20)


if __name__ == "__main__":
    sys.exit(main())
