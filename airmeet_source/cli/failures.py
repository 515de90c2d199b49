"""How a run that failed ends: an error of ours, with its exit code and a message, or a traceback."""

import signal

from airmeet_source.cli.signals import StoppedAtOnce
from airmeet_source.disclosure.exceptions import retold, traced
from airmeet_source.disclosure.printable import printable_lines
from airmeet_source.disclosure.words import of_driver
from airmeet_source.errors import AirmeetError, Interrupted, LoadFailed


def as_error(raised: AirmeetError | KeyboardInterrupt) -> AirmeetError:
    """The error that an exception stands for."""
    if isinstance(raised, AirmeetError):
        return raised
    return raised.first if isinstance(raised, StoppedAtOnce) else Interrupted(signal.SIGINT)


def in_full(error: AirmeetError) -> str:
    """The message, with a hint where it may be too short."""
    more = " --log-level DEBUG shows where it happened." if type(error) is LoadFailed else ""
    return f"{error}{more}"


def unforeseen(error: Exception) -> str:
    """What is to be printed of any other error: its traceback, in words that may be told."""
    return printable_lines(traced(retold(error, lambda cause: of_driver(str(cause), ()))))
