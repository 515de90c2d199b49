"""A few of the rounds of ``overlaps.py``, each chosen for what overlaps in it."""

from dataclasses import replace

import pytest

from tests.faults.overlaps import Round, arena, try_round
from tests.support.postgres_server import Databases

ONE, TWO = ("airmeet", "airmeet"), ("airmeet", "other")
QUIET = Round(seed=0, names=TWO, tables_exist=True, offset=0.0, lock=None, lock_timeout=60.0, kill_after=None)
ROUNDS = (
    # a statement of the killed run waits for the lock while the other run begins
    replace(QUIET, names=ONE, lock="before TRUNCATE of staging", kill_after=4.0),
    replace(QUIET, tables_exist=False),
)


@pytest.mark.timeout(600)  # seconds; nine runs, two at a time
def test_runs_that_overlap_end_exact_or_refused_and_the_next_ones_are_exact(
    postgres_databases: Databases,
) -> None:
    with arena(postgres_databases) as shared:
        for plan in ROUNDS:
            try_round(plan, shared)
