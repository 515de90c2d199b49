"""One run of the command line, in a process of its own that can be killed at any moment."""

import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial, partialmethod
from itertools import count
from pathlib import Path
from typing import Any, Literal
from unittest import mock

from airmeet_sandbox import Sandbox

LONGEST_RUN = 120.0  # seconds

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(  # what a run imports late, too: that takes longer than the run
    [
        *("airmeet_source.cli.main", "airmeet_source.cli.running", "airmeet_source.loading.run"),
        *("pandas", "pyarrow.parquet", "sqlalchemy", "dlt.sources.helpers.requests"),
        *("dlt.common.libs.pyarrow", "dlt.destinations.impl.duckdb.duck"),
        *("tests.faults.histories.stage", "tests.support.postgres_server"),  # which the script imports
    ]
)


@dataclass(frozen=True, kw_only=True)
class End:
    """When a run is ended, and how: before its n-th SQL statement or request, or after so many seconds."""

    before: Literal["statement", "request", "seconds"]
    number: float
    by: signal.Signals = signal.SIGKILL

    def __str__(self) -> str:
        """In a few words."""
        return f"{self.by.name} at {self.before} {self.number:g}"


@dataclass(frozen=True, kw_only=True)
class Run:
    """What a run is given: where it runs, with what options, at what time, and how it is disturbed."""

    folder: Path
    arguments: tuple[str, ...]
    environment: dict[str, str]
    now: datetime | None = None  # by the clock of the API; none is the machine's own
    checkpoint: float = 300.0  # seconds between two load packages
    end: End | None = None


def carry_out(run: Run) -> int:
    """Run the command line; returns its exit code, below zero if a signal ended it."""
    run.folder.mkdir(exist_ok=True)
    process = _PROCESSES.Process(target=_command, args=(run,))
    process.start()
    try:
        if run.end is not None and run.end.before == "seconds":
            process.join(run.end.number)
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, run.end.by)
        process.join(LONGEST_RUN)
        if process.is_alive():
            raise TimeoutError(f"a run took more than {LONGEST_RUN} s, see {run.folder}")
    finally:
        process.kill()
        process.join()
    return process.exitcode or 0


def environment_for(sandbox: Sandbox) -> dict[str, str]:
    """Settings that lead to the sandbox and give up quickly."""
    settings = {
        "ACCESS_KEY": sandbox.access_key, "SECRET_KEY": sandbox.secret_key, "BASE_URL": sandbox.base_url,
        "PENDING_WAIT": "0.2", "PENDING_TIMEOUT": "5", "BACKOFF": "0.02", "MAX_ATTEMPTS": "4",
        "REQUEST_TIMEOUT": "0.5",
    }  # fmt: skip
    return {f"SOURCES__AIRMEET__{name}": value for name, value in settings.items()}


def _command(run: Run) -> None:
    # only the processes of the runs import it
    from airmeet_source.cli.main import call  # noqa: PLC0415

    os.chdir(run.folder)
    os.environ.update(run.environment)
    with (
        _disturbed(run),
        Path("run.log").open("a") as log,
        contextlib.redirect_stdout(log),
        contextlib.redirect_stderr(log),
    ):
        code = call("load", run.arguments, prog="airmeet load")
    sys.exit(code)


@contextlib.contextmanager
def _disturbed(run: Run) -> Iterator[None]:
    from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient  # noqa: PLC0415
    from dlt.destinations.impl.postgres.sql_client import Psycopg2SqlClient  # noqa: PLC0415

    from airmeet_source.api.client import AirmeetClient  # noqa: PLC0415
    from airmeet_source.extract.extraction import Extraction  # noqa: PLC0415
    from airmeet_source.extract.package import Checkpoint  # noqa: PLC0415

    with contextlib.ExitStack() as patches:
        patch = partialmethod(Checkpoint.__init__, seconds=run.checkpoint)
        patches.enter_context(mock.patch.object(Checkpoint, "__init__", patch))
        if run.now is not None:
            in_time = partial(Extraction, clock=partial(_the_same, run.now))
            patches.enter_context(mock.patch("airmeet_source.loading.run.Extraction", in_time))
        if run.end is not None and run.end.before == "statement":
            for client in (DuckDbSqlClient, Psycopg2SqlClient):
                ending = _ending(client.execute_query, run.end)
                patches.enter_context(mock.patch.object(client, "execute_query", ending))
        if run.end is not None and run.end.before == "request":
            ending = _ending(AirmeetClient.ask, run.end)
            patches.enter_context(mock.patch.object(AirmeetClient, "ask", ending))
        yield


def _the_same(now: datetime) -> datetime:
    return now


def _ending(method: Callable[..., Any], end: End) -> Callable[..., Any]:
    """The method of a class; the process ends before it is called for the n-th time."""
    calls = count(1)

    def call(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == end.number:
            os.kill(os.getpid(), end.by)
        return method(*args, **kwargs)

    return call
