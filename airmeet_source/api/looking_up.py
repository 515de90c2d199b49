"""Looking up: a few lists that are read at once, by whoever waits for them."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from airmeet_source.api.answers import Answer, Failed, NotAvailable, Ready, Refused
from airmeet_source.api.counts import counts, fell_short
from airmeet_source.api.endpoint import Endpoint
from airmeet_source.api.pages import CutShort, Doubtful, Pages
from airmeet_source.api.retrying import GiveUp, Patience
from airmeet_source.errors import LookUpFailed
from airmeet_source.fields import Record, count, pick


class FoundPages(Pages):
    """The pages of a list of which only some people are asked for.

    The number of all people may be that of the whole list, so it says nothing about an end.
    """

    def __init__(self, size: int, wanted: Mapping[str, str]) -> None:
        super().__init__()
        self._size = size
        self._wanted = wanted
        self.restart()

    def restart(self) -> None:
        """Begin again with the first page."""
        super().restart()
        self._number, self._seen = 0, set[str]()
        self._next()

    def _next(self) -> None:
        self._number += 1
        page = {"pageNumber": str(self._number), "resultSize": str(self._size)}
        self.params = {**self._wanted, **page}

    def _accept(self, records: list[Any], payload: Record, *, doubtful: bool) -> list[Any]:
        of_this_page, total = count(pick(payload, "user_count")), counts(payload).total
        if of_this_page is not None and of_this_page > len(records):
            raise CutShort(fell_short(len(records), of_this_page))
        if not records and total and of_this_page is None:
            raise CutShort(fell_short(0, total))
        if doubtful:
            self._confirm()
        new = [record for record in records if str(pick(record, "email")) not in self._seen]
        self._seen.update(str(pick(record, "email")) for record in new)
        is_last = len(records) < self._size if total is None else len(self._seen) >= total
        self.done = is_last or not new
        if not self.done:
            self._next()
        return new


class Asker(Protocol):
    """Somebody who asks, and who has the patience to do it again."""

    patience: Patience

    def ask(self, endpoint: Endpoint, path: str, params: dict[str, str]) -> Answer:
        """Send one request."""

    def pause(self, seconds: float, silence: bool) -> None:
        """Wait; with ``silence`` nobody may ask for anything meanwhile."""


def read_list(asker: Asker, endpoint: Endpoint, path: str, pages: Pages) -> list[Any]:
    """Read a list to its end.

    Args:
        asker: who asks.
        endpoint: what the answers mean.
        path: where the list is.
        pages: how it is read.

    Raises:
        LookUpFailed: it cannot be read.
    """
    records: list[Any] = []
    attempts = 0
    while not pages.done:
        taken = _taken(asker.ask(endpoint, path, pages.params), endpoint, pages)
        if isinstance(taken, list):
            records += taken
            continue
        if taken.from_the_start:
            records = []
        attempts += 1
        decision = asker.patience.after_failure(taken.failure, attempts, random.random())
        if isinstance(decision, GiveUp):
            raise LookUpFailed(decision.reason)
        asker.pause(decision.seconds, decision.silence)
    return records


@dataclass(frozen=True, kw_only=True)
class _Again:
    failure: Failed
    from_the_start: bool = False


def _taken(answer: Answer, endpoint: Endpoint, pages: Pages) -> list[Any] | _Again:
    """The new records of an answer, or why it has to be asked again."""
    if isinstance(answer, Refused):
        raise LookUpFailed(answer.reason, answer.status)
    if isinstance(answer, NotAvailable) and endpoint.plan_gated:
        raise LookUpFailed(answer.reason, is_of_the_plan=True)
    if isinstance(answer, Failed):
        return _Again(failure=answer)
    if not isinstance(answer, Ready):
        return _Again(failure=Failed(getattr(answer, "reason", "Airmeet is still preparing the result")))
    try:
        return pages.accept(answer.records, answer.payload, doubtful=answer.doubtful)
    except Doubtful as doubt:
        return _Again(failure=Failed(str(doubt)))
    except CutShort as cut:
        pages.restart()
        return _Again(failure=Failed(str(cut)), from_the_start=True)
