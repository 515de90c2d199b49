"""How many records an answer says there are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from airmeet_source.fields import JSON, Record, count, pick, squash

_RECORDS = (
    "user|record|row|result|item|element|participant|attendee|registration|registrant"
    "|recording|booth|track|customfield|airmeet|event|utm"
)
# a record may hold several or none: only a list without any record contradicts their count
_PARTS = (
    "answer|entrie|entry|line|member|object|option|people|person|poll|question|replay|response|view|viewer"
    "|visit|visitor"
)


def _names(kinds: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<total>total)?(?:{kinds}|(?P<part>{_PARTS}))?s?(?P<count>count)?")


_COUNTS_OF_RECORDS = _names(_RECORDS)
_COUNTS_OF_SESSIONS = _names("session")


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """The largest counts that an answer holds; None where it holds none.

    Attributes:
        total: Of the whole list, such as ``totalCount``.
        least: Of the whole list or of this page, such as ``userCount``: at least so many records there are.
        anything: Of records or of what they hold, such as ``questionCount``: there is at least one record,
            unless it is zero.
        none: Whether one of those of records is zero.
    """

    total: int | None
    least: int | None
    anything: int | None
    none: bool


def counts(payload: Record) -> Counts:
    """What the answer of a list says, at its top level, in ``cursors``, or in a ``data`` around the list."""
    return _largest(_COUNTS_OF_RECORDS, payload)


def counts_of_sessions(payload: Record) -> Counts:
    """What an answer that holds an event says about the number of its sessions."""
    return _largest(_COUNTS_OF_SESSIONS, payload)


def is_count(name: str) -> bool:
    """Whether a field of an answer counts its records."""
    match = _count_in(_COUNTS_OF_RECORDS, name)
    return match is not None and match["part"] is None


def _largest(names: re.Pattern[str], payload: Record) -> Counts:
    found = list(_counts(names, payload))
    of_records = [number for match, number in found if match["part"] is None]
    totals = [number for match, number in found if match["part"] is None and match["total"]]
    return Counts(
        total=max(totals, default=None),
        least=max(of_records, default=None),
        anything=max((number for _, number in found), default=None),
        none=0 in of_records,
    )


def _counts(names: re.Pattern[str], payload: Record) -> Iterator[tuple[re.Match[str], int]]:
    for place in _places(payload):
        for name, value in place.items():
            number = count(value)
            match = None if number is None or number < 0 else _count_in(names, name)
            if match is not None and number is not None:
                yield match, number


def _count_in(names: re.Pattern[str], name: str) -> re.Match[str] | None:
    match = names.fullmatch(squash(name))
    return match if match is not None and (match["total"] or match["count"]) else None


def _places(payload: JSON) -> Iterator[Record]:
    for place in (payload, pick(payload, "data")):
        if isinstance(place, dict):
            yield place
            cursors = pick(place, "cursors")
            if isinstance(cursors, dict):
                yield cursors


def fell_short(came: int, announced: int) -> str:
    """What to say of a list that is not whole."""
    return f"the answers announce {announced:,} records, and {came:,} came"
