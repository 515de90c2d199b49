"""Who may write: one run per pipeline, and a DuckDB file that is ours while we load."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import dlt
from dlt.destinations.exceptions import DestinationConnectionError
from filelock import FileLock, Timeout

from airmeet_source.errors import AlreadyRunning, FileInUse

Hold = Callable[[], AbstractContextManager[None]]

_ASK_AGAIN = 0.25  # seconds
_STILL_IN_USE = """\
The DuckDB file is still in use after {timeout:g} s ({holder}). Nothing was lost.
Close it there and run again, or let dashboards read a snapshot: --publish FILE."""


@contextmanager
def only_run(pipeline: dlt.Pipeline) -> Iterator[None]:
    """Keep other runs of the same pipeline away; the operating system lets go of the lock if we are killed.

    Raises:
        AlreadyRunning: another run has the pipeline.
    """
    working_dir = Path(pipeline.working_dir)
    working_dir.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(working_dir.with_name(f"{working_dir.name}.lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise AlreadyRunning(
            f"Another run of pipeline {pipeline.pipeline_name} is under way ({working_dir})."
        ) from None
    try:
        yield
    finally:
        lock.release()


def is_duckdb(pipeline: dlt.Pipeline) -> bool:
    """Whether the destination is a DuckDB file."""
    return pipeline.destination.destination_type == "dlt.destinations.duckdb"


def duckdb_file(pipeline: dlt.Pipeline) -> Path:
    """The file that a DuckDB pipeline loads into."""
    return Path(pipeline.sql_client().credentials.database)


@contextmanager
def destination_held(pipeline: dlt.Pipeline, timeout: float, tell: Callable[[str], None]) -> Iterator[None]:
    """Have a DuckDB file to ourselves, so that no reader can come between the steps of a load.

    While somebody else has the file open we say so and wait; other destinations need no such thing.

    Raises:
        FileInUse: it is still in use after ``timeout`` seconds.
    """
    if not is_duckdb(pipeline):
        yield
        return
    client = pipeline.sql_client()
    give_up_at = time.monotonic() + timeout
    told = False
    while True:
        try:
            client.open_connection()
            break
        except DestinationConnectionError as error:
            words = str(error.__cause__ or error)
            if "could not set lock" not in words.lower():
                raise
            if not told:
                told = True
                tell(f"The DuckDB file is in use ({_holder(words)}): waiting up to {timeout:g} s for it.")
            if time.monotonic() >= give_up_at:
                raise FileInUse(_STILL_IN_USE.format(timeout=timeout, holder=_holder(words))) from None
            time.sleep(_ASK_AGAIN)
    try:
        yield
    finally:
        client.close_connection()


def _holder(words: str) -> str:
    """Who holds the file, from DuckDB's own message."""
    _, _, holder = words.partition("Conflicting lock is held in ")
    return holder.partition(")")[0] + ")" if "(PID" in holder else "by another program"
