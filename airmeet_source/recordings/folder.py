"""A folder of this machine as a place for copies."""

import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from airmeet_source.errors import UsageError
from airmeet_source.loading.files import replacing
from airmeet_source.recordings.drafts import claim, sweep

_DRAFTS = ".airmeet-"  # how the names begin that `replacing` makes


class Folder:
    """A folder. Links inside it are not followed: nothing is read or written outside."""

    def __init__(self, root: Path) -> None:
        self._root = root.expanduser().absolute()

    def prepare(self) -> None:
        """Make the folder, if it does not exist.

        Raises:
            UsageError: it cannot be made, or not be written to.
        """
        try:
            self._root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            why = "is no folder" if isinstance(error, FileExistsError) else error.strerror
            raise UsageError(f"--to: {self._root} cannot be made a folder: {why}.") from None
        if not os.access(self._root, os.R_OK | os.W_OK | os.X_OK):
            raise UsageError(f"--to: the folder {self._root} cannot be written to.")

    def sweep(self, folder: str) -> None:
        """Delete what runs that were killed left in a folder of it."""
        if _is_folder(self._root / folder):
            sweep(self._root / folder, _DRAFTS)

    def sizes(self, folder: str) -> Mapping[str, int]:
        """The paths and sizes of the files in a folder of it."""
        inside = self._root / folder
        if not _is_folder(inside):
            return {}
        with os.scandir(inside) as entries:
            found = [entry for entry in entries if entry.is_file(follow_symlinks=False)]
            return {f"{folder}/{entry.name}": entry.stat(follow_symlinks=False).st_size for entry in found}

    @contextmanager
    def writing(self, path: str) -> Iterator[BinaryIO]:
        """A file that is there, whole, when the context ends without an error."""
        target = self._root / path
        target.parent.mkdir(exist_ok=True)
        if not _is_folder(target.parent):
            raise NotADirectoryError(f"{target.parent.name} is a link or no folder")
        if target.is_symlink():
            target.unlink()
        elif target.exists() and not target.is_file():
            raise FileExistsError(f"{target.name} is no file")
        with replacing(target) as file:
            claim(file)
            yield file


def _is_folder(path: Path) -> bool:
    """Whether it is a folder itself, and no link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False
