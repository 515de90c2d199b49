"""The checks: what is pending or failed, and what is out of date, asked of the destination."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
from pydantic import Field

from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.errors import AirmeetError
from airmeet_source.loading.destinations import Target
from airmeet_source.loading.standing import Row, Standing, standing_of
from airmeet_source.orchestration.deployment import Deployment, asset_key

_TOLD = ("community", "airmeet_id", "state", "since", "tries", "error")  # columns of data_status


class Limits(dg.Config):
    """What counts as late."""

    max_age_hours: float = Field(default=3.0, description="How long ago the newest good run may be.")


def checks_of(deployment: Deployment) -> dg.AssetChecksDefinition:
    """The checks of all tables.

    Each is about all communities: Dagster shows the newest result, which would hide those of the others.
    """
    fresh = dg.AssetCheckSpec(
        "fresh",
        asset=asset_key("runs"),
        description="The newest run of no community failed, and its newest good one is not too long ago.",
    )
    complete = {
        resource.name: dg.AssetCheckSpec(
            "complete",
            asset=asset_key(resource.name),
            description="Nothing of it is pending or failed, in no community.",
        )
        for resource in deployment.resources
    }

    @dg.multi_asset_check(name="look_at_tables", specs=[fresh, *complete.values()], can_subset=True)
    def look_at_tables(
        context: dg.AssetCheckExecutionContext, config: Limits
    ) -> Iterator[dg.AssetCheckResult]:
        """Look at the destination. Airmeet is not asked."""
        asked = context.selected_asset_check_keys
        standing = _standing(deployment)
        if fresh.key in asked:
            yield _freshness(fresh.key, deployment, standing, timedelta(hours=config.max_age_hours))
        for resource, spec in complete.items():
            if spec.key in asked:
                found = [unit for unit in standing.problems if unit["resource"] == resource]
                yield _completeness(spec.key, found)

    return look_at_tables


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


def _completeness(key: dg.AssetCheckKey, found: Sequence[Row]) -> dg.AssetCheckResult:
    has_failed = any(unit["state"] == "failed" for unit in found)
    return dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=not found,
        severity=dg.AssetCheckSeverity.ERROR if has_failed else dg.AssetCheckSeverity.WARN,
        metadata={"problems": [{name: _told(unit[name]) for name in _TOLD} for unit in found]},
    )


def _freshness(
    key: dg.AssetCheckKey, deployment: Deployment, standing: Standing, max_age: timedelta
) -> dg.AssetCheckResult:
    now = datetime.now(UTC)
    latest = {each.run["community"]: each for each in standing.latest}
    late = [
        name for name in deployment.communities if name not in latest or latest[name].is_wrong(max_age, now)
    ]
    good = {name: each.good["finished_at"] for name, each in latest.items() if each.good}
    return dg.AssetCheckResult(
        asset_key=key.asset_key,
        check_name=key.name,
        passed=not late,
        metadata={
            "late": late,
            "newest_good_run": {name: _told(good.get(name)) for name in deployment.communities},
        },
    )


def _told(value: Any) -> str | None:
    return None if value is None else without_secrets(str(value))
