"""One of the rounds of ``communities.py``: those that share events or columns first load at once."""

import pytest

from tests.faults.communities import Round, arena, try_round
from tests.support.postgres_server import Databases

SHARING = ("north", "south", "east", "west")
FIRST_RUNS = Round(seed=0, tables_exist=False, meeting="before the first load", lock=None, killed={})


@pytest.mark.timeout(300)  # seconds; eight runs, four at a time
def test_communities_that_load_at_once_end_in_the_rows_of_loads_in_turn(
    postgres_databases: Databases,
) -> None:
    with arena(postgres_databases, SHARING) as shared:
        try_round(FIRST_RUNS, shared)
