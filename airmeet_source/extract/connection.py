"""A connection that a few threads ask and send over at once, and that one word ends for all of them."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from airmeet_source.api.answers import Answer
from airmeet_source.api.client import AirmeetClient
from airmeet_source.api.endpoint import Endpoint
from airmeet_source.api.retrying import Patience
from airmeet_source.api.writing import Call, Reply
from airmeet_source.errors import AirmeetError, Interrupted
from airmeet_source.extract.asking import client_of, patience_of
from airmeet_source.settings import Settings

MOST_REQUESTS = 4  # at a time: no limit of Airmeet's is known


class Stopped(Exception):
    """Nothing more is to be asked or sent."""


class Connection:
    """Asks and sends with pauses that all threads keep; safe to use from many threads."""

    def __init__(self, client: AirmeetClient, patience: Patience, requests_at_a_time: int) -> None:
        self.client = client
        self.patience = patience
        self.requests_at_a_time = requests_at_a_time
        self.error: AirmeetError | None = None  # why it ends early
        self._stop = threading.Event()
        self._silent_until = 0.0

    @property
    def is_stopped(self) -> bool:
        """Whether nothing more is to be asked or sent."""
        return self._stop.is_set()

    def end_early(self, error: AirmeetError | None) -> None:
        """Ask and send nothing more; the first error is why."""
        if not self._stop.is_set():
            self.error = error
            self._stop.set()

    def ask(self, endpoint: Endpoint, path: str, params: dict[str, str]) -> Answer:
        """Ask for something, when it may be asked for.

        Raises:
            Stopped: it was ended.
        """
        self._wait_for_permission()
        return self.client.ask(endpoint, path, params)

    def send(self, call: Call) -> Reply:
        """Send something, when it may be sent.

        Raises:
            Stopped: it was ended.
        """
        self._wait_for_permission()
        return self.client.send(call)

    def pause(self, seconds: float, silence: bool) -> None:
        """Wait; with ``silence`` nobody may ask for anything meanwhile.

        Raises:
            Stopped: it was ended.
        """
        if silence:
            self._silent_until = max(self._silent_until, time.monotonic() + seconds)
        if self._stop.wait(seconds):
            raise Stopped

    def hasty(self) -> "Connection":
        """The same for somebody who asks once, without a pause, also when nothing more is to be asked."""
        return Connection(self.client, replace(self.patience, max_attempts=1), 1)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def _wait_for_permission(self) -> None:
        while (left := self._silent_until - time.monotonic()) > 0:
            if self._stop.wait(left):
                break
        if self._stop.is_set():
            raise Stopped


def connect(settings: Settings) -> Connection:
    """A connection with the keys, the address and the patience of the settings.

    Raises:
        UsageError: the environment names a proxy or certificates that cannot be used.
    """
    requests = min(MOST_REQUESTS, settings.max_concurrency)
    return Connection(client_of(settings, requests), patience_of(settings), requests)


@contextmanager
def stoppable(connection: Connection) -> Iterator[None]:
    """Have an end that somebody asked for be the error that it is."""
    try:
        yield
    except Stopped:
        raise connection.error or Interrupted(signal.SIGINT) from None
