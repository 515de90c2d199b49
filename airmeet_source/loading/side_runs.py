"""Side runs: those of commands that load no events, but write to the dataset and to the table of runs."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import dlt

from airmeet_source.errors import AirmeetError, AlreadyRunning, FileInUse
from airmeet_source.loading.clients import Clients
from airmeet_source.loading.destinations import Target, build_pipeline, require_pipeline_name
from airmeet_source.loading.duckdb import require_elsewhere
from airmeet_source.loading.failures import in_our_words
from airmeet_source.loading.locking import Locks
from airmeet_source.loading.log_tables import Row
from airmeet_source.loading.postgres import is_postgres, require_server
from airmeet_source.loading.recognition import refuse_other_ways_of_all
from airmeet_source.loading.run_log import enter_run
from airmeet_source.loading.storage import has_database, read_storage
from airmeet_source.loading.writers import locks_of
from airmeet_source.settings import Settings


@contextmanager
def opened_beside(
    target: Target, lock_timeout: float, files: Mapping[str, Path | None]
) -> Iterator[tuple[dlt.Pipeline, Locks]]:
    """A pipeline that remembers nothing, and the locks of its destination; nothing is locked yet.

    Args:
        target: where it leads.
        lock_timeout: seconds to wait for whoever has a lock.
        files: by option, those that will be written and must not be the database.

    Raises:
        UsageError: the pipeline's name cannot be used, or one of the files is the database.
    """
    require_pipeline_name(target)
    with TemporaryDirectory() as folder:
        pipeline = build_pipeline(replace(target, pipelines_dir=folder))
        for option, file in files.items():
            if file is not None:
                require_elsewhere(pipeline, option, file)
        with locks_of(pipeline, lock_timeout) as locks:
            yield pipeline, locks


@contextmanager
def side_run(
    pipeline: dlt.Pipeline,
    locks: Locks,
    settings: Settings,
    row: Callable[[AirmeetError | None], Row],
    *,
    demo: bool | None,
) -> Iterator[None]:
    """Keep other runs away, and have this one entered in the table of runs, however it ends.

    Args:
        pipeline: that the run belongs to.
        locks: of its destination.
        settings: have to fit what was loaded into the dataset.
        row: makes its row when it has ended; an error is what ended it.
        demo: whether it is about made-up events; None if it may be about either.

    Raises:
        UsageError: the dataset was loaded with other settings.
        AirmeetError: the run failed.
    """
    if is_postgres(pipeline):
        require_server(pipeline)
    clients = Clients(pipeline)
    with locks.only_run():
        try:
            with in_our_words():
                if has_database(pipeline):
                    with locks.hold():
                        refuse_other_ways_of_all(clients, read_storage(clients), settings, demo=demo)
                yield
        except AirmeetError as error:
            if not isinstance(error, FileInUse | AlreadyRunning):  # it is still out of our reach
                enter_run(clients, locks.hold, row(error), settings.log_days)
            raise
        enter_run(clients, locks.hold, row(None), settings.log_days)
