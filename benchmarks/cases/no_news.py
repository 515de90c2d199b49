"""No news: a run over events of which all is known."""

from contests import OURS, Entry, Goal, Result, rows_of, run_ours, working_folder
from serving import Community, serving


def no_news(*, quick: bool) -> Result:
    """A second run, when all events are settled."""
    events = 40 if quick else 10_000
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
