"""A crew: a few threads that take one thing after another, until nothing is left or they are stopped."""

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

from airmeet_source.errors import AirmeetError, TooManyFailures
from airmeet_source.extract.connection import Connection, Stopped

T = TypeVar("T")
R = TypeVar("R")

_MOST_FAILURES_IN_A_ROW = 10
_BATCH = 200  # results
_BATCH_SECONDS = 1.0


class Crew(Generic[T, R]):
    """Does the same with many things; results come in batches, in the order of their coming.

    When the connection is stopped, what is under way is still finished, and nothing else is begun. A thread
    that fails stops it, and so do ten things that fail one after another.

    Args:
        connection: that the work is done over.
        work: what is done with each thing; None is no result.
        failure: why a thing failed, if it did.
        things: what they are called.
        deed: what is done to them, for an error that nobody expects.
    """

    def __init__(
        self,
        connection: Connection,
        work: Callable[[T], R | None],
        failure: Callable[[R], str | None],
        *,
        things: str,
        deed: str,
    ) -> None:
        self._connection = connection
        self._work = work
        self._failure = failure
        self._things = things
        self._deed = deed
        self._taking = threading.Lock()
        self._failed_in_a_row = 0

    def results(self, things: Iterable[T], threads: int) -> Iterator[list[R]]:
        """Have so many threads work on things that they take one at a time."""
        waiting = iter(things)
        results: queue.SimpleQueue[R | None] = queue.SimpleQueue()
        for number in range(threads):
            name = f"{self._things}-{number}"
            threading.Thread(target=self._run, args=(waiting, results.put), name=name, daemon=True).start()
        working = threads
        while working:
            batch: list[R] = []
            until = time.monotonic() + _BATCH_SECONDS
            while working and len(batch) < _BATCH and (left := until - time.monotonic()) > 0:
                try:
                    result = results.get(timeout=left)
                except queue.Empty:
                    break
                if result is None:
                    working -= 1
                else:
                    batch.append(result)
            if batch:
                yield batch

    def _run(self, waiting: Iterator[T], put: Callable[[R | None], None]) -> None:
        try:
            while not self._connection.is_stopped:
                with self._taking:
                    thing = next(waiting, None)
                if thing is None:
                    return
                result = self._work(thing)
                if result is not None:
                    put(result)
                    self._count(self._failure(result))
        except Stopped:
            pass
        except AirmeetError as error:
            self._connection.end_early(error)
        except Exception as error:  # noqa: BLE001 - a thread's error is nobody's otherwise
            self._connection.end_early(AirmeetError(f"{type(error).__name__} {self._deed}"))
        finally:
            put(None)

    def _count(self, failure: str | None) -> None:
        """Stop when the other side seems to be down."""
        with self._taking:
            self._failed_in_a_row = 0 if failure is None else self._failed_in_a_row + 1
            if self._failed_in_a_row >= _MOST_FAILURES_IN_A_ROW:
                reason = (
                    f"{self._failed_in_a_row} {self._things} failed one after another, the last one with: "
                )
                self._connection.end_early(TooManyFailures(f"{reason}{failure}"))
