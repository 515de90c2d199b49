"""Random plans: whatever happened before, one quiet run ends in exactly the rows of a clean load.

Each plan is made from its seed. Its steps are what happens to a pipeline over the years: the world moves;
runs are disturbed by HTTP faults and by answers that contradict themselves, or killed at any moment, or made
on another machine, in another folder or into another database; databases are restored from backups; working
folders, tables and columns are damaged. Then one quiet run into each database must end with exit code 0 and
the rows of a first load into an empty one::

    python -m tests.faults.random_plans --plans 300
    python -m tests.faults.random_plans --seed 17
"""

import argparse
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random

from airmeet_sandbox import Quirks, Sandbox
from airmeet_source.api.regions import Api
from airmeet_source.resources import AIRMEETS, resources_of
from tests.faults.histories.moves import (
    an_event_goes_or_comes,
    an_old_event_is_repeated,
    small_world,
    something_happens,
    time_passes,
)
from tests.faults.histories.stage import POSTGRES, Habits, Stage
from tests.support.postgres_server import Databases, postgres_server

RESOURCES_OF_A_PLAN = 2  # besides the event list; fewer tables make quicker runs
ON_POSTGRES = 10  # every tenth plan


STEPS: dict[str, Callable[[Stage, Random], str]] = {
    "time passes": lambda stage, rng: time_passes(stage.sandbox.world, rng),
    "something happens": lambda stage, rng: something_happens(stage.sandbox.world, rng),
    "an old event is repeated": lambda stage, rng: an_old_event_is_repeated(stage.sandbox.world, rng),
    "an event goes or comes": lambda stage, rng: an_event_goes_or_comes(stage.sandbox.world, rng),
    "a working folder is damaged": Stage.damage_working_folder,
    "a database is damaged": Stage.damage_database,
    "a database is backed up": Stage.back_up,
    "a backup is restored": Stage.restore,
    "a quiet run": Stage.quiet_run,
    "a disturbed run": Stage.disturbed_run,
}
MOVES = ("time passes", *["something happens"] * 4, "an old event is repeated", "an event goes or comes")
BETWEEN_RUNS = (
    "a working folder is damaged",
    *["a database is damaged"] * 2,
    *["a backup is restored"] * 2,
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A history, and what stays the same all through it."""

    seed: int
    habits: Habits
    steps: tuple[tuple[str, int], ...]  # names, and what each is made from

    @classmethod
    def of(cls, seed: int) -> "Plan":
        """The plan of a seed."""
        rng = Random(seed)
        steps = [] if rng.random() < 0.4 else ["a quiet run", "a database is backed up"]
        for _ in range(rng.choice((1, 1, 2, 2, 3))):
            steps += rng.choices(MOVES, k=rng.randint(0, 5))
            steps += rng.sample(BETWEEN_RUNS, rng.choice((0, 0, 1, 1, 2)))
            steps.append(rng.choice(("a quiet run", *["a disturbed run"] * 3)))
            steps += ["a database is backed up"] if rng.random() < 0.3 else []
        return cls(
            seed=seed, habits=_habits(rng, seed), steps=tuple((step, rng.randrange(10**6)) for step in steps)
        )


def _habits(rng: Random, seed: int) -> Habits:
    offered = sorted(resources_of(Api.CURRENT).keys() - {AIRMEETS.name})
    quirks = Quirks(
        cursors=rng.choice(("always", "always", "not_on_last_page")),
        total_count=rng.random() < 0.7,
        page_count=rng.random() < 0.7,
        empty_lists=rng.choice(("list", "null")),
        empty_data=rng.choice(("list", "object", "null")),
    )
    return Habits(
        resources=(AIRMEETS.name, *rng.sample(offered, RESOURCES_OF_A_PLAN)),
        reread_hours=rng.choice((0, 20)),
        quirks=quirks,
        page_cap=rng.choice((None, 2, 3)),
        places=("folder", POSTGRES) if seed % ON_POSTGRES == 0 else ("folder", "other_folder"),
    )


def try_plan(plan: Plan, database: str | None = None) -> Stage:
    """Carry out a plan.

    Args:
        plan: what happens.
        database: an empty one on Postgres, if the plan has a run into it.

    Raises:
        AssertionError: the rows are not those of a clean load.
    """
    with (
        Sandbox(small_world(), page_cap=plan.habits.page_cap) as sandbox,
        tempfile.TemporaryDirectory() as name,
    ):
        sandbox.quirks = plan.habits.quirks
        stage = Stage(sandbox=sandbox, folder=Path(name), habits=plan.habits, database=database)
        try:
            for step, seed in plan.steps:
                stage.trail.append(STEPS[step](stage, Random(seed)))
            stage.converge(Random(plan.seed))
        except (AssertionError, TimeoutError) as error:
            error.add_note("\n".join((str(plan.habits), *stage.trail)))
            raise
    return stage


class Tally:
    """What the plans consisted of, how their disturbed runs ended, and which plans failed."""

    def __init__(self) -> None:
        self._plans = 0
        self._steps: Counter[str] = Counter()
        self._runs: Counter[str] = Counter()
        self._failed: list[int] = []
        self._began = time.monotonic()

    @property
    def exit_code(self) -> int:
        """Not 0 if a plan failed."""
        return int(bool(self._failed))

    def carry_out(self, plan: Plan, database: str | None, *, in_detail: bool) -> str:
        """Carry out a plan; returns how it ended: in a line, or step by step."""
        self._plans += 1
        self._steps.update(name for name, _ in plan.steps)
        try:
            stage = try_plan(plan, database)
        except (AssertionError, TimeoutError) as error:
            self._failed.append(plan.seed)
            return "\n".join((f"{plan.seed}: FAILED", *error.__notes__, str(error)))
        ends = [f"exit {code}" if code >= 0 else signal.Signals(-code).name for code in stage.codes]
        self._runs.update(ends)
        told = f"{plan.seed}: the rows of a clean load; disturbed runs: {', '.join(ends) or 'none'}"
        return "\n".join((told, *stage.trail) if in_detail else (told,))

    def lines(self) -> Iterator[str]:
        """All of it, in a few lines."""
        minutes = (time.monotonic() - self._began) / 60
        yield f"{self._plans} plans in {minutes:.0f} minutes, failed: {self._failed or 'none'}"
        for name, counts in {"steps": self._steps, "disturbed runs": self._runs}.items():
            yield f"{name}: " + ", ".join(f"{count} x {what}" for what, count in counts.most_common())


def main() -> int:
    """Carry out plans and print how each ended, and their tally."""
    parser = argparse.ArgumentParser(description="Carry out random plans and print their tally.")
    parser.add_argument("--plans", type=int, default=300)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--seed", type=int, help="only this plan, step by step")
    options = parser.parse_args()
    if options.seed is not None:
        options.first_seed, options.plans = options.seed, 1
    seeds = range(options.first_seed, options.first_seed + options.plans)
    plans, tally = [Plan.of(seed) for seed in seeds], Tally()
    with ExitStack() as stack:
        databases = None
        if any(POSTGRES in plan.habits.places for plan in plans):
            databases = stack.enter_context(Databases(stack.enter_context(postgres_server())))
        for plan in plans:
            database = databases.new() if databases and POSTGRES in plan.habits.places else None
            in_detail = options.seed is not None
            print(tally.carry_out(plan, database, in_detail=in_detail), flush=True)
    print("\n".join(tally.lines()))
    return tally.exit_code


if __name__ == "__main__":
    sys.exit(main())
