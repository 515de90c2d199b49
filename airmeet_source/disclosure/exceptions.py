"""Exceptions as they may leave the process: where something happened, and what of it may be told.

What a driver or a library raises may hold a connection string, a request or somebody's row, and whatever
prints an exception prints its causes as well.
"""

import traceback
from collections.abc import Callable, Iterator

from airmeet_source.disclosure.secrets import without_secrets

Telling = Callable[[BaseException], str]


class Retold(Exception):
    """Stands for an exception of somebody else's, with its place in the code and words that may be told."""


def chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what caused it, outermost first."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        yield cause
        cause = cause.__cause__ or cause.__context__


def retold(error: BaseException, telling: Telling) -> Retold:
    """The exception and its causes, in words that may be told; the originals are not kept."""
    replacement: Retold | None = None
    for cause in reversed(list(chain(error))):
        telling_it = Retold(f"{type(cause).__qualname__}: {telling(cause)}")
        telling_it.__cause__, replacement = replacement, telling_it.with_traceback(cause.__traceback__)
    assert replacement is not None  # noqa: S101 - a chain has at least one link
    return replacement


def without_originals(error: BaseException, telling: Telling) -> None:
    """Have the exception keep of its causes only what may be told."""
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    error.__cause__ = cause if cause is None or isinstance(cause, Retold) else retold(cause, telling)
    error.__context__ = None
    if hasattr(error, "__notes__"):
        error.__notes__ = [without_secrets(str(note)) for note in error.__notes__]


def traced(error: BaseException) -> str:
    """The traceback as text, without secrets."""
    return without_secrets("".join(traceback.format_exception(error)))
