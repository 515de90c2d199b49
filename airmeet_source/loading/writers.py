"""Which locks a destination has: advisory ones, a file's, or a lease in the dataset."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dlt

from airmeet_source.loading.duckdb import duckdb_file, held, is_duckdb
from airmeet_source.loading.leasing import Leasing
from airmeet_source.loading.locking import Locks, locked_file
from airmeet_source.loading.postgres import is_postgres


@contextmanager
def locks_of(pipeline: dlt.Pipeline, timeout: float) -> Iterator[Locks]:
    """The locks of a pipeline's destination; nothing is locked yet.

    Args:
        pipeline: the pipeline; its connections get the limits that belong to the locks.
        timeout: seconds to wait for whoever has them.
    """
    if is_duckdb(pipeline):
        yield FileLocks(pipeline, timeout)
    elif is_postgres(pipeline):
        from airmeet_source.loading.advisory_locks import AdvisoryLocks  # noqa: PLC0415 - it needs the driver

        locks = AdvisoryLocks(pipeline, timeout)
        try:
            yield locks
        finally:
            locks.close()
    else:
        yield Leasing(pipeline, timeout)


class FileLocks(Locks):
    """The locks of a DuckDB file: one run for each pipeline, and nobody else in the file during a load.

    It is kept from one step to the next: to open and close it takes as long as a small step.
    """

    def __init__(self, pipeline: dlt.Pipeline, timeout: float) -> None:
        self._pipeline = pipeline
        self._client = pipeline.sql_client()
        self._timeout = timeout
        self._kept = ExitStack()
        self._is_kept = False

    @contextmanager
    def only_run(self) -> Iterator[None]:
        """Keep other runs of the same pipeline away, whatever their working folder.

        Raises:
            AlreadyRunning: another run is under way, and did not end in time.
        """
        with locked_file(self._lock(f".{self._pipeline.pipeline_name}"), self._timeout):
            try:
                yield
            finally:
                self.let_go()

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Have the file to ourselves; loads of other pipelines take turns with ours.

        Raises:
            AlreadyRunning: another pipeline loads into it, and did not end in time.
            FileInUse: another program has it open, and did not close it in time.
        """
        if self._is_kept:
            yield
            return
        turn = locked_file(self._lock(), self._timeout, logging.INFO)  # it comes soon, as a rule
        with turn, held(self._client, self._timeout):
            yield

    @contextmanager
    def keep(self) -> Iterator[None]:
        """As ``hold``, but the file stays ours after a step that succeeds."""
        with ExitStack() as stack:
            stack.enter_context(self.hold())
            yield
            self._kept.push(stack.pop_all())
            self._is_kept = True

    def let_go(self) -> None:
        """Close the file."""
        self._is_kept = False
        self._kept.close()

    def _lock(self, of: str = "") -> Path:
        file = duckdb_file(self._pipeline)
        return file.with_name(f".{file.name}{of}.lock")
