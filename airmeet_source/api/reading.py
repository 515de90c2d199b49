"""What the scheduler works on, and what it hands over: units being read, their pages and their ends."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal
from urllib.parse import quote

from airmeet_source.api.endpoint import Endpoint
from airmeet_source.api.paging import Pages

OutcomeName = Literal["loaded", "pending", "not_available", "failed"]


@dataclass
class Read:
    """One unit being read: what to ask, how far it got and what it cost.

    A backfill has very many of them: what only those need that have begun is made when it is asked for.
    """

    endpoint: Endpoint
    resource: str
    deliver_to: str  # resource whose generator takes the pages
    airmeet_id: str = ""
    entity_id: str | None = None
    unit: Any = None  # the caller's own
    after: int | None = None  # the cursor of an earlier run
    attempts: int = 0  # in a row, without a sensible answer
    restarts: int = 0
    requests: int = 0
    begun: bool = False  # a page has come, and there are more
    waited: float = 0.0
    pending_since: float | None = None  # since when Airmeet has been preparing the result
    parked_at: float | None = None  # since when it has been left alone to do so
    started_at: float = 0.0  # seconds since 1970
    order: int = 0

    @cached_property
    def pages(self) -> Pages:
        """The reader of its list."""
        return self.endpoint.paging.pages(self.after)

    @property
    def path(self) -> str:
        """Where to ask for it."""
        entity_id = quote(self.entity_id or "", safe="")
        return self.endpoint.path.format(airmeet_id=quote(self.airmeet_id, safe=""), entity_id=entity_id)

    @property
    def priority(self) -> tuple[int, int]:
        """What starts a preparation goes first: lists that lead to asynchronous results, then these.

        Airmeet prepares them while the rest is read. But a list that has been begun is read to its end, so
        that no more of them are held in memory than there are requests in flight.
        """
        if self.endpoint.children is not None:
            return (0, self.order)
        if self.begun:
            return (1, self.order)
        starts_preparation = self.endpoint.asynchronous and not self.requests
        return (2 if starts_preparation else 3, self.order)


@dataclass(frozen=True)
class Page:
    """Records of one page, on their way to dlt's thread."""

    read: Read
    records: list[Any]


@dataclass(frozen=True)
class Restart:
    """The unit is read again from its first page: what came before does not count."""

    read: Read


@dataclass(frozen=True)
class Outcome:
    """The end of a unit.

    ``exhausted``: it failed because no attempt got a sensible answer; ``doubtful``: see ``NotAvailable``.
    """

    read: Read
    outcome: OutcomeName
    error: str | None = None
    exhausted: bool = False
    doubtful: bool = False


Message = Page | Restart | Outcome
