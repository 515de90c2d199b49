"""The assets: one for each table, with a partition for each community, and what loads them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import dagster as dg
from pydantic import Field

from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.errors import AirmeetError, KeysRefused, UsageError
from airmeet_source.loading.load import load
from airmeet_source.loading.report import Report
from airmeet_source.model.table import Table, all_columns
from airmeet_source.orchestration.deployment import Deployment, asset_key
from airmeet_source.resources import AIRMEETS, RESOURCES, resource_of

OP = "load_community"
_LOCK_TIMEOUT = 600.0  # seconds; the loads of other communities have their turns meanwhile
_AGAIN = dg.RetryPolicy(max_retries=2, delay=60, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS)


class What(dg.Config):
    """What a run loads, beyond the community and the tables that are selected."""

    events: list[str] = Field(default=[], description="Only these events, by id. Default: all.")
    since: str | None = Field(default=None, description="Only events that end on or after this date.")
    until: str | None = Field(default=None, description="Only events that start before this date.")
    full_refresh: bool = Field(default=False, description="Forget cursors and load everything again.")
    wait: bool = Field(
        default=False,
        description="Wait for what Airmeet is preparing. Otherwise the run ends and a sensor comes back.",
    )
    returns: int = Field(default=0, description="How often the sensor has come back for what was pending.")


def tables_of(deployment: Deployment) -> dg.AssetsDefinition:
    """All tables as assets, and what loads them."""

    @dg.multi_asset(
        specs=[_spec(deployment, table) for table in deployment.tables],
        name=OP,
        partitions_def=dg.StaticPartitionsDefinition(deployment.communities),
        can_subset=True,
        pool=f"airmeet_{deployment.destination}",
        retry_policy=_AGAIN,
    )
    def load_community(
        context: dg.AssetExecutionContext, config: What
    ) -> Iterator[dg.MaterializeResult[Any]]:
        """Load what is new in a community into the selected tables, in the process of this run."""
        # Dagster wants to hear of parents first, as they are declared
        tables = [
            table.name for table in deployment.tables if asset_key(table.name) in context.selected_asset_keys
        ]
        report = _loaded(deployment, context.partition_key, tables, config)
        context.log.info("Run %s is %s: %s units", report.run_id, report.status, dict(report.units))
        for table in tables:
            yield dg.MaterializeResult(asset_key(table), metadata=_metadata(report, table, config))

    return load_community


def _spec(deployment: Deployment, table: Table) -> dg.AssetSpec:
    columns = [
        dg.TableColumn(column.name, column.data_type, column.description) for column in all_columns(table)
    ]
    return dg.AssetSpec(
        asset_key(table.name),
        deps=[asset_key(table.parent.table)] if table.parent else [],
        description=table.description,
        group_name="airmeet",
        kinds={"dlt", deployment.destination},
        metadata={
            "dagster/table_name": f"{deployment.dataset}.{table.name}",
            "dagster/column_schema": dg.TableSchema(columns),
        },
    )


def _loaded(deployment: Deployment, community: str, tables: Iterable[str], config: What) -> Report:
    """The report of a run.

    Raises:
        dg.Failure: it failed. Dagster stores errors with all their causes, and gets none of them.
    """
    try:
        return load(
            destination=deployment.destination,
            dataset_name=deployment.dataset,
            resources={resource_of(table) for table in tables} & RESOURCES.keys() or {AIRMEETS.name},
            events=config.events,
            since=config.since,
            until=config.until,
            full_refresh=config.full_refresh,
            # with the run ends the sandbox of the demo, and with that all that it has prepared
            wait=config.wait or deployment.demo,
            lock_timeout=_LOCK_TIMEOUT,
            demo=deployment.demo,
            community=community,
        )
    except AirmeetError as error:
        raise dg.Failure(
            without_secrets(str(error)),
            metadata={"exit_code": error.exit_code},
            allow_retries=not isinstance(error, UsageError | KeysRefused),
        ) from None


def _metadata(report: Report, table: str, config: What) -> Mapping[str, Any]:
    problems = [problem for problem in report.problems if problem.resource == resource_of(table)]
    pending = [problem for problem in problems if problem.outcome == "pending"]
    told = {
        "run_id": report.run_id,
        "rows_written": report.rows.get(table, 0),
        "seconds": round(report.seconds, 1),
        "failed": len(problems) - len(pending),
        "pending": len(pending),
    }
    if not pending:
        return told
    events = sorted({problem.airmeet_id for problem in pending if problem.airmeet_id})
    return {**told, "pending_events": events, "returns": config.returns}
