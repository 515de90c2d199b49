"""Ending a run from outside with SIGINT, SIGTERM or SIGHUP."""

import signal
from collections.abc import Callable, Iterator
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
    """On one of them begin nothing more and keep what is complete; on a second one stop at once."""

    def stop(number: int) -> None:
        if isinstance(run.error, Interrupted):
            raise StoppedAtOnce(run.error)
        run.end_early(Interrupted(number))

    with on_signals(stop):
        yield


@contextmanager
def on_signals(action: Callable[[int], None]) -> Iterator[None]:
    """Have an action done on each of them, with its number.

    A signal that is ignored stays ignored, as `nohup` and a shell's background jobs have it.
    """

    def handle(number: int, _frame: FrameType | None) -> None:
        action(number)

    heeded = [number for number in _SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    previous = {number: signal.signal(number, handle) for number in heeded}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
