"""The API's JSON, read so that one bad byte costs one value.

A sound body goes through `orjson`, or through Python's own parser where `orjson` would round a number or know
none. Any other is mended first: what is no UTF-8 becomes
U+FFFD, as does half a surrogate pair; control characters and stray backslashes in texts are taken for what
they are; a value that is nested too deep stays the text that it is. Of two fields of the very same name in
one object the last one counts.
"""

import json
import math
import re
from typing import Any

import orjson

# far more than any table has use for, and safely within the reach of every recursive function
MOST_NESTED = 200

# each list or object takes far more memory than the two bytes that an empty one has on the wire
_MOST_BRACKETS = 10_000_000

# braces count as brackets; all else is left out
_TO_BRACKETS = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_NO_BRACKETS_OR_QUOTES = bytes(set(_NO_BRACKETS) - set(b'"'))

# `orjson` rounds whole numbers beyond 64 bits, and they have at least so many digits
_DIGITS_AS_ZEROS = bytes(0x30 if byte in b"0123456789" else 0x20 for byte in range(256))
_LONG_NUMBER = b"0" * 19

_TEXT_OR_BRACKET = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+|[\[\]{}]', re.DOTALL)
_ESCAPE = re.compile(
    r"(?P<sound>\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r'|\\(?:["\\/bfnrt]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}))'
    r"|(?P<half_a_pair>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|(?P<stray>\\)"
)


class HugeNumber(str):
    """The digits of a number that is too large for Python's own numbers."""

    __slots__ = ()


def _whole_number(digits: str) -> int | HugeNumber:
    try:
        return int(digits)
    except ValueError:
        return HugeNumber(digits)


def _number(digits: str) -> float | HugeNumber:
    number = float(digits)
    return number if math.isfinite(number) else HugeNumber(digits)


_SOUND = json.JSONDecoder(parse_float=_number)
_MENDED = json.JSONDecoder(strict=False, parse_int=_whole_number, parse_float=_number)


def parse_json(body: bytes) -> Any:
    """The value of a body, nested no deeper than :data:`MOST_NESTED` and without half surrogate pairs.

    Raises:
        ValueError: the body is no JSON, cut off, or holds more lists and objects than any answer.
    """
    if len(body) >= _MOST_BRACKETS and len(body.translate(None, _NO_BRACKETS)) > _MOST_BRACKETS:
        raise ValueError("the body holds too many lists and objects")
    try:
        if not (_has_surrogates(body) or is_deep(body)):
            return _sound(body)
    except ValueError:
        pass  # perhaps it can be mended
    text = body.decode(json.detect_encoding(body), "replace")
    return _MENDED.decode(_with_deep_values_as_texts(_ESCAPE.sub(_mended_escape, text)))


def _sound(body: bytes) -> Any:
    if _LONG_NUMBER not in body.translate(_DIGITS_AS_ZEROS):
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError:
            pass  # perhaps a number such as NaN or 1e400
    return _SOUND.decode(body.decode())


def _has_surrogates(body: bytes) -> bool:
    return b"\\" in body and (b"\\ud" in body or b"\\uD" in body)


def is_deep(body: bytes) -> bool:
    """Whether the body may be nested deeper than :data:`MOST_NESTED`; if it is JSON, the answer is exact.

    It is asked of every body, so no byte is looked at in Python: the innermost brackets go, level by level.
    """
    if len(body.translate(None, _NO_BRACKETS)) <= MOST_NESTED:
        return False
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    shape = body.translate(_TO_BRACKETS, _NO_BRACKETS_OR_QUOTES).replace(b'""', b"")
    if b'"' in shape:
        shape = re.sub(b'"[^"]*"', b"", shape)  # texts with brackets in them
    for _ in range(MOST_NESTED):
        if not shape:
            return False
        shape = shape.replace(b"[]", b"")
    return bool(shape)


def _with_deep_values_as_texts(text: str) -> str:
    pieces: list[str] = []
    depth = start = end = 0
    for token in _TEXT_OR_BRACKET.finditer(text):
        if token[0] in ("[", "{"):
            depth += 1
            if depth == MOST_NESTED + 1:
                start = token.start()
        elif token[0] in ("]", "}"):
            if depth == MOST_NESTED + 1:
                pieces += text[end:start], json.dumps(text[start : token.end()])
                end = token.end()
            depth -= 1
    if depth > MOST_NESTED:
        raise ValueError("the body is cut off")
    return "".join(pieces) + text[end:]


def _mended_escape(escape: re.Match[str]) -> str:
    if escape["stray"]:
        return r"\\"
    return r"\ufffd" if escape["half_a_pair"] else escape[0]
