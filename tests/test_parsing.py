"""Parsing: sound JSON comes out as it is, one bad byte costs one value, and time grows with the body only."""

import contextlib
import json
import math
import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airmeet_source.fields import json_text
from airmeet_source.parsing import MOST_NESTED, HugeNumber, is_deep, parse_json

JSON_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SOUND = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | JSON_TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(JSON_TEXTS, inner, max_size=3),
    max_leaves=8,
)
SECONDS = 5.0  # for what takes a few tenths; anything but linear takes minutes


def nested(depth: int, inmost: str = "1") -> str:
    """JSON of lists and objects in turn, so many levels deep."""
    pairs, odd = divmod(depth, 2)
    return '[{"]":' * pairs + "[" * odd + inmost + "]" * odd + "}]" * pairs


def depth_of(value: Any) -> int:
    level, depth = [value], 0
    while level := [item for item in level if isinstance(item, list | dict)]:
        depth += 1
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return depth


# -- sound bodies --------------------------------------------------------------------------------


@given(SOUND, st.booleans(), st.sampled_from([None, 2]))
def test_sound_json_is_what_python_reads(value: Any, ascii_only: bool, indent: int | None) -> None:
    body = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()

    assert parse_json(body) == json.loads(body)


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][-+]?[0-9]{1,3})?", fullmatch=True))
@example("18446744073709551616")
@example("-9223372036854775809")
@example("1E400")
@example("-0")
@example("NaN")
def test_numbers_are_what_python_reads_to_the_last_digit(digits: str) -> None:
    body = f'{{"a": [{digits}, "{digits}"], "b": {digits}}}'.encode()

    parsed = json.loads(body, parse_float=lambda text: float(text) if is_finite(text) else HugeNumber(text))

    assert repr(parse_json(body)) == repr(parsed)


def is_finite(digits: str) -> bool:
    return math.isfinite(float(digits))


@pytest.mark.parametrize(
    "body", [b'{"a": [1, 2', b'{"a": "b', b"[1]]", b"<html>", b"", b"\xff", b'{"a": 1,}']
)
def test_what_is_no_json_or_cut_off_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the reason
        parse_json(body)


def test_of_two_fields_of_one_name_the_last_counts() -> None:
    assert parse_json(b'{"a": 1, "b": 2, "a": 3}') == {"a": 3, "b": 2}


# -- bytes that are no UTF-8, and characters that JSON does not allow ----------------------------


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        (b"caf\xc3", "caf\ufffd"),  # é, cut
        (b"\xe5\x90", "\ufffd"),  # 名, cut
        (b"caf\xe9 au lait", "caf\ufffd au lait"),  # Latin-1
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),  # half a surrogate pair
        (b"\\ud800", "\ufffd"),
        (b"\\uDC00!\\uD83D\\uDE00", "\ufffd!😀"),
        (b"\\\\ud800", "\\ud800"),
        (b"two\nlines\tand\x01\x00", "two\nlines\tand\x01\x00"),
        (b"C:\\Users \\x41 \\u12 \\\\ \\n", "C:\\Users \\x41 \\u12 \\ \n"),
        (b"\\u0000\\u00e9", "\x00é"),
    ],
)
def test_one_bad_byte_costs_one_character(raw: bytes, read: str) -> None:
    body = b'{"data": [{"id": 1, "name": "%b", "city": "\xc5\x81om\xc5\xbca"}, {"id": 2}]}' % raw

    assert parse_json(body) == {"data": [{"id": 1, "name": read, "city": "Łomża"}, {"id": 2}]}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le"])
def test_other_unicode_encodings_are_read(encoding: str) -> None:
    assert parse_json('{"name": "名前 😀"}'.encode(encoding)) == {"name": "名前 😀"}


@given(st.lists(st.binary(max_size=6).map(lambda raw: raw.translate(None, b'"\\')), min_size=1, max_size=4))
def test_whatever_bytes_a_text_holds_the_values_beside_it_are_read(texts: list[bytes]) -> None:
    records = b",".join(b'{"before":1,"text":"%b","after":"\xc3\xa9"}' % raw for raw in texts)

    parsed = parse_json(b'{"data":[' + records + b"]}")["data"]

    assert [(record["before"], record["after"]) for record in parsed] == [(1, "é")] * len(texts)
    assert [record["text"] for record in parsed] == [raw.decode("utf-8", "replace") for raw in texts]


# -- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", ["9" * 4301, "-" + "1" * 10_000, "1e999", "-1.5e+400"])
def test_a_number_too_large_for_python_keeps_its_digits(digits: str) -> None:
    value = parse_json(f'{{"id": {digits}, "rank": 1.5}}'.encode())

    assert value == {"id": digits, "rank": 1.5}
    assert isinstance(value["id"], HugeNumber)


# -- depth ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [MOST_NESTED + 1, 500, *range(900, 1_010, 5), 5_000, 100_000])
def test_a_value_nested_too_deep_is_kept_and_costs_nothing_else(depth: int) -> None:
    deep = nested(depth, '"the \\"inmost\\""')
    body = f'{{"data": [{{"id": 1, "deep": {deep}, "name": "Ann"}}, {{"id": 2}}]}}'.encode()

    parsed = parse_json(body)

    record, other = parsed["data"]
    assert depth_of(parsed) == MOST_NESTED
    assert (record["id"], record["name"], other) == (1, "Ann", {"id": 2})
    text = record["deep"]
    while not isinstance(text, str):
        (text,) = text.values() if isinstance(text, dict) else text
    assert text in deep
    assert "inmost" in json_text(record["deep"])


def test_a_deep_value_that_is_cut_off_is_refused() -> None:
    with pytest.raises(ValueError, match="cut off"):
        parse_json(b'{"data": ' + b"[" * 100_000)


@given(st.integers(MOST_NESTED - 5, MOST_NESTED + 5), JSON_TEXTS, st.booleans())
@example(MOST_NESTED, "]", False)
@example(MOST_NESTED + 1, "[", False)
@example(MOST_NESTED + 1, '\\"]', True)
def test_depth_is_seen_whatever_the_texts_hold(depth: int, text: str, ascii_only: bool) -> None:
    value: Any = text
    for level in range(depth):
        value = [value, text] if level % 2 else {text: value}

    assert is_deep(json.dumps(value, ensure_ascii=ascii_only).encode()) == (depth > MOST_NESTED)


# -- time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 200_000 + b"]" * 200_000,
        b"[" * 200_000,
        b'["' + b'\\"' * 300_000,
        b'"' * 300_001,
        b'["' + b"\\" * 300_001,
        b'["' + b"\\ud800" * 100_000 + b'"]',
        b'["' + b"\xff" * 300_000 + b'"]',
        b"[" + b"9" * 300_000 + b"]",
        b"[1e" + b"9" * 300_000 + b"]",
        b"[" + b'{"]":[' * 50_000 + b'"]"' + b"]}" * 50_000 + b"]",
    ],
    ids=lambda body: f"{body[:8]!r} {len(body)}",
)
def test_no_body_takes_more_than_its_length_in_time(body: bytes) -> None:
    started = time.process_time()
    with contextlib.suppress(ValueError):
        parse_json(body)

    assert time.process_time() - started < SECONDS


def test_lists_that_take_far_more_memory_than_bytes_are_refused() -> None:
    body = b'{"data": [' + b"[]," * 5_000_000 + b"0]}"
    tracemalloc.start()
    with pytest.raises(ValueError, match="too many lists"):
        parse_json(body)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2 * len(body)
