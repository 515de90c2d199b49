"""Servers of lists that are not stable, count wrongly or answer with nothing; what they send is JSON."""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from airmeet_source.api.answers import Answer, classify
from airmeet_source.api.endpoint import Endpoint

Record = dict[str, Any]
Nothing = Literal["empty", "null", "object", "left out"]
TIES = ("stable", "by page", "random")


@dataclass
class Moody:
    """What all of them have: answers with a count, some of which hold nothing."""

    endpoint: Endpoint
    records: list[Record]
    cap: int
    count: int | None  # what it says there are
    counted_as: str = "totalCount"
    nothing: Nothing = "empty"  # what stands for an empty page
    silent: tuple[int, int] = (0, 0)  # from this request on, so many in a row hold nothing
    requests: int = field(default=0, init=False)

    def __call__(self, params: dict[str, str]) -> Answer:
        self.requests += 1
        first, many = self.silent
        page = [] if first <= self.requests < first + many else self.page(params)
        payload: Record = {"statusCode": 200}
        name = self.endpoint.records or ""
        if page or self.nothing != "left out":
            payload[name] = page or {"null": None, "object": {}}.get(self.nothing, [])
        payload |= self.fields(page)
        return classify(self.endpoint, 200, {}, json.dumps(payload).encode())

    def page(self, params: dict[str, str]) -> list[Record]:
        """The records of a page."""
        raise NotImplementedError

    def fields(self, _page: list[Record]) -> Record:
        """What stands beside the list."""
        return {} if self.count is None else {self.counted_as: self.count}


@dataclass
class People(Moody):
    """Numbered pages; how people with the same sort key follow one another may change."""

    ties: str = "stable"
    fresh_urls: bool = False
    chance: random.Random = field(default_factory=lambda: random.Random(0))

    def page(self, params: dict[str, str]) -> list[Record]:
        size, number = min(self.cap, int(params["resultSize"])), int(params["pageNumber"])
        key = params["sortingKey"]
        order: dict[str, Callable[[int], Any]] = {
            "stable": lambda place: place,
            "by page": lambda place: hashlib.md5(f"{number} {place}".encode()).hexdigest(),
            "random": lambda _place: self.chance.random(),
        }
        places = sorted(
            range(len(self.records)),
            key=lambda place: (str(self.records[place].get(key)), order[self.ties](place)),
        )
        page = [self.records[place] for place in places[(number - 1) * size : number * size]]
        return (
            [{**person, "profile_url": f"https://x?sig={self.requests}"} for person in page]
            if self.fresh_urls
            else page
        )

    def fields(self, page: list[Record]) -> Record:
        return {"userCount": len(page), **super().fields(page)}


@dataclass
class Rows(Moody):
    """Pages behind a cursor: the id of the last record, or its place in the list."""

    by_place: bool = False
    overlap: int = 0
    changing: bool = False  # a record differs each time it is sent

    def page(self, params: dict[str, str]) -> list[Record]:
        size, after = min(self.cap, int(params["size"])), params.get("after")
        start = (
            0
            if after is None
            else sum(self.cursor(place) <= int(after) for place in range(len(self.records)))
        )
        if 0 < start < len(self.records) and self.overlap < size:
            start = max(0, start - self.overlap)
        page = self.records[start : start + size]
        self.last = self.cursor(start + len(page) - 1) if page else None
        return [{**record, "seen": self.requests} for record in page] if self.changing else page

    def cursor(self, place: int) -> int:
        """The cursor of a record."""
        return place + 1 if self.by_place else int(self.records[place]["id"])

    def fields(self, page: list[Record]) -> Record:
        return {"cursors": {"after": self.last if page else None, **super().fields(page)}}


def set_of(records: list[Record]) -> Counter[str]:
    """The records without what is made anew for each answer."""
    kept = [
        {name: value for name, value in record.items() if name not in ("profile_url", "seen")}
        for record in records
    ]
    return Counter(json.dumps(record, sort_keys=True) for record in kept)
