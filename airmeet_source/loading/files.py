"""Files that hold people or keys: whose they are, and how they are written, whole or not at all."""

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

PRIVATE = 0o600  # for the owner alone
_OTHERS = 0o077
_MOST_LINKS = 10  # that lead to one another
_BEGINS_LIKE_DUCKDB = slice(8, 12), b"DUCK"

_changing = threading.Lock()
_runs = 0  # that have files private
_umask_before = 0


@contextmanager
def private_files() -> Iterator[None]:
    """Have all files that this process makes be the owner's alone; a stricter umask counts as well.

    DuckDB and dlt make theirs as the umask lets them. It belongs to the whole process, in which several runs
    may be under way.
    """
    global _runs, _umask_before  # noqa: PLW0603 - so is the umask
    with _changing:
        if not _runs:
            _umask_before = os.umask(_OTHERS)
            os.umask(_umask_before | _OTHERS)
        _runs += 1
    try:
        yield
    finally:
        with _changing:
            _runs -= 1
            if not _runs:
                os.umask(_umask_before)


@contextmanager
def replacing(target: Path, mode: int | None = None) -> Iterator[BinaryIO]:
    """A file to write to that takes the target's place, in one step, when the context ends without an error.

    Nobody can guess its name or put a link in its place. A pipe, a device or standard output is no file to
    replace: it is written to.

    Args:
        target: the file, which need not exist.
        mode: its permissions. Default: the owner's alone, or what a stricter umask leaves of that.

    Raises:
        OSError: it cannot be written; what was there still is.
    """
    written_to = _written_to(target)
    if written_to is not None:
        with open(written_to, "wb") as stream:  # noqa: PTH123
            yield stream
        return
    draft = target.with_name(f".airmeet-{os.urandom(12).hex()}.part")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(draft, flags, PRIVATE)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123
            yield file
            file.flush()
            os.fsync(descriptor)
        if mode is not None:
            draft.chmod(mode)
        draft.replace(target)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def _written_to(target: Path) -> int | None:
    """A descriptor to write to, if the name stands for something that is open, or for no regular file."""
    link = target
    for _ in range(_MOST_LINKS):
        if link.absolute().parent.resolve() == Path(f"/proc/{os.getpid()}/fd"):
            return os.dup(int(link.name))  # standard output goes on where it is, also in a file
        if not link.is_symlink():
            break
        link = link.parent / link.readlink()
    if target.exists() and not target.is_file():
        return os.open(target, os.O_WRONLY | getattr(os, "O_NOCTTY", 0))
    return None


def is_same_file(one: Path, other: Path) -> bool:
    """Whether two names lead to one file, which need not exist."""
    if one.resolve() == other.resolve():
        return True
    try:
        return one.samefile(other)
    except OSError:
        return False


def is_database(file: Path) -> bool:
    """Whether a file is a DuckDB database, or the log beside one."""
    place, beginning = _BEGINS_LIKE_DUCKDB
    for candidate in (file, file.with_suffix("") if file.suffix == ".wal" else file):
        with suppress(OSError), open(candidate, "rb", opener=_without_waiting) as stream:
            if stream.read(16)[place] == beginning:
                return True
    return False


def _without_waiting(name: str, flags: int) -> int:
    return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))


def open_to_others(file: Path) -> bool:
    """Whether other accounts of the machine can read a file."""
    try:
        return os.name == "posix" and bool(file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))
    except OSError:
        return False
