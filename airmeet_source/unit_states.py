"""What dlt's state keeps of a resource's units: open events one by one, settled ones packed into one text.

dlt decodes the state and walks through it some twenty times a run; an entry for each of ten thousand settled
events would cost it seconds.
"""

from collections.abc import Mapping
from typing import Any

from airmeet_source.lifecycle import UnitState

_OPEN, _SETTLED = "events", "settled"


def unpacked(resource_state: Mapping[str, Any]) -> dict[str, UnitState]:
    """The units of a resource by event, from the resource's state."""
    events: dict[str, UnitState] = dict(resource_state.get(_OPEN, {}))
    for line in resource_state.get(_SETTLED, "").split("\n"):
        airmeet_id, separator, fingerprint = line.partition("\t")
        if separator:
            events[airmeet_id] = {"settled": fingerprint}
    return events


def pack(events: Mapping[str, UnitState], resource_state: dict[str, Any]) -> None:
    """Put the units of a resource into the resource's state."""
    lines = {airmeet_id: _line(airmeet_id, state) for airmeet_id, state in events.items()}
    resource_state[_OPEN] = {airmeet_id: events[airmeet_id] for airmeet_id, line in lines.items() if not line}
    resource_state[_SETTLED] = "\n".join(line for line in lines.values() if line)


def _line(airmeet_id: str, state: UnitState) -> str | None:
    if state.keys() != {"settled"}:
        return None
    line = f"{airmeet_id}\t{state['settled']}"
    return line if line.count("\t") == 1 and "\n" not in line else None
