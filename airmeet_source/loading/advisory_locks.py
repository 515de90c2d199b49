"""Locks in a Postgres database: one run for each pipeline and dataset, and loads that take turns."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import dlt
import psycopg2

from airmeet_source.disclosure.words import of_server
from airmeet_source.errors import LockLost, TableLocked, Unreachable
from airmeet_source.loading.lock_waits import LimitedCredentials, LockWaits, in_words
from airmeet_source.loading.locking import Locks, wait_for_our_turn

# a run may wait for the API for longer than servers and firewalls bear an idle connection; and the locks of a
# machine that has vanished should not outlive it for hours
_KEEP_ALIVE = """
SELECT set_config(name, value, false)
FROM (VALUES ('tcp_keepalives_idle', '60'), ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '6'),
             ('idle_session_timeout', '0'), ('statement_timeout', '0')) AS wanted (name, value)
JOIN pg_settings USING (name)
"""
_OURS = "locktype = 'advisory' AND objsubid = 1 AND granted AND (classid::bigint << 32 | objid::bigint) = %s"
_HOLDER = f"""
SELECT pid, usename, application_name, client_addr, NULL, backend_start
FROM pg_locks JOIN pg_stat_activity USING (pid)
WHERE {_OURS} AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""  # noqa: S608 - no user's text
_STILL_OURS = f"SELECT count(*) FROM pg_locks WHERE {_OURS} AND pid = pg_backend_pid()"  # noqa: S608

_LOST = """\
The connection that kept other runs away from the dataset broke off, so this run stops loading.
What was complete is kept: run again. Poolers that share sessions, such as PgBouncer in transaction mode,
cannot be used."""
_LOCKED = """\
A table in {dataset} is still locked after {timeout:g} s, by {blocker}. Nothing was lost.
End that session, or run again later; --lock-timeout is how long to wait."""


class AdvisoryLocks(Locks):
    """The locks of one run, on a connection of their own. The server frees them when that ends."""

    def __init__(self, pipeline: dlt.Pipeline, timeout: float) -> None:
        client = pipeline.sql_client()
        self._dataset = client.dataset_name
        self._timeout = timeout
        self._run_key = _key("run", self._dataset, pipeline.pipeline_name)
        self._turn_key = _key("load", self._dataset)
        self._waits = LockWaits(pipeline.pipeline_name, timeout)
        self._credentials = LimitedCredentials()
        self._credentials.waits = self._waits
        self._credentials.update(client.credentials.as_dict_nondefault())
        self._credentials.resolve()
        pipeline.destination.config_params["credentials"] = self._credentials
        self._address = self._credentials.to_native_representation()
        self._connection: psycopg2.extensions.connection | None = None
        self._is_only_run = False

    def close(self) -> None:
        """Let go of everything."""
        if self._connection is not None:
            with suppress(psycopg2.Error):
                self._connection.close()

    @contextmanager
    def only_run(self) -> Iterator[None]:
        """Keep other runs of the same pipeline away from the dataset, on whatever machine.

        Raises:
            AlreadyRunning: another run is under way, and did not end in time.
            Unreachable: nobody answers at the destination.
        """
        with self._taken(self._run_key, logging.WARNING):
            self._is_only_run = True
            yield

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Have the dataset to ourselves while a package is loaded; other pipelines wait.

        Raises:
            AlreadyRunning: another pipeline loads into the dataset, and did not end in time.
            TableLocked: another session has a lock, and did not let go of it in time.
            LockLost: other runs are not kept away any more.
            Unreachable: nobody answers at the destination.
        """
        if self._is_only_run and self._ask(_STILL_OURS, self._run_key) != [(1,)]:
            raise LockLost(_LOST)
        turn = self._taken(self._turn_key, logging.INFO)  # it comes soon, in the ordinary course of things
        with turn, self._waits.watched(self._connected(), self._address):
            self._waits.begin()
            try:
                yield
            except Exception as error:
                if self._waits.is_lost:
                    raise LockLost(_LOST) from error
                if self._waits.ended(error):
                    raise self._table_locked() from error
                raise

    @contextmanager
    def _taken(self, key: int, level: int) -> Iterator[None]:
        def attempt() -> str | None:
            if self._ask("SELECT pg_try_advisory_lock(%s)", key) == [(True,)]:
                return None
            holders = self._ask(_HOLDER, key)
            return in_words(holders[0]) if holders else "it is just ending"

        wait_for_our_turn(attempt, self._timeout, level=level)
        try:
            yield
        finally:
            with suppress(LockLost):  # told before the next load
                self._ask("SELECT pg_advisory_unlock(%s)", key)

    def _ask(self, sql: str, key: int) -> list[tuple[object, ...]]:
        try:
            with self._connected().cursor() as cursor:
                cursor.execute(sql, (key,))
                return cursor.fetchall()
        except psycopg2.Error:
            raise LockLost(_LOST) from None

    def _connected(self) -> "psycopg2.extensions.connection":
        if self._connection is None:
            try:
                self._connection = psycopg2.connect(self._address)
            except psycopg2.Error as error:
                raise Unreachable(f"The destination cannot be reached: {of_server(str(error))}") from None
            self._connection.autocommit = True
            with self._connection.cursor() as cursor:
                cursor.execute(_KEEP_ALIVE)
        return self._connection

    def _table_locked(self) -> TableLocked:
        blocker = self._waits.blocker or "another session"
        return TableLocked(_LOCKED.format(dataset=self._dataset, timeout=self._timeout, blocker=blocker))


def _key(*parts: str) -> int:
    text = "\0".join(("airmeet", *parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big", signed=True)
