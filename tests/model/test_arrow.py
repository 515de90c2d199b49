"""Rows become Arrow tables of a fixed schema, in which nothing of a row is lost."""

import io
import json
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dlt.common.normalizers.naming.snake_case import NamingConvention
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airmeet_source.model.arrow import ARROW, arrow_table, tombstones, typed_at_once
from airmeet_source.model.columns import DELETED, LOAD_ID, UNPARSED
from airmeet_source.model.placing import TableTypes
from airmeet_source.model.table import Reload, Table
from airmeet_source.model.tables import TABLES
from airmeet_source.model.values import CONVERTERS, DataType, Misfit
from tests.support.arrow_rows import ROWS, is_kept, raw, unparsed
from tests.support.json_values import JSON_VALUES, NUMBERS, SCALARS, TEXTS

ATTENDANCE = TABLES["session_attendance"]
REPLAYS = TABLES["replay_attendance"]
EACH_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
TIMES = st.builds(
    "{:04d}{}{:02d}{}{:02d}T{:02d}:{:02d}:{:02d}{}Z".format,
    *(st.integers(0, 3200), st.sampled_from("-:/."), st.integers(0, 13), st.sampled_from("-:/")),
    *(st.integers(0, 32), st.integers(0, 24), st.integers(0, 60), st.integers(0, 60)),
    st.from_regex(r"(\.[0-9]{0,7})?", fullmatch=True),
)
DIGITS = st.from_regex(r"[+-]?[0-9]{0,20}", fullmatch=True)
COLUMNS = st.one_of(
    *(st.lists(st.none() | values, max_size=3) for values in (TIMES, DIGITS, TEXTS, NUMBERS, SCALARS))
)


def typed(rows: list[dict[str, Any]], table: Table = ATTENDANCE) -> pa.Table:
    return arrow_table(rows, TableTypes(table))


# -- nothing is lost -----------------------------------------------------------------------------


@given(ROWS)
@example([{"time_spent": "20000", "timeSpent": "20001", "TIME_SPENT": None}])
@example([{"name": 1, "Name": True}])
@example([{"score": 1}, {"score": 2**64}, {"score": "x"}, {"Score": [None]}])
def test_every_value_is_in_its_column_or_kept_raw(rows: list[dict[str, Any]]) -> None:
    types = TableTypes(ATTENDANCE)
    out = raw(arrow_table(rows, types))

    assert len(out) == len(rows)
    lost = [
        (field, value)
        for given_row, row in zip(rows, out, strict=True)
        for field, value in given_row.items()
        if value is not None and not is_kept(field, value, row, types)
    ]
    assert lost == []


@given(ROWS)
def test_nothing_is_in_the_table_that_was_in_no_row(rows: list[dict[str, Any]]) -> None:
    for given_row, row in zip(rows, typed(rows).to_pylist(), strict=True):
        filled = [name for name, value in row.items() if value is not None and name != UNPARSED]
        assert len(filled) + len(unparsed(row)) <= len(given_row)


@given(st.lists(st.dictionaries(st.sampled_from(REPLAYS.column_names), JSON_VALUES), max_size=5))
@example([{"duration_viewed": float("nan")}, {"duration_viewed": "1"}])
@example([{"id": 2**63}, {"id": 1}])
def test_what_becomes_of_a_row_does_not_depend_on_its_neighbours(rows: list[dict[str, Any]]) -> None:
    def told(table: pa.Table) -> list[tuple[Any, ...]]:
        return [(*map(repr, map(row.get, REPLAYS.column_names)), unparsed(row)) for row in raw(table)]

    assert told(typed(rows, REPLAYS)) == [told(typed([row], REPLAYS))[0] for row in rows]


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_null_and_kept_raw(number: float) -> None:
    (row,) = typed([{"duration_viewed": number}], REPLAYS).to_pylist()

    assert row["duration_viewed"] is None
    assert unparsed(row) == {"duration_viewed": str(number)}


def test_a_misfit_is_null_and_its_raw_value_stands_under_its_columns_name() -> None:
    (row, other) = typed([{"timeSpent": "20 s", "name": "A"}, {"timeSpent": "20000"}]).to_pylist()

    assert (row["time_spent"], unparsed(row)) == (None, {"time_spent": "20 s"})
    assert (row["name"], other["time_spent"], other[UNPARSED]) == ("A", 20000, None)


def test_of_two_spellings_the_columns_own_wins_and_the_other_is_kept() -> None:
    (row,) = typed([{"userId": "b", "user_id": "a", "USERID": "a"}]).to_pylist()

    assert (row["user_id"], unparsed(row)) == ("a", {"userId": "b"})


def test_columns_of_ours_take_nothing_from_the_api() -> None:
    (row,) = typed([{DELETED: True, LOAD_ID: "x", "_dlt_id": "y"}], TABLES["participants"]).to_pylist()

    assert row[DELETED] is None
    assert unparsed(row) == {DELETED: True, LOAD_ID: "x", "_dlt_id": "y"}


