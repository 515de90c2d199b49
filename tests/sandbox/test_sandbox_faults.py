from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import requests

from airmeet_sandbox import Quirks, faults

if TYPE_CHECKING:
    from collections.abc import Callable

    from airmeet_sandbox import Sandbox, World
    from airmeet_sandbox.quirks import ErrorShape
    from tests.sandbox.conftest import Api


@pytest.fixture
def statuses(api: Api) -> Callable[..., list[int]]:
    """The statuses of so many requests for the list of events."""
    return lambda n, path="/airmeets": [api.get(path).status_code for _ in range(n)]


def test_a_status_for_a_number_of_times(sandbox: Sandbox, statuses: Callable[..., list[int]]) -> None:
    rule = sandbox.faults.add(faults.status(503), endpoint="airmeets", times=2)
    assert statuses(4) == [503, 503, 200, 200]
    assert rule.fired == 2
    assert [request.status for request in sandbox.requests][1:] == [503, 503, 200, 200]


def test_only_matching_requests_are_hurt(sandbox: Sandbox, api: Api, world: World) -> None:
    event = world.event_in("tail")
    sandbox.faults.add(faults.status(500), endpoint="utms")
    sandbox.faults.add(faults.status(501), path=r"/booths$")
    sandbox.faults.add(faults.status(502), when=lambda request: request.query.get("size") == "3")
    assert api.get(f"/airmeet/{event}/utms").status_code == 500
    assert api.get(f"/airmeet/{event}/booths").status_code == 501
    assert api.get(f"/airmeet/{event}/polls", size=3).status_code == 502
    assert api.get(f"/airmeet/{event}/polls", size=4).status_code == 200


def test_some_come_through_first(sandbox: Sandbox, statuses: Callable[..., list[int]]) -> None:
    sandbox.faults.add(faults.status(503), endpoint="airmeets", skip=2, times=1)
    assert statuses(4) == [200, 200, 503, 200]


def test_a_share_follows_its_seed(start: Callable[..., Sandbox], connect: Callable[[Sandbox], Api]) -> None:
    outcomes = []
    for _ in range(2):
        sandbox = start()
        api = connect(sandbox)
        sandbox.faults.add(faults.status(503), probability=0.3, seed=5)
        outcomes.append([api.get("/airmeets").status_code for _ in range(60)])
    assert outcomes[0] == outcomes[1]
    assert 5 < outcomes[0].count(503) < 35


def test_rules_can_be_taken_away(sandbox: Sandbox, statuses: Callable[..., list[int]]) -> None:
    rule = sandbox.faults.add(faults.status(503))
    sandbox.faults.add(faults.status(500))
    assert statuses(1) == [503]
    sandbox.faults.remove(rule)
    assert statuses(1) == [500]
    sandbox.faults.clear()
    assert statuses(1) == [200]


@pytest.mark.parametrize(
    ("shape", "fields"),
    [("errors", {"success", "code", "errors"}), ("message", {"success", "message"}),
     ("status", {"statusCode", "statusMessage"})],
)  # fmt: skip
def test_error_bodies_in_three_shapes(
    sandbox: Sandbox, api: Api, shape: ErrorShape, fields: set[str]
) -> None:
    sandbox.faults.add(faults.status(500, shape=shape), times=1)
    assert set(api.get("/airmeets").json()) == fields
    sandbox.faults.add(faults.error_in_body(500, shape=shape), times=1)
    answer = api.get("/airmeets")
    assert (answer.status_code, set(answer.json())) == (200, fields)


@pytest.mark.parametrize(
    ("after", "header"),
    [(3, "3"), (0.5, "0.5"), (datetime(2026, 3, 10, 12, 0, 5, tzinfo=UTC), "Tue, 10 Mar 2026 12:00:05 GMT")],
)
def test_retry_after_in_seconds_or_as_a_date(
    sandbox: Sandbox, api: Api, after: float | datetime, header: str
) -> None:
    sandbox.faults.add(faults.status(429, retry_after=after))
    answer = api.get("/airmeets")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, header)


