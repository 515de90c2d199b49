"""Many communities: what it costs to load all of them, by the command and by Dagster.

Needs a database to load into, in DESTINATION__POSTGRES__CREDENTIALS. The made-up communities are served by
this process, which competes with what is measured. The CPU of Dagster's processes is not counted, because not
all of them are waited for.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from measuring import Measured, measure

from airmeet_sandbox import Sandbox, World

ROOT = Path(__file__).resolve().parent.parent
PEOPLE = 20  # of each event
MEGABYTE = 1_000_000


@contextmanager
def environment(communities: int, events: int) -> Iterator[Mapping[str, str]]:
    """Made-up communities, and the variables that lead to them."""
    with ExitStack() as stack:
        found = {"RUNTIME__DLTHUB_TELEMETRY": "false", "DAGSTER_DISABLE_TELEMETRY": "1"}
        for number in range(communities):
            world = World(seed=number, events=events, people=PEOPLE)
            sandbox = stack.enter_context(Sandbox(world, prepare_seconds=0.0))
            section = f"SOURCES__AIRMEET__COMMUNITIES__C{number:04}"
            found[f"{section}__ACCESS_KEY"] = sandbox.access_key
            found[f"{section}__SECRET_KEY"] = sandbox.secret_key
            found[f"{section}__BASE_URL"] = sandbox.base_url
        yield found


def by_command(at_once: int, variables: Mapping[str, str], folder: Path) -> Measured:
    """Load all communities with one command."""
    words = (
        "load",
        "--destination",
        "postgres",
        "--dataset",
        "by_command",
        "--communities",
        "all",
        "--quiet",
    )
    command = [sys.executable, "-m", "airmeet_source", *words, "--jobs", str(at_once), "--no-wait"]
    return measure(command, {**variables, "DLT_DATA_DIR": str(folder / "dlt")}, folder)


def by_dagster(at_once: int, variables: Mapping[str, str], folder: Path) -> Measured:
    """Load all partitions with Dagster's daemon."""
    more = {
        "AIRMEET_DESTINATION": "postgres",
        "AIRMEET_DATASET": "by_dagster",
        "DAGSTER_HOME": str(folder),
        "DLT_DATA_DIR": str(folder / "dlt"),
        "PYTHONPATH": str(ROOT),
    }
    script = ROOT / "benchmarks" / "contestants" / "all_partitions.py"
    return measure([sys.executable, script, str(at_once)], {**variables, **more}, folder)


def main() -> int:
    """Load all of them twice, the second time without news, and print what that cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--communities", type=int, default=8)
    parser.add_argument("--events", type=int, default=3, help="of each community")
    parser.add_argument("--at-once", type=int, default=4, help="loads at a time")
    parser.add_argument("--by", choices=("command", "dagster"), default="command")
    options = parser.parse_args()
    load = by_command if options.by == "command" else by_dagster
    print(f"{options.communities} communities of {options.events} events on {os.cpu_count()} cores")
    print("run | seconds | communities an hour | peak MB | CPU s of each")
    with TemporaryDirectory() as name, environment(options.communities, options.events) as variables:
        for run in ("first", "without news"):
            cost = load(options.at_once, variables, Path(name))
            hourly = options.communities / cost.wall * 3600
            each = f"{cost.cpu / options.communities:.1f}" if load is by_command else "-"
            print(f"{run} | {cost.wall:.0f} | {hourly:.0f} | {cost.peak / MEGABYTE:.0f} | {each}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
