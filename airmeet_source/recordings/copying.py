"""Copying: a recording is downloaded to its end, whatever happens on the way, or not at all."""

import errno
import hashlib
import random
from datetime import UTC, datetime
from typing import BinaryIO, Protocol

from airmeet_source.api.answers import Failed
from airmeet_source.api.retrying import GiveUp
from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.errors import LookUpFailed, PlaceFull
from airmeet_source.extract.connection import Connection, Stopped
from airmeet_source.recordings.downloads import Astray, Broken, Downloads, Opened, Part, Refused
from airmeet_source.recordings.listing import Lists
from airmeet_source.recordings.place import Place
from airmeet_source.recordings.recording import Copy, Problem, Recording, Result

_STEPS = 100  # of a file: a transfer that brings less than one of them is none
_USUAL_SIZE = 500_000_000  # bytes, where it is not known
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Watch(Protocol):
    """Somebody who follows how downloads go. Called from several threads."""

    def begin(self, recording: Recording) -> None:
        """A download begins."""

    def follow(self, recording: Recording, length: int, size: int | None) -> None:
        """So many bytes are there; ``size``: of the whole file, if it is known."""

    def end(self, recording: Recording) -> None:
        """It is over."""


class Copier:
    """Copies recordings to a place; safe to use from many threads."""

    def __init__(
        self, connection: Connection, lists: Lists, downloads: Downloads, place: Place, watch: Watch
    ) -> None:
        self._connection = connection
        self._lists = lists
        self._downloads = downloads
        self._place = place
        self._watch = watch

    def copy(self, recording: Recording) -> Result:
        """Copy a recording.

        Raises:
            Stopped: nothing more is to be done.
            PlaceFull: the place is full.
        """
        self._watch.begin(recording)
        try:
            with self._place.writing(recording.path) as file:
                transfer = _Transfer(recording, file)
                self._download(transfer)
        except _GivenUp as given_up:
            return _problem(recording, str(given_up))
        except OSError as error:
            if error.errno in _FULL:
                raise PlaceFull(_NO_ROOM.format(path=recording.path)) from None
            return _problem(recording, f"it cannot be written: {error.strerror or error}")
        finally:
            self._watch.end(recording)
        return Copy(
            airmeet_id=recording.airmeet_id,
            session_id=recording.session_id,
            path=recording.path,
            size=transfer.length,
            sha256=transfer.digest.hexdigest(),
            copied_at=datetime.now(UTC),
        )

    def _download(self, transfer: "_Transfer") -> None:
        while True:
            opened = self._downloads.open(transfer.link, transfer.part)
            if isinstance(opened, Astray):
                raise _GivenUp(opened.reason)
            if isinstance(opened, Refused):
                self._renew(transfer, opened)
                continue
            if isinstance(opened, Opened):
                failed = self._take(transfer, opened)
                if failed is None:
                    return
            else:
                failed = opened
            self._pause(transfer, failed)

    def _take(self, transfer: "_Transfer", opened: Opened) -> Failed | None:
        """Write down what comes; returns why it is not the whole file."""
        transfer.begin(opened)
        try:
            for piece in self._downloads.pieces(opened):
                if self._connection.is_stopped:
                    raise Stopped
                transfer.add(piece)
                self._watch.follow(transfer.recording, transfer.length, transfer.size)
        except Broken as broken:
            return Failed(str(broken))
        if transfer.length == 0:
            return Failed("the file is empty")
        if transfer.size is not None and transfer.length != transfer.size:
            return Failed(f"{transfer.length:,} of {transfer.size:,} bytes came")
        return None

    def _renew(self, transfer: "_Transfer", refused: Refused) -> None:
        """Get another link in the place of one that is dead."""
        if transfer.is_renewed:
            raise _GivenUp(f"{refused.reason}, also with a fresh link")
        try:
            transfer.renew(self._lists.fresh_link(transfer.recording))
        except LookUpFailed as error:
            raise _GivenUp(f"{refused.reason}, and there is no fresh link: {error}") from None

    def _pause(self, transfer: "_Transfer", failed: Failed) -> None:
        transfer.attempts += 1
        decision = self._connection.patience.after_failure(failed, transfer.attempts, random.random())
        if isinstance(decision, GiveUp):
            raise _GivenUp(decision.reason)
        self._connection.pause(decision.seconds, silence=False)


class _GivenUp(Exception):
    """A recording is not copied. The text says why."""


class _Transfer:
    """How the download of a recording goes."""

    def __init__(self, recording: Recording, file: BinaryIO) -> None:
        self.recording = recording
        self.link = recording.link
        self.is_renewed = False  # whether hardly anything came over the link so far, and it is a fresh one
        self.attempts = 0  # in a row that brought hardly anything new
        self.digest = hashlib.sha256()
        self.length = 0
        self.size: int | None = None
        self._etag: str | None = None
        self._longest = 0
        self._file = file

    @property
    def part(self) -> Part | None:
        """What is there already, if the rest of it can be asked for."""
        if not self.length or self._etag is None or self.size is None or self.length >= self.size:
            return None
        return Part(length=self.length, etag=self._etag, size=self.size)

    def begin(self, opened: Opened) -> None:
        """Go on where it stopped, or anew."""
        if opened.start == 0:
            self._file.seek(0)
            self._file.truncate()
            self.digest, self.length = hashlib.sha256(), 0
            self.size, self._etag = opened.size, opened.etag

    def add(self, piece: bytes) -> None:
        """Write a piece."""
        self._file.write(piece)
        self.digest.update(piece)
        self.length += len(piece)
        if self.length - self._longest >= (self.size or _USUAL_SIZE) / _STEPS:
            self._longest, self.attempts, self.is_renewed = self.length, 0, False

    def renew(self, link: str) -> None:
        """Go on with another link."""
        self.link, self.is_renewed = link, True


def _problem(recording: Recording, why: str) -> Problem:
    return Problem(
        airmeet_id=recording.airmeet_id,
        session_id=recording.session_id,
        path=recording.path,
        message=without_secrets(why),
    )


_NO_ROOM = (
    "There is no room for {path}. What was copied is whole; make room, or name another place with --to."
)
