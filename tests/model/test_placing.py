"""Placing: each value into the one column of its field or into ``_unparsed``, within what a table holds."""

import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airmeet_source.model import batches
from airmeet_source.model.arrow import arrow_table
from airmeet_source.model.batches import TableBatches
from airmeet_source.model.columns import UNPARSED
from airmeet_source.model.naming import column_name, identity
from airmeet_source.model.placing import MOST_UNDOCUMENTED, TableTypes, Unparsed
from airmeet_source.model.privacy import Privacy
from airmeet_source.model.table import all_columns
from airmeet_source.model.tables import TABLES
from tests.support.growth import grows_too_fast
from tests.support.names import ANY_NAME, GROUPS, NAMES

TRACKS = TABLES["tracks"]
POSTGRES_COLUMNS = 1_600
POSTGRES_PAGE = 8_160


def undocumented(table: pa.Table) -> list[str]:
    declared = {column.name for column in all_columns(TRACKS)} | {UNPARSED}
    return [name for name in table.column_names if name not in declared]


def unparsed(row: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(row.get(UNPARSED) or "{}"))


def size_in_postgres(row: dict[str, Any]) -> int:
    """Bytes of a row in its page, at the least favourable order of columns."""
    size, last_is_number = 24 + POSTGRES_COLUMNS // 8, False
    for value in sorted(row.values(), key=lambda value: (isinstance(value, str), hash(value))):
        if isinstance(value, str):
            size += min(len(value.encode()) + 1, 24)
        elif value is not None:
            size += 8
        last_is_number = not isinstance(value, str)
    return size + 7 * last_is_number


# -- one column for one field --------------------------------------------------------------------


def test_each_field_has_a_column_of_its_own() -> None:
    """Whether the fields come in one record, in one batch or one after the other."""
    fields = [group[0] for group in GROUPS]
    apart = [{field: f"value of {field[:20]}"} for field in fields]
    together = [{field: value for record in apart for field, value in record.items()}]
    types = TableTypes(TRACKS)

    for rows in (together, apart, *([record] for record in apart)):
        table = arrow_table(rows, types)
        for name in undocumented(table):
            assert len(set(table[name].drop_null().to_pylist())) == 1
    assert len(undocumented(arrow_table(together, types))) == len(fields)


@given(st.lists(st.dictionaries(ANY_NAME, st.integers(0, 5), max_size=6), max_size=4))
@example([dict.fromkeys(NAMES, 1)])
@example([{name: number for number, name in enumerate(NAMES)}])
def test_a_column_holds_one_field_and_every_value_is_somewhere(rows: list[dict[str, Any]]) -> None:
    types = TableTypes(TRACKS)
    holds: dict[str, str] = {}
    for row, out in zip(rows, arrow_table(rows, types).to_pylist(), strict=True):
        kept = list(unparsed(out).values())
        for field, value in row.items():
            column = types.column_of(field)
            if column is not None:
                assert holds.setdefault(column, identity(field)) == identity(field)
            typed = None if column is None else out[column]
            assert str(typed) == str(value) or value in kept, field


def test_a_column_that_the_table_has_is_found_again_under_any_spelling() -> None:
    known = {"new_field": "bigint", column_name("名前"): "text", column_name("c++"): "double"}
    types = TableTypes(TRACKS, {**known, "_dlt_load_id": "text", "_deleted": "bool", "name": "text"})

    table = arrow_table([{"NewField": 1, "名前": "Ann", "C++": 2, "New-Field": None}], types)

    assert sorted(undocumented(table)) == sorted(known)


def test_names_that_would_be_one_in_the_json_text_are_both_kept() -> None:
    kept = Unparsed(2)
    kept.begin_with([{}, {UNPARSED: {"id": 1}}])
    for number, name in enumerate(["\ud800", "\ud801", "id", "id"]):
        kept.keep(1, name, number)

    none, text = kept.texts(TableTypes(TRACKS))

    assert none is None
    assert sorted(json.loads(text or "").values()) == [0, 1, 1, 2, 3]


# -- as many columns as a table can have ---------------------------------------------------------


def test_no_table_has_more_columns_than_postgres_takes() -> None:
    widest = max(len(list(all_columns(table))) for table in TABLES.values())

    assert widest + len([UNPARSED]) + MOST_UNDOCUMENTED <= POSTGRES_COLUMNS - 500  # for dropped ones


@pytest.mark.parametrize("count", [MOST_UNDOCUMENTED + 1, 1_700, 50_000])
def test_the_surplus_of_new_fields_is_kept_unparsed(count: int) -> None:
    record = {f"f{number:05}": f"v{number}" for number in range(count)}
    types = TableTypes(TRACKS)

    first, second = (arrow_table([record, {"name": "Other"}], types) for _ in range(2))

    assert first.equals(second)
    assert len(undocumented(first)) == MOST_UNDOCUMENTED
    row, other = first.to_pylist()
    assert {name: row[name] for name in undocumented(first)} | unparsed(row) == record
    assert (other["name"], other[UNPARSED]) == ("Other", None)


