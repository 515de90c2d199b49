"""What all plans share: where their ids begin, and rows that arrive one after the other."""

from bisect import bisect_right
from collections.abc import Callable, Sequence

from airmeet_sandbox.collection import Plan, Record
from airmeet_sandbox.event import Event
from airmeet_sandbox.seeds import key


def first_id(event: Event, name: str) -> int:
    """The first record id of an endpoint and unit; ids of different units may be the same."""
    return 1_000_000 + key(event.key, name, "id") % 8_000_000


def over_time(
    event: Event,
    name: str,
    size: int,
    records: Callable[[Sequence[int], float], list[Record]],
    at: Callable[[Event, int], float],
    *,
    with_id: bool = True,
) -> Plan:
    """A plan whose rows arrive one after the other, at ascending times."""
    last = at(event, size - 1) if size > 0 else 0.0

    def arrived(now: float) -> int:
        if now >= last:
            return size
        return bisect_right(range(size), now, key=lambda index: at(event, index))

    return Plan(size, records, arrived, first_id(event, name), with_id)
