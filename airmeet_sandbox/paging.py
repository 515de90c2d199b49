"""Pages: by cursor (`after`, `before`, `size`) and by number (`pageNumber`, `resultSize`)."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airmeet_sandbox.access import ApiError
from airmeet_sandbox.collection import Collection, Record
from airmeet_sandbox.quirks import Quirks
from airmeet_sandbox.rows import Rows


@dataclass(frozen=True, slots=True)
class CursorPage:
    """One page and what its `cursors` object knows."""

    records: list[Any]
    asked_after: int | None
    before: int | None
    after: int | None
    is_last: bool
    total: int
    pages: int


def number(query: Mapping[str, str], name: str, default: int | None = None) -> int | None:
    """A whole number from the query."""
    text = query.get(name, "")
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise ApiError(400, f"{name} must be a number") from None


def page_size(query: Mapping[str, str], name: str, default: int, most: int | None, cap: int | None) -> int:
    """The size asked for, as far as the server goes along."""
    asked = number(query, name, default)
    if asked is None or asked < 1:
        raise ApiError(400, f"{name} must be at least 1")
    return min(limit for limit in (asked, most, cap) if limit is not None)


def cursor_page(rows: Rows, query: Mapping[str, str], size: int, now: float) -> CursorPage:
    """The page after or before a cursor; `after` wins if both are given."""
    total = rows.count(now)
    after, before = number(query, "after"), number(query, "before")
    start, stop = 0, min(size, total)
    if after is not None:
        start = rows.rows_up_to(after, now)
        stop = min(start + size, total)
    elif before is not None:
        stop = rows.rows_before(before, now)
        start = max(0, stop - size)
    has_rows = stop > start
    return CursorPage(
        records=rows.slice(start, stop, now),
        asked_after=after,
        before=rows.cursor(start, now) if has_rows else None,
        after=rows.cursor(stop - 1, now) if has_rows else after,
        is_last=stop >= total,
        total=total,
        pages=-(-total // size),
    )


def cursors_object(page: CursorPage, quirks: Quirks) -> Record | None:
    """The `cursors` of a page, as far as the API's habits let it have any."""
    if quirks.cursors == "never" or (quirks.cursors == "not_on_last_page" and page.is_last):
        return None
    cursors: Record = {
        "after": page.after if quirks.after_on_last_page or not page.is_last else None,
        "before": page.before,
    }
    if quirks.page_count:
        cursors["pageCount"] = page.pages
    if quirks.total_count:
        cursors["totalCount"] = page.total
    return cursors


_PARTICIPANT_FIELDS = {"name": "name", "email": "email", "registrationDate": "registrationDate"}


def participants_page(
    rows: Rows, query: Mapping[str, str], quirks: Quirks, cap: int | None, now: float
) -> tuple[list[Any], int]:
    """One numbered page of participants, and how many there are."""
    size = page_size(query, "resultSize", 1000, None, cap)
    page = number(query, "pageNumber", 1) or 0
    if page < 1:
        raise ApiError(400, "pageNumber must be at least 1")
    sort_by, direction = query.get("sortingKey", "registrationDate"), query.get("sortingDirection", "DESC")
    if sort_by not in _PARTICIPANT_FIELDS or direction not in {"ASC", "DESC"}:
        raise ApiError(400, "sortingKey or sortingDirection is not supported")
    if quirks.ignores_sorting:
        sort_by, direction = "registrationDate", "DESC"
    wanted = {email.strip().lower() for email in query.get("emailIds", "").split(",")} - {""}
    count, start = rows.count(now), (page - 1) * size
    is_sorted = isinstance(rows, Collection) and rows.is_planned and quirks.ties == "stable"
    if is_sorted and sort_by == "registrationDate" and not wanted:
        if direction == "ASC":
            return rows.slice(start, start + size, now), count
        return rows.slice(max(0, count - start - size), max(0, count - start), now)[::-1], count
    records = rows.slice(0, count, now)
    if wanted:
        records = [record for record in records if str(_field(record, "email")).lower() in wanted]
    if quirks.ties != "stable":
        chance = random.Random(page if quirks.ties == "by_page" else None)
        chance.shuffle(records)
    records.sort(key=lambda record: _sorting(_field(record, sort_by)))
    if direction == "DESC":
        records.reverse()
    return records[start : start + size], len(records)


def _field(record: object, name: str) -> object:
    return record.get(name) if isinstance(record, dict) else None


def _sorting(value: object) -> tuple[bool, str]:
    return value is not None, str(value).lower()
