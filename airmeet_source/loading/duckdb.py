"""DuckDB: its file, who has it open, how much memory it takes, and the snapshot for dashboards."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import dlt
from dlt.destinations.exceptions import DestinationConnectionError
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
from dlt.destinations.sql_client import SqlClientBase
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay, wait_fixed

from airmeet_source.disclosure.words import of_server
from airmeet_source.errors import FileInUse, FileTaken, LoadFailed, UsageError
from airmeet_source.loading.files import is_same_file, replacing

log = logging.getLogger("airmeet_source")

_MEGABYTE = 1_000_000
_LEAST = 96 * _MEGABYTE
_MOST = 4_000 * _MEGABYTE

# DuckDB undoes an aborted DELETE only when the file is closed: until then dlt's next attempts meet a conflict
_SHORT_OF_MEMORY = ("Out of Memory Error", "could not allocate block", "Conflict on tuple deletion")

# of the oldest DuckDB that the connector runs with. By default it would be that of 1.0, in which files are up
# to a third larger and a whole load takes a tenth more CPU
_FORMAT = "v1.4.0"

# until its transaction has ended, each column that is written to takes blocks of 256 KB
_WIDE = 50  # columns: so many are within what each load needs
_WIDE_COLUMN = 900_000  # bytes

_ASK_AGAIN = 0.25  # seconds
_STILL_IN_USE = """\
The DuckDB file is still in use after {timeout:g} s ({holder}). Nothing was lost.
Close it there and run again, or let dashboards read a snapshot: --publish FILE."""
_UNREADABLE = """\
{file} cannot be opened: {said}
If it is damaged, restore a backup, or move it away: the next run then loads everything again."""


def is_duckdb(pipeline: dlt.Pipeline) -> bool:
    """Whether the destination is a DuckDB file."""
    return pipeline.destination.destination_type == "dlt.destinations.duckdb"


def duckdb_file(pipeline: dlt.Pipeline) -> Path:
    """The file that a DuckDB pipeline loads into; its credentials are resolved since it was built."""
    return Path(pipeline.destination.config_params["credentials"].database)


def read_only(pipeline: dlt.Pipeline) -> None:
    """Have the file opened for nothing but queries, which take the memory that they need."""
    credentials = pipeline.destination.config_params["credentials"]
    credentials.read_only = True
    if isinstance(credentials, LimitedCredentials):  # with a limit for loads
        credentials.global_config = None


# -- the lock ------------------------------------------------------------------------------------


@contextmanager
def held(client: SqlClientBase[Any], timeout: float) -> Iterator[None]:
    """Have a DuckDB file to ourselves, so that no reader can come between the steps of a load.

    While another program has the file open, we wait.

    Raises:
        FileInUse: it is still in use after ``timeout`` seconds.
        LoadFailed: it cannot be opened.
    """
    attempts = Retrying(
        retry=retry_if_exception(_is_locked),
        stop=stop_after_delay(timeout),
        wait=wait_fixed(_ASK_AGAIN),
        before_sleep=partial(_tell, timeout),
        reraise=True,
    )
    try:
        attempts(_open, client)
    except DestinationConnectionError as error:
        if not _is_locked(error):
            file, said = client.credentials.database, of_server(_words(error))
            raise LoadFailed(_UNREADABLE.format(file=file, said=said)) from None
        raise FileInUse(_STILL_IN_USE.format(timeout=timeout, holder=_holder(error))) from None
    try:
        yield
    finally:
        client.close_connection()


def _open(client: SqlClientBase[Any]) -> None:
    database = client.credentials.database
    if isinstance(client.credentials, LimitedCredentials) and not Path(database).exists():
        import duckdb  # noqa: PLC0415 - other destinations do without it

        with suppress(duckdb.Error):  # opening it says why
            duckdb.connect(database, config={"storage_compatibility_version": _FORMAT}).close()
    client.open_connection()


def _is_locked(error: BaseException | None) -> bool:
    return isinstance(error, DestinationConnectionError) and "could not set lock" in _words(error).lower()


def _tell(timeout: float, attempt: RetryCallState) -> None:
    if attempt.attempt_number == 1 and attempt.outcome is not None:
        holder = _holder(attempt.outcome.exception())
        log.warning("The DuckDB file is in use (%s): waiting up to %g s for it.", holder, timeout)


def _holder(error: BaseException | None) -> str:
    """Who holds the file, from DuckDB's own message."""
    _, _, holder = _words(error).partition("Conflicting lock is held in ")
    return holder.partition(")")[0] + ")" if "(PID" in holder else "by another program"