def test_a_status_that_no_standard_knows(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults.add(faults.status(520))
    assert api.get("/airmeets").status_code == 520


def test_a_proxy_speaks_html(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults.add(faults.html(504))
    answer = api.get("/airmeets")
    assert answer.status_code == 504
    assert answer.headers["Content-Type"].startswith("text/html")
    assert "<html>" in answer.text


@pytest.mark.parametrize(
    ("action", "status", "content"),
    [(faults.empty(), 200, b""), (faults.empty(502), 502, b""),
     (faults.raw(b'{"data": NaN}'), 200, b'{"data": NaN}'),
     (faults.body({"data": [1]}), 200, b'{"data":[1]}'), (faults.raw(b"\xff\x00", 201), 201, b"\xff\x00")],
)  # fmt: skip
def test_any_bytes(sandbox: Sandbox, api: Api, action: faults.Action, status: int, content: bytes) -> None:
    sandbox.faults.add(action)
    answer = api.get("/airmeets")
    assert (answer.status_code, answer.content) == (status, content)


def test_status_200_without_json(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults.add(faults.not_json())
    answer = api.get("/airmeets")
    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()


def test_a_202_in_the_middle_of_a_pagination(sandbox: Sandbox, api: Api, world: World) -> None:
    sandbox.faults.add(faults.pending("status_only", retry_after=2), endpoint="utms", skip=1, times=1)
    path = f"/airmeet/{world.event_in('tail')}/utms"
    assert [api.get(path).status_code for _ in range(3)] == [200, 202, 200]


def test_a_reset_connection(sandbox: Sandbox, api: Api, statuses: Callable[..., list[int]]) -> None:
    sandbox.faults.add(faults.reset(), times=2)
    for _ in range(2):
        with pytest.raises(requests.ConnectionError, match="reset by peer"):
            api.get("/airmeets")
    assert statuses(1) == [200]
    assert [request.status for request in sandbox.requests][1:] == [0, 0, 200]


def test_a_truncated_body(sandbox: Sandbox, api: Api, statuses: Callable[..., list[int]]) -> None:
    sandbox.faults.add(faults.truncated(), times=1)
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        api.get("/airmeets")
    assert statuses(1) == [200]
    assert [request.status for request in sandbox.requests][1:] == [200, 200]


def test_a_garbled_body(sandbox: Sandbox, api: Api) -> None:
    honest = api.get("/airmeets").content
    sandbox.faults.add(faults.garbled({b'"data"': b'"d\xff"', b"}": b"]"}), times=1)

    assert api.get("/airmeets").content == honest.replace(b'"data"', b'"d\xff"').replace(b"}", b"]")
    assert api.get("/airmeets").content == honest


def test_an_answer_that_never_comes(sandbox: Sandbox, api: Api, statuses: Callable[..., list[int]]) -> None:
    sandbox.faults.add(faults.hang(), times=1)
    with pytest.raises(requests.ReadTimeout):
        api.get("/airmeets", timeout=0.1)
    assert statuses(1) == [200]
    assert [request.status for request in sandbox.requests][1:] == [0, 200]


def test_a_late_answer_and_a_late_fault(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults.add(faults.delay(0.1), times=1)
    sandbox.faults.add(faults.delay(0.1, then=faults.status(503)), times=1)
    for status in (200, 503):
        began = time.monotonic()
        assert api.get("/airmeets").status_code == status
        assert time.monotonic() - began >= 0.1


def test_others_are_answered_while_one_hangs(
    sandbox: Sandbox, api: Api, connect: Callable[[Sandbox], Api]
) -> None:
    sandbox.faults.add(faults.hang(), endpoint="airmeets", times=1)
    with pytest.raises(requests.ReadTimeout):
        api.get("/airmeets", timeout=0.05)
    assert connect(sandbox).get("/airmeets").status_code == 200


def test_signing_in_can_fail_too(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults.add(faults.status(500), endpoint="auth", times=1)
    answer = requests.post(f"{sandbox.base_url}/auth", headers=api.keys, timeout=10)
    assert answer.status_code == 500


def test_a_request_that_a_fault_answers_prepares_nothing(
    start: Callable[..., Sandbox], connect: Callable[[Sandbox], Api], world: World
) -> None:
    sandbox = start(prepare_seconds=60, quirks=Quirks(pending_shape="status_only"))
    api, path = connect(sandbox), f"/airmeet/{world.event_in('tail')}/utms"
    sandbox.faults.add(faults.status(503), endpoint="utms", times=1)
    assert api.get(path).status_code == 503
    sandbox.clock.advance(timedelta(minutes=2))
    assert api.get(path).status_code == 202
