"""What grows with a list: the same in memory and in a file, and no memory beyond a size."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airmeet_source import spilling
from airmeet_source.spilling import NumberMap

KEYS = st.integers(-(2**63), 2**63 - 1) | st.integers(0, 5)


@given(st.lists(st.tuples(st.sampled_from(["set", "get", "count", "clear"]), KEYS, KEYS), max_size=30))
def test_a_map_of_numbers_is_one_whether_in_memory_or_in_a_file(steps: list[tuple[str, int, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spilling, "_IN_MEMORY", 3)
        numbers, expected = NumberMap(), dict[int, int]()
        for step, key, number in steps:
            if step == "set":
                numbers[key] = expected[key] = number
            elif step == "count" and -(2**62) < expected.get(key, 0) < 2**62:
                expected[key] = expected.get(key, 0) + 1
                assert numbers.count(key) == expected[key]
            elif step == "clear":
                numbers.clear()
                expected.clear()
            assert numbers.get(key) == expected.get(key)
            assert (key in numbers) == (key in expected)


def test_a_large_map_takes_no_more_memory_than_a_small_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spilling, "_IN_MEMORY", 1_000)
    tracemalloc.start()
    numbers = NumberMap()
    for key in range(20_000):
        numbers[hash((key, "key"))] = 1
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000
