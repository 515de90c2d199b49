"""Coming back: what Airmeet was still preparing when a run ended is asked for by another one, a little later.

No run waits, so none holds a worker for half an hour. What is pending is read from Dagster's own record.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import dagster as dg
import dlt

from airmeet_source.communities import SECTION
from airmeet_source.orchestration.deployment import Deployment, asset_key
from airmeet_source.orchestration.loading import OP, What
from airmeet_source.settings import Settings

_MOST_RECORDS = 1000  # of a table that are looked at, newest first
_LOOK_EVERY = 60  # seconds


@dataclass(frozen=True, kw_only=True)
class Left:
    """What a run left of one table."""

    table: str
    community: str
    dagster_run: str
    ended_at: float  # seconds since the epoch
    events: tuple[str, ...]
    returns: int


def sensor_of(deployment: Deployment, job: Any) -> dg.SensorDefinition:
    """The sensor that comes back for what is pending, as often as a run would have waited for it."""
    tables = [
        table
        for resource in deployment.resources
        if resource.endpoint.asynchronous
        for table in resource.tables
    ]

    @dg.sensor(name="come_back_for_pending", job=job, minimum_interval_seconds=_LOOK_EVERY)
    def come_back_for_pending(context: dg.SensorEvaluationContext) -> Iterator[dg.RunRequest]:
        """Load what was pending when the last run of a community ended."""
        wait, timeout = _setting("pending_wait"), _setting("pending_timeout")
        oldest = time.time() - timeout - wait
        newest = [left for table in tables for left in _newest(context.instance, table, oldest)]
        yield from requests(newest, due_before=time.time() - wait, most_returns=int(timeout // wait))

    return come_back_for_pending


def requests(found: Iterable[Left], *, due_before: float, most_returns: int) -> Iterator[dg.RunRequest]:
    """A run for each run that left something pending; Dagster takes each ``run_key`` once.

    Args:
        found: what the newest run of each table and community left.
        due_before: runs that ended later are left alone yet.
        most_returns: after so many the next scheduled run takes over.
    """
    by_run: dict[tuple[str, str], list[Left]] = defaultdict(list)
    for left in found:
        if left.events and left.ended_at <= due_before and left.returns < most_returns:
            by_run[left.community, left.dagster_run].append(left)
    for (community, run), lefts in by_run.items():
        what = What(
            events=sorted({event for left in lefts for event in left.events}),
            returns=1 + max(left.returns for left in lefts),
        )
        yield dg.RunRequest(
            run_key=f"{run}-{community}",
            partition_key=community,
            asset_selection=[asset_key(left.table) for left in lefts],
            run_config=dg.RunConfig(ops={OP: what}),
        )


def _newest(instance: dg.DagsterInstance, table: str, oldest: float) -> Iterator[Left]:
    """What the newest run of each community left of a table."""
    since = dg.AssetRecordsFilter(asset_key(table), after_timestamp=oldest)
    seen = set()
    for record in instance.fetch_materializations(since, limit=_MOST_RECORDS).records:
        community, materialized = record.partition_key, record.asset_materialization
        if community is None or materialized is None or community in seen:
            continue
        seen.add(community)
        told: dict[str, Any] = {name: value.value for name, value in materialized.metadata.items()}
        yield Left(
            table=table,
            community=community,
            dagster_run=record.run_id,
            ended_at=record.timestamp,
            events=tuple(told.get("pending_events", ())),
            returns=told.get("returns", 0),
        )


def _setting(name: str) -> float:
    value = dlt.config.get(f"{SECTION}.{name}", float)
    return getattr(Settings, name) if value is None else value
