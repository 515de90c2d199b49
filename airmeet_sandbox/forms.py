"""The forms of the API's answers: from a request to a body."""

import secrets
from typing import Any

from airmeet_sandbox.collection import Record
from airmeet_sandbox.endpoint import Body, Call
from airmeet_sandbox.paging import cursor_page, cursors_object, page_size, participants_page
from airmeet_sandbox.recordings import ORIGIN
from airmeet_sandbox.rows import all_records

_SUCCESS = {"statusCode": 200, "statusMessage": "SUCCESS"}


def cursor_pages(call: Call) -> Body:
    """A page with cursors, counts and a status."""
    rows = call.rows
    page = cursor_page(rows, call.query, _size(call), call.now)
    records = page.records
    if call.quirks.numeric_time_spent:
        records = [_with_numeric_time(record) for record in records]
    return Body({**_paged(call, records, cursors_object(page, call.quirks)), **_SUCCESS}, rows.raw)


def uncounted_pages(call: Call) -> Body:
    """A page with cursors, but without `totalCount` and status."""
    rows = call.rows
    page = cursor_page(rows, call.query, _size(call), call.now)
    return Body(_paged(call, page.records, _uncounted(cursors_object(page, call.quirks))), rows.raw)


def event_pages(call: Call) -> Body:
    """The list of events: uncounted pages, of which the last one may point at itself."""
    rows = call.rows
    page = cursor_page(rows, call.query, _size(call), call.now)
    cursors = _uncounted(cursors_object(page, call.quirks))
    if cursors is not None and call.quirks.airmeets_cursor_repeats and page.is_last:
        cursors["after"] = page.asked_after or 0
    return Body(_paged(call, page.records, cursors), rows.raw)


def numbered_pages(call: Call) -> Body:
    """A numbered page with the counts of participants."""
    rows = call.rows
    records, total = participants_page(rows, call.query, call.quirks, call.page_cap, call.now)
    if call.quirks.fresh_urls:
        records = [_with_fresh_url(record) for record in records]
    return Body({**_listed(call, records), "userCount": len(records), "totalUserCount": total}, rows.raw)


def whole_list(call: Call) -> Body:
    """Everything in one answer."""
    rows = call.rows
    return Body(_listed(call, all_records(rows, call.now)), rows.raw)


def whole_list_with_status(call: Call) -> Body:
    """Everything in one answer, and a status."""
    body = whole_list(call)
    return Body({**body.content, **_SUCCESS}, body.raw)


def event_object(call: Call) -> Body:
    """The event object, with the sessions in it."""
    details = call.rows_of("airmeet_details")
    fields = {name: value for record in details.slice(0, 1, call.now) for name, value in record.items()}
    sessions = whole_list(call)
    return Body({**fields, **sessions.content}, details.raw or sessions.raw)


def recordings(call: Call) -> Body:
    """All recordings or those of some sessions, and their counts."""
    rows = call.rows
    records = all_records(rows, call.now)
    total = len(records)
    wanted = set(call.query.get("sessionIds", "").split(",")) - {""}
    if wanted:
        records = [
            record for record in records if isinstance(record, dict) and record.get("session_id") in wanted
        ]
    counts = {"recordingsCount": len(records), "totalCount": total}
    return Body(
        {**_listed(call, [_served_here(record, call.origin) for record in records]), **counts}, rows.raw
    )


def _size(call: Call) -> int:
    return page_size(call.query, "size", 50, call.endpoint.largest_page, call.page_cap)


def _paged(call: Call, records: list[Any], cursors: Record | None) -> Record:
    empty: dict[str, object] = {"list": [], "object": {}, "null": None}
    page: Record = {call.endpoint.items: records or empty[call.quirks.empty_data]}
    return page if cursors is None else {"cursors": cursors, **page}


def _listed(call: Call, records: list[Any]) -> Record:
    habit = call.quirks.empty_lists
    if records or habit == "list":
        return {call.endpoint.items: records}
    return {call.endpoint.items: None} if habit == "null" else {}


def _served_here(record: object, origin: str) -> object:
    """The recording with a link that can be followed; what a test put there, but for our own links, stays."""
    link = record.get("download_link") if isinstance(record, dict) else None
    if not isinstance(record, dict) or not isinstance(link, str):
        return record
    return {**record, "download_link": link.replace(ORIGIN, origin, 1)}


def _uncounted(cursors: Record | None) -> Record | None:
    if cursors is not None:
        cursors.pop("totalCount", None)
    return cursors


def _with_fresh_url(record: object) -> object:
    if not isinstance(record, dict):
        return record
    return {**record, "profile_url": f"https://people.airmeet.example/?signature={secrets.token_hex(8)}"}


def _with_numeric_time(record: object) -> object:
    if not isinstance(record, dict) or not str(record.get("time_spent")).isdecimal():
        return record
    return {**record, "time_spent": int(record["time_spent"])}
