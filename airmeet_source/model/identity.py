"""Which fields of a record say whose it is, and how an address or a user id is written to be compared."""

import re
from functools import lru_cache
from typing import Literal

from airmeet_source.fields import JSON, Record, squash, to_text
from airmeet_source.model.privacy import Privacy

Kind = Literal["address", "key", "alias"]

# An address or an id of the very person: "attendeeEmail" and "work_email", but neither "manager_email" nor
# "booth_id". Colleagues may share an alias, so one never leads from a person to another.
_WHO = "user|attendee|participant|registrant|person|member|guest|visitor|viewer|primary|login|your|my"
_ELSE = "contact|customer|lead|profile|account|secondary|alternat(?:e|ive)|second|other|work|business|company"
_ADDRESS = re.compile(rf"(?:{_WHO})*e?mail(?:address|addr|id)?")
_KEY = re.compile("(?:user|person)(?:id|key)")  # what Airmeet and we call a person by
_ALIAS = re.compile(
    rf"(?:{_WHO}|{_ELSE}|private|personal|home)+(?:e?mail(?:address|addr|id|s)?\d*|u?u?id|guid|key)"
)
_BARE_ID = re.compile("_?(?:id|uid|uuid)")  # of an object in a field about people
_ABOUT_PEOPLE = re.compile(
    "host|speaker|user|person|people|organi[sz]er|creator|owner|moderator|exhibitor|author|attendee|"
    "participant|member|admin|staff|contact|guest|presenter|panel?list|by$"
)
_THINGS = re.compile("session|booth|track|event|airmeet|agenda|schedule|programm?|question|poll|resource")
_KEPT = re.compile(r"_dlt_kept_\d+_\d+_")  # what `repair.py` puts before the name of a column that it keeps
_COUNTER = re.compile(r"#\d+$")  # behind a person_key that somebody has already
_LONG_ID = 16  # characters: shorter ones could be words of anything else
_LIKE_A_NUMBER = re.compile(r"[\d.,:\s+-]*")

# what people and programs write where there is nothing
_NOTHING = ("", "-", "0", "na", "n/a", "nan", "nil", "none", "null", "undefined", "unknown", "anonymous")


@lru_cache(maxsize=10_000)
def kind_of(field: str) -> Kind | None:
    """What a field of a record about a person says of whose it is."""
    letters = squash(_KEPT.sub("", field))
    if _ADDRESS.fullmatch(letters):
        return "address"
    if _KEY.fullmatch(letters):
        return "key"
    return "alias" if _ALIAS.fullmatch(letters) else None


@lru_cache(maxsize=10_000)
def is_about_people(field: str) -> bool:
    """Whether what a field holds is a person, or several."""
    return _ABOUT_PEOPLE.search(squash(_KEPT.sub("", field))) is not None


@lru_cache(maxsize=10_000)
def may_hold_people(field: str) -> bool:
    """Whether objects in a field can be people: not if it names sessions and the like, and no people."""
    return is_about_people(field) or _THINGS.search(squash(field)) is None


class Identity:
    """How the people of a dataset are known, in records of the API and in rows alike.

    An identifier is a trimmed user id, or an address that is trimmed and lower-cased. Where rows have nothing
    but the hashes of addresses, it is the hash.
    """

    def __init__(self, privacy: Privacy) -> None:
        self._hash = privacy.digest if privacy.mode == "hash" else None
        self._nothing = {*_NOTHING, *(map(privacy.digest, _NOTHING) if self._hash else ())}

    def identifier(self, value: JSON) -> str | None:
        """What a value identifies a person by; None if it says nothing."""
        if value is None or isinstance(value, dict | list | bool):
            return None
        text = to_text(value).strip()
        if "@" in text:
            address = text.lower()
            return self._hash(address) if self._hash else address
        return None if text.lower() in self._nothing else text

    def own(self, record: Record, *, is_nested: bool = False) -> dict[str, str]:
        """The identifiers of the person whom a record is about, by field.

        Args:
            record: as the API sent it, or a row.
            is_nested: it is an object in a field about people, whose ``id`` is the person's.
        """
        found: dict[str, str] = {}
        for field, value in record.items():
            kind = kind_of(field)
            if kind is None and not (is_nested and _BARE_ID.fullmatch(squash(field))):
                continue
            is_ours = squash(field) == "personkey" and isinstance(value, str)
            identifier = self.identifier(_COUNTER.sub("", value) if is_ours else value)
            if identifier is not None and (kind != "address" or self._is_address(identifier)):
                found[field] = identifier
        return found

    def _is_address(self, identifier: str) -> bool:
        return "@" in identifier or self._hash is not None


def tells_a_person(identifier: str) -> bool:
    """Whether an identifier could not stand for anything else in any other field."""
    is_long = len(identifier) >= _LONG_ID and not _LIKE_A_NUMBER.fullmatch(identifier)
    return "@" in identifier or is_long
