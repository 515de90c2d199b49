"""Ending a run from outside with SIGINT or SIGTERM."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from airmeet_source.errors import Interrupted
from airmeet_source.extract.extraction import Extraction

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StoppedAtOnce(KeyboardInterrupt):
    """The second signal; the first one explains it."""

    def __init__(self, first: Interrupted) -> None:
        super().__init__(str(first))
        self.first = first


@contextmanager
def stopping_cleanly(extraction: Extraction) -> Iterator[None]:
    """On SIGINT and SIGTERM ask for nothing more and load what is complete; on a second one stop at once."""

    def stop(number: int, _frame: FrameType | None) -> None:
        if isinstance(extraction.error, Interrupted):
            raise StoppedAtOnce(extraction.error)
        extraction.end_early(Interrupted(number))

    previous = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
