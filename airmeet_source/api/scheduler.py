"""Worker threads and one heap of due times, shared by all resources.

A unit that has to wait - for Airmeet to prepare its result, or after an error - is parked in the heap and
costs no thread. The threads only fetch; what they bring is taken over by dlt's thread with
:meth:`Scheduler.take`.
"""

import heapq
import itertools
import random
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable

from airmeet_source.api.answers import Answer, Failed, NotAvailable, Pending, Ready
from airmeet_source.api.endpoint import Endpoint
from airmeet_source.api.paging import CutShort
from airmeet_source.api.reading import Message, Outcome, OutcomeName, Page, Read, Restart
from airmeet_source.api.retrying import GiveUp, Pace, Patience

Ask = Callable[[Endpoint, str, dict[str, str]], Answer]

_BUFFERED_RECORDS = 10_000  # that may wait for dlt's thread; then the workers wait for it
_UNTOUCHED_UNITS = 2_000  # of one resource, that may wait here for their first request


class Scheduler:
    """Reads units with a number of threads; see the module."""

    def __init__(self, ask: Ask, concurrency: int, patience: Patience) -> None:
        self._ask = ask
        self._patience = patience
        self._changed = threading.Condition()
        self._ready: list[tuple[int, int, Read]] = []
        self._parked: list[tuple[float, int, Read]] = []
        self._order = itertools.count()
        self._messages: dict[str, deque[Message]] = defaultdict(deque)
        self._buffered = 0
        self._untouched: Counter[str] = Counter()  # by resource, submitted and never asked for
        self._in_flight = 0
        self._pace = Pace(concurrency, concurrency)
        self._silent_until = 0.0
        self._closed = False
        self._given_up: dict[str, str] = {}
        self.broken: Exception | None = None
        self._pending = 0
        self._pending_started = 0.0
        self._waited = 0.0
        self._threads = [
            threading.Thread(target=self._work, name=f"airmeet-{n}", daemon=True) for n in range(concurrency)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, read: Read) -> None:
        """Read a unit as soon as a thread is free."""
        with self._changed:
            read.order = next(self._order)
            self._untouched[read.deliver_to] += 1
            self._push_ready(read)

    def room(self, resource: str) -> int:
        """How many more of a resource's units are wanted; with all of a backfill's, memory would grow."""
        with self._changed:
            return max(0, _UNTOUCHED_UNITS - self._untouched[resource])

    def take(self, resource: str) -> list[Message]:
        """What has come for a resource since the last call; never waits."""
        with self._changed:
            waiting = self._messages[resource]
            if not waiting:
                return []
            taken = list(waiting)
            waiting.clear()
            self._buffered -= sum(map(_weight, taken))
            self._changed.notify_all()
            return taken

    @property
    def closed(self) -> bool:
        """Whether it was closed, or broke: nothing more will come."""
        return self._closed

    @property
    def waited(self) -> float:
        """Seconds during which at least one unit waited for a result in preparation."""
        with self._changed:
            running = time.monotonic() - self._pending_started if self._pending else 0.0
            return self._waited + running

    def waiting(self) -> tuple[int, float | None]:
        """How many units wait for a result in preparation, and the seconds until the next ask."""
        with self._changed:
            due = [due for due, _, read in self._parked if read.parked_at is not None]
        return len(due), max(0.0, min(due) - time.monotonic()) if due else None

    def give_up(self, resource: str, reason: str) -> None:
        """Ask for no more of a resource: its units that are not read yet end as failed."""
        with self._changed:
            self._given_up[resource] = reason
            waiting = [entry for entry in self._parked if entry[2].resource == resource]
            self._parked = [entry for entry in self._parked if entry[2].resource != resource]
            heapq.heapify(self._parked)
            for _, _, read in waiting:
                if read.parked_at is not None:
                    read.parked_at = None
                    self._count_pending(-1)
                self._push_ready(read)

    def close(self) -> None:
        """Stop: what requests in flight will bring is not waited for, and nothing new is started."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _work(self) -> None:
        while (read := self._next_due()) is not None:
            try:
                self._handle(read, self._ask(read.endpoint, read.path, read.pages.params))
            except Exception as error:  # noqa: BLE001 - handed over to dlt's thread, which raises it
                if not self._closed:
                    self.broken = error
                    self.close()
            with self._changed:
                self._in_flight -= 1
                self._changed.notify()

    def _next_due(self) -> Read | None:
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                while self._parked and self._parked[0][0] <= now:
                    self._push_ready(heapq.heappop(self._parked)[2])
                silence = self._silent_until - now
                room = self._in_flight < int(self._pace.allowed) and self._buffered < _BUFFERED_RECORDS
                if self._ready and room and silence <= 0:
                    read = heapq.heappop(self._ready)[-1]
                    if not read.requests:
                        self._untouched[read.deliver_to] -= 1
                    if read.resource in self._given_up:
                        self._finish(read, "failed", self._given_up[read.resource])
                        continue
                    self._start(read)
                    return read
                pauses = [self._parked[0][0] - now] if self._parked else []
                pauses += [silence] if self._ready and silence > 0 else []
                self._changed.wait(min(pauses, default=None))
            return None

    def _start(self, read: Read) -> None:
        self._in_flight += 1
        read.requests += 1
        read.started_at = read.started_at or time.time()
        if read.parked_at is not None:
            read.waited += time.monotonic() - read.parked_at
            read.parked_at = None
            self._count_pending(-1)

    def _handle(self, read: Read, answer: Answer) -> None:
        if isinstance(answer, Ready):
            self._page(read, answer)
        elif isinstance(answer, Pending):
            self._wait_for_result(read, answer)
        elif isinstance(answer, NotAvailable):
            self._deliver(Outcome(read, "not_available", answer.reason, doubtful=answer.doubtful))
        elif isinstance(answer, Failed):
            with self._changed:
                self._pace = self._pace.slower()
            self._retry(read, answer)
        else:
            self._finish(read, "failed", answer.reason)

    def _page(self, read: Read, answer: Ready) -> None:
        read.pending_since = None
        with self._changed:
            self._pace = self._pace.faster()
        try:
            records = read.pages.accept(answer.records, answer.payload)
        except CutShort as cut:
            read.pages.restart()
            read.begun = False
            read.restarts += 1
            read.attempts = read.restarts - 1
            self._deliver(Restart(read))
            self._retry(read, Failed(str(cut)))
            return
        if records:
            self._deliver(Page(read, records))
        if read.pages.done:
            self._finish(read, "loaded")
            return
        read.attempts = 0
        read.begun = True
        with self._changed:
            self._push_ready(read)

    def _wait_for_result(self, read: Read, answer: Pending) -> None:
        now = time.monotonic()
        read.attempts = 0
        if read.pending_since is None:
            read.pending_since = now
        decided = self._patience.after_pending(answer, now - read.pending_since)
        if isinstance(decided, GiveUp):
            self._give_up(read, decided)
            return
        with self._changed:
            read.parked_at = now
            self._count_pending(+1)
            self._park(read, now + decided.seconds)

    def _retry(self, read: Read, failure: Failed) -> None:
        read.attempts += 1
        decided = self._patience.after_failure(failure, read.attempts, random.random())
        if isinstance(decided, GiveUp):
            self._give_up(read, decided)
            return
        if decided.shrink:
            read.pages.shrink()
        with self._changed:
            until = time.monotonic() + decided.seconds
            if decided.silence:
                self._silent_until = max(self._silent_until, until)
            self._park(read, until)

    def _give_up(self, read: Read, decided: GiveUp) -> None:
        self._deliver(Outcome(read, decided.outcome, decided.reason, exhausted=decided.exhausted))

    def _push_ready(self, read: Read) -> None:
        heapq.heappush(self._ready, (*read.priority, read))
        self._changed.notify()

    def _park(self, read: Read, due: float) -> None:
        heapq.heappush(self._parked, (due, read.order, read))
        self._changed.notify()

    def _count_pending(self, change: int) -> None:
        now = time.monotonic()
        if self._pending:
            self._waited += now - self._pending_started
        self._pending_started = now
        self._pending += change

    def _deliver(self, message: Message) -> None:
        with self._changed:
            self._messages[message.read.deliver_to].append(message)
            self._buffered += _weight(message)

    def _finish(self, read: Read, outcome: OutcomeName, error: str | None = None) -> None:
        self._deliver(Outcome(read, outcome, error))


def _weight(message: Message) -> int:
    return len(message.records) if isinstance(message, Page) else 1
