"""How a run that failed ends: an error of ours, with its exit code and a message."""

import signal

from airmeet_source.cli.signals import StoppedAtOnce
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
