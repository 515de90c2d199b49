"""Worker threads, shared by all resources, and a queue of units to ask for now or later.

A unit that waits - for Airmeet to prepare its result, or after an error - is parked in the queue until it is
due, and costs no thread. The threads only fetch; what they bring is taken over by dlt's thread with
:meth:`Scheduler.take`. How long a unit is parked, and when it is given up, is up to the retry policy.
"""

import itertools
import random
import threading
import time
from collections.abc import Callable

from airmeet_source.api.answers import Answer, Failed, NotAvailable, Pending, Ready
from airmeet_source.api.endpoint import Endpoint
from airmeet_source.api.mailbox import Mailbox
from airmeet_source.api.pages import CutShort, Doubtful, Endless, StaysShort
from airmeet_source.api.probing import Probing
from airmeet_source.api.queue import Queue
from airmeet_source.api.reading import LONGEST_ID, Message, Outcome, Page, Reading, Restart
from airmeet_source.api.retrying import Breaker, GiveUp, Pace, Patience
from airmeet_source.api.stopwatch import Stopwatch
from airmeet_source.errors import TooManyFailures

Ask = Callable[[Endpoint, str, dict[str, str]], Answer]

_BUFFERED_RECORDS = 10_000  # that may wait for dlt's thread; then the workers wait for it
_UNTOUCHED_UNITS = 2_000  # of one resource, that may wait here for their first request
NOT_SENDABLE = f"its id is empty, a dot, or longer than {LONGEST_ID} characters"


