"""Entry links: kept nowhere, unless a file for them is named."""

import csv
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Protocol

from airmeet_source.errors import UsageError
from airmeet_source.loading.files import PRIVATE
from airmeet_source.push.sending import Result


class Links(Protocol):
    """Takes the links of people as they come."""

    def add(self, results: Iterable[Result]) -> None:
        """Take the links of those who got one."""


class _Nowhere:
    def add(self, results: Iterable[Result]) -> None:
        pass


class _File:
    def __init__(self, descriptor: int) -> None:
        self._stream = os.fdopen(descriptor, "w", encoding="utf-8", newline="")
        self._rows = csv.writer(self._stream, lineterminator="\n")

    def add(self, results: Iterable[Result]) -> None:
        self._rows.writerows((r.person.email, r.entry_link) for r in results if r.entry_link)
        self._stream.flush()

    def close(self) -> None:
        self._stream.close()


@contextmanager
def links_to(file: Path | None) -> Iterator[Links]:
    """Where links go: behind what earlier runs wrote to a file that only its owner can read, or nowhere.

    Raises:
        UsageError: it cannot be written to.
    """
    if file is None:
        with nullcontext(_Nowhere()) as nowhere:
            yield nowhere
        return
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(file, flags, PRIVATE)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            file.chmod(PRIVATE)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise UsageError(f"--entry-links: {file} cannot be written to: {why}.") from None
    links = _File(descriptor)
    try:
        yield links
    finally:
        links.close()
