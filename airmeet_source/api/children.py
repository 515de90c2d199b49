"""The sessions and booths that the records of a list name: each has a path of its own."""

from collections.abc import Iterator
from typing import NamedTuple

from airmeet_source.fields import Record, elements, pick, to_text


class Child(NamedTuple):
    """A session or booth that a parent record names."""

    entity_id: str
    status: str | None


def sessions_of(info: Record) -> Iterator[Child]:
    """The sessions in an event object."""
    for session in elements(pick(info, "sessions")):
        session_id, status = pick(session, "session_id"), pick(session, "status")
        if session_id is not None:
            yield Child(to_text(session_id), None if status is None else to_text(status))


def booth_of(booth: Record) -> Iterator[Child]:
    """The booth that a record of the list of booths is."""
    booth_id = pick(booth, "booth_id", "uid")
    if booth_id is not None:
        yield Child(to_text(booth_id), None)
