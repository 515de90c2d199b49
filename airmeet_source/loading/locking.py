"""Who may run, and who may load: what all locks have in common, and the locks that are files."""

import getpass
import logging
import os
import random
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from airmeet_source.errors import AlreadyRunning, UsageError

log = logging.getLogger("airmeet_source")

Hold = Callable[[], AbstractContextManager[None]]  # to have the destination to ourselves for a while

_ASK_AGAIN = 0.25  # seconds
_BUSY = """\
Another run loads into this dataset: {holder}.
Nothing was lost. Run again when that run has ended; --lock-timeout is how long to wait for it."""
_NO_LOCK = """\
The file {file} cannot be made, which keeps other runs away: {reason}.
Delete what is in its way, or choose another place: --pipelines-dir for the working folder."""


class Locks(ABC):
    """What keeps other runs away from a destination."""

    @abstractmethod
    def only_run(self) -> AbstractContextManager[None]:
        """Keep other runs of the same pipeline away from the dataset.

        Raises:
            AlreadyRunning: another run is under way, and did not end in time.
        """

    @abstractmethod
    def hold(self) -> AbstractContextManager[None]:
        """Have the destination to ourselves while a package is loaded.

        Raises:
            AirmeetError: somebody else has it and did not let go of it in time, or it is not safe to load.
        """

    def keep(self) -> AbstractContextManager[None]:
        """As ``hold``, for a step that more steps of ours follow at once.

        If it succeeds, a destination that is slow to take again stays ours until ``let_go``.
        """
        return self.hold()

    def let_go(self) -> None:  # noqa: B027 - most keep nothing
        """Let go of what was kept: a pause follows. The end of the run does so as well."""


def who_we_are() -> str:
    """This process, for people who meet its locks."""
    user = ""
    with suppress(KeyError, OSError):  # a container's user need not have a name
        user = f", user {getpass.getuser()}"
    now = datetime.now(UTC)
    return f"process {os.getpid()} on {socket.gethostname()}{user}, since {now:%Y-%m-%d %H:%M:%S} UTC"


def wait_for_our_turn(
    attempt: Callable[[], str | None],
    timeout: float,
    *,
    pause: float = _ASK_AGAIN,
    level: int = logging.WARNING,
) -> None:
    """Try to take a lock until it works.

    Args:
        attempt: tries once; returns who has the lock, or None if it is ours now.
        timeout: seconds.
        pause: seconds between two attempts, about.
        level: of the line that says whom we wait for.

    Raises:
        AlreadyRunning: somebody else still has it after ``timeout`` seconds.
    """
    give_up_at = time.monotonic() + timeout
    is_told = False
    while (holder := attempt()) is not None:
        left = give_up_at - time.monotonic()
        if left <= 0:
            raise AlreadyRunning(_BUSY.format(holder=holder))
        if not is_told:
            is_told = True
            log.log(
                level, "Another run loads into this dataset: %s. Waiting up to %g s for it.", holder, timeout
            )
        # two that began together do not go on so
        time.sleep(min(pause * random.uniform(0.5, 1.5), left))


@contextmanager
def locked_file(file: Path, timeout: float, level: int = logging.WARNING) -> Iterator[None]:
    """Have a file locked; the operating system lets go of it if we are killed.

    Raises:
        AlreadyRunning: another run has it locked, and did not end in time.
        UsageError: it cannot be made.
    """
    lock = FileLock(file, timeout=0)

    def attempt() -> str | None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout:
            return _written_in(file) or "another process on this machine"
        except OSError as error:
            raise UsageError(_NO_LOCK.format(file=file, reason=error.strerror or error)) from None
        return None

    wait_for_our_turn(attempt, timeout, level=level)
    try:
        file.write_text(who_we_are())
        yield
    finally:
        lock.release()


def _written_in(file: Path) -> str:
    with suppress(OSError):  # Windows lets nobody read a file that is locked
        return file.read_text(errors="replace")
    return ""
