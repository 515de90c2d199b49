"""Reading the API's JSON: what both wings, HTTP and tables, know of its records."""

import json
import math
import re
import unicodedata
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

import orjson

JSON = Any
Record = dict[str, JSON]

ENVELOPE = ("status_code", "status_message", "success")  # around an answer that is an object itself

_BIGINT = range(-(2**63), 2**63)
_WHOLE_NUMBER = re.compile(r"[+-]?\d{1,19}(?:\.0*)?")
# blanks, and the hyphens and connectors of all scripts
_SEPARATORS = re.compile(
    r"[\s_.:/\-\u2010-\u2015\u2212\u203f\u2040\u2054\ufe33\ufe34\ufe4d-\ufe4f\ufe58\ufe63]+"
)
_OTHER_WIDTH = re.compile("[\u3000\uff01-\uffee]+")
_USUAL_WIDTH = {
    code: int(unicodedata.decomposition(chr(code)).split()[-1], 16)
    for code in (0x3000, *range(0xFF01, 0xFFEF))
    if unicodedata.decomposition(chr(code))
}
_as_text = json.JSONEncoder(ensure_ascii=False, sort_keys=True, allow_nan=False).encode
_LONG = 1_000  # characters of a name
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@lru_cache(maxsize=10_000)
def squash(name: str) -> str:
    """A field name without case, width and separators: ``startTime`` and ``START-TIME`` are one.

    Names that differ in anything else stay different, be it a letter of any script, an accent or a symbol.
    """
    if len(name) > _LONG:
        squash.cache_clear()  # one such name is remembered at a time
    if not name.isascii():
        name = _OTHER_WIDTH.sub(_of_usual_width, name)
    return _SEPARATORS.sub("", name.casefold())


def _of_usual_width(text: re.Match[str]) -> str:
    return unicodedata.normalize("NFC", text[0].translate(_USUAL_WIDTH))


def pick(record: JSON, *names: str) -> JSON:
    """The first non-null value of the record under any of the names, however the API spells them."""
    if not isinstance(record, dict):
        return None
    for name in names:
        value = record.get(name)
        if value is not None:
            return value
    wanted = {squash(name) for name in names}
    for key, value in record.items():
        if value is not None and squash(key) in wanted:
            return value
    return None


def without(record: Record, *names: str) -> Record:
    """The record without some fields, however the API spells them."""
    dropped = {squash(name) for name in names}
    return {key: value for key, value in record.items() if squash(key) not in dropped}


def rest_of(record: Record, *names: str) -> Record:
    """The record without the value that :func:`pick` takes; what other spellings hold beside it stays."""
    taken, letters = pick(record, *names), {squash(name) for name in names}
    return {
        key: value
        for key, value in record.items()
        if squash(key) not in letters or (value is not None and value is not taken)
    }


def listed(value: JSON) -> list[JSON]:
    """The elements of a list that may be null, missing or a single value; null and ``{}`` are nothing."""
    return [
        element for element in (value if isinstance(value, list) else [value]) if element not in (None, {})
    ]


def elements(value: JSON) -> list[JSON]:
    """The same, with exact repeats as one."""
    return list({exact(element): element for element in listed(value)}.values())


def count(value: JSON) -> int | None:
    """A whole number of 64 bits, also written as text or with a zero fraction (``"20000"``, ``2.0``)."""
    if type(value) is int:  # as nearly always
        return value if value in _BIGINT else None
    if isinstance(value, str):
        text = value.strip()
        value = int(text.partition(".")[0]) if _WHOLE_NUMBER.fullmatch(text) else None
    elif isinstance(value, float):
        value = int(value) if value.is_integer() else None  # neither NaN nor infinity is
    if isinstance(value, bool) or not isinstance(value, int) or value not in _BIGINT:
        return None
    return value


def to_text(value: JSON) -> str:
    """Any value has a text: strings as they are, everything else as JSON."""
    return storable(value) if isinstance(value, str) else json_text(value)


def exact(value: JSON) -> bytes:
    """JSON text of any parsed value, which no other value has; the order of fields does not count."""
    try:
        text = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:  # it refuses huge numbers and halves of characters,
        return _slowly(value)
    return _slowly(value) if b"null" in text and _has_nan(value) else text  # and takes NaN for null


def _slowly(value: JSON) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _has_nan(value: JSON) -> bool:
    """Whether NaN or infinity is in a value."""
    if isinstance(value, dict | list | tuple):
        return any(map(_has_nan, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) and not math.isfinite(value)


def json_text(value: JSON) -> str:
    """JSON text of any parsed value; NaN and infinity, which JSON does not have, become strings."""
    if type(value) is list and set(map(type, value)) == {str}:  # as most are: in a quarter of the time
        return storable(f"[{', '.join(map(encode_basestring, value))}]")
    try:
        text = _as_text(value)
    except ValueError:
        text = _as_text(_finite(value))
    return storable(text)


def _finite(value: JSON) -> JSON:
    if isinstance(value, dict):
        return {key: _finite(element) for key, element in value.items()}
    if isinstance(value, list):
        return [_finite(element) for element in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def storable(text: str) -> str:
    """The text without what a destination cannot store: NUL (Postgres) and lone surrogates (UTF-8)."""
    if "\x00" in text:
        text = text.replace("\x00", "")
    if not text.isascii() and _LONE_SURROGATE.search(text):
        text = _LONE_SURROGATE.sub("\ufffd", text)
    return text
