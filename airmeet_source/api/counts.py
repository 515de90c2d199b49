"""How many records an answer says there are."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from airmeet_source.fields import JSON, Record, count, pick, squash

_RECORDS = (
    "user|record|row|result|item|element|participant|attendee|registration|registrant"
    "|recording|booth|track|customfield|airmeet|event|utm"
)


def _names(kinds: str) -> re.Pattern[str]:
    return re.compile(rf"(?P<total>total)?(?:{kinds})?s?(?P<count>count)?")


_COUNTS_OF_RECORDS = _names(_RECORDS)
_COUNTS_OF_SESSIONS = _names("session")


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """The largest counts that an answer holds; None where it holds none.

    Attributes:
        total: Of the whole list, such as ``totalCount``.
        least: Of the whole list or of this page, such as ``userCount``: at least so many records there are.
        none: Whether one of them is zero.
    """

    total: int | None
    least: int | None
    none: bool


def counts(payload: Record) -> Counts:
    """What the answer of a list says, at its top level, in ``cursors``, or in a ``data`` around the list."""
    return _largest(_COUNTS_OF_RECORDS, payload)


def counts_of_sessions(payload: Record) -> Counts:
    """What an answer that holds an event says about the number of its sessions."""
    return _largest(_COUNTS_OF_SESSIONS, payload)


def is_count(name: str) -> bool:
    """Whether a field of an answer counts its records."""
    match = _COUNTS_OF_RECORDS.fullmatch(squash(name))
    return match is not None and bool(match["total"] or match["count"])


def _largest(names: re.Pattern[str], payload: Record) -> Counts:
    found = list(_counts(names, payload))
    totals = [number for is_total, number in found if is_total]
    every = [number for _, number in found]
    return Counts(total=max(totals, default=None), least=max(every, default=None), none=0 in every)


def _counts(names: re.Pattern[str], payload: Record) -> Iterator[tuple[bool, int]]:
    for place in _places(payload):
        for name, value in place.items():
            match = names.fullmatch(squash(name))
            if match is None or not (match["total"] or match["count"]):
                continue
            number = count(value)
            if number is not None and number >= 0:
                yield match["total"] is not None, number


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
