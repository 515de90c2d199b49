"""Drafts: files that are still being written, in a place where nobody takes them for whole ones."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

if sys.platform != "win32":
    import fcntl

SUFFIX = ".part"


def claim(draft: BinaryIO) -> None:
    """Have a draft be ours for as long as it is open; Windows keeps an open file by itself."""
    if sys.platform != "win32":
        with suppress(OSError):  # some network file systems have no locks, and are not swept either
            fcntl.flock(draft, fcntl.LOCK_EX | fcntl.LOCK_NB)


def sweep(folder: Path, prefix: str) -> None:
    """Delete the drafts of runs that were killed: those of a prefix that nobody has open."""
    for draft in folder.glob(f"{prefix}*{SUFFIX}"):
        with suppress(OSError):
            if not draft.is_symlink() and draft.is_file():
                _delete(draft)


def _delete(draft: Path) -> None:
    if sys.platform == "win32":
        draft.unlink()
        return
    with draft.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        draft.unlink()
