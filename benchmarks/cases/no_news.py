"""No news: a run over events of which all is known."""

import json

from contests import CONTESTANTS, OURS, Entry, Goal, Result, rows_of, run_ours, working_folder
from serving import Community, serving

_STEPS = ("imports", "begin", "extract", "normalize", "load", "leftovers", "views", "log")
_HEADINGS = ("events", *(f"CPU s, {step}" for step in _STEPS), "CPU s, everything else")


def no_news(*, quick: bool) -> Result:
    """A second run, when all events are settled."""
    limits = {20: 1.2} if quick else {300: 1.2, 10_000: 4}  # CPU seconds by events
    entries, goals, profile = [], [], []
    for events, limit in limits.items():
        first, second, steps = _runs(events)
        entries += [first, second]
        profile.append([f"{events:,}", *(f"{seconds:.2f}" for seconds in steps)])
        goals.append(Goal(f"CPU of the second run over {events:,} events", second.cost.cpu, limit, "s"))
    goals.append(Goal("requests of the second run over the most events", entries[-1].requests, 25, ""))
    return Result(
        "No news",
        "All resources. The second run reads the event list and the state and finds nothing due: what is "
        "left is the start of Python and dlt, and writing the list.",
        entries,
        goals,
        "CPU seconds",
        profile=[_HEADINGS, *profile],
        contest=entries[1::2],
    )


def _runs(events: int) -> tuple[Entry, Entry, list[float]]:
    """The run that loads all events, one that finds nothing new, and what the steps of another one take."""
    entries = []
    with serving(Community(events, people=0, sessions=0, bare=True)) as server, working_folder() as folder:
        for run in ("first", "second"):
            before = server.requests()
            cost, report = run_ours(server, folder)
            requests = server.requests() - before
            entries.append(Entry(f"{OURS}, {run} run", events, rows_of(report), requests, cost))
        cost, _ = run_ours(server, folder, program=CONTESTANTS / "with_profile.py")
        profile = json.loads((folder / "profile.json").read_text(encoding="utf-8"))
    first, second = entries
    steps = [sum(profile[step]["seconds"]) for step in _STEPS]
    return first, second, [*steps, cost.cpu - sum(steps)]
