"""Ending a run from outside with SIGINT, SIGTERM or SIGHUP."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from airmeet_source.errors import Interrupted
from airmeet_source.extract.extraction import Extraction

# the last one says that the terminal is gone; Windows does not have it
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class StoppedAtOnce(KeyboardInterrupt):
    """The second signal; the first one explains it."""

    def __init__(self, first: Interrupted) -> None:
        super().__init__(str(first))
        self.first = first


@contextmanager
def stopping_cleanly(extraction: Extraction) -> Iterator[None]:
    """On one of them ask for nothing more and load what is complete; on a second one stop at once.

    A signal that is ignored stays ignored, as `nohup` and a shell's background jobs have it.
    """

    def stop(number: int, _frame: FrameType | None) -> None:
        if isinstance(extraction.error, Interrupted):
            raise StoppedAtOnce(extraction.error)
        extraction.end_early(Interrupted(number))

    heeded = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    previous = {number: signal.signal(number, stop) for number in heeded}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
