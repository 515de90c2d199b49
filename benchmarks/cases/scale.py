"""Scale: a run without news, and how time and memory grow with events and rows."""

import json
from dataclasses import replace
from itertools import pairwise

from contests import CONTESTANTS, OURS, Entry, Goal, Result, rows_of, run_ours, working_folder
from serving import Community, Serving, people_for, serving

MEGABYTE = 1_000_000
ROWS_PER_EVENT = 100


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
    entries, shares = [], []
    for events in steps:
        with serving(Community(events, people_for(ROWS_PER_EVENT))) as server:
            entry, share = _with_state_share(server, events)
        entries.append(replace(entry, remark=f"{share:.1%} of it for the state"))
        shares.append(share)
    slopes = [
        (more.cost.wall - less.cost.wall) / (more.events - less.events) for less, more in pairwise(entries)
    ]
    before, largest = (entry.cost.peak for entry in entries[-2:])
    return Result(
        "Growth and memory",
        f"{ROWS_PER_EVENT} attendance rows per event. Time per event is taken between one size and the "
        "next, so that the start does not count: "
        + ", ".join(f"{slope * 1000:.1f} ms" for slope in slopes)
        + ".",
        entries,
        (
            Goal("longest time per event / shortest", max(slopes) / min(slopes), 1.2, "x"),
            Goal("share of the state in the largest run", shares[-1], 0.05, ""),
            Goal("peak memory of the largest run / of the one before", largest / before, 1.3, "x"),
            Goal("peak memory of the largest run", largest / MEGABYTE, 500, "MB"),
        ),
        "peak memory in MB",
    )


def _with_state_share(server: Serving, events: int) -> tuple[Entry, float]:
    """A run, and the share of its time in which dlt read or wrote state."""
    before = server.requests()
    with working_folder() as folder:
        clocked = CONTESTANTS / "with_state_clock.py"
        cost, report = run_ours(server, folder, "--resources", "event_attendance", program=clocked)
        seconds = json.loads((folder / "state_seconds.json").read_text(encoding="utf-8"))
    return Entry(OURS, events, rows_of(report), server.requests() - before, cost), seconds / cost.wall