@pytest.mark.parametrize("value", ["the API's own", 7, ["x"], {"a": 1}])
def test_a_field_of_the_api_that_is_called_like_ours_is_kept(value: Any) -> None:
    (row,) = typed([{UNPARSED: value, "time_spent": "many"}]).to_pylist()

    assert unparsed(row)["time_spent"] == "many"
    assert json.dumps(value) in row[UNPARSED] or (
        isinstance(value, dict) and unparsed(row).items() >= value.items()
    )


def test_unparsed_is_absent_until_it_is_needed() -> None:
    assert UNPARSED not in typed([{"time_spent": "20000"}]).column_names


# -- the schema is fixed -------------------------------------------------------------------------


@EACH_TABLE
@settings(max_examples=6)
@given(ROWS)
def test_declared_columns_are_always_there_and_always_of_their_type(
    table: Table, rows: list[dict[str, Any]]
) -> None:
    schema = typed(rows, table).schema

    for column in table.columns:
        assert schema.field(column.name).type == ARROW[column.data_type]
    assert (DELETED in schema.names) == (table.reload is not Reload.APPEND)


@given(ROWS)
def test_every_column_is_flat_storable_and_named_as_dlt_names_it(rows: list[dict[str, Any]]) -> None:
    table = typed(rows)
    name = NamingConvention().normalize_identifier

    assert len(set(table.column_names)) == len(table.column_names)
    assert [name(column) for column in table.column_names] == table.column_names
    assert set(table.schema.types) <= set(ARROW.values())
    texts = [value for row in raw(table) for value in row.values() if isinstance(value, str)]
    assert not any("\x00" in text for text in texts)


@settings(max_examples=40)
@given(ROWS)
def test_every_table_survives_parquet(rows: list[dict[str, Any]]) -> None:
    table = typed(rows)
    file = io.BytesIO()
    pq.write_table(table, file)

    assert repr(raw(pq.read_table(file))) == repr(raw(table))


def test_undocumented_columns_keep_the_type_that_they_once_had() -> None:
    types = TableTypes(ATTENDANCE, {"score": "bigint", "shape": "json"})
    first = arrow_table([{"score": 1.5, "level": 1, "shape": {"a": 1}}], types)
    second = arrow_table([{"score": 2, "level": "high", "shape": 7}], types)

    for table in (first, second):
        assert [table.schema.field(n).type for n in ("score", "level", "shape")] == [
            pa.int64(),
            pa.int64(),
            pa.string(),
        ]
    assert [unparsed(t.to_pylist()[0]) for t in (first, second)] == [{"score": 1.5}, {"level": "high"}]


def test_nested_values_of_undocumented_fields_are_json_text() -> None:
    (row,) = typed([{"seatMap": {"row": [1, None]}}]).to_pylist()

    assert json.loads(row["seat_map"]) == {"row": [1, None]}


@pytest.mark.parametrize("name", [name for name, t in TABLES.items() if t.reload is Reload.BY_EVENT])
def test_an_empty_list_is_one_row_that_deletes_the_event(name: str) -> None:
    types = TableTypes(TABLES[name])
    (row,) = tombstones(["e1"], types).to_pylist()

    assert {column: value for column, value in row.items() if value is not None} == {
        "airmeet_id": "e1",
        DELETED: True,
    }


# -- whole columns at once -----------------------------------------------------------------------


def one_by_one(values: list[Any], data_type: DataType) -> pa.Array:
    convert = CONVERTERS[data_type]
    return pa.array([None if value is None else convert(value) for value in values], ARROW[data_type])


@pytest.mark.parametrize("data_type", CONVERTERS)
@given(values=COLUMNS)
@example(values=["2021:12:25T12:20:56.00Z", None])
@example(values=["2021-02-29T00:00:00Z"])
@example(values=["20000", "-7", "007"])
@example(values=["9" * 19])
@example(values=["\ud800"])
@example(values=["a\x00b"])
def test_a_column_at_once_is_the_column_one_by_one(data_type: DataType, values: list[Any]) -> None:
    at_once = typed_at_once(values, data_type)
    if at_once is not None:
        try:
            assert at_once.equals(one_by_one(values, data_type))
        except Misfit:
            pytest.fail(f"{at_once} was made of values that do not fit")


@pytest.mark.parametrize(
    ("data_type", "values"),
    [
        ("text", ["Ann", None, "Łukasz"]),
        ("bigint", ["61000", "-1", None]),
        ("bigint", [1, None]),
        ("double", [0.5]),
        ("bool", [True, None]),
        ("timestamp", ["2021:12:25T12:20:56.00Z", "2021-10-14T07:30:00.000Z", "2021-10-14T07:30:00Z", None]),
        ("timestamp", [None, None]),
    ],
)
def test_what_the_api_usually_sends_is_typed_at_once(data_type: DataType, values: list[Any]) -> None:
    assert typed_at_once(values, data_type) is not None
