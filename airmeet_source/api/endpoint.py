"""Endpoint: what HTTP has to know of a reading endpoint."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from airmeet_source.api.children import Child
from airmeet_source.api.paging import Cursor, Paging, Single
from airmeet_source.fields import Record

BAD_TOKEN = frozenset({401, 403, 412})


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """How to ask for a list, and what its answers mean."""

    path: str
    records: str | None  # the name of the list in the answer; None: the answer is the record
    paging: Paging = field(default_factory=Single)
    asynchronous: bool = False  # answers 202 until the result is prepared
    plan_gated: bool = False  # 400, 403 and 404 mean that the community's plan does not include it
    bad_token: frozenset[int] = BAD_TOKEN  # statuses that speak of the token, whatever their body says
    children: Callable[[Record], Iterator[Child]] | None = None  # that a record names

    @property
    def keeps_cursor(self) -> bool:
        """Whether later runs go on behind the last row; the others read the whole list each time."""
        return self.asynchronous and isinstance(self.paging, Cursor)
