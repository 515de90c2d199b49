"""Writing: what is sent to Airmeet, and what the answers mean.

No call has a key by which Airmeet would know a repetition. So an answer either says what became of the
person, or it leaves that open, and then somebody has to look before the call is sent again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import quote as percent_encoded

from airmeet_source.api.answers import Failed, TokenRejected, inner_status, read_body, retry_after, with_words
from airmeet_source.api.endpoint import BAD_TOKEN
from airmeet_source.api.quoting import Quote, own_words, said_in
from airmeet_source.api.regions import Api
from airmeet_source.fields import JSON, Record, pick

Action = Literal["register", "authorise", "revoke"]

_CONFLICT = 409  # somebody like that is there already
_ADD = {
    (Api.CURRENT, "register"): "attendee",
    (Api.CURRENT, "authorise"): "attendee",
    (Api.LEGACY, "register"): "user",
    (Api.LEGACY, "authorise"): "attendee",
}


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request that changes something."""

    method: Literal["POST", "DELETE"]
    path: str
    body: Record | None = None

    @property
    def content(self) -> bytes | None:
        """The body as it is sent."""
        return None if self.body is None else json.dumps(self.body, ensure_ascii=False).encode()


@dataclass(frozen=True)
class Accepted:
    """It is done. ``entry_link`` is personal and secret: whoever has it enters as that person."""

    status: int
    entry_link: str | None = None

    def __repr__(self) -> str:
        """Never shows the link."""
        return f"Accepted({self.status})"


@dataclass(frozen=True)
class Declined:
    """It is not done, and will never be as it is asked for."""

    reason: str
    status: int


@dataclass(frozen=True)
class Unsure:
    """It is not done, or nobody knows.

    Attributes:
        failure: what happened, and how long to wait.
        status: of the answer; None if there was none.
        may_be_done: whether it may be done all the same.
        declines: whether the answer looks like one that will never be another.
    """

    failure: Failed
    status: int | None = None
    may_be_done: bool = True
    declines: bool = False


Reply = Accepted | Declined | Unsure


def adding(api: Api, airmeet_id: str, action: Action, body: Record) -> Call:
    """The call that registers or authorises somebody."""
    return Call(method="POST", path=f"/airmeet/{_segment(airmeet_id)}/{_ADD[api, action]}", body=body)


def revoking(airmeet_id: str, email: str) -> Call:
    """The call that takes somebody's access away; both versions of the API have it."""
    return Call(method="DELETE", path=f"/airmeet/{_segment(airmeet_id)}/attendee/{_segment(email)}")


def _segment(text: str) -> str:
    return percent_encoded(text, safe="")


def classify_reply(
    call: Call, status: int, headers: Mapping[str, str], body: bytes, quote: Quote = own_words
) -> Reply | TokenRejected:
    """Say what an HTTP answer means for what was sent; ``quote`` finds the words for errors."""
    payload, is_the_apis = read_body(body)
    what = with_words(f"HTTP {status}", quote(status, payload, body))
    failure = Failed(what, retry_after(headers), throttled=status == 429)
    if not is_the_apis:  # a proxy's page: whether the request came through is open, whatever its status
        return Unsure(failure, status, may_be_done=status != 429)
    inner = inner_status(payload)
    if status < 300 and _is_error(payload, inner):
        return _hidden_error(inner, payload, failure, status)
    if 200 <= status < 300 and status != 202:
        return _done(call, status, payload) or Unsure(failure, status)
    if status in (425, 429):
        return Unsure(failure, status, may_be_done=False)
    if status in (202, 408) or status < 400 or status >= 500:
        return Unsure(failure, status)
    if _is_about_the_token(status, payload):
        return TokenRejected(what, status)
    return Unsure(failure, status, declines=True) if status == _CONFLICT else Declined(what, status)


def _is_error(payload: JSON, inner: int | None) -> bool:
    is_refused = pick(payload, "success") is False or bool(pick(payload, "errors", "error"))
    return is_refused or (inner is not None and (inner >= 300 or inner == 202))


def _hidden_error(inner: int | None, payload: JSON, failure: Failed, status: int) -> Reply | TokenRejected:
    """What an error under a good status means: who sent which of the two is not known."""
    if inner is not None and _is_about_the_token(inner, payload):
        return TokenRejected(failure.reason, inner, hidden=True)
    passes = inner is not None and (inner in (202, 408, 425, 429) or inner >= 500)
    is_throttled = inner == 429
    return Unsure(
        replace(failure, throttled=is_throttled),
        inner or status,
        may_be_done=not is_throttled,
        declines=not passes,
    )


def _is_about_the_token(status: int, payload: JSON) -> bool:
    return status in BAD_TOKEN or (status == 400 and "token" in said_in(payload).lower())


def _done(call: Call, status: int, payload: JSON) -> Accepted | None:
    """What an answer that says so says; None if it says nothing."""
    if call.method == "DELETE":
        says_so = status == 204 or pick(payload, "success") is True or pick(payload, "message", "email")
        return Accepted(status) if says_so else None
    person = payload if pick(payload, "email", "entry_link") is not None else pick(payload, "data")
    email, link = pick(person, "email"), pick(person, "entry_link")
    if (email is None and link is None) or not _is_of(call, email):
        return None
    return Accepted(status, link if isinstance(link, str) else None)


def _is_of(call: Call, email: JSON) -> bool:
    """Whether an answer may be about the person who was sent."""
    sent = pick(call.body, "email")
    return email is None or str(email).strip().lower() == str(sent).strip().lower()
