"""What dlt's state keeps of a resource's units: open events one by one, settled ones packed into one text.

dlt decodes the state and walks through it some twenty times a run; an entry for each of ten thousand settled
events would cost it seconds.
"""

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from airmeet_source.lifecycle import UnitState

_OPEN, _SETTLED = "events", "settled"


class UnitStates(MutableMapping[str, UnitState]):
    """The state of a resource's units by event. A state is replaced by another one, never altered."""

    def __init__(self, resource_state: Mapping[str, Any]) -> None:
        self._open: dict[str, UnitState] = dict(resource_state.get(_OPEN, {}))
        lines = resource_state.get(_SETTLED, "").split("\n")
        self._settled: dict[str, str] = dict(line.split("\t") for line in lines if line)
        self._changed = False

    def pack(self, resource_state: dict[str, Any]) -> None:
        """Put it into the resource's state, if anything changed since the last time."""
        if self._changed:
            self._changed = False
            resource_state[_OPEN] = dict(self._open)
            resource_state[_SETTLED] = "\n".join(map("\t".join, self._settled.items()))

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
