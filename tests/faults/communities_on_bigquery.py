"""Two communities that load into one dataset of BigQuery at once, on the emulator: the rows of loads in turn.

Each round is a pair of those of ``communities.py``, which wait for each other before their first load.
BigQuery has no lock for a dataset, so that one of two that make the same table may have to run again::

    python -m tests.faults.communities_on_bigquery --rounds 3
"""

import contextlib
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from airmeet_source.loading.destinations import Target, build_pipeline
from tests.faults.communities import Gathering, apis, compared, load
from tests.faults.histories.contents import LOGS
from tests.faults.overlaps import PROCESSES, ended
from tests.faults.rounds import Tables, TryRound, carry_out, require_same, rows_of
from tests.support.bigquery_process import bigquery_process
from tests.support.bigquery_server import BigQueryServer

PAIRS = (("north", "south"), ("east", "west"), ("here", "there"))


@dataclass(frozen=True, kw_only=True)
class Arena:
    """The APIs, the emulator, and the events of each community."""

    environment: dict[str, str]
    events: dict[str, set[str]]

    def start(self, name: str, folder: Path, dataset: str, gathering: Gathering | None = None) -> BaseProcess:
        """Start the run of a community in a process of its own."""
        words = ("--community", name, "--destination", "bigquery", "--dataset", dataset)
        meeting = "before the first load" if gathering is not None else None
        process = PROCESSES.Process(
            target=load, args=(str(folder / name), self.environment, words, meeting, gathering)
        )
        process.start()
        return process


@contextlib.contextmanager
def arena() -> Iterator[Arena]:
    """What all rounds share."""
    with apis() as (environment, events), bigquery_process() as address:
        server = BigQueryServer(address)
        os.environ.update(server.environment)
        yield Arena(environment={**environment, **server.environment}, events=events)


def contents(dataset: str, folder: Path) -> Tables:
    """Every table but the logs, without what changes with each load."""
    target = Target(destination="bigquery", dataset_name=dataset, pipelines_dir=folder / "reader")
    found: Tables = {}
    with build_pipeline(target).sql_client() as client:
        catalogue = f"SELECT table_name FROM {dataset}.INFORMATION_SCHEMA.TABLES"
        for (name,) in client.execute_sql(catalogue) or []:
            if name.startswith("_") or name in LOGS:
                continue
            with client.execute_query(f"SELECT * FROM {client.make_qualified_table_name(name)}") as cursor:
                found[name] = rows_of(cursor)
    return found


def try_round(pair: tuple[str, str], shared: Arena, number: int) -> Counter[str]:
    """Carry out a round; returns how the runs ended: exact, or to be repeated.

    Raises:
        AssertionError: rows are missing, doubled or foreign, or a run ended in another way.
    """
    with tempfile.TemporaryDirectory() as name:
        folder, at_once, in_turn = Path(name), f"at_once_{number}", f"in_turn_{number}"
        for one in pair:
            assert ended(shared.start(one, folder, in_turn)) == 0, (folder / one / "run.log").read_text()
        gathering = Gathering(folder=folder, size=2)
        runs = {one: shared.start(one, folder, at_once, gathering) for one in pair}
        codes = {one: ended(run) for one, run in runs.items()}
        for one, code in codes.items():
            log = (folder / one / "run.log").read_text()
            assert code in (0, 1), (codes, log)
            if code:
                sys.stderr.write(f"{one} is repeated: {log[-300:]}\n")
                assert ended(shared.start(one, folder, at_once)) == 0, (folder / one / "run.log").read_text()
        expected = compared(contents(in_turn, folder), shared.events)
        require_same(compared(contents(at_once, folder), shared.events), expected, pair)
    return Counter("exact" if code == 0 else "repeated" for code in codes.values())


@contextlib.contextmanager
def rounds() -> Iterator[TryRound]:
    """Rounds on an emulator of their own."""
    with arena() as shared:
        yield lambda seed: try_round(PAIRS[seed % len(PAIRS)], shared, seed)


def main() -> int:
    """Carry out rounds and print their tally."""
    return carry_out("Have two communities load into BigQuery at once.", "two runs", rounds, 3)


if __name__ == "__main__":
    sys.exit(main())
