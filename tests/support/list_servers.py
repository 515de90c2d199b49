"""Stand-ins for the server side of a long list, with the behaviour that was observed, and a reader."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from airmeet_source.api.answers import Answer, Ready
from airmeet_source.api.pages import CutShort, Doubtful, Endless, Pages, StaysShort

Record = dict[str, Any]
Serve = Callable[[dict[str, str]], Answer]


class Failure(Exception):
    """The unit ends as failed: nothing is replaced, the next run tries again."""


def read(pages: Pages, serve: Serve, attempts: int = 6, most_requests: int = 500) -> list[Record]:
    """Read a list as the scheduler does: again from the start after a list that was cut short."""
    records: list[Record] = []
    for _ in range(most_requests):
        answer = serve(dict(pages.params))
        try:
            if isinstance(answer, Ready):
                records += pages.accept(answer.records, answer.payload, doubtful=answer.doubtful)
            else:
                attempts = _one_less(attempts)
        except StaysShort as short:
            raise Failure from short
        except Endless:
            raise
        except Doubtful:
            attempts = _one_less(attempts)
        except CutShort:
            attempts = _one_less(attempts)
            records.clear()
            pages.restart()
        if pages.done:
            return records
    raise AssertionError("reading does not end")


def _one_less(attempts: int) -> int:
    if attempts == 1:
        raise Failure
    return attempts - 1


@dataclass
class CursorServer:
    """A list behind ``size`` and ``after`` with the behaviour that was observed."""

    records: list[Record]
    cap: int = 50  # rows in a page, whatever is asked for
    own_ids: bool = True  # cursors are the ids of records; else positions in the list
    cursors: bool = True  # whether the answers have the object at all
    announced_rows: int | None = None  # totalCount
    announced_pages: str = "none"  # pageCount: "none", "pages" or "rows" (of the page)
    last_after: str = "last"  # on the last page: "last" record's cursor, "same" as asked, "first" or "none"
    stuck_after: int | None = None  # from this position on, answers repeat the cursor that was asked for
    overlap: int = 0  # rows of a page that the page before had too
    beyond_the_end: str = "empty"  # what comes after the last page: "empty", "last" page or "first" page

    def cursor_of(self, position: int) -> int:
        return int(self.records[position]["id"]) if self.own_ids else position + 1

    def __call__(self, params: dict[str, str]) -> Ready:
        size = min(self.cap, int(params["size"]))
        asked = int(params["after"]) if "after" in params else None
        start = 0
        if asked is not None:
            start = sum(self.cursor_of(position) <= asked for position in range(len(self.records)))
        if start == len(self.records) and self.records:
            if self.beyond_the_end == "empty":
                return Ready([], self.payload([], None))
            start = 0 if self.beyond_the_end == "first" else max(0, start - size)
        start = max(0, start - self.overlap) if start and size > self.overlap else start
        page = self.records[start : start + size]
        end = start + len(page)
        after: int | None = self.cursor_of(end - 1) if page else None
        if end >= len(self.records):
            after = {"last": after, "same": asked, "first": self.cursor_of(0) if page else None}.get(
                self.last_after
            )
        elif self.stuck_after is not None and end > self.stuck_after:
            after = asked if asked is not None else after
        return Ready(page, self.payload(page, after))

    def payload(self, page: list[Record], after: int | None) -> dict[str, Any]:
        if not self.cursors:
            return {"data": page}
        cursors: dict[str, Any] = {"after": after}
        if self.announced_rows is not None:
            cursors["totalCount"] = self.announced_rows
        if self.announced_pages != "none":
            pages = -(-len(self.records) // min(self.cap, 50))
            cursors["pageCount"] = pages if self.announced_pages == "pages" else len(page)
        return {"data": page, "cursors": cursors}


@dataclass
class ParticipantsServer:
    """People behind ``pageNumber`` and ``resultSize``, who come and go between two requests."""

    people: list[Record]
    cap: int = 1000
    changes: list[list[str]] = field(default_factory=list)  # between two requests: "+" or "-name"
    requests: int = 0
    joined: int = 0

    def __call__(self, params: dict[str, str]) -> Ready:
        if self.requests and self.requests <= len(self.changes):
            for change in self.changes[self.requests - 1]:
                self.change(change)
        self.requests += 1
        assert params["sortingDirection"] == "ASC"
        key = params["sortingKey"]
        people = self.people  # as they registered
        if key != "registrationDate":
            people = sorted(people, key=lambda person: str(person.get(key)))
        size = min(self.cap, int(params["resultSize"]))
        start = (int(params["pageNumber"]) - 1) * size
        page = people[start : start + size]
        return Ready(page, {"userCount": len(page), "totalUserCount": len(self.people)})

    def change(self, change: str) -> None:
        """Register somebody (at the end: pages come oldest first) or remove somebody."""
        if change == "+":
            self.people.append({"email": f"new{self.joined}"})
            self.joined += 1
        else:
            self.people[:] = [person for person in self.people if person["email"] != change[1:]]
