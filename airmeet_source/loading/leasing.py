"""A lease keeps other runs away where the destination has no locks. It ends by itself after a crash."""

import logging
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import dlt
from dlt.common.destination.exceptions import DestinationException

from airmeet_source.disclosure.words import of_server
from airmeet_source.errors import LockLost
from airmeet_source.loading.failures import opening
from airmeet_source.loading.lease_table import FREE, Lease, LeaseTable
from airmeet_source.loading.locking import Locks, wait_for_our_turn, who_we_are

log = logging.getLogger("airmeet_source")

TERM = 300  # seconds for which a run that was killed keeps others away
_RENEW_AFTER = 100.0  # seconds: twice more before it ends
_ASK_AGAIN = 2.0  # seconds
_LOST = """\
The lease that kept other runs away from the dataset ended ({why}), so this run stops loading.
What was complete is kept: run again."""


class Leasing(Locks):
    """The lease of one run; a thread renews it while the run lives.

    Statements are few, because a warehouse may charge for each: four for a run of less than two minutes.
    """

    def __init__(self, pipeline: dlt.Pipeline, timeout: float) -> None:
        self._timeout = timeout
        self._table = LeaseTable(pipeline)
        self._holder = f"{who_we_are()}, {random.getrandbits(32):08x}"
        self._ours: Lease | None = None
        self._renewed_at = 0.0  # of the wall clock, which goes on while a machine sleeps
        self._asking = threading.Lock()

    @contextmanager
    def only_run(self) -> Iterator[None]:
        """Keep other runs of the same pipeline away from the dataset, on whatever machine.

        Raises:
            AlreadyRunning: another run is under way, and did not end in time.
        """
        with opening():
            wait_for_our_turn(self._take, self._timeout, pause=_ASK_AGAIN)
        stop = threading.Event()
        renewal = threading.Thread(target=self._renew_until, args=(stop,), name="lease")
        renewal.start()
        try:
            yield
        finally:
            stop.set()
            renewal.join()
            if self._ours is not None:
                with suppress(DestinationException):  # it ends by itself
                    self._table.change(self._ours, FREE)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Make sure that the lease is still ours before a package is loaded.

        Raises:
            LockLost: it is not.
        """
        if self._ours is not None and time.time() - self._renewed_at > _RENEW_AFTER:
            self._renew()
        yield

    def _take(self) -> str | None:
        """Try to get the lease; returns who has it, or None if it is ours."""
        now, leases = self._table.read()
        if not leases:
            self._table.add()
            leases = [FREE]
        held = [lease for lease in leases if not lease.is_over(now)]
        if held:
            return str(held[0])
        wanted = Lease(self._holder, now + TERM)
        for lease in set(leases):
            with suppress(DestinationException):  # it is being changed by somebody else
                self._table.change(lease, wanted)
        _, leases = self._table.read()
        if set(leases) == {wanted}:
            self._ours, self._renewed_at = wanted, time.time()
            return None
        if wanted in leases:
            self._table.change(wanted, FREE)
        return next((str(lease) for lease in leases if lease != wanted), "it is just ending")

    def _renew_until(self, stop: threading.Event) -> None:
        while not stop.wait(_RENEW_AFTER):
            try:
                self._renew()
            except Exception as error:  # noqa: BLE001 - whatever it is: it is asked again before the next load
                log.warning("The lease was not renewed: %s", of_server(str(error)))

    def _renew(self) -> None:
        with self._asking:
            assert self._ours is not None  # noqa: S101 - only a lease that is held is renewed
            now, leases = self._table.read()
            if set(leases) != {self._ours}:
                others = [f"taken by {lease}" for lease in leases if lease != self._ours]
                why = others[0] if others else "its row is gone"
                raise LockLost(_LOST.format(why=why))
            renewed = Lease(self._holder, now + TERM)
            self._table.change(self._ours, renewed)
            self._ours, self._renewed_at = renewed, time.time()
