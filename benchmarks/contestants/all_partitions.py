"""Dagster's daemon loads every partition once, so many at a time; ends with 1 if one of them fails."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
from dagster._core.execution.backfill import PartitionBackfill

from airmeet_source.orchestration.definitions import definitions
from airmeet_source.orchestration.deployment import Deployment

PIPELINES = Path(__file__).resolve().parents[2] / "pipelines"
DEFINITIONS = PIPELINES / "dagster_definitions.py"
ENDED = {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE}


def ask_for_all(instance: dg.DagsterInstance, deployment: Deployment) -> str:
    """Ask for all partitions, as the page does; returns the name of what was asked for."""
    graph = definitions(deployment).resolve_asset_graph()
    name = f"all-{time.time():.0f}"
    instance.add_backfill(
        PartitionBackfill.from_asset_partitions(
            backfill_id=name,
            asset_graph=graph,
            partition_names=list(deployment.communities),
            asset_selection=list(graph.materializable_asset_keys),
            backfill_timestamp=time.time(),
            tags={},
            dynamic_partitions_store=instance,
            all_partitions=False,
            title=None,
            description=None,
            run_config=None,
        )
    )
    return name


def main() -> int:
    """Load all, and wait for the end."""
    home, deployment = Path.cwd(), Deployment.of_environment()
    shutil.copy(PIPELINES / "deploy" / "dagster.yaml", home)
    with dg.DagsterInstance.get() as instance:
        instance.event_log_storage.set_concurrency_slots("airmeet_postgres", int(sys.argv[1]))
        asked = dg.RunsFilter(tags={"dagster/backfill": ask_for_all(instance, deployment)})
        command = [sys.executable, "-m", "dagster._daemon", "run", "-f", str(DEFINITIONS)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as daemon:
            while True:
                statuses = [run.status for run in instance.get_runs(asked)]
                if len(statuses) == len(deployment.communities) and ENDED.issuperset(statuses):
                    break
                time.sleep(0.5)
            daemon.send_signal(signal.SIGINT)
        return int(dg.DagsterRunStatus.FAILURE in statuses)


if __name__ == "__main__":
    sys.exit(main())
