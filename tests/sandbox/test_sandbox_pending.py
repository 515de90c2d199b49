from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from airmeet_sandbox import Quirks

if TYPE_CHECKING:
    from collections.abc import Callable

    from airmeet_sandbox import Sandbox, World
    from tests.sandbox.conftest import Api


MINUTES = timedelta(minutes=1)


@pytest.fixture
def event(world: World) -> str:
    return world.event_in("long_over")


@pytest.fixture
def sandbox(start: Callable[..., Sandbox]) -> Sandbox:
    return start(prepare_seconds=300, quirks=Quirks(pending_shape="status_and_body"))


def asynchronous_paths(world: World, event: str) -> set[str]:
    return {
        f"/airmeet/{event}/attendees",
        f"/session/{world.sessions(event)[0]}/attendees",
        f"/airmeet/{event}/booth/{world.booths(event)[0]}/booth-attendance",
        f"/airmeet/{event}/utms",
        f"/airmeet/{event}/event-replay-attendees",
    }


def test_a_result_is_ready_five_minutes_after_the_first_question(
    sandbox: Sandbox, api: Api, world: World, event: str
) -> None:
    paths = asynchronous_paths(world, event)
    assert {api.get(path).status_code for path in paths} == {202}
    sandbox.clock.advance(4.9 * MINUTES)
    assert {api.get(path).status_code for path in paths} == {202}
    sandbox.clock.advance(0.1 * MINUTES)
    assert {api.get(path).status_code for path in paths} == {200}


def test_each_unit_is_prepared_on_its_own(sandbox: Sandbox, api: Api, world: World, event: str) -> None:
    path, other = f"/airmeet/{event}/utms", f"/airmeet/{world.event_in('tail')}/utms"
    api.get(path)
    sandbox.clock.advance(5 * MINUTES)
    assert api.get(path).status_code == 200
    assert api.get(other).status_code == 202


def test_other_endpoints_answer_at_once(api: Api, event: str) -> None:
    for path in (
        "info",
        "participants",
        "booths",
        "tracks",
        "polls",
        "questions",
        "custom-fields",
        "session-recordings",
    ):
        assert api.get(f"/airmeet/{event}/{path}").status_code == 200


def test_a_result_expires_in_the_middle_of_a_pagination(
    start: Callable[..., Sandbox], connect: Callable[[Sandbox], Api], event: str
) -> None:
    sandbox = start(prepare_seconds=300, prepared_seconds=60, quirks=Quirks(pending_shape="status_and_body"))
    api, path = connect(sandbox), f"/airmeet/{event}/attendees"
    api.get(path, size=5)
    sandbox.clock.advance(5 * MINUTES)
    after = api.ok(path, size=5)["cursors"]["after"]
    sandbox.clock.advance(MINUTES)
    assert api.get(path, size=5, after=after).status_code == 202
    sandbox.clock.advance(5 * MINUTES)
    assert api.get(path, size=5, after=after).status_code == 200


def test_prepared_results_can_be_forgotten(sandbox: Sandbox, api: Api, event: str) -> None:
    path = f"/airmeet/{event}/utms"
    api.get(path)
    sandbox.clock.advance(5 * MINUTES)
    assert api.get(path).status_code == 200
    sandbox.forget_prepared()
    assert api.get(path).status_code == 202


def test_pending_comes_in_three_shapes(sandbox: Sandbox, api: Api, event: str) -> None:
    path = f"/airmeet/{event}/attendees"
    answer = api.get(path)
    assert (answer.status_code, answer.json()["statusCode"]) == (202, 202)
    sandbox.quirks = Quirks(pending_shape="status_only")
    answer = api.get(path)
    assert (answer.status_code, answer.content) == (202, b"")
    sandbox.quirks = Quirks(pending_shape="body_only")
    answer = api.get(path)
    assert (answer.status_code, answer.json()["statusCode"]) == (200, 202)


def test_left_alone_the_units_use_all_shapes(sandbox: Sandbox, api: Api, world: World) -> None:
    sandbox.quirks = Quirks()
    shapes = set()
    for event in world.events():
        answer = api.get(f"/airmeet/{event}/utms")
        shapes.add((answer.status_code, bool(answer.content)))
        assert answer.content == api.get(f"/airmeet/{event}/utms").content
    assert shapes == {(202, True), (202, False), (200, True)}


def test_a_pending_answer_may_say_when_to_come_back(sandbox: Sandbox, api: Api, event: str) -> None:
    assert "Retry-After" not in api.get(f"/airmeet/{event}/utms").headers
    sandbox.retry_after = 7
    assert api.get(f"/airmeet/{event}/utms").headers["Retry-After"] == "7"


def test_too_early_is_said_before_anything_is_prepared(api: Api, world: World) -> None:
    upcoming = world.event_in("upcoming")
    assert api.ok(f"/airmeet/{upcoming}/attendees")["statusCode"] == 400
    assert api.get("/airmeet/nowhere/attendees").status_code == 400
