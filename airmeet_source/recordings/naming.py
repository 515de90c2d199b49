"""Names of files: ``<airmeet_id>/<session_id>-<session name>.<extension>``, whatever Airmeet calls things.

Ids and titles are words of others. Each becomes a piece of a name that any file system takes, that leads
nowhere, and that no other recording has, also where case does not matter.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import unquote, urlsplit

from airmeet_source.recordings.recording import Recording

Owner = tuple[str, str | None]  # an event and a session
Owners = Mapping[str, Owner]  # by the path of a copy, in the form of :func:`folded`

_LONGEST_NAME = 255  # bytes
_LONGEST_ID = 100  # characters, all of them ASCII
_PLAIN = re.compile(r"\w[\w-]*(\.[\w-]+)*", re.ASCII)
_EXTENSION = re.compile(r"\.([a-z0-9]{1,5})", re.IGNORECASE)
_USUAL = "mp4"
_NAMELESS = "recording"  # of a session without an id
_DIGITS = 8  # of a hash: two that meet by chance are not to be expected
# names of devices on Windows, whatever their extension
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def with_paths(recordings: Iterable[Recording], owners: Owners) -> Iterator[Recording]:
    """The recordings of an event, each with a path of its own.

    Args:
        recordings: all that the event has, in the order of its list.
        owners: of the copies that there are.
    """
    given: set[str] = set()
    for recording in recordings:
        path, ours = _path(recording), (recording.airmeet_id, recording.session_id)
        if folded(path) in given or owners.get(folded(path), ours) != ours:
            path = _path(recording, _digest(repr((*ours, recording.number))))
        given.add(folded(path))
        yield replace(recording, path=path)


def folder_of(airmeet_id: str) -> str:
    """The folder of an event's recordings."""
    return _id(airmeet_id)


def folded(path: str) -> str:
    """What two paths have in common if a file system may take one for the other."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", path).casefold())


def _path(recording: Recording, tail: str = "") -> str:
    number = str(recording.number) if recording.number > 1 else ""
    end = "".join(f"-{each}" for each in (tail, number) if each)
    suffix = f"{end}.{_extension(recording.link)}"
    start = _id(recording.session_id) if recording.session_id else _NAMELESS
    room = _LONGEST_NAME - len(start) - len(suffix) - len("-")
    name = "-".join(filter(None, (start, _cut(_slug(recording.session_name), room))))
    return f"{folder_of(recording.airmeet_id)}/{name}{suffix}"


def _id(text: str) -> str:
    """An id as it is, if it is plain; otherwise something like it, and a hash that no other id has."""
    if len(text) <= _LONGEST_ID and _PLAIN.fullmatch(text) and not _DEVICES.fullmatch(text):
        return text
    slug = _slug(text.encode("ascii", "ignore").decode())[: _LONGEST_ID - _DIGITS - 1].strip("-")
    return "-".join(filter(None, (slug, _digest(text))))


def _slug(text: str) -> str:
    """Letters and digits of any script in small letters, with a hyphen for whatever is between them."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[\W_]+", "-", plain).strip("-")


def _cut(text: str, most: int) -> str:
    return text.encode()[: max(0, most)].decode(errors="ignore").strip("-")


def _extension(link: str) -> str:
    try:
        name = unquote(urlsplit(link).path).rpartition("/")[2]
    except ValueError:
        return _USUAL
    found = _EXTENSION.fullmatch(name[name.rfind(".") :]) if "." in name else None
    return found[1].lower() if found else _USUAL


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:_DIGITS]
