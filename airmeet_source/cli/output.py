"""Standard output and standard error: they tell no secret, and whether anybody reads them decides nothing."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

from airmeet_source.disclosure.secrets import without_secrets


class Output(io.TextIOBase):
    """A standard stream that never fails.

    Its reader may have gone (``| head -1``), the disk may be full, the stream closed, or its encoding without
    the letters of somebody's language: a run must not end because of that, let alone lose its report.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override] # typeshed has an attribute
        """The encoding of the stream."""
        return self._stream.encoding or "utf-8"

    def writable(self) -> bool:
        """It can be written to, come what may."""
        return True

    def isatty(self) -> bool:
        """Whether a person sees it at once."""
        try:
            return self._stream.isatty()
        except (OSError, ValueError):
            return False

    def fileno(self) -> int:
        """The stream's descriptor."""
        return self._stream.fileno()

    def write(self, text: str) -> int:
        """Write what may be told, in the letters that the stream has."""
        told = without_secrets(text)
        try:
            self._stream.write(told.encode(self.encoding, "backslashreplace").decode(self.encoding))
        except (OSError, ValueError):
            self._write_no_more()
        return len(text)

    def flush(self) -> None:
        """Hand over what was written."""
        try:
            self._stream.flush()
        except (OSError, ValueError):
            self._write_no_more()

    def _write_no_more(self) -> None:
        """Let what is still to come vanish, also what Python writes as it ends."""
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)


@contextmanager
def safe_output() -> Iterator[None]:
    """Have both streams safe while the context lasts."""
    if isinstance(sys.stdout, Output):
        yield
        return
    _occupy_standard_descriptors()
    theirs = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = map(Output, (stream or _nowhere() for stream in theirs))
    try:
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = theirs


def _occupy_standard_descriptors() -> None:
    """See to it that no file of ours gets the number of a standard stream that is closed.

    Whatever in the process writes to standard output would write into the database.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # it gets the lowest number that is free


def _nowhere() -> TextIO:
    return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - as long as the process
