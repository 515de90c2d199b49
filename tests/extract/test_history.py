"""Increments over any history of the world end in the rows of one full load at its end."""

import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, given, settings

from airmeet_sandbox import Sandbox, UnknownIdError, World
from tests.support.warehouse import NOW, Warehouse

Change = Callable[[World, str], object]

LOADED = ("sessions", "participants", "event_attendance", "session_attendance", "questions")


def advance(hours: int) -> Change:
    """Time goes by: sessions and events begin and end, people register."""

    def change(world: World, _event: str) -> None:
        world.clock.advance(timedelta(hours=hours))

    return change


def first_session(world: World, event: str) -> str:
    """A session to change; sessions with attendance are never deleted, since their attendance stays."""
    return world.sessions(event)[0]


CHANGES: dict[str, Change] = {
    "an hour passes": advance(1),
    "a day passes": advance(24),
    "people register": lambda world, event: world.register(event, 3),
    "somebody without a user id registers": lambda w, e: w.register(e, 1, user_id=None),
    "somebody is removed": lambda world, event: world.remove_participant(event, 0),
    "somebody is renamed": lambda world, event: world.update_participant(event, 0, name="Somebody Else"),
    "the event is finished": lambda world, event: world.finish_event(event),
    "the event is renamed": lambda world, event: world.rename_event(event, "Another Name"),
    "a session is finished": lambda world, event: world.finish_session(first_session(world, event)),
    "a session is renamed": lambda w, e: w.rename_session(first_session(w, e), "Another Title"),
    "attendance comes late": lambda world, event: world.add_attendance("event_attendance", event, n=2),
    "attendance comes without an id": lambda w, e: w.add_attendance(
        "event_attendance", e, n=2, with_id=False
    ),
    "attendance is corrected": lambda w, e: w.correct_attendance(
        "event_attendance", e, which=0, time_spent="1"
    ),
    "questions are gone": lambda world, event: world.put(event, "questions", []),
    "a question is asked twice": lambda w, e: [w.add_question(e, "Twice?") for _ in range(2)],
}


@settings(
    max_examples=3,
    phases=[Phase.generate],  # shrinking would take minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(
    runs=st.lists(st.lists(st.sampled_from(sorted(CHANGES)), min_size=1, max_size=5), min_size=1, max_size=3)
)
def test_increments_over_any_history_equal_one_full_load(runs: list[list[str]]) -> None:
    world = World(seed=1, events=0, now=NOW)
    events = [
        world.add_event("Live", start=NOW - timedelta(hours=1), people=6, sessions=2),
        world.add_event("Soon", start=NOW + timedelta(hours=2), people=4, sessions=2),
    ]
    with tempfile.TemporaryDirectory() as folder, Sandbox(world) as sandbox:
        sandbox.clock.freeze(NOW)
        warehouse = Warehouse(Path(folder), sandbox, {"reread_hours": 0})
        for number, run in enumerate(runs):
            for name in run:
                with suppress(UnknownIdError):  # nobody left to remove, nothing yet to correct
                    CHANGES[name](world, events[number % 2])
            warehouse.load(*LOADED)
        full = Warehouse(Path(folder), sandbox)
        full.load(*LOADED)
        assert warehouse.tables() == full.tables()
