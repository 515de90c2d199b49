"""Two of the rounds of ``communities.py``: six at once, into an empty database and into tables that exist."""

import pytest

from tests.faults.communities import Round, arena, try_round
from tests.support.postgres_server import Databases

ROUNDS = (
    # nothing is there yet, and all are about to load for the first time
    Round(seed=0, tables_exist=False, meeting="before the first load", lock=None, killed={}),
    # they queue up behind one that is stuck between staging and merge, and some are killed there
    Round(
        seed=0,
        tables_exist=True,
        meeting="before they look",
        lock="between staging and merge",
        killed={"north": 5.0, "west": 5.5},
    ),
)


@pytest.mark.timeout(600)  # seconds; twenty-two runs, six at a time
def test_communities_that_load_at_once_end_in_the_rows_of_loads_in_turn(
    postgres_databases: Databases,
) -> None:
    with arena(postgres_databases) as shared:
        for plan in ROUNDS:
            try_round(plan, shared)
