"""The spool: every table comes out once, in order, and few of them are in memory."""

from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airmeet_source.model import spool
from airmeet_source.model.spool import Room, Spool

COLUMNS = st.sampled_from(["id", "name", "late"])
TABLES = st.lists(st.dictionaries(COLUMNS, st.integers(0, 99), min_size=1), min_size=1, max_size=6)
fresh = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)


@fresh
@given(st.lists(TABLES, min_size=1, max_size=4))
def test_tables_come_out_once_each_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, parts: list[list[dict[str, int]]]
) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", 40)
    whole = Spool(tmp_path)
    for part in parts:
        each = Spool(tmp_path)
        for row in part:
            each.add(pa.table({name: [value] for name, value in row.items()}))
        whole.absorb(each)
    rows = [row for part in parts for row in part]

    assert whole.rows == len(rows)
    came = [row for table in whole.take() for row in table.to_pylist()]
    assert [{name: value for name, value in row.items() if value is not None} for row in came] == rows
    assert (list(whole.take()), whole.rows, whole.size) == ([], 0, 0)


def test_what_is_large_is_in_a_file_that_nobody_can_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", 100_000)
    before = pa.total_allocated_bytes()
    waiting = Spool(tmp_path)
    for number in range(40):
        waiting.add(pa.table({"name": [f"{number} {'x' * 1_000}"] * 50}))
    assert waiting.size > 2_000_000
    assert pa.total_allocated_bytes() - before < 500_000
    assert list(tmp_path.iterdir()) == []
    tables = waiting.take()
    assert sum(table.num_rows for table in tables) == 2_000


def test_spools_that_share_a_room_have_no_more_memory_than_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY_TOGETHER", 10_000)
    room = Room()
    spools = [Spool(tmp_path, room) for _ in range(8)]
    for number in range(80):
        spools[number % 8].add(pa.table({"name": [f"{number:0500}"] * 10}))
        assert sum(each.in_memory for each in spools) <= 10_000
    whole = Spool(tmp_path, room)
    for each in spools:
        whole.absorb(each)
    del spools
    assert sum(table.num_rows for table in whole.take()) == 800
    whole.add(pa.table({"name": ["x" * 5_000]}))
    assert whole.in_memory >= 5_000, "what is gone takes no room"
