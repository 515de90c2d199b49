"""Worker threads and two heaps, shared by all resources: units to ask for now, and units that have to wait.

A unit that waits - for Airmeet to prepare its result, or after an error - is parked in the second heap until
it is due, and costs no thread. The threads only fetch; what they bring is taken over by dlt's thread with
:meth:`Scheduler.take`. How long a unit is parked, and when it is given up, is up to the retry policy.
"""

import heapq
import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable

from airmeet_source.api.answers import Answer, Failed, NotAvailable, Pending, Ready
from airmeet_source.api.endpoint import Endpoint
from airmeet_source.api.mailbox import Mailbox
from airmeet_source.api.pages import CutShort, Doubtful, Endless, StaysShort
from airmeet_source.api.reading import LONGEST_ID, Message, Outcome, Page, Reading, Restart
from airmeet_source.api.retrying import GiveUp, Pace, Patience
from airmeet_source.api.stopwatch import Stopwatch

Ask = Callable[[Endpoint, str, dict[str, str]], Answer]

_BUFFERED_RECORDS = 10_000  # that may wait for dlt's thread; then the workers wait for it
_UNTOUCHED_UNITS = 2_000  # of one resource, that may wait here for their first request
_NOT_SENDABLE = f"not asked: its id is empty, a dot, or longer than {LONGEST_ID} characters"


