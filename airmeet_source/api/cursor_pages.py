"""Pages by ``size`` and ``after``."""

from typing import Any

from airmeet_source.api.counts import counts, fell_short
from airmeet_source.api.pages import CutShort, Pages, StaysShort
from airmeet_source.api.seen import SeenRecords
from airmeet_source.fields import JSON, Record, count, pick

_SMALLEST_PAGE = 10
_PAGES_UNTIL_LARGER = 10
_LONGEST_CURSOR = 500  # characters


class CursorPages(Pages):
    """``size`` and ``after``. No single stop signal is trusted; see :meth:`_accept`."""

    def __init__(self, size: int, after: int | None = None) -> None:
        super().__init__()
        self._full_size = size
        self._size = size
        self._first = after
        self._short_before: int | None = None
        self._has_ids = True
        self._seen = SeenRecords()
        self._begin()

    def _begin(self) -> None:
        self._asked: set[str] = set()
        self._pages = 0
        self._pages_of_this_size = 0
        self._longest = 0
        self._total: int | None = None
        self._least = 0
        self._anything = 0
        self._page_count: int | None = None  # the last that was named
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
        super().restart()
        self._size = self._full_size
        self._seen.restart()
        self._begin()

    def shrink(self) -> None:
        """Ask for the same page with half the records, and for some pages after it."""
        self._size = max(min(_SMALLEST_PAGE, self._size), self._size // 2)
        self._pages_of_this_size = 0
        self.params = {**self.params, "size": str(self._size)}

    @property
    def next_run(self) -> int | None:
        """The cursor behind the last row; None if rows without an id make it untrustworthy."""
        return self._next_run if self._has_ids else None

    def _accept(self, records: list[Any], payload: Record, *, doubtful: bool) -> list[Any]:
        """The new records of a page.

        The list ends with an empty page, a page that repeats what came before, a missing or repeated
        cursor, all announced rows read, or a shorter page when all announced pages are read. A page that
        is merely shorter than asked for ends nothing: servers cap the size.

        Raises:
            CutShort: the list ends before all announced rows or pages, or has to be read once more to be
                understood.
            Doubtful: a second answer has to confirm that the list ends here.
        """
        page_count = self._read_counts(payload)
        if not records:
            self._end_with_nothing(page_count, doubtful=doubtful)
            return []
        new = self._seen.new(records)
        if self._seen.is_repetition:
            self._end_in_a_circle()
            return []
        self._pages += 1
        self._more_announced = self._expects_more(len(records), page_count)
        cursor = self._cursor(pick(payload, "cursors"), records)
        if cursor is not None and self._has_ids and count(cursor) is not None:
            self._next_run = count(cursor)
        if self._all_read(len(records), page_count):
            self._end()
        elif cursor is None or cursor in self._asked:
            self._end_in_a_circle()
        else:
            self._grow()
            self._ask_after(cursor)
        self._longest = max(self._longest, len(records))
        return new

    def _read_counts(self, payload: Record) -> int | None:
        said = counts(payload)
        self._total = said.total or self._total
        self._least = max(self._least, said.least or 0)
        self._anything = max(self._anything, said.anything or 0)
        page_count = count(pick(pick(payload, "cursors"), "page_count"))
        self._page_count = self._page_count if page_count is None else page_count
        return page_count

    def _grow(self) -> None:
        """Ask for more again after some pages: what was too much may have been a bad moment of the server."""
        self._pages_of_this_size += 1
        if self._size < self._full_size and self._pages_of_this_size >= _PAGES_UNTIL_LARGER:
            self._size = min(self._full_size, 2 * self._size)
            self._pages_of_this_size = 0

    def _all_read(self, length: int, page_count: int | None) -> bool:
        if self._total is not None:
            is_last = length < self._size and (self._pages == 1 or length < self._longest)
            return is_last and self._seen.arrived == self._total  # a count that is exceeded says nothing
        is_last = length < min(self._longest, self._size)
        return is_last and page_count is not None and self._pages >= page_count

    def _expects_more(self, length: int, page_count: int | None) -> bool:
        """Whether a full page and the count of pages agree that more follows.

        A count that equals the page's length counts rows; a page that is not full may well be the last one.
        """
        return page_count is not None and self._pages < page_count != length >= self._size

    def _cursor(self, cursors: JSON, records: list[Any]) -> str | None:
        """The server's cursor; where it is missing or leads back, the id of the last record is one."""
        own_ids = _numbers(records)
        own_id = own_ids[-1]
        self._has_ids = self._has_ids and None not in own_ids
        cursor = pick(cursors, "after")
        if cursor is None or str(cursor) in self._asked:
            cursor = own_id
        if cursor is not None and len(str(cursor)) > _LONGEST_CURSOR:
            raise CutShort(f"the cursor has more than {_LONGEST_CURSOR} characters")
        return None if cursor is None else str(cursor)

    def _end_with_nothing(self, page_count: int | None, *, doubtful: bool) -> None:
        """End behind the last row."""
        self._check_count()
        if self._first is None and self._total is None:
            self._check_pages(is_more=self._more_announced or (not self._pages and (page_count or 0) > 1))
            if doubtful:
                self._confirm()
        self._end()

    def _end_in_a_circle(self) -> None:
        """End where no cursor leads on."""
        self._check_count()
        if self._total is None:
            self._check_pages(is_more=self._more_announced)
        self._end()

    def _check_pages(self, *, is_more: bool) -> None:
        """Refuse to end before the last announced page, unless it was rows that were counted."""
        came = self._seen.arrived
        if is_more and not 0 < came == self._page_count:
            raise CutShort(f"the list ended after {came:,} rows, and more pages were announced")

    def _end(self) -> None:
        if self._seen.is_unclear:
            raise CutShort("different records came under one id on several pages")
        self.done = True

    def _check_count(self) -> None:
        """Refuse to end a full read that holds fewer rows than announced."""
        came, announced = self._seen.arrived, max(self._total or 0, self._least)
        announced = announced if came else max(announced, self._anything)
        if self._first is not None or came >= announced:
            return
        if came and came == self._short_before and not self._seen.is_unclear:
            raise StaysShort(fell_short(came, announced))
        self._short_before = came
        self._full_size = max(1, self._full_size - 1)  # records with the same cursor may meet on one page
        raise CutShort(fell_short(came, announced))


def _numbers(records: list[Any]) -> list[int | None]:
    """The own ids of records, where they are numbers."""
    try:
        ids = [record["id"] for record in records]
    except (KeyError, TypeError):
        ids = []
    if set(map(type, ids)) == {int} and min(ids) >= -(2**63) and max(ids) < 2**63:  # as nearly always
        return ids
    return [count(pick(record, "id")) for record in records]
