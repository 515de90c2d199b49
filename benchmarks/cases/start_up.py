"""Start-up: how long the command line takes to answer ``--help``."""

import sys

from contests import COMMAND_LINE, OURS, Entry, Goal, Result, working_folder
from measuring import measure

TRIES = 5


def start_up(*, quick: bool) -> Result:
    """The quickest of some tries: the first ones fill the machine's caches."""
    with working_folder() as folder:
        costs = [
            measure([sys.executable, COMMAND_LINE, "--help"], {}, folder)
            for _ in range(1 if quick else TRIES)
        ]
    best = min(costs, key=lambda cost: cost.wall)
    return Result(
        "Start-up",
        "The options are known without importing dlt.",
        [Entry(f"{OURS} --help", 0, 0, 0, best)],
        [Goal("seconds until --help has answered", best.wall, 0.25, "s")],
    )