class Scheduler:
    """Reads units with a number of threads; see the module."""

    def __init__(self, ask: Ask, concurrency: int, patience: Patience) -> None:
        self._ask = ask
        self._patience = patience
        self._changed = threading.Condition()
        self._ready: list[tuple[int, int, Reading]] = []
        self._parked: list[tuple[float, int, Reading]] = []
        self._order = itertools.count()
        self._mailbox = Mailbox()
        self._untouched: Counter[str] = Counter()  # by resource, submitted and never asked for
        self._in_flight = 0
        self._pace = Pace(concurrency, concurrency)
        self._silent_until = 0.0
        self._closed = False
        self._given_up: dict[str, str] = {}
        self._waits = Stopwatch()
        self.broken: Exception | None = None
        self._threads = [
            threading.Thread(target=self._work, name=f"airmeet-{n}", daemon=True) for n in range(concurrency)
        ]
        self._started = False

    def submit(self, reading: Reading) -> None:
        """Read a unit as soon as a thread is free. The first one starts the threads."""
        with self._changed:
            if not reading.unit.is_sendable:
                self._mailbox.put(Outcome(reading, "failed", _NOT_SENDABLE))
                return
            if not self._started:
                self._started = True
                for thread in self._threads:
                    thread.start()
            reading.order = next(self._order)
            self._untouched[reading.deliver_to] += 1
            self._push_ready(reading)

    def room(self, resource: str) -> int:
        """How many more of a resource's units are wanted; with all of a backfill's, memory would grow."""
        with self._changed:
            return max(0, _UNTOUCHED_UNITS - self._untouched[resource])

    def take(self, resource: str) -> list[Message]:
        """What has come for a resource since the last call; never waits."""
        with self._changed:
            taken = self._mailbox.take(resource)
            if taken:
                self._changed.notify_all()
            return taken

    @property
    def closed(self) -> bool:
        """Whether it was closed, or broke: nothing more will come."""
        return self._closed

    def waited(self) -> float:
        """Seconds so far during which at least one unit waited for a result in preparation."""
        with self._changed:
            return self._waits.seconds(time.monotonic())

    def waiting(self) -> tuple[int, float | None]:
        """How many units wait for a result in preparation, and the seconds until the next ask."""
        with self._changed:
            due = [due for due, _, reading in self._parked if reading.parked_at is not None]
        return len(due), max(0.0, min(due) - time.monotonic()) if due else None

    def give_up(self, resource: str, reason: str) -> None:
        """Ask for no more of a resource: its units that are not read yet end as failed."""
        with self._changed:
            self._given_up[resource] = reason
            waiting = [entry for entry in self._parked if entry[2].unit.resource == resource]
            self._parked = [entry for entry in self._parked if entry[2].unit.resource != resource]
            heapq.heapify(self._parked)
            for _, _, reading in waiting:
                if reading.parked_at is not None:
                    reading.parked_at = None
                    self._waits.stop(time.monotonic())
                self._push_ready(reading)

    def close(self) -> None:
        """Stop: what requests in flight will bring is not waited for, and nothing new is started."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    # -- the threads -----------------------------------------------------------------------------

    def _work(self) -> None:
        while (reading := self._next_due()) is not None:
            try:
                self._handle(reading, self._ask(reading.endpoint, reading.path, reading.pages.params))
            except Exception as error:  # noqa: BLE001 - handed over to dlt's thread, which raises it
                if not self._closed:
                    self.broken = error
                    self.close()
            with self._changed:
                self._in_flight -= 1
                self._changed.notify()

    def _next_due(self) -> Reading | None:
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                while self._parked and self._parked[0][0] <= now:
                    self._push_ready(heapq.heappop(self._parked)[2])
                silence = self._silent_until - now
                room = self._in_flight < int(self._pace.allowed) and self._mailbox.weight < _BUFFERED_RECORDS
                if self._ready and room and silence <= 0:
                    reading = heapq.heappop(self._ready)[-1]
                    if not reading.requests:
                        self._untouched[reading.deliver_to] -= 1
                    if reading.unit.resource in self._given_up:
                        reason = self._given_up[reading.unit.resource]
                        self._mailbox.put(Outcome(reading, "failed", reason))
                        continue
                    self._start(reading)
                    return reading
                pauses = [self._parked[0][0] - now] if self._parked else []
                pauses += [silence] if self._ready and silence > 0 else []
                self._changed.wait(min(pauses, default=None))
            return None

    def _start(self, reading: Reading) -> None:
        self._in_flight += 1
        reading.requests += 1
        reading.started_at = reading.started_at or time.time()
        if reading.parked_at is not None:
            now = time.monotonic()
            reading.waited += now - reading.parked_at
            reading.parked_at = None
            self._waits.stop(now)

    # -- what an answer leads to -----------------------------------------------------------------

    def _handle(self, reading: Reading, answer: Answer) -> None:
        if isinstance(answer, Ready):
            self._page(reading, answer)
        elif isinstance(answer, Pending):
            self._wait_for_result(reading, answer)
        elif isinstance(answer, NotAvailable):
            self._believe(reading, answer)
        elif isinstance(answer, Failed):
            with self._changed:
                self._pace = self._pace.slower()
            self._retry(reading, answer)
        else:
            self._deliver(Outcome(reading, "failed", answer.reason))

    def _believe(self, reading: Reading, answer: NotAvailable) -> None:
        """End a unit that is not available; what no plan can lack is asked for once more if in doubt."""
        if answer.doubtful and not reading.endpoint.plan_gated and not reading.attempts:
            self._retry(reading, Failed(answer.reason))
        else:
            self._deliver(Outcome(reading, "not_available", answer.reason, doubtful=answer.doubtful))

    def _page(self, reading: Reading, answer: Ready) -> None:
        reading.pending_since = None
        with self._changed:
            self._pace = self._pace.faster()
        try:
            records = reading.pages.accept(answer.records, answer.payload, doubtful=answer.doubtful)
        except (StaysShort, Endless) as hopeless:
            self._deliver(Outcome(reading, "failed", str(hopeless)))
            return
        except Doubtful as doubt:
            self._retry(reading, Failed(str(doubt)))
            return
        except CutShort as cut:
            reading.restart()
            self._deliver(Restart(reading))
            self._retry(reading, Failed(str(cut)))
            return
        if records:
            self._deliver(Page(reading, records, answer.size))
        if reading.pages.done:
            self._deliver(Outcome(reading, "loaded"))
            return
        reading.attempts = 0
        reading.begun = True
        with self._changed:
            self._push_ready(reading)

    def _wait_for_result(self, reading: Reading, answer: Pending) -> None:
        now = time.monotonic()
        reading.attempts = 0
        if reading.pending_since is None:
            reading.pending_since = now
        decided = self._patience.after_pending(answer, now - reading.pending_since)
        if isinstance(decided, GiveUp):
            self._give_up(reading, decided)
            return
        with self._changed:
            reading.parked_at = now
            self._waits.start(now)
            self._park(reading, now + decided.seconds)

    def _retry(self, reading: Reading, failure: Failed) -> None:
        reading.attempts += 1
        decided = self._patience.after_failure(failure, reading.attempts, random.random())
        if isinstance(decided, GiveUp):
            self._give_up(reading, decided)
            return
        if decided.shrink:
            reading.pages.shrink()
        with self._changed:
            until = time.monotonic() + decided.seconds
            if decided.silence:
                self._silent_until = max(self._silent_until, until)
            self._park(reading, until)

    def _give_up(self, reading: Reading, decided: GiveUp) -> None:
        self._deliver(Outcome(reading, decided.outcome, decided.reason, exhausted=decided.exhausted))

    def _push_ready(self, reading: Reading) -> None:
        heapq.heappush(self._ready, (*reading.priority, reading))
        self._changed.notify()

    def _park(self, reading: Reading, due: float) -> None:
        heapq.heappush(self._parked, (due, reading.order, reading))
        self._changed.notify()

    def _deliver(self, message: Message) -> None:
        with self._changed:
            self._mailbox.put(message)
