"""Probing: results that are ready sooner than Airmeet says are asked for sooner.

Airmeet says "try again after 5 minutes", but a small result may be ready in seconds. A few units of a run ask
early. Where that comes back ready the others do the same, so few at a time that hardly any ask is in vain.
"""

from airmeet_source.api.answers import Answer, Failed, Pending
from airmeet_source.api.queue import Queue
from airmeet_source.api.reading import Reading

STEPS = (5.0, 15.0, 45.0)  # seconds after a preparation began
_SCOUTS = 2  # units that ask after each of them
_MOST_IN_VAIN = 5  # early asks of a run; then all units wait for as long as Airmeet says


class Probing:
    """How soon each result is asked for. The scheduler's lock guards it.

    Args:
        queue: where units wait.
        steps: when scouts ask, in seconds.
    """

    def __init__(self, queue: Queue, steps: tuple[float, ...] = STEPS) -> None:
        self._queue = queue
        self._steps = steps
        self._scouts: set[int] = set()  # by their orders
        self._left = _MOST_IN_VAIN  # early asks that may still be in vain
        self._out = 0  # early asks that are not answered
        self.ready_after: float | None = None  # seconds after which results were ready, if that is known

    def park(self, reading: Reading, now: float, seconds: float, *, told: bool) -> None:
        """Let a unit wait for its result, for so many seconds if it does not ask early.

        ``told``: Airmeet named the time, so it counts.
        """
        step = None if told else self._next_step(reading, now)
        if step is not None and _began(reading, now) + step < now + seconds:
            self._ask_early(reading, _began(reading, now) + step)
        else:
            self._queue.park(reading, now + seconds, patiently=not told)
        self._hasten(now)

    def answered(self, reading: Reading, answer: Answer, now: float) -> None:
        """A unit's ask was answered; if it was an early one, others learn from it."""
        was_early = reading.early
        self.dropped(reading)
        if isinstance(answer, Pending):
            self._left -= was_early
        else:
            reading.asked_early = 0.0
            if was_early and not isinstance(answer, Failed) and reading.order in self._scouts:
                self._learn(now - _began(reading, now))
        if not self._left:
            self.ready_after = None
        self._hasten(now)

    def dropped(self, reading: Reading) -> None:
        """A unit will not ask early after all."""
        self._out -= reading.early
        reading.early = False

    def _learn(self, elapsed: float) -> None:
        reached = [step for step in self._steps if step <= elapsed]
        known = [] if self.ready_after is None else [self.ready_after]
        self.ready_after = min([*reached[-1:], *known], default=None)

    def _next_step(self, reading: Reading, now: float) -> float | None:
        elapsed = now - _began(reading, now)
        if not self._may_ask():
            return None
        if not elapsed and len(self._scouts) < _SCOUTS:
            self._scouts.add(reading.order)
        if reading.order not in self._scouts:
            return None
        return next((step for step in self._steps if step > elapsed), None)

    def _may_ask(self) -> bool:
        return self._out < self._left

    def _hasten(self, now: float) -> None:
        """Have units that wait patiently ask as early as results were ready."""
        while self.ready_after is not None and self._may_ask():
            reading = self._queue.next_patient()
            if reading is None:
                return
            if reading.asked_early < self.ready_after:
                self._ask_early(reading, max(now, _began(reading, now) + self.ready_after))

    def _ask_early(self, reading: Reading, due: float) -> None:
        reading.early = True
        reading.asked_early = due - _began(reading, due)
        self._out += 1
        self._queue.park(reading, due)


def _began(reading: Reading, now: float) -> float:
    return now if reading.pending_since is None else reading.pending_since
