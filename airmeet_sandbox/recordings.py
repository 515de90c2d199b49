"""Recordings: which there are, what is in their files, and the links to them, which are signed and expire."""

import hashlib
from urllib.parse import urlencode

from airmeet_sandbox.clock import HOUR
from airmeet_sandbox.collection import Record
from airmeet_sandbox.event import RECORDINGS_KEPT, Event, Session
from airmeet_sandbox.seeds import key

ORIGIN = "https://recordings.airmeet.example"
"""Where links lead to; an answer names the sandbox that gives it instead."""

PATH = "/recordings/{session_id}/{part}.mp4"
_LINK_LIFE = 6 * HOUR
_SMALLEST, _SIZES = 30_000, 60_000  # bytes


def recording_records(event: Event, now: float) -> list[Record]:
    """The recordings there are, with fresh links."""
    if is_removed(event, now):
        return []
    return [
        {
            "session_id": session.session_id,
            "session_name": session.name + (f" (part {part + 1})" if session.recordings > 1 else ""),
            "download_link": _signed_link(event, session, part, now),
        }
        for session in event.sessions
        if event.session_status_at(session, now) == "FINISHED"
        for part in range(session.recordings)
    ]


def is_removed(event: Event, now: float) -> bool:
    """Whether the event never had recordings, or has none any more."""
    return event.bare or now > event.end + RECORDINGS_KEPT


def content(event: Event, session: Session, part: int) -> bytes:
    """What is in a file; the same world has the same files."""
    if part in session.replaced_files:
        return session.replaced_files[part]
    bits = key(event.key, "recording", session.session_id, part)
    return hashlib.shake_128(str(bits).encode()).digest(_SMALLEST + bits % _SIZES)


def signature(event: Event, session: Session, part: int, expires: int) -> str:
    """What makes a link one of ours."""
    return f"{key(event.key, session.session_id, part, expires):016x}"


def _signed_link(event: Event, session: Session, part: int, now: float) -> str:
    expires = int(now + _LINK_LIFE)
    signed = urlencode({"Expires": expires, "Signature": signature(event, session, part, expires)})
    return f"{ORIGIN}{PATH.format(session_id=session.session_id, part=part)}?{signed}"