def _words(error: BaseException | None) -> str:
    return str(getattr(error, "inner_exc", None) or error) if error is not None else ""


# -- the memory ----------------------------------------------------------------------------------


class LimitedCredentials(DuckDbCredentials):
    """Credentials of a DuckDB file with a limit.

    Without one, DuckDB keeps what it has read of the file until most of the machine's memory is full.
    """

    def __str__(self) -> str:
        return str(self.database)  # dlt makes a url of it, and imports SQLAlchemy for that where it finds it


def limited_credentials(file: Path) -> LimitedCredentials:
    """The credentials of a file, with the lowest limit."""
    limited = LimitedCredentials(global_config=_config(_LEAST))
    limited.database = str(file)  # an argument would be parsed by SQLAlchemy, too
    limited.resolve()  # so that dlt takes them as they are, and later limits count
    return limited


class DuckDbMemory:
    """The limit, for one run. Who names a file of their own has their own settings, or DuckDB's."""

    def __init__(self, pipeline: dlt.Pipeline) -> None:
        self._pipeline = pipeline
        credentials = pipeline.destination.config_params.get("credentials")
        self._credentials = credentials if isinstance(credentials, LimitedCredentials) else None
        self._least = self._limit = _LEAST

    def give(self, package_size: int) -> None:
        """Have the limit follow the bytes of Arrow data of the load package that comes next.

        What DuckDB pins to replace rows grows with their number; it cannot put that on the disk. For rows
        that lie near each other, 24 MB and three times the package were measured to do with two threads.
        """
        tables = (table for schema in self._pipeline.schemas.values() for table in schema.tables.values())
        wide = _WIDE_COLUMN * max((len(table["columns"]) - _WIDE for table in tables), default=0)
        self._set(max(self._least, 24 * _MEGABYTE + max(wide, 0) + 3 * package_size))

    def give_more(self, failure: Exception) -> bool:
        """Raise the limit if it is why a load failed, for the rest of the run; False if it is not.

        Rows all over a large table need more, 8 bytes for each row of it: that cannot be told beforehand.
        """
        short = any(words in str(failure) for words in _SHORT_OF_MEMORY)
        if self._credentials is None or not short or self._limit >= _MOST:
            return False
        self._least = min(4 * self._limit, _MOST)  # dlt makes five attempts with each
        self._set(self._least)
        log.warning("DuckDB needs more memory to replace rows: up to %d MB.", self._least // _MEGABYTE)
        return True

    def _set(self, limit: int) -> None:
        self._limit = limit
        if self._credentials is not None:
            self._credentials.global_config = _config(limit)


def _config(limit: int) -> dict[str, str]:
    # a second one would take the core of those that go on fetching, and half as much CPU again in all
    return {"memory_limit": f"{limit // _MEGABYTE}MB", "threads": "1"}


# -- the snapshot --------------------------------------------------------------------------------


def require_publishable(pipeline: dlt.Pipeline) -> None:
    """Refuse a snapshot where there is no file to copy.

    Raises:
        UsageError: the destination is no DuckDB file.
    """
    if not is_duckdb(pipeline):
        raise UsageError("--publish makes a snapshot of a DuckDB file; this destination is none.")


def require_elsewhere(pipeline: dlt.Pipeline, option: str, target: Path) -> None:
    """Refuse a file that would take the place of the database or of what belongs to it.

    Raises:
        FileTaken: it would.
    """
    if not is_duckdb(pipeline):
        return
    file = duckdb_file(pipeline)
    if any(is_same_file(target, taken) for taken in (file, file.with_name(f"{file.name}.wal"))):
        raise FileTaken(f"{option} must name another file than the one that is loaded into, or its .wal.")


def publish(pipeline: dlt.Pipeline, target: Path, mode: int | None) -> None:
    """Replace the snapshot in one step: readers see the old one or the new one, open ones keep the old.

    The caller holds the file, so that nothing changes it meanwhile.

    Raises:
        LoadFailed: it cannot be written.
    """
    source = duckdb_file(pipeline)
    with pipeline.sql_client() as client:
        client.execute_sql("CHECKPOINT")
    try:
        with source.open("rb") as database, replacing(target, mode) as snapshot:
            shutil.copyfileobj(database, snapshot, _MEGABYTE)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise LoadFailed(
            f"The snapshot cannot be written to {target}: {why}.\nThe rows are loaded, the old one is kept."
        ) from None
