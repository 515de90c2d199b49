"""Definitions: assets, checks, jobs, schedules and the sensor of a deployment."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from airmeet_source.orchestration.checking import checks_of, status_view_of
from airmeet_source.orchestration.deployment import Deployment
from airmeet_source.orchestration.loading import tables_of
from airmeet_source.orchestration.returning import sensor_of

_LOAD_AT, _CHECK_AT = "15 * * * *", "*/10 * * * *"


def definitions(deployment: Deployment) -> dg.Definitions:
    """Everything that Dagster knows of a deployment. Schedules and the sensor have to be switched on."""
    tables, checks = tables_of(deployment), checks_of(deployment)
    load = dg.define_asset_job("load_airmeet", dg.AssetSelection.assets(tables))
    check = dg.define_asset_job("check_airmeet", dg.AssetSelection.checks(checks))
    return dg.Definitions(
        assets=[tables, status_view_of(deployment)],
        asset_checks=[checks],
        jobs=[load, check],
        schedules=[
            _schedule_of(deployment, load),
            dg.ScheduleDefinition(name="check_airmeet_regularly", job=check, cron_schedule=_CHECK_AT),
        ],
        sensors=[sensor_of(deployment, load)],
        executor=dg.in_process_executor,  # a run has a process of its own already
    )


def _schedule_of(deployment: Deployment, job: Any) -> dg.ScheduleDefinition:
    @dg.schedule(name="load_airmeet_hourly", job=job, cron_schedule=_LOAD_AT)
    def load() -> Iterator[dg.RunRequest]:
        """Load each community by a run of its own."""
        for name in deployment.communities:
            yield dg.RunRequest(run_key=name, partition_key=name)

    return load
