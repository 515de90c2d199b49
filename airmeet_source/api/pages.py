"""Pages: how a list is read to its end, and what is not believed to be one."""

from typing import Any

from airmeet_source.api.counts import counts, fell_short
from airmeet_source.fields import Record

# far above the lists of any event; a list that goes on behind that never ends
MOST_PAGES = 20_000
MOST_RECORDS = 3_000_000


class CutShort(Exception):
    """What came is not the whole list, or may not be: read it again."""


class StaysShort(CutShort):
    """Two reads ended alike, so a third one would hardly help: what was announced does not come."""


class Endless(CutShort):
    """The list has more pages or records than any real one, so it is not read again."""


class Doubtful(Exception):
    """An end that may be a hiccup: ask for the same page again, a second answer like it is believed."""


class Pages:
    """A list in a single answer, and what the other two kinds share.

    ``params`` is the query of the next request; ``accept`` takes the records of its answer, and the whole
    answer for its counts and cursors, and returns the new records; ``done`` says whether that was the end.
    After :class:`CutShort`, ``restart`` goes back to the first page; after :class:`Doubtful`, the same page
    is asked for again.
    """

    def __init__(self) -> None:
        self.params: dict[str, str] = {}
        self.done = False
        self._doubted: dict[str, str] | None = None  # the request whose answer was doubted last
        self._accepted_pages = 0
        self._accepted_records = 0

    @property
    def next_run(self) -> int | None:
        """The cursor from which a later run may go on, if there is a trustworthy one."""
        return None

    def restart(self) -> None:
        """Begin again with the first page."""
        self._accepted_pages = self._accepted_records = 0

    def shrink(self) -> None:
        """Ask for less at a time: the server did not manage a page in time."""

    def accept(self, records: list[Any], payload: Record, *, doubtful: bool = False) -> list[Any]:
        """The records of a page that were not handed out before.

        ``doubtful``: see :class:`~airmeet_source.api.answers.Ready`.

        Raises:
            CutShort: they are not the whole list, or may not be.
            Doubtful: a second answer has to confirm that the list ends here.
        """
        new = self._accept(records, payload, doubtful=doubtful)
        self._accepted_pages += 1
        self._accepted_records += len(new)
        pages, came = self._accepted_pages, self._accepted_records
        if not self.done and (pages >= MOST_PAGES or came >= MOST_RECORDS):
            raise Endless(f"the list goes on after {came:,} records on {pages:,} pages")
        return new

    def _accept(self, records: list[Any], payload: Record, *, doubtful: bool) -> list[Any]:
        said = counts(payload)
        announced = said.least if records else said.anything
        if announced is not None and len(records) < announced:
            raise CutShort(fell_short(len(records), announced))
        if doubtful:
            self._confirm()
        self.done = True
        return records

    def _confirm(self) -> None:
        if self._doubted != self.params:
            self._doubted = self.params
            raise Doubtful("there is nothing where the list belongs")
