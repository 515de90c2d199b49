"""A day: what hourly runs ask for and write when little happens."""

import json
import sys
from statistics import median

from contests import CONTESTANTS, ENVIRONMENT, OURS, Entry, Goal, Result, working_folder
from measuring import measure


def day(*, quick: bool) -> Result:
    """A day of hourly runs over a living community, and the same day with every list rewritten."""
    events, hours = (12, 3) if quick else (300, 24)
    entries, goals = [], []
    for name, *more in ((OURS,), (f"{OURS}, every list rewritten", "--rewrite")):
        with working_folder() as folder:
            script = CONTESTANTS / "a_day.py"
            options = ("--events", str(events), "--hours", str(hours), *more)
            cost = measure([sys.executable, script, *options], ENVIRONMENT, folder)
            _, *runs = json.loads((folder / "day.json").read_text(encoding="utf-8"))
        requests, lists, written, changed, waited = (
            [run[key] for run in runs]
            for key in ("requests", "lists", "rows_written", "rows_changed", "waited_seconds")
        )
        remark = (
            f"{median(requests):,.0f} requests and {median(lists):,.0f} lists in the median run, "
            f"{max(requests):,} requests in the one that asks for what rests; {sum(changed):,} rows changed, "
            f"{sum(waited):.0f} s waited"
        )
        entries.append(Entry(name, events, sum(written), sum(requests), cost, remark))
        if not more:
            goals = [
                Goal("requests / lists that may have changed", sum(requests) / sum(lists), 1.1, "x"),
                Goal("rows written / rows changed", sum(written) / max(1, sum(changed)), 1.2, "x"),
            ]
    return Result(
        "A day of hourly runs",
        f"{hours} runs over {events} events of every phase; ten changes an hour, and what happens by itself "
        "at live events. Requests and rows are those of all runs but the first, without the list of events "
        "and the logs, and rows those that came with a run's load; CPU is that of the sandbox as well. Lists "
        "that may have changed are those of live events and of events that ended in the last seven days, the "
        "registrations of events to come, and once a day what changes slowly.",
        entries,
        goals,
    )
