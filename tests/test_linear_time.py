"""No answer of the API takes more than its length in time, whatever it is made of."""

import contextlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from airmeet_source.api.answers import classify, retry_after
from airmeet_source.api.counts import counts, is_count
from airmeet_source.api.quoting import own_words
from airmeet_source.api.seen import SeenPeople, SeenRecords, content
from airmeet_source.disclosure.printable import escaped, printable
from airmeet_source.disclosure.secrets import Secrets
from airmeet_source.disclosure.words import of_api, of_driver, of_server
from airmeet_source.extract.lifecycle import Event
from airmeet_source.fields import elements, squash
from airmeet_source.model.arrow import arrow_table
from airmeet_source.model.naming import column_name, identity
from airmeet_source.model.placing import TableTypes, Unparsed
from airmeet_source.model.privacy import Privacy
from airmeet_source.model.records import utms
from airmeet_source.model.tables import TABLES
from airmeet_source.model.unit import UnitContext
from airmeet_source.model.values import CONVERTERS, to_datetime
from airmeet_source.parsing import parse_json
from airmeet_source.resources import RESOURCES
from tests.support.growth import grows_too_fast
from tests.support.warehouse import NOW

LENGTH = 5_000  # characters

KEY = "aB3+/x9Zq=kL0mN7"

# what is repeated, and what ends it
PUMPS = [
    ("1", "x"),
    ("1", ""),
    (" ", "x"),
    ("\t\n", "x"),
    ("a", "\n"),
    ("aA1-", "!"),
    ("_", "x"),
    (".", "x"),
    ("-", "1"),
    ("@", ""),
    ("a@", " "),
    ("www.", ""),
    ("https://", ""),
    ("<", ""),
    ("<script", ""),
    ("<style>", ""),
    ('"', ""),
    ("\\", ""),
    ('\\"', ""),
    ("\\ud800", ""),
    ("[", ""),
    ('{"a":', ""),
    ("expires", "\n"),
    ("total", ""),
    ("usercount", ""),
    ("\uff9e", ""),
    ("\u0301", "a"),
    ("\x00", ""),
    ("😀", ""),
    ("2021-01-01T", "x"),
    (", ", "GMT"),
    ("(", ")"),
    ("%25", ""),
    ("&amp;", ""),
    ("\\u00", ""),
    ("//a:", ""),
    ("'", ""),
    ("\x1b]", ""),
    ("\nDETAIL", ""),
    (KEY[:-1], ""),
    (KEY, ""),
]
SECRETS = Secrets()
SECRETS.add(KEY, "a" * 40, "short!")
TRACKS = RESOURCES["tracks"].endpoint


def _parsed(text: str) -> None:
    for body in (text.encode(), b'{"data": "' + text.encode() + b'"}'):
        with contextlib.suppress(ValueError):
            parse_json(body)


def _converted(text: str) -> None:
    for convert in CONVERTERS.values():
        with contextlib.suppress(ValueError):
            convert(text)
    to_datetime(text)
    arrow_table([{"orderNumber": text, "start_time": text, "trackOrder": text, text: text}], TYPES)


TYPES = TableTypes(TABLES["tracks"])
READERS: dict[str, Callable[[str], object]] = {
    "parse_json": _parsed,
    "converters": _converted,
    "error": lambda text: classify(TRACKS, 500, {}, json.dumps({"message": text}).encode()),
    "no JSON": lambda text: classify(TRACKS, 502, {}, text.encode()),
    "own_words": lambda text: own_words(500, {"errors": [text, {text: text}]}, b""),
    "words": lambda text: (of_api(text), of_server(text), of_driver(text, ())),
    "printable": lambda text: (printable(text), escaped(text)),
    "secrets": SECRETS.hidden_in,
    "retry_after": lambda text: retry_after({"Retry-After": text}),
    "counts": lambda text: (counts({text: 1, "totalCount": text}), is_count(text)),
    "squash": squash,
    "names": lambda text: (identity(text), column_name(text)),
    "content": lambda text: content({text: text}),
    "event": lambda text: Event.of({"uid": text, "status": text, "start_time": text, "end_time": text}),
    "privacy": lambda text: Privacy("drop", "salt").protects_unknown(TABLES["tracks"], text),
}  # fmt: skip


def _text_of(pump: tuple[str, str], length: int) -> str:
    part, end = pump
    return part * (length // len(part)) + end


@pytest.mark.parametrize("reader", READERS)
def test_no_text_takes_more_than_its_length_in_time(reader: str) -> None:
    slow = [pump for pump in PUMPS if grows_too_fast(partial(_text_of, pump), READERS[reader], LENGTH)]
    assert slow == []


def people_of_one_address(number: int) -> list[dict[str, Any]]:
    return [{"email": "a@x", "number": n} for n in range(number)]


def names_of_one_text(number: int) -> list[str]:
    """Names that are one when what cannot be stored is left out."""
    return ["a".join("\x00" if n >> bit & 1 else "" for bit in range(16)) for n in range(number)]


def keep_all(names: list[str]) -> None:
    unparsed = Unparsed(1)
    for name in names:
        unparsed.keep(0, name, 1)


def nested_names(number: int) -> dict[str, Any]:
    """Fields that a nested object and its record have, in very many spellings and with all prefixes."""
    spellings = {"_" * n + "x": 1 for n in range(min(number // 2, 200))}
    taken = {f"utms_{n}_x": 1 for n in range(number)} | {"utms_x": 1, "x": 1}
    return {**taken, "utms": spellings}


def pages_twice(page: list[dict[str, Any]]) -> None:
    for seen in (SeenPeople(), SeenRecords()):
        seen.new(page)
        seen.new([{**record, "more": True} for record in page])


LISTS: dict[str, tuple[Callable[[int], Any], Callable[[Any], object], int]] = {
    "people of one address": (people_of_one_address, pages_twice, 2_000),
    "records of one id": (lambda n: [{"id": 1, "n": each} for each in range(n)], pages_twice, 2_000),
    "names of one text": (names_of_one_text, keep_all, 5_000),
    "nested names": (nested_names, lambda record: list(utms(record, UnitContext("e", None, NOW))), 12_000),
    "equal keys": (lambda n: [[n]] * n, elements, 5_000),
}


@pytest.mark.parametrize("kind", LISTS)
def test_no_list_takes_more_than_its_length_in_time(kind: str) -> None:
    assert not grows_too_fast(*LISTS[kind])
