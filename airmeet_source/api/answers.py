"""What an answer of the API means, from status *and* body, before any row is looked at."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from airmeet_source.api.counts import counts, counts_of_sessions, fell_short, is_count
from airmeet_source.api.endpoint import Endpoint
from airmeet_source.api.quoting import Quote, own_words, said_in
from airmeet_source.api.server_clock import http_date
from airmeet_source.fields import JSON, Record, pick, squash
from airmeet_source.parsing import parse_json

_ENVELOPE = ("statuscode", "statusmessage", "success", "message", "code")
_EVENT_FIELDS = ("name", "short_desc", "start_time", "end_time", "timezone", "session_hosts")
_NOT_FINISHED = "status is not valid"
_STATUS_NAMES = {status.name: status.value for status in HTTPStatus if status >= 400}  # BAD_REQUEST …


@dataclass(frozen=True)
class Ready:
    """The asked-for records; ``payload`` is the whole answer, for its counts and cursors.

    ``doubtful``: null or an empty object stood for the list, which may be a hiccup; ``size``: of the body,
    in bytes.
    """

    records: list[Any]
    payload: Record
    doubtful: bool = False
    size: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Pending:
    """The result is being prepared. ``retry_after``: seconds that the server asks to wait."""

    retry_after: float | None = None


@dataclass(frozen=True)
class NotAvailable:
    """There is nothing to fetch: not finished yet, or not in the community's plan.

    ``doubtful``: it might also have been a hiccup, so that only a second run may take it for final.
    """

    reason: str
    doubtful: bool = False


@dataclass(frozen=True)
class Refused:
    """The request will never succeed as it is."""

    reason: str
    status: int = 0


@dataclass(frozen=True)
class TokenRejected:
    """The token is expired, bad or (403) perhaps revoked.

    ``hidden``: the status came in the body of an HTTP 200.
    """

    reason: str
    status: int
    hidden: bool = False


@dataclass(frozen=True)
class Failed:
    """Something went wrong that may pass.

    ``throttled``: the server asks everybody to slow down; ``overtaxed``: it might manage a smaller page.
    """

    reason: str
    retry_after: float | None = None
    throttled: bool = False
    overtaxed: bool = False


Answer = Ready | Pending | NotAvailable | Refused | TokenRejected | Failed


def classify(
    endpoint: Endpoint, status: int, headers: Mapping[str, str], body: bytes, quote: Quote = own_words
) -> Answer:
    """Say what an HTTP answer means for the endpoint that was asked; ``quote`` finds the words for errors."""
    payload, is_the_apis = read_body(body)
    wait = retry_after(headers)
    if not is_the_apis:
        what = f"HTTP {status} with a body of {len(body):,} bytes that is no JSON object"
        return _passing(status, with_words(what, quote(status, payload, body)), wait)
    inner = inner_status(payload)
    if 202 in (status, inner if status == 200 else None):
        return Pending(wait)
    if status == 200 and inner is not None and inner >= 300:
        what = with_words(f"HTTP 200 with {inner} in the body", quote(status, payload, body))
        answer = _error(endpoint, inner, payload, what, wait)
        if isinstance(answer, TokenRejected):
            return replace(answer, hidden=True)
        # an error under HTTP 200 may be a hiccup of some proxy or cache: worth another try
        return Failed(what) if isinstance(answer, Refused) else answer
    if status >= 300:
        return _error(
            endpoint, status, payload, with_words(f"HTTP {status}", quote(status, payload, body)), wait
        )
    answer = _content(endpoint, status, payload, quote)
    return replace(answer, size=len(body)) if isinstance(answer, Ready) else answer


def with_words(what: str, words: str) -> str:
    """What happened, and what the API says of it."""
    return f"{what}: {words}" if words else what


def _content(endpoint: Endpoint, status: int, payload: JSON, quote: Quote) -> Answer:
    if not isinstance(payload, dict):
        return Failed(f"HTTP {status} with an empty body")
    is_refused = pick(payload, "success") is False
    if is_refused or pick(payload, "errors", "error"):
        what = with_words(f"HTTP {status} with an error", quote(status, payload, b""))
        return NotAvailable(what) if is_refused and _is_not_finished(payload) else Failed(what)
    return _event(payload) if endpoint.records is None else _list(endpoint.records, payload)


def read_body(body: bytes) -> tuple[JSON, bool]:
    """The parsed body, and whether it can be the API's: an object or nothing, but no proxy's page."""
    if not body.strip():
        return None, True
    try:
        payload = parse_json(body)
    except ValueError:
        return None, False
    return payload, payload is None or isinstance(payload, dict)


def _error(endpoint: Endpoint, status: int, payload: JSON, what: str, wait: float | None) -> Answer:
    if status in (408, 425, 429) or status >= 500:
        return _passing(status, what, wait)
    if _is_not_finished(payload):
        return NotAvailable(what)
    if status in endpoint.bad_token or (status == 400 and "token" in said_in(payload).lower()):
        return TokenRejected(what, status)
    if endpoint.plan_gated and status in (400, 404):
        return NotAvailable(what, doubtful=True)
    return Refused(what, status)


def _passing(status: int, what: str, wait: float | None) -> Failed:
    return Failed(what, wait, throttled=status == 429, overtaxed=status == 408 or status >= 500)


def after_renewal(endpoint: Endpoint, rejected: TokenRejected) -> Answer:
    """What a rejection means when a brand-new token was rejected as well."""
    if endpoint.plan_gated and rejected.status in (400, 403):
        return NotAvailable(rejected.reason, doubtful=True)
    return Failed(rejected.reason) if rejected.hidden else Refused(rejected.reason, rejected.status)


def _list(name: str, payload: Record) -> Answer:
    holder = payload
    if not _has(payload, name) and _has(pick(payload, "data"), name):
        holder = pick(payload, "data")
    records = pick(holder, name)
    if isinstance(records, list):
        return Ready(records, payload)
    said = counts(payload)
    if _has(holder, name) and records in (None, {}):
        return Ready([], payload, doubtful=not said.none)
    if records is None and (said.none or (said.least is not None and _says_nothing(payload))):
        return Ready([], payload, doubtful=not said.none)
    return _without(name, payload)


def _event(payload: Record) -> Answer:
    inner = pick(payload, "data")
    event = inner if isinstance(inner, dict) and not _has(payload, "sessions") else payload
    if not _has(event, "sessions"):
        if sum(pick(event, name) is not None for name in _EVENT_FIELDS) >= 2:
            return NotAvailable("the event has no list 'sessions'", doubtful=True)
        return _without("sessions", payload)
    sessions, said = pick(event, "sessions"), counts_of_sessions(payload)
    came = len(sessions) if isinstance(sessions, list) else int(bool(sessions))
    if said.least is not None and came < said.least:
        return Failed(fell_short(came, said.least))
    return Ready([event], {}, doubtful=sessions in (None, {}) and not said.none)


def _without(name: str, payload: Record) -> Answer:
    """What an answer without its list means: if it says nothing else either, there is nothing to fetch."""
    missing = f"the answer has no list {name!r}"
    return NotAvailable(missing, doubtful=True) if _says_nothing(payload) else Failed(missing)


def _says_nothing(payload: Record) -> bool:
    words = pick(payload, "status_message", "message")
    if words is not None and inner_status(payload) != 200 and pick(payload, "success") is not True:
        return False
    known = (*_ENVELOPE, "cursors")
    return all(squash(name) in known or is_count(name) or _is_empty(value) for name, value in payload.items())


def _is_empty(value: JSON) -> bool:
    return all(map(_is_empty, value.values())) if isinstance(value, dict) else value in (None, [])


def _has(payload: JSON, name: str) -> bool:
    """Whether the object has the field, even if it is null."""
    return isinstance(payload, dict) and any(squash(key) == squash(name) for key in payload)


def inner_status(payload: JSON) -> int | None:
    """The status that an answer has in its body."""
    code = pick(payload, "status_code", "code")
    if isinstance(code, str) and re.fullmatch("[1-9][0-9]{2}", code):
        code = int(code)
    elif isinstance(code, str) and pick(payload, "success") is False:
        code = _STATUS_NAMES.get(code.strip().upper())
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _is_not_finished(payload: JSON) -> bool:
    return _NOT_FINISHED in said_in(payload).lower()


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait from a ``Retry-After`` header, which holds seconds or a date.

    A date is meant by the clock of the server, which its ``Date`` shows; the one of this machine may be off.
    """
    value = headers.get("Retry-After")
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        moment = http_date(value)
        if moment is None:
            return None
        seconds = (moment - (http_date(headers.get("Date", "")) or datetime.now(UTC))).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None