def test_columns_that_the_table_has_count_and_are_filled_when_it_is_full() -> None:
    known = {f"f{number:04}": "text" for number in range(MOST_UNDOCUMENTED - 2)}
    types = TableTypes(TRACKS, {**known, column_name("名前"): "text", "_dlt_load_id": "text"})

    table = arrow_table([{"f0001": "a", "名前": "b", "A": "c", "B": "d", "aaa": None}], types)

    (row,) = table.to_pylist()
    assert {name: row[name] for name in undocumented(table)} == {
        "f0001": "a",
        column_name("名前"): "b",
        "a": "c",
    }
    assert unparsed(row) == {"B": "d"}


def test_which_fields_have_a_column_does_not_depend_on_the_order_of_rows() -> None:
    rows = [{f"f{number:04}": number} for number in range(1_200)]

    assert undocumented(arrow_table(rows, TableTypes(TRACKS))) == undocumented(
        arrow_table(rows[::-1], TableTypes(TRACKS))
    )


# -- as long a row as a page can hold ------------------------------------------------------------


@pytest.mark.parametrize("value", [1, 1.5, "x", "x" * 23, "ł" * 11, "x" * 24, [1], True], ids=repr)
@pytest.mark.parametrize("other", [7, "y"])
def test_a_row_fits_into_a_page_of_postgres_and_nothing_is_lost(value: Any, other: Any) -> None:
    record = {f"f{number:04}": other if number % 3 else value for number in range(MOST_UNDOCUMENTED)}

    (row,) = arrow_table([record], TableTypes(TRACKS)).to_pylist()

    assert size_in_postgres(row) <= POSTGRES_PAGE
    kept = unparsed(row)
    assert all(row.get(field) is not None or kept[field] == value for field, value in record.items())


@pytest.mark.parametrize(("value", "count"), [("v1234", 1_000), (1, 875), ("x" * 1_000, 291)])
def test_as_many_values_as_fit_have_their_columns(value: Any, count: int) -> None:
    record = {f"f{number:04}": value for number in range(count)}

    (row,) = arrow_table([record], TableTypes(TRACKS)).to_pylist()

    assert row.items() >= record.items()


def test_what_is_put_aside_is_protected_once() -> None:
    privacy = Privacy("hash", "salt")
    record = {f"name{number:04}": f"Ann {number}" for number in range(MOST_UNDOCUMENTED)}

    (row,) = arrow_table([record], TableTypes(TRACKS, privacy=privacy)).to_pylist()

    kept = unparsed(row)
    assert kept
    assert all(kept[field] == privacy.protect(record[field]) for field in kept)
    assert "Ann" not in repr(row)


@pytest.mark.parametrize("field", ["a" * 100 + "Email", "e-mail?", "ｅｍａｉｌ!"])  # noqa: RUF001
def test_a_field_that_tells_of_people_is_protected_under_whatever_name(field: str) -> None:
    table = arrow_table([{field: "ann@example.com"}], TableTypes(TRACKS, privacy=Privacy("hash", "salt")))

    assert "ann@" not in repr(table.to_pylist())


# -- time and memory -----------------------------------------------------------------------------


MANY_FIELDS: dict[str, Callable[[int], list[dict[str, Any]]]] = {
    "many in each": lambda length: [{f"f{number}": 1 for number in range(length)}] * 4,
    "nulls": lambda length: [
        {f"f{row}_{number}": None for number in range(20)} for row in range(length // 20)
    ],
    "others in each": lambda length: [
        {f"f{row}_{number}": 1 for number in range(20)} for row in range(length // 20)
    ],
    "spellings in each": lambda length: (
        [{f"{'a_' * number}{'a' * (300 - number)}": number for number in range(300)}] * (length // 300)
    ),
    "spellings": lambda length: [
        {f"{row:015b}".replace("0", "a").replace("1", "A") * 2: row} for row in range(length)
    ],
}


@pytest.mark.parametrize("fields", MANY_FIELDS.values(), ids=MANY_FIELDS)
def test_fields_take_time_in_proportion_to_their_number(
    fields: Callable[[int], list[dict[str, Any]]],
) -> None:
    def work(rows: list[dict[str, Any]]) -> None:
        arrow_table(rows, TableTypes(TRACKS))

    assert not grows_too_fast(fields, work, 5_000)


def test_records_with_very_many_fields_are_typed_early_and_handed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batches, "BATCH_FIELDS", 5_000)
    monkeypatch.setattr(batches, "BATCH_BYTES", 1_000_000)
    gathered = TableBatches(TableTypes(TRACKS))
    record = {f"f{number}": "x" * 100 for number in range(2_000)}
    added = 0
    while not gathered.is_full:
        gathered.extend([record])
        added += 1

    assert added < 10
    assert sum(table.num_rows for table in gathered.take("1")) == added
