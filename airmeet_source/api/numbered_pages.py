"""Pages by ``pageNumber`` and ``resultSize``, of the people of an event."""

from typing import Any

from airmeet_source.api.counts import counts, fell_short
from airmeet_source.api.pages import CutShort, Pages, StaysShort
from airmeet_source.api.seen import SeenPeople
from airmeet_source.fields import Record

_SMALLEST_PAGE = 25
# oldest registration first, so that newcomers move no page; where many have the same one, or none, a server
# may put them in another order each time, and the next read sorts by something else
_SORTING_KEYS = ("registrationDate", "email", "name")


class NumberedPages(Pages):
    """``pageNumber`` and ``resultSize`` over a list whose rows move while it is read."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self._size = size
        self._unstable_reads = 0  # in which people were missing, or came again
        self._short_before: int | None = None
        self._capped = False  # the server sends less than asked for: smaller pages would not line up
        self._begin()

    def _begin(self) -> None:
        self._seen = SeenPeople()
        self._came = 0
        self._longest = 0
        self._total: int | None = None
        self._least = 0
        self._anything = 0
        self.done = False
        self._ask_page(1)

    def _ask_page(self, number: int) -> None:
        self._number = number
        self.params = {
            "pageNumber": str(number),
            "resultSize": str(self._size),
            "sortingKey": _SORTING_KEYS[self._unstable_reads % len(_SORTING_KEYS)],
            "sortingDirection": "ASC",
        }

    def restart(self) -> None:
        """Begin again with the first page."""
        super().restart()
        self._begin()

    def shrink(self) -> None:
        """Go on at the same place with smaller pages."""
        parts = next((n for n in (2, 3, 5) if self._size % n == 0), 1)
        if self._size // parts >= _SMALLEST_PAGE and not self._capped:
            self._size //= parts
            self._ask_page((self._number - 1) * parts + 1)

    def _accept(self, records: list[Any], payload: Record, *, doubtful: bool) -> list[Any]:
        self._read_counts(records, payload)
        new = self._new(records)
        self._came += len(new)
        self._capped = self._capped or len(records) < self._size
        if self._all_read(len(records)):
            self.done = True
        elif not new:
            self._end(doubtful=doubtful)
        else:
            self._ask_page(self._number + 1)
        self._longest = max(self._longest, len(records))
        return new

    def _read_counts(self, records: list[Any], payload: Record) -> None:
        said = counts(payload)
        if said.total is not None and self._total is not None and 0 < said.total < self._total:
            raise CutShort("people were removed while the list was read")
        if records or said.total:  # behind the last page nothing may be counted
            self._total = self._total if said.total is None else said.total
        self._least = max(self._least, said.least or 0)
        self._anything = max(self._anything, said.anything or 0)

    def _new(self, records: list[Any]) -> list[Any]:
        try:
            return self._seen.new(records)
        except CutShort:
            self._unstable_reads += 1
            raise

    @property
    def _announced(self) -> int:
        return max(self._total or 0, self._least, 0 if self._came else self._anything)

    def _all_read(self, length: int) -> bool:
        if self._total is None or self._seen.have_moved:
            return False
        is_last = length < self._size and length < (self._longest or self._size)
        # a count that is exceeded says nothing
        return is_last and self._came == self._total >= self._least

    def _end(self, *, doubtful: bool) -> None:
        """End here, unless people are missing, or may be: one who comes twice has perhaps taken a place."""
        is_short, have_moved = self._came < self._announced, self._seen.have_moved
        if not is_short and not have_moved:
            if doubtful and self._total is None:
                self._confirm()
            self.done = True
            return
        self._unstable_reads += 1
        if not is_short:
            raise CutShort("people came again on later pages, so others may be missing")
        reason = fell_short(self._came, self._announced)
        if self._came and not have_moved and self._came == self._short_before:
            raise StaysShort(reason)
        self._short_before = None if have_moved else self._came
        raise CutShort(reason)
