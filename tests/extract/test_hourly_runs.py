"""Hour by hour: what changed is written, nothing else, and the tables are those of one full load."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, given, settings

from airmeet_sandbox import Sandbox, World
from airmeet_source.extract.lifecycle import Event
from airmeet_source.settings import Settings
from tests.support.warehouse import NOW, Warehouse, assert_same

RESOURCES = ("airmeets", "sessions", "participants", "event_attendance", "poll_responses", "utms")
HOURS = 3
Move = Callable[[World, str, Random], object]
# until an event is settled, and also in its tail
UNSETTLED: tuple[Move, ...] = (
    lambda world, event, random: world.rename_session(world.sessions(event)[0], f"Session {random.random()}"),
    lambda world, event, _: world.add_poll_response(event),
    lambda world, event, _: world.add_attendance("event_attendance", event, n=2),
    lambda world, event, _: world.correct_attendance("event_attendance", event, which=0, time_spent="7"),
)
TAIL: tuple[Move, ...] = (
    lambda world, event, _: world.register(event, 2),
    lambda world, event, _: world.remove_participant(event, 0),
    lambda world, event, random: world.update_participant(event, 0, city=f"City {random.random()}"),
    lambda world, event, _: world.add_utm(event),
)


def move(sandbox: Sandbox, random: Random) -> None:
    """Change something that the connector still asks for."""
    now, world = sandbox.clock.now(), sandbox.world
    events = filter(None, map(Event.of, world.records("airmeets")))
    phases = {event.airmeet_id: event.phase(now, Settings()) for event in events}
    event = random.choice([event for event, phase in phases.items() if phase != "settled"])
    moves = TAIL if phases[event] in ("tail", "upcoming") else UNSETTLED + TAIL
    random.choice(moves)(world, event, random)


@settings(
    max_examples=2, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.too_slow]
)
@given(st.randoms(use_true_random=False), st.sampled_from([0.0, 3.0]))
def test_the_tables_are_those_of_one_full_load(random: Random, tail_hours: float) -> None:
    """With ``tail_hours``, once these have passed."""
    world = World(seed=random.randrange(1000), events=9, people=3, now=NOW)
    with tempfile.TemporaryDirectory() as folder, Sandbox(world) as sandbox:
        sandbox.clock.freeze(NOW)
        habits = {"reread_hours": 0.0, "tail_hours": tail_hours}
        hourly = Warehouse(Path(folder), sandbox, habits, believes_digests=True)
        for _ in range(HOURS):
            hourly.load(*RESOURCES)
            for _ in range(random.randrange(3)):
                move(sandbox, random)
            sandbox.clock.advance(timedelta(hours=1))
        sandbox.clock.advance(timedelta(hours=tail_hours))
        hourly.load(*RESOURCES)
        full = Warehouse(Path(folder), sandbox)
        full.load(*RESOURCES)
        assert_same(hourly.tables(), full.tables())
        unchanged = "SELECT count(*) FROM sync_log WHERE outcome = 'loaded' AND NOT written"
        assert hourly.query(unchanged) > [(10,)]
