"""API values -> typed values: what each type takes, and that nothing else can happen than a misfit."""

import json
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airmeet_source.fields import exact, json_text, storable, to_text
from airmeet_source.model.arrow import typed_at_once
from airmeet_source.model.values import (
    CONVERTERS,
    DataType,
    Misfit,
    infer_type,
    to_bigint,
    to_bool,
    to_datetime,
    to_double,
    to_timestamp,
)
from tests.support.json_values import JSON_VALUES, TEXTS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PYTHON_TYPES: dict[DataType, type] = {
    "text": str,
    "bigint": int,
    "double": float,
    "bool": bool,
    "timestamp": int,
}
MISFIT = "misfit"


def outcome(convert: Callable[[Any], Any], value: Any) -> Any:
    try:
        return convert(value)
    except Misfit:
        return MISFIT


def microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


# -- every type ----------------------------------------------------------------------------------


@pytest.mark.parametrize("data_type", CONVERTERS)
@given(value=JSON_VALUES.filter(lambda value: value is not None))
@example(value="-1e308")
@example(value=[])
@example(value={"nested": ["\x00\ud800", math.nan]})
def test_any_json_value_is_of_the_type_or_a_misfit_and_never_anything_else(
    data_type: DataType, value: Any
) -> None:
    typed = outcome(CONVERTERS[data_type], value)

    assert typed is MISFIT or type(typed) is PYTHON_TYPES[data_type]


@pytest.mark.parametrize(
    "text",
    [
        "1" * 200_000 + "x",
        "1." + "1" * 200_000 + "x",
        "1e" + "1" * 200_000 + "x",
        "0." + "0" * 200_000,
        " " * 200_000 + "x",
        "1" + " " * 200_000 + "x",
        "2021-01-01" + " " * 200_000 + "x",
        "2021-01-01T10:00:00." + "1" * 200_000 + " " * 200_000 + "x",
        "2021-01-01T10:00:00" + " " * 200_000 + "+",
    ],
    ids=lambda text: f"{text[:24]!r} {len(text)}",
)
def test_no_text_takes_more_than_its_length_in_time(text: str) -> None:
    started = time.process_time()
    for data_type, convert in CONVERTERS.items():
        outcome(convert, text)
        typed_at_once([text], data_type)

    assert time.process_time() - started < 2.0


# -- text ----------------------------------------------------------------------------------------


@given(JSON_VALUES)
def test_every_value_has_a_text_that_every_destination_can_store(value: Any) -> None:
    text = to_text(value)

    assert "\x00" not in text
    assert text.encode("utf-8").decode("utf-8") == text


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert to_text(text) == text


@pytest.mark.parametrize(
    ("text", "stored"),
    [("a\x00b", "ab"), ("a\ud800b", "a\ufffdb"), ("tab\tand\nline", "tab\tand\nline"), ("😀", "😀")],
)
def test_only_what_cannot_be_stored_is_taken_out_of_a_text(text: str, stored: str) -> None:
    assert storable(text) == stored


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=5,
    )
)
def test_json_text_says_exactly_what_the_value_said(value: Any) -> None:
    assert json.loads(json_text(value)) == value


@given(st.dictionaries(TEXTS, st.integers()))
def test_json_text_does_not_depend_on_the_order_of_fields(fields: dict[str, int]) -> None:
    assert json_text(dict(reversed(fields.items()))) == json_text(fields)


@given(JSON_VALUES, JSON_VALUES)
@example([None], [math.nan])
@example({"a": [math.inf, None]}, {"a": [None, None]})
@example([1, 2**70], [1.0, 2**70])
@example({"a": True, "b": "\ud800"}, {"b": "\ud800", "a": True})
def test_the_exact_text_of_a_value_is_that_of_no_other_value(one: Any, other: Any) -> None:
    is_same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    assert (exact(one) == exact(other)) == is_same


def test_json_text_is_valid_json_where_python_would_write_nan() -> None:
    text = json_text({"a": [math.nan, {"b": -math.inf}]})

    assert json.loads(text, parse_constant=pytest.fail) == {"a": ["nan", {"b": "-inf"}]}


# -- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        (20000, 20000),
        ("20000", 20000),
        (" 20000 ", 20000),
        (2.0, 2),
        ("2.0", 2),
        (-0.0, 0),
        (2**63 - 1, 2**63 - 1),
        (str(-(2**63)), -(2**63)),
        (2**63, MISFIT),
        (str(2**63), MISFIT),
        (float(2**63), MISFIT),
        (1.5, MISFIT),
        ("1.5", MISFIT),
        (math.nan, MISFIT),
        (True, MISFIT),
        ("", MISFIT),
        ("many", MISFIT),
        ("1_000", MISFIT),
        ([1], MISFIT),
    ],
)
def test_bigint_takes_whole_numbers_of_64_bits_however_they_are_written(value: Any, typed: Any) -> None:
    assert outcome(to_bigint, value) == typed


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        (12.5, 12.5),
        (12, 12.0),
        ("12.50", 12.5),
        (".5", 0.5),
        ("-1e3", -1000.0),
        (2**53 + 1, MISFIT),
        (10**400, MISFIT),
        ("1e999", MISFIT),
        (math.nan, MISFIT),
        (-math.inf, MISFIT),
        ("nan", MISFIT),
        ("inf", MISFIT),
        (False, MISFIT),
        ("twelve", MISFIT),
    ],
)
def test_double_takes_finite_numbers_that_it_can_hold(value: Any, typed: Any) -> None:
    assert outcome(to_double, value) == typed


