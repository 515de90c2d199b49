"""How a secret may look when somebody else writes it down: in another encoding, case or direction.

Secrets and texts are compared by their letters and digits alone, without case: then separators, base64 with
``+/`` or ``-_``, and a key that is spread over a line are all the same.
"""

import base64
import re
import unicodedata
from collections.abc import Callable, Iterator

Span = tuple[int, int]

# a character in some notation, encoded once or several times: %2B, %252B, \u002b, \x2b, &#43;, &#x2b;, &plus;
_NOTATION = (
    r"(?i)(?P<percent>(?:%(?:25)*[0-9a-f]{2})+)"
    r"|(?P<utf16>(?:\\{1,8}u[0-9a-f]{4})+)"
    r"|(?P<byte>(?:\\{1,8}x[0-9a-f]{2})+)"
    r"|(?P<entity>&(?:amp;)*(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});)"
)
_BEGIN_NOTATIONS = ("%", "\\", "&")
_HEX_PAIR = r"(?i)(?:%(?:25)*|\\{1,8}x)([0-9a-f]{2})"
_HEX_QUAD = r"(?i)\\{1,8}u([0-9a-f]{4})"
_ENTITY = r"(?i)&(?:amp;)*"

# letters to Unicode, but nothing to see
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0")


def letters(text: str) -> str:
    """The letters and digits of a text, without case, accents and width."""
    if not text.isascii():
        return "".join(map(_letters_of, text))
    return "".join(filter(str.isalnum, text)).lower()


def _letters_of(character: str) -> str:
    if character in _FILLERS:
        return ""
    plain = unicodedata.normalize("NFKD", character).casefold()
    return "".join(filter(str.isalnum, plain))


def forms_of(secret: str) -> set[str]:
    """The letters of a secret in all encodings that are looked for, forwards and backwards."""
    raw = secret.encode("utf-8", "replace")
    twice = base64.b64encode(raw)
    texts = [
        secret,
        raw.hex(),
        *_aligned(raw, base64.b64encode, bits=6),
        *_aligned(raw, base64.b32encode, bits=5),
        *_aligned(twice, base64.b64encode, bits=6),
    ]
    forwards = {letters(text) for text in texts} | {letters(decoded(secret)[0])}
    return forwards | {form[::-1] for form in forwards}


def _aligned(raw: bytes, encode: Callable[[bytes], bytes], *, bits: int) -> Iterator[str]:
    """What is always the same of an encoded secret, wherever it begins in the text that is encoded."""
    for before in range(3 if bits == 6 else 5):
        encoded = encode(bytes(before) + raw).decode()
        first = -(-before * 8 // bits)
        yield encoded[first : (before + len(raw)) * 8 // bits]


def decoded(text: str) -> tuple[str, list[Span]]:
    """The text with its characters in no notation but their own, and where each of them came from."""
    characters: list[str] = []
    places: list[Span] = []
    end = 0
    for found in re.finditer(_NOTATION, text):
        characters += text[end : found.start()]
        places += ((place, place + 1) for place in range(end, found.start()))
        meant = _meant(found)
        characters += meant
        places += [found.span()] * len(meant)
        end = found.end()
    characters += text[end:]
    places += ((place, place + 1) for place in range(end, len(text)))
    return "".join(characters), places


def _meant(found: re.Match[str]) -> str:
    if found["entity"]:
        from html import unescape  # noqa: PLC0415 - its table of entities is seldom needed

        return unescape(re.sub(_ENTITY, "&", found[0], count=1))
    if found["utf16"]:
        units = "".join(re.findall(_HEX_QUAD, found[0]))
        return bytes.fromhex(units).decode("utf-16-be", "replace")
    pairs = "".join(re.findall(_HEX_PAIR, found[0]))
    return bytes.fromhex(pairs).decode("utf-8", "replace")


def has_notation(text: str) -> bool:
    """Whether :func:`decoded` would find anything to do."""
    may = any(beginning in text for beginning in _BEGIN_NOTATIONS)
    return may and re.search(_NOTATION, text) is not None
