"""Downloads of recordings. A token is not needed: whoever has a link may follow it, until it expires.

The vendor's documents say no more than that a link lives for six hours. That files are served as a bucket of
S3 serves them is a guess: links signed for GET only, ranges, strong ETags, errors in XML.
"""

import hashlib
import re
from dataclasses import dataclass

from airmeet_sandbox.answers import Answer, Asked
from airmeet_sandbox.event import UnknownIdError
from airmeet_sandbox.recordings import PATH, content, is_removed, signature
from airmeet_sandbox.world import World

_RANGE = re.compile(r"bytes=(\d+)-(\d*)")


@dataclass(frozen=True, kw_only=True)
class Files:
    """The address of all recordings, as an endpoint. ``name``: for rules of faults and the log."""

    name: str = "recording_files"
    method: str = "GET"
    path: str = PATH.format(session_id="{sessionId}", part="{part:int}")


@dataclass(frozen=True, slots=True)
class FileAnswer(Answer):
    """A file or a part of it. ``whole``: all of its bytes, whatever was asked for."""

    whole: bytes = b""


def respond_to_download(world: World, asked: Asked) -> Answer:
    """Answer a request for a file. The caller holds the world's lock."""
    part, expires = int(asked.params["part"]), asked.query.get("Expires", "")
    try:
        event, session = world.session(asked.params["sessionId"])
    except UnknownIdError:
        return _refusal(403, "SignatureDoesNotMatch", "The signature does not match.")
    signed = expires.isdecimal() and signature(event, session, part, int(expires))
    if not signed or asked.query.get("Signature") != signed:
        return _refusal(403, "SignatureDoesNotMatch", "The signature does not match.")
    now = world.clock.timestamp()
    if now >= int(expires):
        return _refusal(403, "AccessDenied", "Request has expired")
    if is_removed(event, now):
        return _refusal(404, "NoSuchKey", "The specified key does not exist.")
    return file_answer(
        content(event, session, part), asked.headers.get("range"), asked.headers.get("if-range")
    )


def file_answer(file: bytes, wanted: str | None, if_range: str | None = None) -> Answer:
    """A file, or the range of it that was asked for if it is still the same."""
    etag = f'"{hashlib.md5(file, usedforsecurity=False).hexdigest()}"'
    headers = {"Content-Type": "video/mp4", "Accept-Ranges": "bytes", "ETag": etag}
    asked = _RANGE.fullmatch(wanted or "")
    if asked is None or (if_range is not None and if_range != etag):
        return FileAnswer(200, file, headers, file)
    start, size = int(asked[1]), len(file)
    if start >= size:
        return Answer(416, b"", {**headers, "Content-Range": f"bytes */{size}"})
    end = min(int(asked[2] or size), size - 1)
    headers["Content-Range"] = f"bytes {start}-{end}/{size}"
    return FileAnswer(206, file[start : end + 1], headers, file)


def _refusal(status: int, code: str, message: str) -> Answer:
    error = f'<?xml version="1.0"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Answer(status, error.encode(), {"Content-Type": "application/xml"})
