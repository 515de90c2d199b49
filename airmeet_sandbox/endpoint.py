"""What an endpoint of the API is made of, and a request to one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from airmeet_sandbox.collection import Collection, Plan, Record
from airmeet_sandbox.event import Event
from airmeet_sandbox.quirks import ErrorShape, Quirks
from airmeet_sandbox.rows import Live, Rows

RowsOf = Callable[[Event, str], Rows]
"""Makes the rows of an event, or of one of its sessions or booths; their id is empty for a whole event."""


def planned(plan: Callable[[Event], Plan]) -> RowsOf:
    """Rows that arrive as time passes; they are computed when a page is asked for."""
    return lambda event, _child: Collection(plan(event))


def listed(records: Callable[[Event], list[Record]]) -> RowsOf:
    """A short list that is there from the start."""
    return lambda event, _child: Collection.of(records(event))


def live(records: Callable[[Event, float], list[Any]]) -> RowsOf:
    """Records that depend on the time of the request."""
    return lambda event, _child: Live(partial(records, event))


@dataclass(frozen=True, kw_only=True)
class ViewOf:
    """The rows of another endpoint of the same event, each record in another form."""

    endpoint: str
    record: Callable[[Record], Record]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """An endpoint of the API.

    Attributes:
        name: named like the connector's resource.
        path: with the names of its parameters in braces; None if another endpoint's answer shows the rows.
        form: makes the body of an answer; None for the endpoint that gives out tokens.
        rows: where its records come from; None if they belong to no event.
        items: the name of the list in the body.
        largest_page: the largest `size`.
        asynchronous: whether the result has to be prepared.
        too_early: Airmeet's words if the status of the event or session does not allow a question yet.
        unknown: the status if there is no such event, session or booth.
        shape: the shape of its error bodies.
        bad_token: the status if the token is not known.
    """

    name: str
    path: str | None
    form: "Callable[[Call], Body] | None"
    rows: RowsOf | ViewOf | None = None
    items: str = "data"
    largest_page: int = 50
    asynchronous: bool = False
    too_early: Callable[[Event, str, float], str | None] = lambda _event, _child, _now: None
    unknown: int = 400
    shape: ErrorShape = "status"
    bad_token: int = 401

    @property
    def is_of_booths(self) -> bool:
        """Whether each booth has rows of its own."""
        return "{boothId}" in (self.path or "")


class Shown(Protocol):
    """A world, as far as answers show it."""

    def rows(self, endpoint: str, event: Event | None, child: str | None = None) -> Rows:
        """The rows of an endpoint, and of an event, session or booth if it is about one."""


@dataclass(frozen=True, slots=True)
class Call:
    """One request that may be answered."""

    world: Shown
    endpoint: Endpoint
    event: Event | None
    child: str | None
    query: Mapping[str, str]
    quirks: Quirks
    page_cap: int | None
    now: float
    origin: str = ""  # of the sandbox, as the client knows it

    @property
    def rows(self) -> Rows:
        """The rows that were asked for."""
        return self.rows_of(self.endpoint.name)

    def rows_of(self, endpoint: str) -> Rows:
        """The rows of another endpoint for the same event."""
        return self.world.rows(endpoint, self.event, self.child)


@dataclass(frozen=True, slots=True)
class Body:
    """The JSON to send; `raw` if it holds values a test put there."""

    content: Record
    raw: bool = False
