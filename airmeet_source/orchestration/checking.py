"""The checks: what is pending or failed, and what is out of date, in all communities.

They are about the view data_status, which Dagster does not load, and have runs of their own: of a table that
several runs load side by side, Dagster would take most results for outdated.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
from pydantic import Field

from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.errors import AirmeetError
from airmeet_source.loading.destinations import Target
from airmeet_source.loading.standing import Standing, standing_of
from airmeet_source.orchestration.deployment import Deployment, asset_key
from airmeet_source.views.declarations import DATA_STATUS

_TOLD = ("resource", "community", "airmeet_id", "state", "since", "tries", "error")  # columns of the view
_COMPLETE = dg.AssetCheckSpec(
    "complete",
    asset=asset_key(DATA_STATUS.name),
    description="Nothing is pending or failed, in no community.",
)
_FRESH = dg.AssetCheckSpec(
    "fresh",
    asset=asset_key(DATA_STATUS.name),
    description="The newest run of no community failed, and its newest good one is not too long ago.",
)


class Limits(dg.Config):
    """What counts as late."""

    max_age_hours: float = Field(default=3.0, description="How long ago the newest good run may be.")


def status_view_of(deployment: Deployment) -> dg.AssetSpec:
    """The view that the checks are about."""
    columns = [
        dg.TableColumn(column.name, column.data_type, column.description) for column in DATA_STATUS.columns
    ]
    return dg.AssetSpec(
        asset_key(DATA_STATUS.name),
        deps=[asset_key("sync_log")],
        description=DATA_STATUS.description,
        group_name="airmeet",
        kinds={"view", deployment.destination},
        metadata={
            "dagster/table_name": f"{deployment.dataset}_views.{DATA_STATUS.name}",
            "dagster/column_schema": dg.TableSchema(columns),
        },
    )


def checks_of(deployment: Deployment) -> dg.AssetChecksDefinition:
    """The checks, and what carries them out."""

    # Dagster's page offers only checks that can be carried out one by one
    @dg.multi_asset_check(name="look_at_status", specs=[_COMPLETE, _FRESH], can_subset=True)
    def look_at_status(
        context: dg.AssetCheckExecutionContext, config: Limits
    ) -> Iterator[dg.AssetCheckResult]:
        """Look at the destination. Airmeet is not asked."""
        standing = _standing(deployment)
        if _COMPLETE.key in context.selected_asset_check_keys:
            yield _completeness(standing)
        if _FRESH.key in context.selected_asset_check_keys:
            yield _freshness(deployment, standing, timedelta(hours=config.max_age_hours))

    return look_at_status


def _standing(deployment: Deployment) -> Standing:
    """How the dataset stands.

    Raises:
        dg.Failure: that cannot be told.
    """
    try:
        found = standing_of(Target(destination=deployment.destination, dataset_name=deployment.dataset))
    except AirmeetError as error:
        raise dg.Failure(without_secrets(str(error))) from None
    if found is None:
        raise dg.Failure(f"Nothing has been loaded into dataset {deployment.dataset} yet.")
    return found


def _completeness(standing: Standing) -> dg.AssetCheckResult:
    has_failed = any(unit["state"] == "failed" for unit in standing.problems)
    return dg.AssetCheckResult(
        asset_key=_COMPLETE.asset_key,
        check_name=_COMPLETE.name,
        passed=not standing.problems,
        severity=dg.AssetCheckSeverity.ERROR if has_failed else dg.AssetCheckSeverity.WARN,
        metadata={"problems": [{name: _told(unit[name]) for name in _TOLD} for unit in standing.problems]},
    )


def _freshness(deployment: Deployment, standing: Standing, max_age: timedelta) -> dg.AssetCheckResult:
    now = datetime.now(UTC)
    latest = {each.run["community"]: each for each in standing.latest}
    late = [
        name for name in deployment.communities if name not in latest or latest[name].is_wrong(max_age, now)
    ]
    good = {name: each.good["finished_at"] for name, each in latest.items() if each.good}
    return dg.AssetCheckResult(
        asset_key=_FRESH.asset_key,
        check_name=_FRESH.name,
        passed=not late,
        metadata={
            "late": late,
            "newest_good_run": {name: _told(good.get(name)) for name in deployment.communities},
        },
    )


def _told(value: Any) -> str | None:
    return None if value is None else without_secrets(str(value))
