"""What the states of a dataset's pipelines know of erased people, and how they come to know more."""

from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import dlt
from dlt.common.schema import Schema
from dlt.extract import DltSource

from airmeet_source.extract.erased import erased_of
from airmeet_source.extract.unit_states import (
    ErasedState,
    EventState,
    SourceState,
    UnitState,
    source_state_of,
)
from airmeet_source.loading.clients import Clients
from airmeet_source.loading.stored_states import StoredStates

State = Mapping[str, Any]


def take_over(pipeline: dlt.Pipeline, others: Iterable[State]) -> None:
    """Have a run leave out whom other pipelines of the dataset leave out."""
    own = source_state_of(pipeline)
    merged, known = erased_of([own, *others]), own.get("erased", {})
    if not merged or all(merged.get(kind) == known.get(kind) for kind in ("people", "blanked")):
        return
    merged["unswept"] = True  # what we have loaded of them meanwhile is there, too
    with pipeline.managed_state() as state:
        _source_state(state)["erased"] = merged


def tell_all(clients: Clients, erased: ErasedState, events: Collection[str] = ()) -> bool:
    """Write down in the destination who is left out, in the states of all pipelines of the dataset.

    Args:
        clients: of one of them.
        erased: who.
        events: whose lists do not hold what they held; what is known of that is forgotten.

    Returns:
        Whether there is any state.
    """
    told: list[bool] = []
    with _states(clients) as states:
        if states is not None:
            states.change(partial(_tell, told=told, erased=erased, events=events))
    return bool(told)


def tell_first(pipeline: dlt.Pipeline, erased: ErasedState, origin: SourceState) -> None:
    """Write down who is left out where nothing has been loaded yet, and what else a state has to have."""
    with pipeline.managed_state() as state:
        _source_state(state).update({**origin, "erased": erased})
    pipeline.extract(DltSource(Schema("airmeet"), "airmeet", []))
    pipeline.normalize()
    pipeline.load().raise_on_failed_jobs()


def pipelines_of(clients: Clients) -> set[str]:
    """The names of all pipelines that have loaded into the dataset."""
    with _states(clients) as states:
        return states.pipelines() if states is not None else set()


@contextmanager
def _states(clients: Clients) -> Iterator[StoredStates | None]:
    with clients.opened() as client:
        is_there = client.is_storage_initialized()
        if is_there:
            [(_, columns)] = client.get_storage_tables([client.schema.state_table_name])
            is_there = bool(columns)
        yield StoredStates(client) if is_there else None


def _source_state(state: Any) -> MutableMapping[str, Any]:
    found: MutableMapping[str, Any] = state.setdefault("sources", {}).setdefault("airmeet", {})
    return found


def _tell(state: dict[str, Any], *, told: list[bool], erased: ErasedState, events: Collection[str]) -> bool:
    ours = state.get("sources", {}).get("airmeet")
    if ours is None:
        return False
    told.append(True)
    ours["erased"] = erased
    for resource_state in ours.get("resources", {}).values():
        open_events = resource_state.get("events", {})
        for airmeet_id in open_events.keys() & events:
            open_events[airmeet_id] = _unsure(open_events[airmeet_id])
    return True


def _unsure(state: EventState) -> EventState:
    """The state of an event whose lists may hold anything: none of them is taken for unchanged."""
    if "children" in state:
        return {"children": {entity_id: _unknown(unit) for entity_id, unit in state["children"].items()}}
    return _unknown(state)


def _unknown(state: UnitState) -> UnitState:
    unknown: Any = {name: value for name, value in state.items() if name not in ("digest", "tables")}
    found: UnitState = unknown
    return found
