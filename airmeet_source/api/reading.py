"""What the scheduler works on, and what it hands over: units, how far they are read, their pages and ends."""

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from airmeet_source.api.endpoint import Endpoint
from airmeet_source.api.pages import Pages

OutcomeName = Literal["loaded", "pending", "not_available", "failed"]

LONGEST_ID = 200  # characters; those of Airmeet have 36


class Unit(NamedTuple):
    """What is read as one: a resource's records of one event, session or booth."""

    resource: str
    airmeet_id: str | None = None  # None: the event list itself
    entity_id: str | None = None  # of a session or booth

    @property
    def is_sendable(self) -> bool:
        """Whether each of its ids can be one segment of a path; it is not asked for otherwise.

        Servers and proxies read dots as a way up, however they are escaped, and leave out what is empty.
        """
        return all(
            id_ not in ("", ".", "..") and len(id_) <= LONGEST_ID for id_ in self[1:] if id_ is not None
        )


@dataclass(slots=True, kw_only=True, eq=False)
class Reading:
    """A unit while it is read: what to ask, how far it got and what it cost.

    A backfill has very many of them: what only those need that have begun is made when it is asked for.
    """

    unit: Unit
    endpoint: Endpoint
    deliver_to: str  # the resource whose generator takes the pages
    after: int | None = None  # the cursor of an earlier run
    attempts: int = 0  # in a row, without a sensible answer
    restarts: int = 0
    requests: int = 0
    asked: int = 0  # number of the latest request, among all of the run
    failing_since: int | None = None  # number of the first request in a row without a sensible answer
    begun: bool = False  # a page has come, and there are more
    waited: float = 0.0
    pending_since: float | None = None  # since when Airmeet has been preparing the result
    parked_at: float | None = None  # since when it has been left alone to do so
    due: float | None = None  # until when
    early: bool = False  # its next ask is earlier than Airmeet says
    asked_early: float = 0.0  # seconds after the preparation began, of the last such ask
    started_at: float = 0.0  # seconds since 1970
    order: int = 0
    _pages: Pages | None = field(default=None, init=False)

    @property
    def pages(self) -> Pages:
        """The reader of its list."""
        if self._pages is None:
            self._pages = self.endpoint.paging.pages(self.after)
        return self._pages

    @property
    def path(self) -> str:
        """Where to ask for it."""
        _, airmeet_id, entity_id = self.unit
        return self.endpoint.path.format(airmeet_id=_segment(airmeet_id), entity_id=_segment(entity_id))

    @property
    def rank(self) -> int:
        """What starts a preparation goes first: lists that lead to asynchronous results, then these.

        Airmeet prepares them while the rest is read. But a list that has been begun is read to its end, so
        that no more of them are held in memory than there are requests in flight.
        """
        if self.endpoint.children is not None:
            return 0
        if self.begun:
            return 1
        starts_preparation = self.endpoint.asynchronous and not self.requests
        return 2 if starts_preparation else 3

    def restart(self) -> None:
        """Begin again with the first page.

        Each restart counts as an attempt, whatever pages came since the last one: a list that is cut short
        each time would be read for ever.
        """
        self.pages.restart()
        self.begun = False
        self.attempts = self.restarts
        self.restarts += 1


def _segment(id_: str | None) -> str:
    return quote(id_ or "", safe="", errors="replace")


@dataclass(frozen=True, slots=True)
class Page:
    """Records of one page, on their way to dlt's thread; ``size``: bytes of the answer that held them."""

    reading: Reading
    records: list[Any]
    size: int = 0


@dataclass(frozen=True, slots=True)
class Restart:
    """The unit is read again from its first page: what came before does not count."""

    reading: Reading


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a unit. ``doubtful``: see ``NotAvailable``."""

    reading: Reading
    name: OutcomeName
    error: str | None = None
    doubtful: bool = False


Message = Page | Restart | Outcome
