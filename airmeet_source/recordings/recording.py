"""A recording of a session, and what became of it."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Recording:
    """A recording that Airmeet lists.

    Attributes:
        airmeet_id: Its event.
        session_id: Its session.
        session_name: The session's title.
        number: Which of the session's recordings it is, from 1, in the order of the list.
        link: Where it can be downloaded for some hours: whoever has it can.
        path: Of its copy, below the place.
    """

    airmeet_id: str
    session_id: str | None
    session_name: str
    number: int
    link: str = field(repr=False)
    path: str = ""


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A file at the place, as the table recording_files has it."""

    airmeet_id: str
    session_id: str | None
    path: str
    size: int
    sha256: str
    copied_at: datetime


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A recording that was not copied, or an event whose list could not be read. ``message``: why."""

    airmeet_id: str
    session_id: str | None = None
    path: str | None = None
    message: str


Result = Copy | Problem