class Scheduler:
    """Reads units with a number of threads; see the module."""

    def __init__(self, ask: Ask, concurrency: int, patience: Patience) -> None:
        self._ask = ask
        self._patience = patience
        self._changed = threading.Condition()
        self._queue = Queue()
        self.probing = Probing(self._queue)
        self._mailbox = Mailbox()
        self._requests = itertools.count()
        self._in_flight = 0
        self._pace = Pace(concurrency, concurrency)
        self._breaker = Breaker()
        self._silent_until = 0.0
        self._closed = False
        self._given_up: dict[str | None, str] = {}  # resource, or None for all -> why
        self._waits = Stopwatch()
        self.broken: Exception | None = None
        self._threads: list[threading.Thread] = []

    def submit(self, reading: Reading) -> None:
        """Read a unit as soon as a thread is free. The first one starts the threads."""
        with self._changed:
            if not reading.unit.is_sendable:
                self._refuse(reading, NOT_SENDABLE)
            elif not self._is_refused(reading):
                self._queue.submit(reading)
                self._start_threads()
                self._changed.notify()

    def _start_threads(self) -> None:
        while len(self._threads) < self._pace.most:
            name = f"airmeet-{len(self._threads)}"
            self._threads.append(threading.Thread(target=self._work, name=name, daemon=True))
            self._threads[-1].start()

    def room(self, resource: str) -> int:
        """How many more of a resource's units are wanted; with all of a backfill's, memory would grow."""
        with self._changed:
            return max(0, _UNTOUCHED_UNITS - self._queue.untouched_of(resource))

    def take(self, resource: str) -> list[Message]:
        """What has come for a resource, or the first part of it; never waits."""
        with self._changed:
            was_full = self._mailbox.weight >= _BUFFERED_RECORDS
            taken = self._mailbox.take(resource)
            if was_full and taken:
                self._changed.notify()
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
        return self._parked(for_results=True)

    def retrying(self) -> tuple[int, float | None]:
        """How many units failed and wait for another attempt, and the seconds until the next one."""
        return self._parked(for_results=False)

    def _parked(self, *, for_results: bool) -> tuple[int, float | None]:
        with self._changed:
            due = self._queue.parked(for_results=for_results)
        return len(due), max(0.0, min(due) - time.monotonic()) if due else None

    def silence(self) -> float:
        """Seconds during which nothing may be asked, because Airmeet said so."""
        with self._changed:
            return max(0.0, self._silent_until - time.monotonic())

    def close(self) -> None:
        """Stop: what requests in flight will bring is not waited for, and nothing new is started."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    # -- the threads -----------------------------------------------------------------------------

    def _work(self) -> None:
        reading = self._next_due()
        while reading is not None:
            try:
                self._handle(reading, self._ask(reading.endpoint, reading.path, reading.pages.params))
            except Exception as error:  # noqa: BLE001 - handed over to dlt's thread, which raises it
                if not self._closed:
                    self.broken = error
                    self.close()
            with self._changed:
                self._in_flight -= 1
                reading = self._next_due()

    def _next_due(self) -> Reading | None:
        with self._changed:
            while not self._closed:
                now = time.monotonic()
                self._queue.release(now)
                silence = self._silent_until - now
                if self._queue.is_ready() and self._has_room() and silence <= 0:
                    reading = self._queue.take(fairly=self._breaker.suspects)
                    self._start(reading)
                    self._leave_the_rest_to_another()
                    return reading
                release = self._queue.next_release()
                pauses = [] if release is None else [release - now]
                pauses += [silence] if self._queue.is_ready() and silence > 0 else []
                self._changed.wait(min(pauses, default=None))
            return None

    def _has_room(self) -> bool:
        return self._in_flight < int(self._pace.allowed) and self._mailbox.weight < _BUFFERED_RECORDS

    def _leave_the_rest_to_another(self) -> None:
        """Wake a thread if there is something for it; one that has ended a request looks for more itself."""
        if self._queue.next_release() is not None or (self._queue.is_ready() and self._has_room()):
            self._changed.notify()

    def _start(self, reading: Reading) -> None:
        self._in_flight += 1
        reading.asked = next(self._requests)
        reading.requests += 1
        reading.started_at = reading.started_at or time.time()
        self._end_pause(reading)

    def _end_pause(self, reading: Reading) -> None:
        if reading.parked_at is not None:
            now = time.monotonic()
            reading.waited += now - reading.parked_at
            reading.parked_at = None
            self._waits.stop(now)

    # -- what an answer leads to -----------------------------------------------------------------

    def _handle(self, reading: Reading, answer: Answer) -> None:
        self._count(reading, answer)
        if isinstance(answer, Ready):
            self._page(reading, answer)
        elif isinstance(answer, Pending):
            self._wait_for_result(reading, answer)
        elif isinstance(answer, NotAvailable):
            self._believe(reading, answer)
        elif isinstance(answer, Failed):
            self._fail(reading, answer)
        else:
            self._deliver(Outcome(reading, "failed", answer.reason))

    def _count(self, reading: Reading, answer: Answer) -> None:
        """Let pace and breaker know whether it was a sensible answer."""
        with self._changed:
            self.probing.answered(reading, answer, time.monotonic())
            if isinstance(answer, Failed):
                self._pace = self._pace.slower()
                self._breaker.failed(reading.unit.resource, reading.asked)
                if reading.failing_since is None:
                    reading.failing_since = reading.asked
                return
            if isinstance(answer, Ready):
                self._pace = self._pace.faster()
            reading.failing_since = None
            if reading.unit.airmeet_id is not None:  # the event list says nothing about its units
                self._breaker.answered(reading.unit.resource, reading.asked)

    def _believe(self, reading: Reading, answer: NotAvailable) -> None:
        """End a unit that is not available; what no plan can lack is asked for once more if in doubt."""
        if answer.doubtful and not reading.endpoint.plan_gated and not reading.attempts:
            self._retry(reading, Failed(answer.reason))
        else:
            self._deliver(Outcome(reading, "not_available", answer.reason, doubtful=answer.doubtful))

    def _page(self, reading: Reading, answer: Ready) -> None:
        reading.pending_since = None
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
        with self._changed:
            if records:
                self._deliver(Page(reading, records, answer.size))
            if reading.pages.done:
                self._deliver(Outcome(reading, "loaded"))
                return
            reading.attempts = 0
            reading.begun = True
            self._go_on(reading)

    def _wait_for_result(self, reading: Reading, answer: Pending) -> None:
        now = time.monotonic()
        reading.attempts = 0
        if reading.pending_since is None:
            reading.pending_since = now
        decided = self._patience.after_pending(answer, now - reading.pending_since)
        if isinstance(decided, GiveUp):
            self._deliver(Outcome(reading, decided.outcome, decided.reason))
            return
        with self._changed:
            reading.parked_at = now
            self._waits.start(now)
            if not self._is_refused(reading):
                self.probing.park(reading, now, decided.seconds, told=answer.retry_after is not None)
                self._changed.notify_all()

    def _fail(self, reading: Reading, failure: Failed) -> None:
        if self._retry(reading, failure):
            return
        with self._changed:
            since = reading.asked if reading.failing_since is None else reading.failing_since
            untouched = self._queue.untouched_resources()
            trip = self._breaker.exhausted(reading.unit.resource, since, failure.reason, untouched)
            if trip is not None and trip.resource is not None:
                self._give_up(trip.resource, trip.reason)
            elif trip is not None:
                self.broken = TooManyFailures(trip.reason)
                self.close()

    def _retry(self, reading: Reading, failure: Failed) -> bool:
        """Ask for the unit again after a pause; False if it has been asked for often enough."""
        reading.attempts += 1
        decided = self._patience.after_failure(failure, reading.attempts, random.random())
        if isinstance(decided, GiveUp):
            self._deliver(Outcome(reading, decided.outcome, decided.reason))
            if decided.everything:
                self._give_up(None, decided.reason)
            return False
        if decided.shrink:
            reading.pages.shrink()
        until = time.monotonic() + decided.seconds
        with self._changed:
            if decided.silence:
                self._silent_until = max(self._silent_until, until)
        self._go_on(reading, until)
        return True

    def _go_on(self, reading: Reading, due: float | None = None) -> None:
        """Ask for the unit as soon as a thread is free, or from a moment on."""
        with self._changed:
            if self._is_refused(reading):
                return
            if due is None:
                self._queue.add(reading)  # this thread looks for something to do next
            else:
                self._queue.park(reading, due)
                self._changed.notify()

    def _give_up(self, resource: str | None, reason: str) -> None:
        """Ask for no more of a resource, or (None) of any: units that are not read yet end as failed."""
        with self._changed:
            self._given_up[resource] = reason
            for reading in self._queue.withdraw(resource):
                self._is_refused(reading)

    def _is_refused(self, reading: Reading) -> bool:
        """Whether the unit is given up; then it ends here."""
        reason = self._given_up.get(reading.unit.resource) or self._given_up.get(None)
        if reason is not None:
            self._end_pause(reading)
            self.probing.dropped(reading)
            self._refuse(reading, reason)
        return reason is not None

    def _refuse(self, reading: Reading, reason: str) -> None:
        asked = "not asked again" if reading.requests else "not asked"
        reading.started_at = reading.started_at or time.time()
        self._mailbox.put(Outcome(reading, "failed", f"{asked}: {reason}"))

    def _deliver(self, message: Message) -> None:
        with self._changed:
            self._mailbox.put(message)
