"""How long a run's connections to Postgres wait for locks of others, and whom they wait for."""

import logging
import os
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import psycopg2
from dlt.common.destination.exceptions import DestinationTerminalException

from airmeet_source.loading.postgres import Address

log = logging.getLogger("airmeet_source")

_LONGEST_NAME = 63  # bytes: what Postgres keeps of an application_name
_LOCK_NOT_AVAILABLE = "55P03"
_LOOK_AGAIN = 0.5  # seconds

# of another user's session, Postgres tells but the process, the user and the application
_BLOCKERS = """
SELECT DISTINCT blocker.pid, blocker.usename, blocker.application_name, blocker.client_addr, blocker.state,
       coalesce(blocker.xact_start, blocker.backend_start)
FROM pg_stat_activity AS ours
CROSS JOIN unnest(pg_blocking_pids(ours.pid)) AS blocking (pid)
JOIN pg_stat_activity AS blocker ON blocker.pid = blocking.pid
WHERE ours.application_name = %(name)s AND ours.datname = current_database()
  AND ours.wait_event_type = 'Lock' AND blocker.application_name <> %(name)s
"""
_END_OURS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = %s AND datname = current_database() AND pid <> pg_backend_pid()
"""


class LimitedCredentials(Address):
    """Credentials whose connections bear the run's name, and wait for locks only so long."""

    waits: "LockWaits"

    def get_query(self) -> dict[str, Any]:
        """The parameters of a new connection."""
        query = super().get_query()
        options = f"{query.get('options', '')} -clock_timeout={self.waits.milliseconds_left()}"
        return {**query, "options": options.strip(), "application_name": self.waits.name}

    def to_native_representation(self) -> str:
        """The address, as libpq reads it: to libpq a plus is no blank."""
        address, mark, query = super().to_native_representation().partition("?")
        return address + mark + query.replace("+", "%20")


class LockWaits:
    """What the connections of a run may wait for locks in sum, while it holds the destination.

    dlt tries again what failed: without a sum, each attempt would wait for the whole time.
    """

    def __init__(self, pipeline_name: str, timeout: float) -> None:
        self.name = _application_name(pipeline_name)
        self.blocker: str | None = None
        self.is_lost = False  # the connection with the locks broke off
        self._timeout = timeout
        self._tick = min(_LOOK_AGAIN, timeout / 5 + 0.01)
        self._waited = 0.0
        self._refused = False

    def begin(self) -> None:
        """Nobody has waited yet."""
        self._waited, self.blocker, self._refused = 0.0, None, False

    def milliseconds_left(self) -> int:
        """For how long a new connection may wait.

        Raises:
            DestinationTerminalException: for no time at all. To dlt that means: do not try again.
        """
        left = self._timeout - self._waited
        if self.is_lost or (self._waited and left < self._tick):
            self._refused = True
            raise DestinationTerminalException("no more connections: locks were waited for long enough")
        return max(1, round(1000 * left))

    def ended(self, error: BaseException) -> bool:
        """Whether an error comes from having waited for long enough."""
        cause: BaseException | None = error
        while cause is not None:
            # psycopg2 and ADBC
            code = getattr(cause, "pgcode", None) or getattr(cause, "sqlstate", None)
            if code == _LOCK_NOT_AVAILABLE:
                return True
            cause = cause.__cause__ or cause.__context__
        return self._refused

    @contextmanager
    def watched(self, connection: "psycopg2.extensions.connection", address: str) -> Iterator[None]:
        """Add up what the run's other connections wait for locks, and see who holds those.

        If ``connection``, which has the run's own locks, breaks off, then the others end as well, because
        another run may begin to load.
        """
        stop = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(connection, address, stop), name="lock-waits")
        watcher.start()
        try:
            yield
        finally:
            stop.set()
            watcher.join()

    def _watch(
        self, connection: "psycopg2.extensions.connection", address: str, stop: threading.Event
    ) -> None:
        looked = time.monotonic()
        while not stop.wait(self._tick):
            try:
                with connection.cursor() as cursor:
                    cursor.execute(_BLOCKERS, {"name": self.name})
                    blockers = cursor.fetchall()
            except psycopg2.Error:
                self.is_lost = True
                _end_ours(address, self.name)
                return
            now = time.monotonic()
            if blockers:
                self._waited += now - looked
                self._tell("; ".join(in_words(blocker) for blocker in blockers))
            looked = now

    def _tell(self, blocker: str) -> None:
        if self.blocker is None:
            log.warning("A table is locked by %s: waiting up to %g s for it.", blocker, self._timeout)
        self.blocker = blocker


def _application_name(pipeline_name: str) -> str:
    started = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    name = f"airmeet/{pipeline_name[:12]} {started} {os.getpid()}@{socket.gethostname()}"
    return name.encode("ascii", "replace")[:_LONGEST_NAME].decode()


def in_words(session: Sequence[Any]) -> str:
    """A session of the server: process, user, application, address, state, and since when."""
    pid, user, application, address, state, since = session
    parts = [
        f"process {pid}",
        user and f"user {user}",
        application and f"application {application}",
        address and f"address {address}",
        state,
        since and f"since {since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
    ]
    return ", ".join(part for part in parts if part)


def _end_ours(address: str, name: str) -> None:
    with suppress(psycopg2.Error):  # a server that is not there has no sessions of ours either
        connection = psycopg2.connect(address)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(_END_OURS, (name,))
        finally:
            connection.close()
