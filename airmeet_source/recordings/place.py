"""A place for copies: a folder, or whatever else fsspec can write to."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol

from airmeet_source.errors import UsageError
from airmeet_source.recordings.bucket import Bucket, require_file_system
from airmeet_source.recordings.folder import Folder


class Place(Protocol):
    """Where copies go. Paths are those of :mod:`airmeet_source.recordings.naming`."""

    def prepare(self) -> None:
        """Make sure that there is such a place.

        Raises:
            UsageError: there is none, and it cannot be made.
        """

    def sizes(self, folder: str) -> Mapping[str, int]:
        """The paths and sizes, in bytes, of the files in a folder of it.

        Raises:
            OSError: it cannot be read.
        """

    def sweep(self, folder: str) -> None:
        """Delete what runs that were killed left in a folder of it."""

    def writing(self, path: str) -> AbstractContextManager[BinaryIO]:
        """A file to write to that is at the place, whole, when the context ends without an error.

        Raises:
            OSError: it cannot be written; what was there still is.
        """


def place_of(text: str) -> Place:
    """The place that somebody names.

    Raises:
        UsageError: it cannot be written to.
        NotInstalled: a package for it is missing.
    """
    if not text.strip() or "\0" in text:
        raise UsageError("--to must name a folder, or the address of a bucket such as s3://bucket/folder.")
    scheme, separator, path = text.partition("://")
    if not separator and "::" not in text:
        return Folder(Path(text))
    if scheme.lower() in ("file", "local"):
        return Folder(Path(path))
    require_file_system(text)
    return Bucket(text)
