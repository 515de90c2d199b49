"""API values -> typed values. What does not fit its type is reported, never dropped.

Every converter takes one JSON value and returns the typed value, or raises :class:`Misfit`; ``None`` never
reaches a converter. Times come back as whole microseconds since 1970 (UTC), ready for Arrow.
"""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal

from airmeet_source.fields import JSON, count, to_text

DataType = Literal["text", "bigint", "double", "bool", "timestamp"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_BIGINT = range(-(2**63), 2**63)
_EPOCH_MILLISECONDS_FROM = 100_000_000_000  # as seconds this is the year 5138, as milliseconds 1973
_FIRST_EPOCH_MICROSECOND = -62_135_596_800_000_000  # the year 1 and
_YEAR_10000_MICROSECOND = 253_402_300_800_000_000  # the year 10000: where the destinations' calendars end
_INTEGER_TEXT = re.compile(r"[+-]?\d{1,19}(?:\.0*)?")
_NUMBER_TEXT = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_ISO_TIME = re.compile(
    r"(?P<year>\d{4})[-:/](?P<month>\d{1,2})[-:/](?P<day>\d{1,2})"
    r"(?:[T ]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?)?"
    r"\s*(?P<zone>[Zz]|[+-]\d{2}:?\d{2}|[+-]\d{2}|UTC|GMT)?"
)
_WORDS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


class Misfit(ValueError):
    """The value is not of the column's type."""


def to_bigint(value: JSON) -> int:
    """Whole numbers of 64 bits, also written as text or with a zero fraction (``"20000"``, ``2.0``)."""
    number = count(value)
    if number is None:
        raise Misfit
    return number


def to_double(value: JSON) -> float:
    """Finite numbers, also written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Misfit
    if isinstance(value, str):
        if not _NUMBER_TEXT.fullmatch(value.strip()):
            raise Misfit
        if _INTEGER_TEXT.fullmatch(value.strip()):
            value = to_bigint(value)
    try:
        number = float(value)
    except (OverflowError, ValueError):
        raise Misfit from None
    if not math.isfinite(number) or (isinstance(value, int) and int(number) != value):
        raise Misfit
    return number


def to_bool(value: JSON) -> bool:
    """Booleans, and the words and numbers that plainly stand for them."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | str):
        answer = _WORDS.get(str(value).strip().lower())
        if answer is not None:
            return answer
    raise Misfit


def to_timestamp(value: JSON) -> int:
    """Microseconds since 1970 (UTC).

    Accepts ISO 8601 with or without fraction and zone (no zone means UTC), the API's own
    ``2021:12:25T12:20:56.00Z``, and seconds or milliseconds since 1970 as number or text.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Misfit
    if isinstance(value, str):
        match = _ISO_TIME.fullmatch(value.strip())
        if match:
            return _from_calendar(match)
    number = to_double(value)
    seconds = number if abs(number) < _EPOCH_MILLISECONDS_FROM else number / 1000
    if abs(seconds) > _YEAR_10000_MICROSECOND:
        raise Misfit
    return _within_calendar(round(number * (1_000_000 if seconds == number else 1000)))


def _from_calendar(match: re.Match[str]) -> int:
    fraction = (match["fraction"] or "")[:6].ljust(6, "0")
    clock = [int(match[part] or 0) for part in ("year", "month", "day", "hour", "minute", "second")]
    try:
        moment = datetime(*clock, int(fraction), tzinfo=_zone(match["zone"]))  # type: ignore[arg-type, misc]
        return _within_calendar((moment - _EPOCH) // _MICROSECOND)
    except (ValueError, OverflowError):
        raise Misfit from None


def _within_calendar(microseconds: int) -> int:
    if not _FIRST_EPOCH_MICROSECOND <= microseconds < _YEAR_10000_MICROSECOND:
        raise Misfit
    return microseconds


def _zone(text: str | None) -> timezone:
    if not text or text[0] not in "+-":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def to_datetime(value: JSON) -> datetime | None:
    """The moment that a value stands for, or None if it stands for none."""
    if value is None:
        return None
    try:
        return _EPOCH + timedelta(microseconds=to_timestamp(value))
    except (Misfit, OverflowError):
        return None


CONVERTERS: dict[DataType, Callable[[JSON], Any]] = {
    "text": to_text,
    "bigint": to_bigint,
    "double": to_double,
    "bool": to_bool,
    "timestamp": to_timestamp,
}


def infer_type(values: list[JSON]) -> DataType:
    """The narrowest type that every non-null value of an undocumented field agrees on; else text."""
    kinds = {type(value) for value in values if value is not None}
    if kinds == {bool}:
        return "bool"
    if kinds == {int} and all(value is None or value in _BIGINT for value in values):
        return "bigint"
    if kinds <= {int, float} and all(value is None or _is_double(value) for value in values):
        return "double"
    return "text"


def _is_double(value: JSON) -> bool:
    try:
        to_double(value)
    except Misfit:
        return False
    return True
