"""Reading a list to its end: when to go on, when to stop, and when the end cannot be trusted."""

import json
from dataclasses import dataclass
from typing import Any

from airmeet_source.fields import JSON, Record, count, pick

_SMALLEST_PAGE = 50


class CutShort(Exception):
    """The list ended before all the records that it announced had come: read it again."""


@dataclass(frozen=True)
class Single:
    """One answer holds everything."""

    def pages(self, _after: int | None = None) -> "Pages":
        """A reader of the list."""
        return Pages()


@dataclass(frozen=True)
class Cursor:
    """Pages by ``size`` and ``after``."""

    size: int

    def pages(self, after: int | None = None) -> "Pages":
        """A reader of the list; ``after`` is the cursor of an earlier run."""
        return CursorPages(self.size, after)


@dataclass(frozen=True)
class Numbered:
    """Pages by ``pageNumber`` and ``resultSize``."""

    size: int

    def pages(self, _after: int | None = None) -> "Pages":
        """A reader of the list."""
        return NumberedPages(self.size)


Paging = Single | Cursor | Numbered


class Pages:
    """A list in a single answer, and what the other two kinds share.

    ``params`` is the query of the next request; ``accept`` takes the records of its answer, and the
    whole answer for its paging fields, and returns the new records; ``done`` says whether that was the end.
    After :class:`CutShort`, ``restart`` goes back to the first page.
    """

    def __init__(self) -> None:
        self.params: dict[str, str] = {}
        self.done = False

    @property
    def next_run(self) -> int | None:
        """The cursor from which a later run may go on, if there is a trustworthy one."""
        return None

    def restart(self) -> None:
        """Begin again with the first page."""

    def shrink(self) -> None:
        """Ask for less at a time: the server did not manage a page in time."""

    def accept(self, records: list[Any], payload: Record) -> list[Any]:
        """The records of a page that were not handed out before."""
        announced = count(pick(payload, "recordings_count"))
        if announced is not None and len(records) < announced:
            raise CutShort(f"{len(records)} of {announced} records in the answer")
        self.done = True
        return records


class _Seen:
    """The records handed out so far, to recognise a page that comes again and a record that moved."""

    def __init__(self) -> None:
        self._keys: set[int] = set()

    def new(self, records: list[Any]) -> list[Any]:
        """The records of a page that earlier pages did not hold.

        Within a page equal records are different rows. Across pages they are one row that moved, unless
        nothing identifies them: then only a page without anything new is taken for a repetition.
        """
        keys = [_record_key(record) for record in records]
        if keys and self._keys.isdisjoint(keys):
            self._keys.update(keys)
            return records
        new = [r for r, key in zip(records, keys, strict=True) if key not in self._keys or not _identified(r)]
        repeated = self._keys.issuperset(keys)
        self._keys.update(keys)
        return [] if repeated else new


def _record_key(record: Any) -> int:
    if isinstance(record, dict):
        own = record.get("id", record.get("uid"))
        if own is not None:
            return hash(str(own))
    return hash(json.dumps(record, sort_keys=True, default=str))


def _identified(record: Any) -> bool:
    return any(pick(record, name) not in (None, "") for name in ("id", "uid", "user_id", "email"))


