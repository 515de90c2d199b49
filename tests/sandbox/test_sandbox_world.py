from __future__ import annotations

import tracemalloc
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from airmeet_sandbox import ENDPOINTS, Sandbox, World
from tests.support.asked_for import children_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.sandbox.conftest import Api


NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)

PATHS = (
    "info", "participants", "attendees", "utms", "polls", "questions", "tracks", "booths", "custom-fields",
    "session-recordings", "event-replay-attendees",
)  # fmt: skip


@pytest.fixture
def bodies(connect: Callable[[Sandbox], Api]) -> Callable[..., list[bytes]]:
    def fetch(seed: int, people: int = 40) -> list[bytes]:
        world = World(seed=seed, people=people, now=NOW)
        world.clock.freeze(NOW)
        with Sandbox(world) as sandbox:
            api = connect(sandbox)
            event = world.event_in("tail")
            paths = ("/airmeets", *(f"/airmeet/{event}/{path}" for path in PATHS))
            address = sandbox.base_url.split("/")[2].encode()  # in the links of recordings
            return [api.get(path).content.replace(address, b"here") for path in paths]

    return fetch


def test_the_same_seed_gives_the_same_bytes(bodies: Callable[..., list[bytes]]) -> None:
    assert bodies(7) == bodies(7)


def test_another_seed_gives_another_world(bodies: Callable[..., list[bytes]]) -> None:
    assert not set(bodies(7)) & set(bodies(8))


@pytest.mark.parametrize("people", [0, 1, 2, 5])
def test_tiny_worlds_hold_together(bodies: Callable[..., list[bytes]], people: int) -> None:
    assert all(bodies(7, people))


def test_people_come_back_to_other_events(world: World) -> None:
    seen = [
        {person["user_id"] for person in world.records("participants", event)} for event in world.events()
    ]
    assert any(one & other for one, other in pairwise(seen))


def test_ten_thousand_events_are_made_without_their_rows() -> None:
    tracemalloc.start()
    world = World(events=10_000, now=NOW)
    ends = [world.records("participants", event) for event in (world.events()[0], world.events()[-1])]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert all(ends)
    assert peak / 10_000 < 500


def test_a_million_rows_are_served_without_being_made(connect: Callable[[Sandbox], Api]) -> None:
    world = World(events=12, people=2_000_000, now=NOW)
    world.clock.freeze(NOW)
    event = world.event_in("long_over")
    rows = world.collection("event_attendance", world.event(event))
    count = rows.count(NOW.timestamp())
    assert count > 600_000
    with Sandbox(world) as sandbox:
        api = connect(sandbox)
        tracemalloc.start()
        near_the_end = rows.cursor(count - 60, NOW.timestamp())
        page = api.ok(f"/airmeet/{event}/attendees", after=near_the_end)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert len(page["data"]) == 50
    assert page["cursors"]["totalCount"] == count
    assert page["data"][0]["id"] > near_the_end
    assert rows.is_planned
    assert peak < 3_000_000


def test_only_what_is_changed_becomes_a_list(world: World) -> None:
    event = world.event_in("tail")
    world.add_utm(event)
    assert not world.collection("utms", world.event(event)).is_planned
    world.records("event_attendance", event)
    assert world.collection("event_attendance", world.event(event)).is_planned


def test_a_page_makes_its_own_rows_and_no_others() -> None:
    world = World(events=12, people=12_000, now=NOW)
    rows = world.collection("event_attendance", world.event(world.event_in("long_over")))
    plan, made = rows.plan, 0

    def counted(indices: Sequence[int], now: float) -> list[dict[str, Any]]:
        nonlocal made
        made += len(indices)
        return plan.records(indices, now)

    rows.plan = replace(plan, records=counted)
    for start in range(0, 5000, 50):
        assert len(rows.slice(start, start + 50, NOW.timestamp())) == 50
    assert made == 5000


@given(st.integers(0, 100_000))
@settings(max_examples=20)
def test_a_world_that_begins_on_a_quarter_of_an_hour_has_the_same_rows_as_on_any_other(quarters: int) -> None:
    """So the demo, which begins on the last one, shows the same at any time of day."""

    def rows(now: datetime) -> list[int]:
        world = World(seed=7, events=12, people=25, now=now)
        world.clock.freeze(now)
        return [
            len(world.records(name, event, child))
            for event in world.events()
            for name in ENDPOINTS
            for child in children_of(world, name, event)
        ]

    assert rows(NOW) == rows(NOW + quarters * timedelta(minutes=15))
