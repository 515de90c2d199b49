"""Scale: a run without news, and how time and memory grow with events and rows."""

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from contests import CONTESTANTS, OURS, Entry, Goal, Result, rows_of, run_ours, working_folder
from serving import Community, Serving, people_for, serving

MEGABYTE = 1_000_000
ROWS_PER_EVENT = 100
_RUNS = 3
_WEIGHED = {"start": "at the start", "plan": "with the plan", "extract": "extract", "load": "load"}
_CLOCKED = ("extract", "normalize", "load", "leftovers", "state")
_HEADINGS = (
    "events",
    "load packages",
    *(f"peak MB, {words}" for words in _WEIGHED.values()),
    *(f"ms per event, {step}" for step in _CLOCKED),
    "first load, s",
    "longest load, s",
    "yardstick, ms",
)

Profile = dict[str, Any]  # what with_profile.py writes


def no_news(*, quick: bool) -> Result:
    """A second run, when all events are settled."""
    events = 500 if quick else 10_000
    entries = []
    with serving(Community(events, people=0, sessions=0, bare=True)) as server, working_folder() as folder:
        for run in ("first", "second"):
            before = server.requests()
            cost, report = run_ours(server, folder)
            requests = server.requests() - before
            entries.append(Entry(f"{OURS}, {run} run", events, rows_of(report), requests, cost))
    second = entries[-1]
    return Result(
        "No news",
        "All resources. The second run reads the event list and the state and finds nothing due: what is "
        "left is the start of Python and dlt, and writing the list.",
        entries,
        (
            Goal("requests of the second run", second.requests, 25, ""),
            Goal("CPU of the second run", second.cost.cpu, 5, "s"),
        ),
        "CPU seconds",
    )


def growth(*, quick: bool) -> Result:
    """More and more events of a hundred rows each."""
    steps = (100, 300, 1_000) if quick else (100, 1_000, 10_000, 100_000)
    entries, profiles = [], []
    for events in steps:
        with serving(Community(events, people_for(ROWS_PER_EVENT))) as server:
            runs = [_profiled(server, events) for _ in range(1 if events == steps[-1] else _RUNS)]
        entry, profile = sorted(runs, key=lambda run: run[0].cost.wall)[len(runs) // 2]
        entries.append(entry)
        profiles.append(profile)
    walls = [entry.cost.wall for entry in entries]
    evened = [wall / profile["yardstick"] for wall, profile in zip(walls, profiles, strict=True)]
    slopes, evened_slopes = _slopes(walls, steps), _slopes(evened, steps)
    before, largest = (entry.cost.peak for entry in entries[-2:])
    state = sum(sum(profiles[-1]["steps"][step]["seconds"]) for step in ("state", "leftovers"))
    return Result(
        "Growth and memory",
        f"{ROWS_PER_EVENT} attendance rows per event. Time per event is taken between one size and the "
        f"next, so that the start does not count (of each size but the largest the median of "
        f"{_RUNS} runs): {_listed(slopes)}. A processor is not "
        "equally fast all the time: a yardstick, the same short computation in a thread of the same process "
        "again and again, tells how fast it was during a run. Evened out by it, as if all had run at the "
        f"speed of the largest: {_listed(slope * profiles[-1]['yardstick'] for slope in evened_slopes)}.",
        entries,
        (
            Goal("longest time per event / shortest", max(slopes) / min(slopes), 1.2, "x"),
            Goal("the same, evened out", max(evened_slopes) / min(evened_slopes), 1.2, "x"),
            Goal("share of the state in the largest run", state / walls[-1], 0.05, ""),
            Goal("peak memory of the largest run / of the one before", largest / before, 1.3, "x"),
            Goal("peak memory of the largest run", largest / MEGABYTE, 500, "MB"),
        ),
        "peak memory in MB",
        [_HEADINGS, *map(_profile_row, entries, profiles)],
    )


def _profile_row(entry: Entry, profile: Profile) -> Sequence[str]:
    steps = profile["steps"]
    loads = steps["load"]["seconds"]
    return (
        f"{entry.events:,}",
        f"{len(loads)}",
        *(f"{steps[step]['peak'] / MEGABYTE:.0f}" for step in _WEIGHED),
        *(f"{sum(steps[step]['seconds']) / entry.events * 1000:.2f}" for step in _CLOCKED),
        f"{loads[0]:.1f}",
        f"{max(loads):.1f}",
        f"{profile['yardstick'] * 1000:.2f}",
    )


def _slopes(seconds: Sequence[float], events: Sequence[int]) -> list[float]:
    points = zip(seconds, events, strict=True)
    return [(after - before) / (more - fewer) for (before, fewer), (after, more) in pairwise(points)]


def _listed(seconds: Iterable[float]) -> str:
    return ", ".join(f"{each * 1000:.1f} ms" for each in seconds)


def _profiled(server: Serving, events: int) -> tuple[Entry, Profile]:
    before = server.requests()
    with working_folder() as folder:
        program = CONTESTANTS / "with_profile.py"
        cost, report = run_ours(server, folder, "--resources", "event_attendance", program=program)
        profile = json.loads((folder / "profile.json").read_text(encoding="utf-8"))
    return Entry(OURS, events, rows_of(report), server.requests() - before, cost), profile
