"""How a list comes: in one answer, behind a cursor, or on numbered pages."""

from dataclasses import dataclass

from airmeet_source.api.cursor_pages import CursorPages
from airmeet_source.api.numbered_pages import NumberedPages
from airmeet_source.api.pages import Pages


@dataclass(frozen=True)
class Single:
    """One answer holds everything."""

    def pages(self, _after: int | None = None) -> Pages:
        """A reader of the list."""
        return Pages()


@dataclass(frozen=True)
class Cursor:
    """Pages by ``size`` and ``after``."""

    size: int

    def pages(self, after: int | None = None) -> Pages:
        """A reader of the list; ``after`` is the cursor of an earlier run."""
        return CursorPages(self.size, after)


@dataclass(frozen=True)
class Numbered:
    """Pages by ``pageNumber`` and ``resultSize``."""

    size: int

    def pages(self, _after: int | None = None) -> Pages:
        """A reader of the list."""
        return NumberedPages(self.size)


Paging = Single | Cursor | Numbered
