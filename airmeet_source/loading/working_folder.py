"""The working folder of dlt: scratch, and empty when a run begins. What counts is in the destination."""

import logging
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from airmeet_source.errors import UsageError
from airmeet_source.loading.destinations import Target
from airmeet_source.loading.locking import locked_file

log = logging.getLogger("airmeet_source")

# dlt keeps a load package in the first while it is extracted, and in the second until all of it is loaded
_UNFINISHED = (Path("normalize", "extracted"), Path("load", "normalized"))


@contextmanager
def empty_working_folder(target: Target, timeout: float) -> Iterator[None]:
    """Have the pipeline's working folder to ourselves, and empty.

    dlt would believe what it finds there: a state that is newer than that of a restored database, the file of
    another folder, half a load package. None of it belongs to the rows in the destination for sure.

    Raises:
        AlreadyRunning: another run has it, and did not end in time.
        UsageError: what is in it cannot be deleted.
    """
    folder = target.working_folder
    with locked_file(folder.with_name(f"{folder.name}.lock"), timeout):
        if _has_unfinished_packages(folder):
            log.warning("The last run was interrupted while it loaded; what it had fetched is fetched again.")
        _empty(folder)
        yield


def _has_unfinished_packages(folder: Path) -> bool:
    with suppress(OSError):
        return any(any((folder / place).iterdir()) for place in _UNFINISHED if (folder / place).is_dir())
    return False


def _empty(folder: Path) -> None:
    try:
        _delete(folder)
    except OSError as error:
        raise UsageError(
            f"The working folder {folder} cannot be emptied: {error.strerror}.\n"
            "It holds nothing that is needed: delete it, or choose another --pipelines-dir."
        ) from None


def _delete(folder: Path) -> None:
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
        return
    try:
        shutil.rmtree(folder)
    except PermissionError:
        _make_writable(folder)
        shutil.rmtree(folder)


def _make_writable(folder: Path) -> None:
    folder.chmod(stat.S_IRWXU)
    for parent, folders, _ in os.walk(folder):
        for below in folders:
            path = Path(parent, below)
            if not path.is_symlink():
                path.chmod(stat.S_IRWXU)
