"""The state of units comes back from dlt's state as it was."""

import json

import hypothesis.strategies as st
from hypothesis import given

from airmeet_source.unit_states import pack, unpacked

SETTLED = st.fixed_dictionaries({"settled": st.text()})
CURSOR = st.fixed_dictionaries({"after": st.integers(), "full_at": st.text()})
EVENTS = st.dictionaries(st.text(), SETTLED | CURSOR | st.fixed_dictionaries({"children": st.just({})}))


@given(EVENTS)
def test_what_is_packed_comes_back(events: dict[str, dict[str, object]]) -> None:
    state: dict[str, object] = {}
    pack(events, state)
    assert unpacked(json.loads(json.dumps(state))) == events


def test_settled_events_are_one_text() -> None:
    state: dict[str, object] = {}
    pack({f"event {n}": {"settled": "FINISHED 2026-05-06T03:08"} for n in range(1000)}, state)
    assert state["events"] == {}
    assert str(state["settled"]).count("\n") == 999


def test_a_resource_without_state_has_no_events() -> None:
    assert unpacked({}) == {}
