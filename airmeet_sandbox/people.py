# ruff: noqa: RUF001 (names are spelt as people spell them)
"""The community: people who can be computed from their number, and who come back at several events."""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

from airmeet_sandbox import names
from airmeet_sandbox.seeds import mix, pick, short_id

# Not letters with a mark, so that Unicode's decomposition leaves them as they are.
_FOLD = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "ı": "i"})


class Person(NamedTuple):
    """What Airmeet knows about somebody."""

    user_id: str | None
    email: str | None
    name: str
    city: str
    country: str
    organisation: str
    designation: str


def _ascii(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.lower().translate(_FOLD))
    return "".join(letter for letter in folded if letter.isascii() and letter.isalnum())


# Each with its part of an e-mail address.
_FIRST_NAMES = tuple((name, _ascii(name) or "guest") for name in names.FIRST_NAMES)
_LAST_NAMES = tuple((name, _ascii(name)) for name in names.LAST_NAMES)
_COMPANIES = tuple((name, _ascii(name.split(maxsplit=1)[0])) for name in names.COMPANIES)


class Community:
    """Endlessly many people, each a function of the seed and a number."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        # Bounded: a world of millions of rows must not keep everybody in memory.
        self.person = lru_cache(maxsize=65_536)(self._person)

    def _person(self, number: int) -> Person:
        bits = mix(self._seed ^ mix(number))
        first, mailbox = pick(_FIRST_NAMES, bits)
        last, surname = pick(_LAST_NAMES, bits >> 8)
        city, country = pick(names.CITIES, bits >> 16)
        company, domain = pick(_COMPANIES, bits >> 24)
        return Person(
            short_id(mix(bits)),
            f"{mailbox}.{surname}{number}@{domain}.example",
            f"{first} {last}",
            city,
            country,
            company,
            pick(names.JOB_TITLES, bits >> 32),
        )
