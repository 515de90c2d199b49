"""Plans: programs of tests that are made from seeds, and how they went."""

import argparse
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

Plan = TypeVar("Plan")


class Tally(Generic[Plan]):
    """How plans went.

    Args:
        plan_of: makes the plan of a seed.
        try_plan: carries it out; returns how the disturbed runs ended.
        good: what is to be said of a plan that went well.
    """

    def __init__(
        self, plan_of: Callable[[int], Plan], try_plan: Callable[[Plan], list[int]], good: str
    ) -> None:
        self._plan_of = plan_of
        self._try_plan = try_plan
        self._good = good
        self._began = time.monotonic()
        self._plans = 0
        self._runs: Counter[str] = Counter()
        self.failed: list[int] = []

    def carry_out(self, seed: int) -> str:
        """Carry out the plan of a seed; returns how it ended, in a line."""
        self._plans += 1
        plan = self._plan_of(seed)
        try:
            codes = self._try_plan(plan)
        except AssertionError as error:
            self.failed.append(seed)
            return f"{seed}: FAILED: {error}\n{plan}"
        ends = [f"exit {code}" if code >= 0 else signal.Signals(-code).name for code in codes]
        self._runs.update(ends)
        return f"{seed}: {self._good}; disturbed runs: {', '.join(ends)}"

    def lines(self) -> Iterator[str]:
        """All of it, in a few lines."""
        minutes = (time.monotonic() - self._began) / 60
        yield f"{self._plans} plans in {minutes:.1f} minutes, failed: {self.failed or 'none'}"
        yield "disturbed runs: " + ", ".join(f"{count} x {end}" for end, count in self._runs.most_common())


def carry_out(
    description: str, plan_of: Callable[[int], Plan], try_plan: Callable[[Plan], list[int]], good: str
) -> int:
    """The program: carry out plans and print how each ended, and their tally; returns its exit code."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--plans", type=int, default=100)
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--seed", type=int, help="only this plan")
    options = parser.parse_args()
    seeds = range(options.first_seed, options.first_seed + options.plans)
    tally = Tally(plan_of, try_plan, good)
    for seed in [options.seed] if options.seed is not None else seeds:
        print(tally.carry_out(seed), flush=True)
    print("\n".join(tally.lines()))
    return int(bool(tally.failed))