@pytest.mark.parametrize("convert", [to_bigint, to_double], ids=["bigint", "double"])
@given(number=st.integers(-(10**18), 10**18))
@example(number=2**53 + 1)
def test_a_whole_number_means_the_same_as_number_and_as_text(
    convert: Callable[[Any], Any], number: int
) -> None:
    assert outcome(convert, str(number)) == outcome(convert, number)


def test_bool_takes_what_plainly_means_true_or_false_and_guesses_nothing() -> None:
    assert all(to_bool(value) is True for value in [True, 1, "true", "True", " TRUE ", "yes", "1"])
    assert all(to_bool(value) is False for value in [False, 0, "false", "No", "0"])
    doubtful = [2, -1, "", "maybe", "on", 0.5, math.nan, [], {}, [True]]
    assert [outcome(to_bool, value) for value in doubtful] == [MISFIT] * len(doubtful)


# -- times ---------------------------------------------------------------------------------------

MOMENTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.mark.parametrize("separator", ["T", " "])
@given(moment=MOMENTS, zone=ZONES)
def test_iso_times_agree_with_datetime(separator: str, moment: datetime, zone: timezone) -> None:
    assert to_timestamp(moment.astimezone(zone).isoformat(separator)) == microseconds(moment)


@given(MOMENTS)
def test_times_without_a_zone_are_utc(moment: datetime) -> None:
    assert to_timestamp(moment.replace(tzinfo=None).isoformat()) == microseconds(moment)


@given(MOMENTS)
def test_the_apis_own_times_with_colons_in_the_date_agree_with_datetime(moment: datetime) -> None:
    text = f"{moment.year:04}:{moment:%m:%dT%H:%M:%S}.{moment.microsecond:06}Z"

    assert to_timestamp(text) == microseconds(moment)


@pytest.mark.parametrize("spell", [int, float, str], ids=["int", "float", "text"])
@given(seconds=st.integers(-99_999_999_999, 99_999_999_999).filter(lambda s: s >= -62_135_596_800))
def test_seconds_since_1970_agree_with_datetime(spell: Callable[[int], Any], seconds: int) -> None:
    assert to_timestamp(spell(seconds)) == seconds * 1_000_000


@pytest.mark.parametrize("spell", [int, float, str], ids=["int", "float", "text"])
@given(moment=st.datetimes(datetime(1973, 3, 4), datetime(2200, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_milliseconds_since_1970_agree_with_datetime(spell: Callable[[int], Any], moment: datetime) -> None:
    milliseconds = microseconds(moment) // 1000

    assert to_timestamp(spell(milliseconds)) == milliseconds * 1000


@given(st.integers(0, 4_000_000_000_000))
def test_fractions_of_epoch_seconds_are_kept_to_the_millisecond(milliseconds: int) -> None:
    assert round(to_timestamp(milliseconds / 1000) / 1000) == milliseconds


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2021:12:25T12:20:56.00Z", datetime(2021, 12, 25, 12, 20, 56, tzinfo=UTC)),
        ("2021-10-14T07:30:00.000Z", datetime(2021, 10, 14, 7, 30, tzinfo=UTC)),
        ("2021-10-14T07:30:00.5Z", datetime(2021, 10, 14, 7, 30, 0, 500_000, tzinfo=UTC)),
        ("2021-10-14T13:00:00+0530", datetime(2021, 10, 14, 7, 30, tzinfo=UTC)),
        (" 2021-10-14 07:30 ", datetime(2021, 10, 14, 7, 30, tzinfo=UTC)),
        ("2021-10-14", datetime(2021, 10, 14, tzinfo=UTC)),
        (1634196600, datetime(2021, 10, 14, 7, 30, tzinfo=UTC)),
        (1634196600000, datetime(2021, 10, 14, 7, 30, tzinfo=UTC)),
        ("1634196600000", datetime(2021, 10, 14, 7, 30, tzinfo=UTC)),
        (0, EPOCH),
    ],
)
def test_times_as_the_api_has_been_seen_to_write_them(value: Any, moment: datetime) -> None:
    assert to_datetime(value) == moment


@pytest.mark.parametrize(
    "value",
    ["", "soon", "2021-02-30", "2021-10-14T25:00:00Z", "2021-10-14T07:30:00+99:00", True, [], {}, math.nan],
)
def test_what_is_no_time_is_a_misfit(value: Any) -> None:
    assert outcome(to_timestamp, value) is MISFIT
    assert to_datetime(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
        253_402_300_800_000,
        -62_135_596_801,
        "1e306",
        1e306,
    ],
)
def test_a_time_outside_the_destinations_calendar_is_a_misfit(value: Any) -> None:
    assert outcome(to_timestamp, value) is MISFIT


# -- undocumented fields -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "data_type"),
    [
        ([True, None], "bool"),
        ([1, None, 2], "bigint"),
        ([1, 2.5], "double"),
        ([1, 2**63], "double"),
        ([1, 2**64 - 1], "text"),
        ([1, True], "text"),
        ([1.5, math.nan], "text"),
        (["1", "2"], "text"),
        (["2021-10-14T07:30:00Z"], "text"),
        ([{"a": 1}], "text"),
        ([[1], 2], "text"),
    ],
)
def test_an_undocumented_field_gets_a_type_that_all_its_values_have(
    values: list[Any], data_type: DataType
) -> None:
    assert infer_type(values) == data_type


@given(st.lists(JSON_VALUES, min_size=1))
def test_no_value_misfits_the_type_that_was_inferred_from_it(values: list[Any]) -> None:
    convert = CONVERTERS[infer_type(values)]

    assert all(value is None or outcome(convert, value) is not MISFIT for value in values)
