"""A few of the plans of ``random_pushes.py``."""

import pytest

from tests.faults.random_pushes import Plan, try_plan


def _is_quick(plan: Plan) -> bool:
    """Whether nothing is waited for, and no other process is started."""
    names = {fault.name for run in plan.runs for fault in run.faults}
    return bool(names) and "no answer" not in names and all(run.killed is None for run in plan.runs)


PLANS = [plan for plan in map(Plan.of, range(1, 100)) if _is_quick(plan)][:4]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"seed {plan.seed}")
def test_whatever_happened_one_quiet_run_ends_with_everybody_in_once(plan: Plan) -> None:
    try_plan(plan)
