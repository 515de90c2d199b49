"""Who may run: one run per pipeline."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import dlt
from filelock import FileLock, Timeout

from airmeet_source.errors import AlreadyRunning

Hold = Callable[[], AbstractContextManager[None]]  # to have the destination to ourselves for a while


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
