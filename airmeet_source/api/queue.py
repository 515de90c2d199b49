"""Units that wait: for a thread that is free, or for the moment when they may be asked for again."""

import heapq
import itertools
from collections import Counter, deque

from airmeet_source.api.reading import Reading


class Queue:
    """What is asked for next. The scheduler's lock guards it.

    Units that failed and units that did not are asked for by turns, so that neither hold up the others. Among
    each of them the better rank goes first, and resources whose units have the same rank take turns.
    """

    def __init__(self) -> None:
        self._orders = itertools.count()
        self._turns = itertools.count()
        self._parkings = itertools.count()
        self._well = _Lane()
        self._failed = _Lane()
        self._parked: list[tuple[float, int, int, Reading]] = []  # a unit that was parked anew is in it twice
        self._patient: deque[Reading] = deque()
        self._untouched: Counter[tuple[str, str]] = Counter()  # never asked for, by resource and receiver

    def submit(self, reading: Reading) -> None:
        """Add a unit that was never asked for."""
        reading.order = next(self._orders)
        self._untouched[reading.unit.resource, reading.deliver_to] += 1
        self.add(reading)

    def add(self, reading: Reading) -> None:
        """Add a unit that may be asked for now."""
        (self._failed if reading.attempts else self._well).add(reading)

    def park(self, reading: Reading, due: float, *, patiently: bool = False) -> None:
        """Add a unit that may be asked for from a moment on, also in the place of another moment.

        ``patiently``: it can be parked anew, until an earlier moment.
        """
        reading.due = due
        heapq.heappush(self._parked, (due, reading.order, next(self._parkings), reading))
        if patiently:
            self._patient.append(reading)

    def next_patient(self) -> Reading | None:
        """The unit that was the first to be parked patiently; each is handed out once."""
        while self._patient:
            reading = self._patient.popleft()
            if reading.due is not None:
                return reading
        return None

    def release(self, now: float) -> None:
        """Let those parked units go on whose moment has come."""
        while self._parked and self._parked[0][0] <= now:
            due, _, _, reading = heapq.heappop(self._parked)
            if reading.due == due:
                reading.due = None
                self.add(reading)

    def is_ready(self) -> bool:
        """Whether a unit may be asked for now."""
        return self._well.is_filled() or self._failed.is_filled()

    def take(self, *, fairly: bool) -> Reading:
        """Take out the unit to ask for now; ``fairly``: resources take turns whatever the rank."""
        lanes = [lane for lane in (self._well, self._failed) if lane.is_filled()]
        lane = min(lanes, key=lambda lane: lane.last_turn)
        reading = lane.take(next(self._turns), fairly=fairly)
        if not reading.requests:
            self._untouched[reading.unit.resource, reading.deliver_to] -= 1
        return reading

    def next_release(self) -> float | None:
        """When the next parked unit may go on."""
        return self._parked[0][0] if self._parked else None

    def parked(self, *, for_results: bool) -> list[float]:
        """When each parked unit may go on: of those that wait for a result, or of those that failed."""
        return [
            due
            for due, _, _, reading in self._parked
            if reading.due == due and (reading.parked_at is not None) == for_results
        ]

    def withdraw(self, resource: str | None) -> list[Reading]:
        """Take out all units of a resource, or (None) all units."""
        taken = self._well.withdraw(resource) + self._failed.withdraw(resource)
        for due, _, _, reading in self._parked:
            if resource in (None, reading.unit.resource) and reading.due == due:
                reading.due = None
                taken.append(reading)
        self._parked = [entry for entry in self._parked if resource not in (None, entry[3].unit.resource)]
        heapq.heapify(self._parked)
        for reading in taken:
            if not reading.requests:
                self._untouched[reading.unit.resource, reading.deliver_to] -= 1
        return taken

    def untouched_of(self, receiver: str) -> int:
        """How many units for a receiver were never asked for."""
        return sum(number for (_, name), number in self._untouched.items() if name == receiver)

    def untouched_resources(self) -> set[str]:
        """The resources with units that were never asked for."""
        return {resource for (resource, _), number in self._untouched.items() if number}


class _Lane:
    """Units that may be asked for now, by resource."""

    def __init__(self) -> None:
        self.last_turn = -1
        self._units: dict[str, list[tuple[int, int, Reading]]] = {}
        self._last_turns: dict[str, int] = {}

    def add(self, reading: Reading) -> None:
        heap = self._units.setdefault(reading.unit.resource, [])
        heapq.heappush(heap, (reading.rank, reading.order, reading))

    def is_filled(self) -> bool:
        return bool(self._units)

    def take(self, turn: int, *, fairly: bool) -> Reading:
        def precedence(resource: str) -> tuple[int, int]:
            rank = self._units[resource][0][0]
            return (0 if fairly else rank, self._last_turns.get(resource, -1))

        resource = min(self._units, key=precedence)
        self.last_turn = self._last_turns[resource] = turn
        heap = self._units[resource]
        reading = heapq.heappop(heap)[2]
        if not heap:
            del self._units[resource]
        return reading

    def withdraw(self, resource: str | None) -> list[Reading]:
        names = list(self._units) if resource is None else [resource]
        return [reading for name in names for _, _, reading in sorted(self._units.pop(name, []))]
