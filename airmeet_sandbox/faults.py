"""Faults that a test or a benchmark switches on: rules that say which request gets hurt, and how."""

import asyncio
import random
import re
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import format_datetime
from typing import TypeAlias

import orjson
from starlette.responses import Response

from airmeet_sandbox.answers import Answer, refusal
from airmeet_sandbox.answers import pending as pending_answer
from airmeet_sandbox.broken_answers import Broken, CutOff, Silent, Trickling
from airmeet_sandbox.quirks import ErrorShape, PendingShape

Honest: TypeAlias = Callable[[], Answer]
"""Makes the answer that the request would have got."""

Action: TypeAlias = Callable[[Honest], Awaitable["Answer | Response"]]
"""What a fault does to a request."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as the rules see it."""

    endpoint: str
    method: str
    path: str
    query: Mapping[str, str]


@dataclass(slots=True, eq=False)
class Rule:
    """A fault that waits for its requests; `fired` counts the ones it has hurt."""

    action: Action
    endpoint: str | None = None
    path: re.Pattern[str] | None = None
    when: Callable[[Incoming], bool] | None = None
    times: int | None = None
    probability: float = 1.0
    skip: int = 0
    chance: random.Random = field(default_factory=random.Random)
    seen: int = 0
    fired: int = 0

    def fires(self, request: Incoming) -> bool:
        """Whether this request gets hurt."""
        if self.times is not None and self.fired >= self.times:
            return False
        if not self._matches(request):
            return False
        self.seen += 1
        if self.seen <= self.skip or self.chance.random() >= self.probability:
            return False
        self.fired += 1
        return True

    def _matches(self, request: Incoming) -> bool:
        if self.endpoint is not None and self.endpoint != request.endpoint:
            return False
        if self.path is not None and not self.path.search(request.path):
            return False
        return self.when is None or self.when(request)


class Faults:
    """Rules in the order of their adding; the first that fires decides. Safe to change at run time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []

    def add(  # noqa: PLR0913 (each is one condition)
        self,
        action: Action,
        *,
        endpoint: str | None = None,
        path: str | None = None,
        when: Callable[[Incoming], bool] | None = None,
        times: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
        skip: int = 0,
    ) -> Rule:
        """Hurt the requests that meet all conditions.

        Args:
            action: what happens to them, such as `status(503)` or `reset()`.
            endpoint: only this endpoint, named like the connector's resource, or `auth`.
            path: only paths in which this regular expression is found.
            when: only requests for which this is true.
            times: how often; by default for ever.
            probability: the share of the requests.
            seed: of the share.
            skip: how many matching requests come through first.
        """
        pattern = re.compile(path) if path is not None else None
        rule = Rule(action, endpoint, pattern, when, times, probability, skip, random.Random(seed))
        with self._lock:
            self._rules.append(rule)
        return rule

    def remove(self, rule: Rule) -> None:
        """Take one rule away."""
        with self._lock:
            self._rules.remove(rule)

    def clear(self) -> None:
        """Take all rules away."""
        with self._lock:
            self._rules.clear()

    def action_for(self, request: Incoming) -> Action | None:
        """What happens to a request, or None if it comes through."""
        if not self._rules:
            return None
        with self._lock:
            return next((rule.action for rule in self._rules if rule.fires(request)), None)


def status(
    code: int,
    *,
    shape: ErrorShape = "errors",
    message: str = "Sandbox fault",
    retry_after: float | datetime | None = None,
) -> Action:
    """An error status with a JSON body; `retry_after` are seconds or a date."""
    made = refusal(code, message, shape)
    return _always(Answer(code, made.body, _retry_headers(retry_after)))


def html(code: int = 502) -> Action:
    """The error page of a proxy."""
    page = f"<html><head><title>{code}</title></head><body><center><h1>{code}</h1></center></body></html>"
    return _always(Answer(code, page.encode(), {"Content-Type": "text/html"}))


def empty(code: int = 200) -> Action:
    """No body at all."""
    return _always(Answer(code, b""))


def raw(body: bytes, code: int = 200, content_type: str = "application/json") -> Action:
    """Any bytes."""
    return _always(Answer(code, body, {"Content-Type": content_type}))


def not_json() -> Action:
    """Status 200 with a body that is cut off JSON."""
    return raw(b'{"data": [{"id": 1, "email": "somebody@exam')


def error_in_body(code: int = 500, *, shape: ErrorShape = "status", message: str = "Sandbox fault") -> Action:
    """Status 200, but the body is an error."""
    return _always(Answer(200, refusal(code, message, shape).body))


def body(content: object) -> Action:
    """Status 200 with this JSON."""
    return _always(Answer(200, orjson.dumps(content)))


def garbled(instead: Mapping[bytes, bytes]) -> Action:
    """The honest answer with other bytes in place of some."""

    async def act(honest: Honest) -> Answer | Response:
        made = honest()
        body = made.body
        for old, new in instead.items():
            body = body.replace(old, new)
        return replace(made, body=body)

    return act


def pending(shape: PendingShape = "status_and_body", retry_after: float | None = None) -> Action:
    """Not prepared yet, whatever the endpoint; with `skip` in the middle of a pagination."""
    return _always(pending_answer(shape, retry_after))


def delay(seconds: float, then: Action | None = None) -> Action:
    """A late answer, or a late fault."""

    async def act(honest: Honest) -> Answer | Response:
        await asyncio.sleep(seconds)
        return honest() if then is None else await then(honest)

    return act


def done_but(then: Action) -> Action:
    """The request does its work, and the client meets another fault instead of the answer."""

    async def act(honest: Honest) -> Answer | Response:
        made = honest()
        return await then(lambda: made)

    return act


def reset() -> Action:
    """The connection is reset before an answer."""
    return _always(Broken(status_code=0))


def hang() -> Action:
    """No answer until the client gives up."""
    return _always(Silent(status_code=0))


def trickle(seconds: float = 0.1) -> Action:
    """The honest answer, one byte at a time, each after so many seconds."""

    async def act(honest: Honest) -> Answer | Response:
        return Trickling(honest(), seconds)

    return act


def truncated(keep: float = 0.5) -> Action:
    """The honest answer, cut off: the connection closes before the announced length is reached."""

    async def act(honest: Honest) -> Answer | Response:
        made = honest()
        return CutOff(made, int(len(made.body) * keep))

    return act


ACTIONS: dict[str, Callable[..., Action]] = {
    action.__name__: action
    for action in (
        status,
        html,
        empty,
        not_json,
        error_in_body,
        body,
        pending,
        delay,
        reset,
        hang,
        trickle,
        truncated,
    )
}
"""The faults that can be switched on from another process."""


def _always(made: Answer | Response) -> Action:
    async def act(_honest: Honest) -> Answer | Response:
        return made

    return act


def _retry_headers(retry_after: float | datetime | None) -> dict[str, str]:
    if retry_after is None:
        return {}
    if isinstance(retry_after, datetime):
        return {"Retry-After": format_datetime(retry_after, usegmt=True)}
    return {"Retry-After": f"{retry_after:g}"}
