"""Hour by hour: the tables are always those of one full load, apart from what ``tail_hours`` postpones.

Each round is a history made from its seed: a small world with events in all phases, a few hours with a run in
each, and what happens between them. When ``tail_hours`` have passed, all tables are those of a full load::

    python -m tests.faults.hourly_runs --rounds 30
"""

import contextlib
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

from airmeet_sandbox import Sandbox, UnknownIdError, World
from airmeet_source.extract.lifecycle import Event
from airmeet_source.settings import Settings
from tests.faults.rounds import TryRound, carry_out
from tests.support.warehouse import NOW, Rows, Warehouse, assert_same

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


def phases(sandbox: Sandbox) -> dict[str, str]:
    """Where each listed event is in its life."""
    events = filter(None, map(Event.of, sandbox.world.records("airmeets")))
    return {event.airmeet_id: event.phase(sandbox.clock.now(), Settings()) for event in events}


def move(sandbox: Sandbox, random: Random) -> None:
    """Change something that the connector still asks for, if there is anything of the kind."""
    phase_of = phases(sandbox)
    event = random.choice([event for event, phase in phase_of.items() if phase != "settled"])
    moves = TAIL if phase_of[event] in ("tail", "upcoming") else UNSETTLED + TAIL
    with contextlib.suppress(UnknownIdError):
        random.choice(moves)(sandbox.world, event, random)


def asked_each_hour(sandbox: Sandbox) -> set[str]:
    """The events of which nothing is postponed."""
    return {event for event, phase in phases(sandbox).items() if phase in ("live", "settling")}


def rows_about(events: Collection[str], tables: dict[str, Rows]) -> dict[str, Rows]:
    """The rows of some events."""
    return {
        name: Counter({row: count for row, count in rows.items() if dict(row)["airmeet_id"] in events})
        for name, rows in tables.items()
    }


def try_history(random: Random, tail_hours: float, hours: int = HOURS) -> Iterator[str]:
    """Carry out a history; tells how each hour ended.

    Raises:
        AssertionError: the tables are not those of a full load of that moment.
    """
    world = World(seed=random.randrange(1000), events=9, people=3, now=NOW)
    with tempfile.TemporaryDirectory() as folder, Sandbox(world) as sandbox:
        sandbox.clock.freeze(NOW)
        habits = {"reread_hours": 0.0, "tail_hours": tail_hours}
        hourly = Warehouse(Path(folder), sandbox, habits, believes_digests=True)

        def compare(events: Collection[str] | None) -> str:
            hourly.load(*RESOURCES)
            full = Warehouse(Path(folder), sandbox)
            full.load(*RESOURCES)
            found, expected = hourly.tables(), full.tables()
            if events is not None:
                found, expected = rows_about(events, found), rows_about(events, expected)
            assert_same(found, expected)
            return "exact" if events is None else "exact but for what is postponed"

        hourly.load(*RESOURCES)  # a full load itself
        for hour in range(hours):
            if hour:
                yield compare(asked_each_hour(sandbox) if tail_hours else None)
            for _ in range(random.randrange(3)):
                move(sandbox, random)
            sandbox.clock.advance(timedelta(hours=1))
        sandbox.clock.advance(timedelta(hours=tail_hours))
        yield compare(None)
        unchanged = "SELECT count(*) FROM sync_log WHERE outcome = 'loaded' AND NOT written"
        assert hourly.query(unchanged) > [(10,)]


@contextlib.contextmanager
def rounds() -> Iterator[TryRound]:
    """Histories, every other one with a tail that is asked for now and then."""
    yield lambda seed: try_history(Random(seed), 3.0 * (seed % 2))


def main() -> int:
    """Carry out histories and print their tally."""
    description = "Load hour by hour, and compare each hour with a full load."
    return carry_out(description, f"{HOURS} hours", rounds, 30)


if __name__ == "__main__":
    sys.exit(main())
