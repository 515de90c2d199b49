"""No news: a run over events of which all is known."""

from contests import OURS, Entry, Goal, Result, rows_of, run_ours, working_folder
from serving import Community, serving


def no_news(*, quick: bool) -> Result:
    """A second run, when all events are settled."""
    limits = {20: 1.2, 40: 4} if quick else {300: 1.2, 10_000: 4}  # CPU seconds by events
    entries, goals = [], []
    for events, limit in limits.items():
        first, second = _two_runs(events)
        entries += [first, second]
        goals.append(Goal(f"CPU of the second run over {events:,} events", second.cost.cpu, limit, "s"))
    goals.append(Goal("requests of the second run over the most events", entries[-1].requests, 25, ""))
    return Result(
        "No news",
        "All resources. The second run reads the event list and the state and finds nothing due: what is "
        "left is the start of Python and dlt, and writing the list.",
        entries,
        goals,
        "CPU seconds",
        contest=entries[1::2],
    )


def _two_runs(events: int) -> list[Entry]:
    """The run that loads all events, and the one that finds nothing new."""
    entries = []
    with serving(Community(events, people=0, sessions=0, bare=True)) as server, working_folder() as folder:
        for run in ("first", "second"):
            before = server.requests()
            cost, report = run_ours(server, folder)
            requests = server.requests() - before
            entries.append(Entry(f"{OURS}, {run} run", events, rows_of(report), requests, cost))
    return entries
