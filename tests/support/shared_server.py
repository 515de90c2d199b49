"""A server that all processes of a test run use, and that has gone when the last of them has.

The first process that needs it starts a keeper: a process of its own, which starts the server, writes down
its address and waits for an exclusive lock on a file. Whoever uses the server holds a shared lock on that
file. The kernel releases it, however a process ends, so the keeper learns in any case that nobody is left.
"""

import fcntl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from tests.support.bigquery_process import bigquery_process
from tests.support.postgres_server import postgres_server

ROOT = Path(__file__).resolve().parents[2]
SERVERS: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "bigquery": bigquery_process,
    "postgres": postgres_server,
}
PATIENCE = 60.0  # seconds until the server must have started, or ended


@contextmanager
def shared_server(name: str, folder: Path) -> Iterator[str]:
    """The address of a server that all who name the folder share; the first one starts it."""
    with (folder / f"{name}.users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)  # a keeper that is about to end is waited for
        with (folder / f"{name}.start").open("a") as start:
            fcntl.flock(start, fcntl.LOCK_EX)
            keeper = None if _address(name, folder).exists() else _start_keeper(name, folder)
        yield _address(name, folder).read_text()
    if keeper is not None:
        with suppress(subprocess.TimeoutExpired):  # others may need it for long
            keeper.wait(PATIENCE)


def _address(name: str, folder: Path) -> Path:
    return folder / f"{name}.address"


def _start_keeper(name: str, folder: Path) -> subprocess.Popen[bytes]:
    log = folder / f"{name}.log"
    with log.open("w") as output:
        keeper = subprocess.Popen(
            [sys.executable, "-m", __name__, name, folder],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
    give_up_at = time.monotonic() + PATIENCE
    while not _address(name, folder).exists():
        if keeper.poll() is not None or time.monotonic() > give_up_at:
            raise RuntimeError(f"{name} did not start: {log.read_text()[-2000:]}")
        time.sleep(0.05)
    return keeper


def keep(name: str, folder: Path) -> None:
    """Run a server for as long as anybody uses it."""
    with SERVERS[name]() as address, (folder / f"{name}.users").open("a") as users:
        draft = folder / f"{name}.draft"
        draft.write_text(address)
        draft.rename(_address(name, folder))
        fcntl.flock(users, fcntl.LOCK_EX)
        _address(name, folder).unlink()


if __name__ == "__main__":
    keep(sys.argv[1], Path(sys.argv[2]))
