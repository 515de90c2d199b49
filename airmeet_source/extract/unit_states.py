"""What dlt's state keeps between runs: the shapes of all of it, and how a resource's part is packed.

dlt's state of the source holds :class:`SourceState`, and of each resource whose units are events, sessions or
booths :class:`ResourceState`. Open events have an entry each; the settled ones are packed into one text.

dlt decodes, compresses and writes the state as a whole with each load package; an entry for each of ten
thousand settled events would cost it seconds. The text is short, and quick to compress: a line for what
fingerprints begin with, such as ``FINISHED 2026-05-06T``, and how each goes on; then a line of their events.
"""

import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, MutableMapping
from itertools import chain
from typing import Any, NotRequired, TypedDict, cast, final

import dlt

_TIME = len("13:11")  # what a fingerprint ends with


@final
class ReadState(TypedDict):
    """A unit that was read, or is not offered now, and that will be asked for again."""

    event: str  # the event's fingerprint when it was asked for
    read_at: str  # when that was, ISO 8601
    digest: NotRequired[str]  # of its records
    tables: NotRequired[list[str]]  # that they have rows in
    full_at: NotRequired[str]  # only where it is read on from a cursor: when it was last read in full
    after: NotRequired[int | None]  # the cursor; None: none is trusted, so it is read in full


@final
class RefusedState(TypedDict):
    """A unit that was refused, as if the plan did not include it, when it should have been read for good.

    If a second run is refused as well, it is settled.
    """

    refused: str  # the event's fingerprint at that time


@final
class SettledState(TypedDict):
    """A unit that is final, or an event all of whose units of the resource are."""

    settled: str  # the event's fingerprint: another one makes it due again


UnitState = ReadState | RefusedState | SettledState


@final
class ChildrenState(TypedDict):
    """An event whose units are its sessions or booths, while it is not settled as a whole."""

    children: dict[str, UnitState]  # by id of the session or booth


EventState = ReadState | RefusedState | SettledState | ChildrenState


class ResourceState(TypedDict, total=False):
    """What is remembered of a resource; of an event that is in neither nothing is."""

    events: dict[str, EventState]  # by id, those that are not settled
    settled_by_day: str  # the others, see the module


class ErasedState(TypedDict, total=False):
    """Whom ``airmeet erase`` keeps out: HMACs of addresses and user ids, by their random key in hex."""

    people: dict[str, list[str]]
    blanked: dict[str, list[str]]  # those of them that are addresses, to be blanked where texts mention them
    unswept: bool  # whether rows of theirs may still be in the destination


class SourceState(TypedDict, total=False):
    """What is remembered of the source as a whole."""

    community: str  # whose keys were used
    demo: bool  # whether the events are made up: they must not be mixed with real ones
    pii: str  # what becomes of personal data, see origin.py
    listed: list[str]  # ids of some of the events of the newest list, see origin.py
    ready_after: float  # seconds after which results in preparation were ready, if Airmeet said longer
    erased: ErasedState  # the same in all pipelines of a dataset
    resources: dict[str, ResourceState]  # dlt's own key


def resource_state(resource: str) -> ResourceState:
    """The state of a resource in the load package that is being extracted."""
    return cast(ResourceState, dlt.current.resource_state(resource))


def source_state() -> SourceState:
    """The state of the source in the load package that is being extracted."""
    return cast(SourceState, dlt.current.source_state())


def source_state_of(pipeline: dlt.Pipeline) -> SourceState:
    """The state of the source as a pipeline has it between its load packages."""
    return cast(SourceState, pipeline.state.get("sources", {}).get("airmeet", {}))


class UnitStates(MutableMapping[str, EventState]):
    """The state of a resource's units by event. A state is replaced by another one, never altered."""

    def __init__(self, resource_state: ResourceState) -> None:
        self._open: dict[str, EventState] = dict(resource_state.get("events", {}))
        self._settled = _unpacked(resource_state.get("settled_by_day", ""))
        self._changed = False

    def pack(self, resource_state: ResourceState) -> None:
        """Put it into the resource's state, if anything changed since the last time."""
        if self._changed:
            self._changed = False
            resource_state["events"] = dict(self._open)
            resource_state["settled_by_day"] = _packed(self._settled)

    def get(self, airmeet_id: str, default: Any = None) -> Any:
        """The state of an event's units; quicker than what it overrides."""
        fingerprint = self._settled.get(airmeet_id)
        return self._open.get(airmeet_id, default) if fingerprint is None else {"settled": fingerprint}

    def __getitem__(self, airmeet_id: str) -> EventState:
        state: EventState | None = self.get(airmeet_id)
        if state is None:
            raise KeyError(airmeet_id)
        return state

    def __setitem__(self, airmeet_id: str, state: EventState) -> None:
        self.pop(airmeet_id, None)
        self._changed = True
        if "settled" in state and _fits_a_line(airmeet_id + state["settled"]):
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


def _fits_a_line(text: str) -> bool:
    return "\t" not in text and "\n" not in text


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


def unit_states(pipeline: dlt.Pipeline) -> dict[str, UnitStates]:
    """What the pipeline's state knows of each resource's units, by resource."""
    resources = source_state_of(pipeline).get("resources", {})
    return {name: UnitStates(state) for name, state in resources.items()}
