"""Batches: rows are gathered and handed over once each, and events without rows are deleted."""

from itertools import chain
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airmeet_source.model.batches import BATCH_ROWS, UNTYPED_BYTES, TableBatches
from airmeet_source.model.columns import DELETED, LOAD_ID
from airmeet_source.model.placing import TableTypes
from airmeet_source.model.table import Reload
from airmeet_source.model.tables import TABLES
from tests.support.arrow_rows import ROWS, is_kept, raw

ATTENDANCE = TABLES["session_attendance"]


@settings(max_examples=40)
@given(st.lists(ROWS, max_size=3))
def test_rows_survive_being_gathered_from_several_batches(parts: list[list[dict[str, Any]]]) -> None:
    types = TableTypes(ATTENDANCE)
    whole = TableBatches(types)
    for part in parts:
        batch = TableBatches(types)
        for row in part:
            batch.extend([row])
        whole.absorb(batch)
    rows = [row for part in parts for row in part]

    assert whole.count == len(rows)
    tables = list(whole.take("1"))
    for given_row, row in zip(rows, chain.from_iterable(map(raw, tables)), strict=True):
        assert all(v is None or is_kept(f, v, row, types) for f, v in given_row.items())


def test_many_rows_come_out_once_each_and_in_order() -> None:
    count = 2 * BATCH_ROWS + 1
    first, second = (TableBatches(TableTypes(ATTENDANCE)) for _ in range(2))
    for n in range(count):
        (first if n < BATCH_ROWS + 7 else second).extend(
            [{"id": n, "late" if n == count - 1 else "name": "x"}]
        )
    assert first.is_full
    first.absorb(second)
    assert first.count == count

    (table,) = first.take("1700000000.5")

    assert table["id"].to_pylist() == list(range(count))
    assert table["late"].to_pylist()[-1] == "x"
    assert set(table[LOAD_ID].to_pylist()) == {"1700000000.5"}
    assert (first.count, first.is_full, list(first.take("2"))) == (0, False, [])


def test_rows_of_large_answers_do_not_wait_as_objects() -> None:
    batches = TableBatches(TableTypes(ATTENDANCE))
    for n in range(6):
        batches.extend([{"id": n}], size=UNTYPED_BYTES // 2)
        assert len(batches._rows) < 2
    assert not batches.is_full

    (table,) = batches.take("1")
    assert table["id"].to_pylist() == list(range(6))


@pytest.mark.parametrize("name", [name for name, t in TABLES.items() if t.reload is not Reload.APPEND])
def test_a_table_without_rows_has_all_its_columns_and_deletes_nothing(name: str) -> None:
    batches = TableBatches(TableTypes(TABLES[name]))
    batches.create_table()
    (created,) = batches.take("1")

    assert {*TABLES[name].column_names, LOAD_ID} <= set(created.column_names)
    assert created["airmeet_id"].to_pylist() == [""]
    assert created[DELETED].to_pylist() == [True]


def test_a_tombstone_and_rows_of_other_events_go_into_one_table() -> None:
    batches = TableBatches(TableTypes(TABLES["tracks"]))
    batches.extend([{"airmeet_id": "e1", "uid": "t1"}])
    batches.delete_event("e2")
    (table,) = batches.take("1")

    deleted = {row["airmeet_id"]: row[DELETED] for row in table.to_pylist()}
    assert deleted == {"e1": None, "e2": True}
