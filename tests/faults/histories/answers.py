"""What is wrong with answers: HTTP faults, and answers that contradict themselves."""

from collections.abc import Callable
from random import Random
from typing import Any

import orjson

from airmeet_sandbox import Sandbox, faults
from airmeet_sandbox.answers import Answer

# A second run that is refused believes it, and it is for good where an event is final.
REFUSALS: dict[str, Callable[[], faults.Action]] = {
    "404": lambda: faults.status(404),
    "403": lambda: faults.status(403),
    "an answer that says nothing": lambda: faults.body({"statusCode": 200}),
}
ACTIONS: dict[str, Callable[[], faults.Action]] = {
    "503": lambda: faults.status(503),
    "500": lambda: faults.status(500),
    "429": lambda: faults.status(429, retry_after=0.1),
    "502 as HTML": lambda: faults.html(502),
    "403 as HTML": lambda: faults.html(403),
    "reset": faults.reset,
    "truncated body": faults.truncated,
    "no JSON": faults.not_json,
    "empty body": lambda: faults.empty(200),
    "error in a 200": lambda: faults.error_in_body(500),
    "no list": lambda: faults.body({"odd": True}),
    "202 amid the pages": faults.pending,
    "no answer": faults.hang,
    "slow": lambda: faults.delay(0.1),
    "a count beside no rows": lambda: _rewritten(_count_beside_nothing),
    "rows are cut off": lambda: _rewritten(_cut_off),
}
NULL_LIST = "null for a list, once"
KINDS = (*ACTIONS, NULL_LIST)
LISTS = ("data", "sessions", "participants", "customFields", "booths", "tracks", "recordings")
_TOTALS = ("totalCount", "totalUserCount")


def hurt(sandbox: Sandbox, kind: str, rng: Random) -> None:
    """Have a kind of faults hurt a share of the requests."""
    probability, seed = rng.choice((0.05, 0.2, 0.5)), rng.randrange(1000)
    if kind == NULL_LIST:
        _answer_null_once(sandbox, probability, seed)
    else:
        sandbox.faults.add((ACTIONS | REFUSALS)[kind](), probability=probability, seed=seed)


def _answer_null_once(sandbox: Sandbox, probability: float, seed: int) -> None:
    """For each path once at most: a list that is null twice is believed to be empty."""
    hurt_before: set[str] = set()

    def is_first(request: faults.Incoming) -> bool:
        is_new = request.path not in hurt_before
        hurt_before.add(request.path)
        return is_new

    sandbox.faults.add(_rewritten(_null), when=is_first, probability=probability, seed=seed)


def _rewritten(rewrite: Callable[[dict[str, Any], str], dict[str, Any]]) -> faults.Action:
    """The honest answer, if it has a list, with something else in its place."""

    async def act(honest: faults.Honest) -> Answer:
        answer = honest()
        payload = orjson.loads(answer.body) if answer.status == 200 else {}
        name = next((name for name in LISTS if isinstance(payload.get(name), list)), None)
        return answer if name is None else Answer(200, orjson.dumps(rewrite(payload, name)))

    return act


def _count_beside_nothing(payload: dict[str, Any], name: str) -> dict[str, Any]:
    return {**payload, name: [], "totalCount": 7}


def _cut_off(payload: dict[str, Any], name: str) -> dict[str, Any]:
    told = payload.keys() | (payload.get("cursors") or {}).keys()
    return payload if told.isdisjoint(_TOTALS) else {**payload, name: payload[name][:-1]}


def _null(payload: dict[str, Any], name: str) -> dict[str, Any]:
    counts = (*_TOTALS, "userCount", "recordingsCount", "cursors")
    return {**{field: value for field, value in payload.items() if field not in counts}, name: None}
