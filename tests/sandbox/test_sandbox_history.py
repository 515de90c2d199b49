"""Whatever happens in whatever order: what HTTP serves page by page is what the world says it holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airmeet_sandbox import Sandbox, UnknownIdError, World

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sandbox.conftest import Api


NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
numbers = st.integers(0, 30)


def attendance(world: World, event: str, number: int) -> tuple[str, str, str | None]:
    session = world.sessions(event)[number % len(world.sessions(event))] if world.sessions(event) else None
    return (
        ("session_attendance", event, session)
        if session and number % 2
        else ("event_attendance", event, None)
    )


STEPS: dict[str, Callable[[World, str, int], object]] = {
    "time passes": lambda world, _event, number: world.clock.advance(timedelta(hours=7 * number)),
    "register": lambda world, event, number: world.register(event, number % 4),
    "remove": lambda world, event, number: world.remove_participant(event, number),
    "update": lambda world, event, number: world.update_participant(event, number, name=f"Name {number}"),
    "finish": lambda world, event, _number: world.finish_event(event),
    "archive": lambda world, event, _number: world.archive_event(event),
    "unarchive": lambda world, event, _number: world.unarchive_event(event),
    "add event": lambda world, _event, number: world.add_event(people=number),
    "add session": lambda world, event, _number: world.add_session(event),
    "finish session": lambda world, event, number: world.finish_session(world.sessions(event)[number]),
    "delete session": lambda world, event, number: world.delete_session(world.sessions(event)[number]),
    "attend": lambda world, event, number: world.add_attendance(*attendance(world, event, number), n=2),
    "correct": lambda world, event, number: world.correct_attendance(
        *attendance(world, event, number), which=number
    ),
    "replay": lambda world, event, number: world.add_replay(event, number % 3),
    "grow": lambda world, event, number: world.grow_replay(event, number),
    "poll": lambda world, event, _number: world.add_poll_response(event),
    "utm": lambda world, event, _number: world.add_utm(event),
    "empty": lambda world, event, _number: world.put(event, "utms", []),
}
steps = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), numbers, numbers), max_size=12)


@settings(
    max_examples=15,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
    ],  # `connect` has no state
)
@given(history=steps)
def test_pages_join_to_the_records(
    connect: Callable[[Sandbox], Api], history: list[tuple[str, int, int]]
) -> None:
    world = World(events=4, people=8, now=NOW)
    world.clock.freeze(NOW)
    with Sandbox(world) as sandbox:
        api = connect(sandbox)
        for name, place, number in history:
            events = world.events(archived=True)
            try:
                STEPS[name](world, events[place % len(events)], number)
            except (UnknownIdError, IndexError):
                continue  # nothing there to which it could happen
        api.sign_in()
        compare(api, world)


def compare(api: Api, world: World) -> None:
    assert [event["uid"] for event in api.all_rows("/airmeets", size=3)] == world.events()
    for event in world.events(archived=True):
        for endpoint, path in (("utms", "utms"), ("poll_responses", "polls")):
            assert api.all_rows(f"/airmeet/{event}/{path}", size=4) == world.records(endpoint, event)
        for endpoint, path in (
            ("event_attendance", "attendees"),
            ("replay_attendance", "event-replay-attendees"),
        ):
            rows = api.all_rows(f"/airmeet/{event}/{path}", size=4)
            assert rows == world.records(endpoint, event)
            ids = [row["id"] for row in rows]
            assert ids == sorted(set(ids))
