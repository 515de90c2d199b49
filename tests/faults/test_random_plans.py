"""A few of the plans of ``random_plans.py``, chosen so that every kind of step is in one of them."""

import pytest

from tests.faults.random_plans import STEPS, Plan, try_plan

PLANS = [Plan.of(seed) for seed in (13, 14, 18)]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"seed {plan.seed}")
def test_whatever_happened_one_quiet_run_ends_in_the_rows_of_a_clean_load(plan: Plan) -> None:
    try_plan(plan)


def test_the_plans_have_every_kind_of_step() -> None:
    assert {step for plan in PLANS for step, _ in plan.steps} == STEPS.keys()
