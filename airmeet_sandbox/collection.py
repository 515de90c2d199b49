"""The rows of one endpoint and unit: computed while nobody changed them, a list afterwards."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Record = dict[str, Any]

_ID_STEP = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """Rows that follow from the seed.

    Attributes:
        size: how many rows there will ever be.
        records: row numbers and time to API records; a row may grow while time passes.
        arrived: how many rows, counted from the first, exist at a time.
        first_id: the record id from which ids ascend.
        with_id: whether the API's record shows its id.
    """

    size: int
    records: Callable[[Sequence[int], float], list[Record]]
    arrived: Callable[[float], int]
    first_id: int = 1
    with_id: bool = True

    def row_id(self, index: int) -> int:
        """The id of a row: ascending, with gaps."""
        return self.first_id + index * _ID_STEP + (index * index + self.first_id) % _ID_STEP

    def rows_up_to(self, cursor: int) -> int:
        """How many rows have an id of at most `cursor`."""
        index = (cursor - self.first_id) // _ID_STEP
        if index < 0:
            return 0
        return min(self.size, index + (self.row_id(index) <= cursor))


def all_at_once(size: int) -> Callable[[float], int]:
    """The `arrived` of a plan whose rows have all been there from the start."""
    return lambda _now: size


def each(record: Callable[[int], Record]) -> Callable[[Sequence[int], float], list[Record]]:
    """The `records` of a plan whose rows have nothing in common and never grow."""
    return lambda indices, _now: [record(index) for index in indices]


NOTHING = Plan(0, each(lambda _index: {}), all_at_once(0))


@dataclass(slots=True, eq=False)
class _Entry:
    """A row of a changed collection: a planned one (`index`), edited or not, or one that was added."""

    cursor: int
    index: int
    record: object


_UNCHANGED = object()
_ADDED = -1


class Collection:
    """Rows in the order of their ids. `raw` rows were put there by a test and may be any JSON."""

    def __init__(self, plan: Plan = NOTHING) -> None:
        self.plan = plan
        self.raw = False
        self._entries: list[_Entry] | None = None
        self._pulled = 0

    @classmethod
    def of(cls, records: list[Any], *, raw: bool = False) -> "Collection":
        """A collection of records as they are."""
        collection = cls()
        collection.raw = raw
        collection._entries = []
        for record in records:
            collection.append(record, 0.0)
        return collection

    @property
    def is_planned(self) -> bool:
        """Whether nobody has changed the rows yet, so that they take no memory."""
        return self._entries is None

    def count(self, now: float) -> int:
        """How many rows there are."""
        if self._entries is None:
            return self.plan.arrived(now)
        return len(self._visible(self._entries, now))

    def slice(self, start: int, stop: int, now: float) -> list[Any]:
        """The records of a range of rows."""
        if self._entries is not None:
            return [self._record(entry, now) for entry in self._visible(self._entries, now)[start:stop]]
        plan, stop = self.plan, min(stop, self.plan.arrived(now))
        records = plan.records(range(start, stop), now)
        if plan.with_id:
            for index, record in enumerate(records, start):
                record["id"] = plan.row_id(index)
        return records

    def cursor(self, position: int, now: float) -> int:
        """The cursor of the row at a position."""
        if self._entries is None:
            return self.plan.row_id(position)
        return self._visible(self._entries, now)[position].cursor

    def rows_up_to(self, cursor: int, now: float) -> int:
        """How many rows have a cursor of at most this: where the page after it starts."""
        if self._entries is None:
            return min(self.plan.rows_up_to(cursor), self.plan.arrived(now))
        return bisect_right(self._visible(self._entries, now), cursor, key=_cursor)

    def rows_before(self, cursor: int, now: float) -> int:
        """How many rows have a smaller cursor: where the page before it ends."""
        if self._entries is None:
            return self.rows_up_to(cursor - 1, now)
        return bisect_left(self._visible(self._entries, now), cursor, key=_cursor)

    def append(self, record: object, now: float) -> None:
        """Add a record behind all others; its own id counts if it is the largest."""
        entries = self._changed(now)
        last = entries[-1].cursor if entries else self.plan.first_id - 1
        given = record.get("id") if isinstance(record, dict) else None
        is_next = isinstance(given, int) and not isinstance(given, bool) and given > last
        entries.append(_Entry(given if is_next and isinstance(given, int) else last + 1, _ADDED, record))

    def next_id(self, now: float) -> int:
        """The id that an appended record should carry."""
        entries = self._changed(now)
        return entries[-1].cursor + 1 if entries else self.plan.first_id

    def replace(self, position: int, record: object, now: float) -> None:
        """Change the record at a position; its place among the others stays."""
        self._visible(self._changed(now), now)[position].record = record

    def remove(self, position: int, now: float) -> None:
        """Take a row away."""
        entries = self._changed(now)
        entries.remove(self._visible(entries, now)[position])

    def _changed(self, now: float) -> list[_Entry]:
        """The rows as a list, from now on kept in memory."""
        if self._entries is None:
            self._entries = []
        self._visible(self._entries, now)
        return self._entries

    def _visible(self, entries: list[_Entry], now: float) -> list[_Entry]:
        """The rows there are; planned rows that have arrived in the meantime get their ids here."""
        arrived = self.plan.arrived(now)
        for index in range(self._pulled, arrived):
            last = entries[-1].cursor if entries else 0
            entries.append(_Entry(max(self.plan.row_id(index), last + 1), index, _UNCHANGED))
        self._pulled = max(self._pulled, arrived)
        if arrived == self._pulled:
            return entries
        return [entry for entry in entries if entry.index < arrived]

    def _record(self, entry: _Entry, now: float) -> object:
        if entry.record is not _UNCHANGED:
            return entry.record
        (record,) = self.plan.records([entry.index], now)
        if self.plan.with_id:
            record["id"] = entry.cursor
        return record


def _cursor(entry: _Entry) -> int:
    return entry.cursor
