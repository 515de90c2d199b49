"""The state of units comes back from dlt's state as it was."""

import json
from typing import cast

import hypothesis.strategies as st
from hypothesis import given

from airmeet_source.extract.unit_states import (
    ChildrenState,
    EventState,
    ReadState,
    RefusedState,
    ResourceState,
    SettledState,
    UnitStates,
)

STATE: st.SearchStrategy[EventState] = (
    st.builds(SettledState, settled=st.text())
    | st.fixed_dictionaries(
        {"event": st.text(), "read_at": st.text()},
        optional={
            "digest": st.text(),
            "tables": st.lists(st.text()),
            "full_at": st.text(),
            "after": st.none() | st.integers(),
        },
    ).map(lambda state: cast(ReadState, state))
    | st.builds(RefusedState, refused=st.text())
    | st.builds(ChildrenState, children=st.just({}))
)
EVENTS = st.dictionaries(st.text(), STATE)


def packed(states: UnitStates, before: ResourceState | None = None) -> ResourceState:
    """The resource's state, as dlt stores it."""
    resource_state = before or ResourceState()
    states.pack(resource_state)
    decoded: ResourceState = json.loads(json.dumps(resource_state))
    return decoded


@given(EVENTS)
def test_what_is_packed_comes_back(events: dict[str, EventState]) -> None:
    states = UnitStates({})
    states.update(events)
    assert dict(UnitStates(packed(states))) == events


@given(EVENTS, st.lists(st.tuples(st.text(max_size=1), STATE | st.none())))
def test_changes_are_those_of_a_dict(
    events: dict[str, EventState], changes: list[tuple[str, EventState | None]]
) -> None:
    states, model = UnitStates({}), dict(events)
    states.update(events)
    before = packed(states)
    states = UnitStates(before)
    for airmeet_id, state in changes:
        if state is None:
            assert states.pop(airmeet_id, None) == model.pop(airmeet_id, None)
        else:
            states[airmeet_id] = model[airmeet_id] = state
    assert dict(states) == model
    assert len(states) == len(model)
    assert dict(UnitStates(packed(states, before))) == model


def test_settled_events_are_one_text_by_day() -> None:
    states = UnitStates({})
    for airmeet_id, time in (("a", "06T03:08"), ("b", "07T03:08"), ("c", "06T11:30")):
        states[airmeet_id] = {"settled": f"FINISHED 2026-05-{time}"}
    assert packed(states) == {
        "events": {},
        "settled_by_day": "FINISHED 2026-05-06T\t03:08\t11:30\na\tc\nFINISHED 2026-05-07T\t03:08\nb",
    }


def test_resources_share_the_texts_of_their_states() -> None:
    states = UnitStates({})
    states["a"] = {"settled": "FINISHED 2026-05-06T03:08"}
    state = packed(states)
    first, second = UnitStates(state), UnitStates(state)
    mine, theirs = first["a"], second["a"]
    assert "settled" in mine
    assert "settled" in theirs
    assert mine["settled"] is theirs["settled"]


def test_what_is_packed_belongs_to_one_package_until_something_changes() -> None:
    first: ResourceState = {}
    earlier, later = (ReadState(event="", read_at="", after=after) for after in (1, 2))
    states = UnitStates({})
    states["here"] = earlier
    states.pack(first)
    assert packed(states) == {}
    states["there"] = later
    assert first["events"] == {"here": earlier}
    assert packed(states)["events"] == {"here": earlier, "there": later}


def test_a_resource_without_state_has_no_events() -> None:
    assert not UnitStates({})
    assert packed(UnitStates({})) == {}
