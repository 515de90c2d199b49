"""Growth: what an event takes in time and memory, the more there are."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import astuple, replace
from functools import partial
from itertools import pairwise
from statistics import fmean
from typing import Any

from contests import CONTESTANTS, OURS, Entry, Goal, Result, rows_of, run_ours, working_folder
from measuring import Measured
from serving import Community, Serving, people_for, serving
from turns import Lane, Turn, take_turns

MEGABYTE = 1_000_000
ROWS_PER_EVENT = 100
# events: how often they are loaded, and the seconds of a turn; all sizes end after about equally many turns,
# and a round is shorter than any timeout, as these go on for those that stand still
SIZES = {100: (12, 2), 1_000: (10, 4), 10_000: (3, 9), 100_000: (1, 30)}
QUICK_SIZES = {100: (2, 2), 300: (1, 2), 1_000: (1, 4)}
_WEIGHED = {"start": "at the start", "plan": "with the plan", "extract": "extract", "load": "load"}
_CLOCKED = ("extract", "normalize", "load", "leftovers", "state")
_HEADINGS = (
    "events",
    "load packages",
    *(f"peak MB, {words}" for words in _WEIGHED.values()),
    *(f"CPU ms per event, {step}" for step in _CLOCKED),
    "first load, CPU s",
    "longest load, CPU s",
)

_STYLES = (*(",.0f",) * 2, *(".0f",) * len(_WEIGHED), *(".2f",) * len(_CLOCKED), *(".1f",) * 2)

Profile = Mapping[str, Mapping[str, Any]]  # what with_profile.py writes
Run = tuple[Entry, Profile]


def growth(*, quick: bool) -> Result:
    """More and more events of a hundred rows each, the sizes in turns."""
    sizes = QUICK_SIZES if quick else SIZES
    with ExitStack() as stack:
        lanes = []
        for events, (times, seconds) in sizes.items():
            server = stack.enter_context(serving(Community(events, people_for(ROWS_PER_EVENT))))
            lanes.append(Lane([partial(_profiled, server, events)] * times, seconds))
        runs_by_size = take_turns(lanes)
    entries = [_mean(runs) for runs in runs_by_size]
    slopes = [
        (more.cost.wall - fewer.cost.wall) / (more.events - fewer.events) for fewer, more in pairwise(entries)
    ]
    before, largest = (entry.cost.peak for entry in entries[-2:])
    return Result(
        "Growth and memory",
        f"{ROWS_PER_EVENT} attendance rows per event. As a machine is not equally fast all the time, all "
        "sizes are loaded in the same minutes, in turns: while one runs the others stand still, and that "
        "time does not count. The figures of the smaller ones are means of "
        f"{', '.join(str(times) for times, _ in sizes.values() if times > 1)} runs. Time per event is taken "
        f"between one size and the next, so that the start does not count: {_listed(slopes)}.",
        entries,
        (
            Goal("longest time per event / shortest", max(slopes) / min(slopes), 1.2, "x"),
            Goal("share of the state in the largest run's CPU", _share_of_state(*runs_by_size[-1]), 0.05, ""),
            Goal("peak memory of the largest run / of the one before", largest / before, 1.3, "x"),
            Goal("peak memory of the largest run", largest / MEGABYTE, 500, "MB"),
        ),
        "peak memory in MB",
        [_HEADINGS, *map(_profile_row, runs_by_size)],
    )


def _profiled(server: Serving, events: int, turn: Turn) -> Run:
    before = server.requests()
    with working_folder() as folder:
        cost, report = run_ours(
            server,
            folder,
            "--resources",
            "event_attendance",
            program=CONTESTANTS / "with_profile.py",
            turn=turn,
        )
        profile = json.loads((folder / "profile.json").read_text(encoding="utf-8"))
    return Entry(OURS, events, rows_of(report), server.requests() - before, cost), profile


def _mean(runs: Sequence[Run]) -> Entry:
    first, _ = runs[0]
    costs = [entry.cost for entry, _ in runs]
    cpu, wall, peak = (fmean(figures) for figures in zip(*map(astuple, costs), strict=True))
    return replace(first, cost=Measured(cpu, wall, round(peak)))


def _share_of_state(run: Run) -> float:
    entry, steps = run
    return sum(sum(steps[step]["seconds"]) for step in ("state", "leftovers")) / entry.cost.cpu


def _profile_row(runs: Sequence[Run]) -> Sequence[str]:
    means = (fmean(column) for column in zip(*map(_figures, runs), strict=True))
    return [format(mean, style) for mean, style in zip(means, _STYLES, strict=True)]


def _figures(run: Run) -> Sequence[float]:
    entry, steps = run
    loads = steps["load"]["seconds"]
    return (
        entry.events,
        len(loads),
        *(steps[step]["peak"] / MEGABYTE for step in _WEIGHED),
        *(sum(steps[step]["seconds"]) / entry.events * 1000 for step in _CLOCKED),
        loads[0],
        max(loads),
    )


def _listed(seconds: Iterable[float]) -> str:
    return ", ".join(f"{each * 1000:.1f} ms" for each in seconds)
