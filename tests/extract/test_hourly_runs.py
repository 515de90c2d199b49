"""Some of the histories of ``tests/faults/hourly_runs.py``, with and without a tail; others each time."""

from random import Random

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.faults.hourly_runs import try_history


@pytest.mark.parametrize(("tail_hours", "hours"), [(0.0, 1), (3.0, 2)])
@settings(
    max_examples=1, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.too_slow]
)
@given(random=st.randoms(use_true_random=False))
def test_at_every_hour_the_tables_are_those_of_one_full_load(
    random: Random, tail_hours: float, hours: int
) -> None:
    """Apart from what ``tail_hours`` postpones; when they have passed, all of them are."""
    assert len(list(try_history(random, tail_hours, hours))) == hours
