"""What dlt's state keeps of a resource's units: open events one by one, settled ones packed into one text.

dlt decodes, compresses and writes the state as a whole with each load package; an entry for each of ten
thousand settled events would cost it seconds. The text is short, and quick to compress: a line for what
fingerprints begin with, such as ``FINISHED 2026-05-06T``, and how each goes on; then a line of their events.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, MutableMapping
from itertools import chain
from typing import Any

from airmeet_source.extract.lifecycle import UnitState

_OPEN, _SETTLED = "events", "settled_by_day"
_TIME = len("13:11")  # what a fingerprint ends with


class UnitStates(MutableMapping[str, UnitState]):
    """The state of a resource's units by event. A state is replaced by another one, never altered."""

    def __init__(self, resource_state: Mapping[str, Any]) -> None:
        self._open: dict[str, UnitState] = dict(resource_state.get(_OPEN, {}))
        self._settled = _unpacked(resource_state.get(_SETTLED, ""))
        self._changed = False

    def pack(self, resource_state: dict[str, Any]) -> None:
        """Put it into the resource's state, if anything changed since the last time."""
        if self._changed:
            self._changed = False
            resource_state[_OPEN] = dict(self._open)
            resource_state[_SETTLED] = _packed(self._settled)

    def get(self, airmeet_id: str, default: Any = None) -> Any:
        """The state of an event's units; quicker than what it overrides."""
        fingerprint = self._settled.get(airmeet_id)
        return self._open.get(airmeet_id, default) if fingerprint is None else {"settled": fingerprint}

    def __getitem__(self, airmeet_id: str) -> UnitState:
        state: UnitState | None = self.get(airmeet_id)
        if state is None:
            raise KeyError(airmeet_id)
        return state

    def __setitem__(self, airmeet_id: str, state: UnitState) -> None:
        self.pop(airmeet_id, None)
        self._changed = True
        if _is_line(airmeet_id, state):
            self._settled[airmeet_id] = state["settled"]
        else:
            self._open[airmeet_id] = state

    def __delitem__(self, airmeet_id: str) -> None:
        self._changed = True
        if self._settled.pop(airmeet_id, None) is None:
            del self._open[airmeet_id]

    def __iter__(self) -> Iterator[str]:
        yield from self._open
        yield from self._settled

    def __len__(self) -> int:
        return len(self._open) + len(self._settled)


def _is_line(airmeet_id: str, state: UnitState) -> bool:
    text = airmeet_id + state.get("settled", "\n")
    return len(state) == 1 and "\t" not in text and "\n" not in text


def _packed(settled: Mapping[str, str]) -> str:
    days: defaultdict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for airmeet_id, fingerprint in settled.items():
        times, ids = days[fingerprint[:-_TIME]]
        times.append(fingerprint[-_TIME:])
        ids.append(airmeet_id)
    blocks = (("\t".join((day, *times)), "\t".join(ids)) for day, (times, ids) in days.items())
    return "\n".join(chain.from_iterable(blocks))


def _unpacked(text: str) -> dict[str, str]:
    lines = text.split("\n") if text else []
    settled: dict[str, str] = {}
    for beginnings, ids in zip(lines[::2], lines[1::2], strict=True):
        day, *times = beginnings.split("\t")
        fingerprints = (sys.intern(day + time) for time in times)  # each resource has the same ones
        settled.update(zip(ids.split("\t"), fingerprints, strict=True))
    return settled
