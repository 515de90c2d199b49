"""A few of the plans of ``random_recordings.py``, one of them with a run that is killed."""

import pytest

from tests.faults.random_recordings import Plan, try_plan


def _is_killed(plan: Plan) -> bool:
    return any(run.killed is not None for run in plan.runs)


def _is_quick(plan: Plan) -> bool:
    """Whether nothing is waited for."""
    return len(plan.runs) == 1 and not any(
        fault.name == "stalls" for run in plan.runs for fault in run.faults
    )


_QUICK = [plan for plan in map(Plan.of, range(1, 100)) if _is_quick(plan)]
PLANS = [
    *[plan for plan in _QUICK if not _is_killed(plan)][:2],
    *[plan for plan in _QUICK if _is_killed(plan)][:1],
]


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: f"seed {plan.seed}")
def test_whatever_happened_every_file_is_whole_and_none_half(plan: Plan) -> None:
    try_plan(plan)
