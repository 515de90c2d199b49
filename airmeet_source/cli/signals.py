"""Ending a run from outside with SIGINT, SIGTERM or SIGHUP."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

from airmeet_source.errors import AirmeetError, Interrupted

# the last one says that the terminal is gone; Windows does not have it
_SIGNALS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


class StoppedAtOnce(KeyboardInterrupt):
    """The second signal; the first one explains it."""

    def __init__(self, first: Interrupted) -> None:
        super().__init__(str(first))
        self.first = first


class Stoppable(Protocol):
    """What is under way, and can be asked to end."""

    error: AirmeetError | None

    def end_early(self, error: AirmeetError) -> None:
        """Begin nothing more; what is complete stays."""


@contextmanager
def stopping_cleanly(run: Stoppable) -> Iterator[None]:
    """On one of them begin nothing more and keep what is complete; on a second one stop at once.

    A signal that is ignored stays ignored, as `nohup` and a shell's background jobs have it.
    """

    def stop(number: int, _frame: FrameType | None) -> None:
        if isinstance(run.error, Interrupted):
            raise StoppedAtOnce(run.error)
        run.end_early(Interrupted(number))

    heeded = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    previous = {number: signal.signal(number, stop) for number in heeded}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