class CursorPages(Pages):
    """``size`` and ``after``. No single stop signal is trusted; see :meth:`accept`."""

    def __init__(self, size: int, after: int | None = None) -> None:
        super().__init__()
        self._size = size
        self._first = after
        self._last_short_read: int | None = None
        self._has_ids = True
        self._begin()

    def _begin(self) -> None:
        self._seen = _Seen()
        self._asked: set[str] = set()
        self._rows = 0
        self._pages = 0
        self._longest = 0
        self._total: int | None = None
        self._more_announced = False  # the last page was full, and more pages are announced
        self._next_run = self._first
        self.done = False
        self._ask_after(None if self._first is None else str(self._first))

    def _ask_after(self, cursor: str | None) -> None:
        self.params = {"size": str(self._size)}
        if cursor is not None:
            self.params["after"] = cursor
            self._asked.add(cursor)

    def restart(self) -> None:
        """Begin again with the first page."""
        self._begin()

    @property
    def next_run(self) -> int | None:
        """The cursor behind the last row; None if rows without an id make it untrustworthy."""
        return self._next_run if self._has_ids else None

    def accept(self, records: list[Any], payload: Record) -> list[Any]:
        """The new records of a page.

        The list ends with an empty page, a page that repeats what came before, a missing or repeated
        cursor, all announced rows read, or a shorter page when all announced pages are read. A page that
        is merely shorter than asked for ends nothing: servers cap the size.

        Raises:
            CutShort: the cursor leads nowhere though more rows or pages were announced.
        """
        cursors = pick(payload, "cursors")
        self._total = count(pick(cursors, "total_count")) or self._total
        if not records:
            self._end(trusted=True)
            return []
        new = self._seen.new(records)
        if not new:
            self._end(trusted=False)
            return []
        self._rows += len(new)
        self._pages += 1
        page_count = count(pick(cursors, "page_count"))
        self._more_announced = self._expects_more(len(records), page_count)
        cursor = self._cursor(cursors, records)
        if cursor is not None and self._has_ids and count(cursor) is not None:
            self._next_run = count(cursor)
        if self._all_read(len(records), page_count):
            self.done = True
        elif cursor is None or cursor in self._asked:
            self._end(trusted=False)
        else:
            self._ask_after(cursor)
        self._longest = max(self._longest, len(records))
        return new

    def _all_read(self, length: int, page_count: int | None) -> bool:
        if self._total is not None:
            return self._rows >= self._total and length < self._size
        return page_count is not None and self._pages >= page_count and length < self._longest

    def _expects_more(self, length: int, page_count: int | None) -> bool:
        """Whether a full page and the count of pages agree that more follows.

        A count that equals the page's length counts rows; a page that is not full may well be the last one.
        """
        return page_count is not None and self._pages < page_count != length >= self._size

    def _cursor(self, cursors: JSON, records: list[Any]) -> str | None:
        """The server's cursor; where it is missing or leads back, the id of the last record is one."""
        own_ids = [count(pick(record, "id")) for record in records]
        own_id = own_ids[-1]
        self._has_ids = self._has_ids and None not in own_ids
        cursor = pick(cursors, "after")
        if cursor is None or str(cursor) in self._asked:
            cursor = own_id
        return None if cursor is None else str(cursor)

    def _end(self, *, trusted: bool) -> None:
        """End here, unless a full read holds fewer rows than announced.

        Two reads that end with an empty page after equally many rows are believed: then the count is wrong.
        """
        short = self._first is None and self._total is not None and self._rows < self._total
        if short and not (trusted and self._last_short_read == self._rows):
            self._last_short_read = self._rows if trusted else None
            raise CutShort(f"the list ended after {self._rows} of {self._total} rows")
        if self._more_announced and self._total is None and not trusted:
            raise CutShort(f"the list ended after {self._rows} rows, and more pages were announced")
        self.done = True


class NumberedPages(Pages):
    """``pageNumber`` and ``resultSize``, oldest registration first so that newcomers move no page."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size
        self._last_short_read: int | None = None
        self._capped = False  # the server sends less than asked for: smaller pages would not line up
        self._begin()

    def _begin(self) -> None:
        self._seen = _Seen()
        self._rows = 0
        self._total: int | None = None
        self.done = False
        self._ask_page(1)

    def _ask_page(self, number: int) -> None:
        self._number = number
        self.params = {
            "pageNumber": str(number),
            "resultSize": str(self._size),
            "sortingKey": "registrationDate",
            "sortingDirection": "ASC",
        }

    def restart(self) -> None:
        """Begin again with the first page."""
        self._begin()

    def shrink(self) -> None:
        """Go on at the same place with pages of half the size."""
        if self._size % 2 == 0 and self._size > _SMALLEST_PAGE and not self._capped:
            self._size //= 2
            self._ask_page(2 * self._number - 1)

    def accept(self, records: list[Any], payload: Record) -> list[Any]:
        """The new records of a page.

        Raises:
            CutShort: somebody was removed meanwhile, which moves the pages behind, or rows are missing.
        """
        total = count(pick(payload, "total_user_count"))
        if total is not None and self._total is not None and total < self._total:
            raise CutShort("people were removed while the list was read")
        self._total = total if total is not None else self._total
        self._capped = self._capped or len(records) < self._size
        new = self._seen.new(records)
        self._rows += len(new)
        if self._total is not None and self._rows >= self._total and len(records) < self._size:
            self.done = True
        elif not new:
            self._end()
        else:
            self._ask_page(self._number + 1)
        return new

    def _end(self) -> None:
        if self._total is not None and self._rows < self._total and self._last_short_read != self._rows:
            self._last_short_read = self._rows
            raise CutShort(f"the list ended after {self._rows} of {self._total} people")
        self.done = True
