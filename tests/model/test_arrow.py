"""Bulk: what is typed at once comes out as if it had been typed one by one."""

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airmeet_source.model.arrow import ARROW, typed_at_once
from airmeet_source.model.values import CONVERTERS, DataType, Misfit
from tests.support.json_values import NUMBERS, SCALARS, TEXTS

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
