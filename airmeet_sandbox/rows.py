"""What an endpoint shows besides collections: rows that nobody can change."""

import sys
from bisect import bisect_right
from collections.abc import Callable
from typing import Any, Protocol

from airmeet_sandbox.event import Event


class Rows(Protocol):
    """Rows in an order of their own, each with a cursor. `raw` rows may be any JSON."""

    raw: bool

    def count(self, now: float) -> int:
        """How many rows there are."""

    def slice(self, start: int, stop: int, now: float) -> list[Any]:
        """The records of a range of rows."""

    def cursor(self, position: int, now: float) -> int:
        """The cursor of the row at a position."""

    def rows_up_to(self, cursor: int, now: float) -> int:
        """How many rows have a cursor of at most this."""

    def rows_before(self, cursor: int, now: float) -> int:
        """How many rows have a smaller cursor."""


def all_records(rows: Rows, now: float) -> list[Any]:
    """The records of all rows."""
    return rows.slice(0, sys.maxsize, now)


class Live:
    """Records that are made anew for every request, because they change with time."""

    raw = False

    def __init__(self, records: Callable[[float], list[Any]]) -> None:
        self._records = records

    def count(self, now: float) -> int:
        """How many rows there are."""
        return len(self._records(now))

    def slice(self, start: int, stop: int, now: float) -> list[Any]:
        """The records of a range of rows."""
        return self._records(now)[start:stop]

    def cursor(self, position: int, now: float) -> int:  # noqa: ARG002 (as in Rows)
        """The cursor of the row at a position."""
        return position + 1

    def rows_up_to(self, cursor: int, now: float) -> int:
        """How many rows have a cursor of at most this."""
        return max(0, min(cursor, self.count(now)))

    def rows_before(self, cursor: int, now: float) -> int:
        """How many rows have a smaller cursor."""
        return self.rows_up_to(cursor - 1, now)


class View:
    """The rows of another endpoint, each record in another form; what a test put there is left as it is."""

    def __init__(self, rows: Rows, record: Callable[[Any], Any]) -> None:
        self.rows = rows
        self.raw = rows.raw
        self._record = record

    def count(self, now: float) -> int:
        """How many rows there are."""
        return self.rows.count(now)

    def slice(self, start: int, stop: int, now: float) -> list[Any]:
        """The records of a range of rows."""
        records = self.rows.slice(start, stop, now)
        return [self._record(record) if isinstance(record, dict) else record for record in records]

    def cursor(self, position: int, now: float) -> int:
        """The cursor of the row at a position."""
        return self.rows.cursor(position, now)

    def rows_up_to(self, cursor: int, now: float) -> int:
        """How many rows have a cursor of at most this."""
        return self.rows.rows_up_to(cursor, now)

    def rows_before(self, cursor: int, now: float) -> int:
        """How many rows have a smaller cursor."""
        return self.rows.rows_before(cursor, now)


class Listing:
    """The list of events, made from the events when a page is asked for."""

    raw = False

    def __init__(self, numbers: list[int], numbered: Callable[[int], Event]) -> None:
        self._numbers = numbers
        self._numbered = numbered

    def count(self, now: float) -> int:  # noqa: ARG002 (as in Rows)
        """How many events are listed."""
        return len(self._numbers)

    def slice(self, start: int, stop: int, now: float) -> list[Any]:
        """The events of a range of places."""
        return [self._numbered(number).listing(now) for number in self._numbers[start:stop]]

    def cursor(self, position: int, now: float) -> int:  # noqa: ARG002 (as in Rows)
        """The cursor of the event at a place."""
        return self._numbers[position] * 7 + 2001

    def rows_up_to(self, cursor: int, now: float) -> int:
        """How many events have a cursor of at most this."""
        return bisect_right(
            range(len(self._numbers)), cursor, key=lambda position: self.cursor(position, now)
        )

    def rows_before(self, cursor: int, now: float) -> int:
        """How many events have a smaller cursor."""
        return self.rows_up_to(cursor - 1, now)
