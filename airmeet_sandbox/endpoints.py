"""The endpoints of both versions of the API: a table, and before it a function for each form of answer."""

from typing import Any

from airmeet_sandbox.answers import Body, Call, Endpoint
from airmeet_sandbox.collection import Record
from airmeet_sandbox.paging import (
    cursor_page,
    cursors_object,
    page_size,
    participants_page,
)


def _airmeets(call: Call) -> Body:
    rows, quirks = call.service.world.listing(), call.service.quirks
    page = cursor_page(rows, call.query, _size(call), call.now)
    cursors = cursors_object(page, quirks)
    if cursors is not None:
        cursors.pop("totalCount", None)
        if quirks.airmeets_cursor_repeats and page.is_last:
            cursors["after"] = page.asked_after or 0
    return _paged(call, page.records, cursors, rows.raw)


def _rows(call: Call) -> Body:
    rows = call.service.world.collection(call.endpoint.name, call.known_event, call.child)
    page = cursor_page(rows, call.query, _size(call), call.now)
    records = page.records
    if call.service.quirks.numeric_time_spent:
        records = [_with_numeric_time(record) for record in records]
    body = _paged(call, records, cursors_object(page, call.service.quirks), rows.raw)
    return Body({**body.content, "statusCode": 200, "statusMessage": "SUCCESS"}, body.raw)


def _registrations(call: Call) -> Body:
    world, event = call.service.world, call.known_event
    rows = world.collection("registrations", event)
    page = cursor_page(rows, call.query, _size(call), call.now)
    cursors = cursors_object(page, call.service.quirks)
    if cursors is not None:
        cursors.pop("totalCount", None)
    return _paged(call, world.registrations(event, page.records), cursors, rows.raw)


def _participants(call: Call) -> Body:
    service = call.service
    rows = service.world.collection("participants", call.known_event)
    records, total = participants_page(rows, call.query, service.quirks, service.page_cap, call.now)
    body = _listed(call, records)
    return Body({**body, "userCount": len(records), "totalUserCount": total}, rows.raw)


def _list(call: Call) -> Body:
    rows = call.service.world.collection(call.endpoint.name, call.known_event)
    return Body(_listed(call, rows.slice(0, rows.count(call.now), call.now)), rows.raw)


def _questions(call: Call) -> Body:
    body = _list(call)
    return Body({**body.content, "statusCode": 200, "statusMessage": "SUCCESS"}, body.raw)


def _info(call: Call) -> Body:
    event = call.known_event
    details, sessions = event.details(call.now), event.session_records(call.now)
    is_raw = event.raw_details is not None or event.raw_sessions is not None
    return Body({**details, **_listed(call, sessions)}, is_raw)


def _recordings(call: Call) -> Body:
    records = call.service.world.recordings(call.known_event)
    total = len(records)
    wanted = set(call.query.get("sessionIds", "").split(",")) - {""}
    if wanted:
        records = [
            record for record in records if isinstance(record, dict) and record.get("session_id") in wanted
        ]
    counts = {"recordingsCount": len(records), "totalCount": total}
    return Body(
        {**_listed(call, records), **counts}, ("session_recordings", None) in call.known_event.collections
    )


def _size(call: Call) -> int:
    return page_size(call.query, "size", 50, call.endpoint.largest_page, call.service.page_cap)


def _paged(call: Call, records: list[Any], cursors: Record | None, raw: bool) -> Body:
    empty: dict[str, object] = {"list": [], "object": {}, "null": None}
    data = records or empty[call.service.quirks.empty_data]
    return Body({"data": data} if cursors is None else {"cursors": cursors, "data": data}, raw)


def _listed(call: Call, records: list[Any]) -> Record:
    habit = call.service.quirks.empty_lists
    if records or habit == "list":
        return {call.endpoint.items: records}
    return {call.endpoint.items: None} if habit == "null" else {}


def _with_numeric_time(record: object) -> object:
    if not isinstance(record, dict) or not str(record.get("time_spent")).isdecimal():
        return record
    return {**record, "time_spent": int(record["time_spent"])}


CURRENT = (
    Endpoint("auth", "/auth", None, shape="message"),
    Endpoint("airmeets", "/airmeets", _airmeets, shape="message", largest_page=500),
    Endpoint("event_attendance", "/airmeet/{airmeetId}/attendees", _rows, asynchronous=True),
    Endpoint("session_attendance", "/session/{sessionId}/attendees", _rows, asynchronous=True),
    Endpoint(
        "booth_attendance", "/airmeet/{airmeetId}/booth/{boothId}/booth-attendance", _rows, asynchronous=True
    ),
    Endpoint("utms", "/airmeet/{airmeetId}/utms", _rows, asynchronous=True),
    Endpoint(
        "replay_attendance", "/airmeet/{airmeetId}/event-replay-attendees", _rows, 404, asynchronous=True
    ),
    Endpoint("poll_responses", "/airmeet/{airmeetId}/polls", _rows),
    Endpoint("questions", "/airmeet/{airmeetId}/questions", _questions),
    Endpoint("sessions", "/airmeet/{airmeetId}/info", _info, 404, "errors", items="sessions"),
    Endpoint(
        "participants",
        "/airmeet/{airmeetId}/participants",
        _participants,
        404,
        "errors",
        items="participants",
    ),
    Endpoint(
        "custom_fields", "/airmeet/{airmeetId}/custom-fields", _list, 404, "errors", items="customFields"
    ),
    Endpoint("booths", "/airmeet/{airmeetId}/booths", _list, shape="message", items="booths"),
    Endpoint("tracks", "/airmeet/{airmeetId}/tracks", _list, shape="message", items="tracks"),
    Endpoint(
        "session_recordings",
        "/airmeet/{airmeetId}/session-recordings",
        _recordings,
        404,
        "errors",
        items="recordings",
    ),
)
LEGACY = (
    Endpoint("auth", "/auth", None, shape="errors"),
    Endpoint("airmeets", "/airmeets", _airmeets, shape="errors", largest_page=500, bad_token=400),
    Endpoint(
        "registrations",
        "/airmeet/{airmeetId}/registrations",
        _registrations,
        404,
        "errors",
        largest_page=500,
        bad_token=400,
    ),
)
