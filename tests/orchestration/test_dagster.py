"""Dagster: what it knows of the tables, and real runs of it, each in a process of its own."""

import asyncio
import os
import re
import shutil
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dagster as dg
import psycopg2
import pytest
from dagster._core.execution.backfill import PartitionBackfill
from hypothesis import given
from hypothesis import strategies as st

from airmeet_sandbox import Sandbox, World, faults
from airmeet_sandbox.faults import Action, Honest
from airmeet_source.api.regions import Api
from airmeet_source.errors import AlreadyRunning, KeysRefused, UsageError
from airmeet_source.model.tables import TABLES
from airmeet_source.orchestration import loading
from airmeet_source.orchestration.definitions import definitions
from airmeet_source.orchestration.deployment import Deployment, asset_key
from airmeet_source.orchestration.returning import Left, requests
from airmeet_source.resources import resources_of
from tests.support.pages import ROOT
from tests.support.postgres_server import Databases
from tests.support.processes import started

DEFINITIONS = ROOT / "pipelines" / "dagster_definitions.py"
SELECTED = [asset_key(table) for table in ("airmeets", "utms", "runs")]
PASSWORD = "the-password-of-the-warehouse"  # the server trusts everybody
PATIENCE = 90.0  # seconds until all runs have ended
ENDED = {dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE}


@pytest.fixture
def communities(
    monkeypatch: pytest.MonkeyPatch, postgres_databases: Databases
) -> Iterator[dict[str, Sandbox]]:
    """Three communities and a warehouse, all of which only the environment knows."""
    address = urlsplit(postgres_databases.new())
    place = address._replace(netloc=f"postgres:{PASSWORD}@{address.hostname}:{address.port}")
    with ExitStack() as stack:
        made = {
            name: stack.enter_context(Sandbox(World(seed=number, events=2, people=3)))
            for number, name in enumerate(("north", "south", "west"))
        }
        environment = {
            f"SOURCES__AIRMEET__COMMUNITIES__{name.upper()}__{key}": value
            for name, its in made.items()
            for key, value in (
                ("ACCESS_KEY", its.access_key), ("SECRET_KEY", its.secret_key), ("BASE_URL", its.base_url)
            )
        }  # fmt: skip
        environment |= {
            "SOURCES__AIRMEET__BACKOFF": "0.01",
            "SOURCES__AIRMEET__PENDING_WAIT": "0.05",
            "DESTINATION__POSTGRES__CREDENTIALS": place.geturl(),
            "AIRMEET_DESTINATION": "postgres",
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield made


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dg.DagsterInstance]:
    """Dagster's memory, with the settings of the example and room for two loads at a time."""
    home = tmp_path / "dagster"
    home.mkdir()
    shutil.copy(ROOT / "pipelines" / "deploy" / "dagster.yaml", home)
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    with dg.DagsterInstance.get() as made:
        made.event_log_storage.set_concurrency_slots("airmeet_postgres", 2)
        yield made


def meeting(those: set[str], name: str) -> Action:
    """An answer that waits until two have asked."""

    async def act(honest: Honest) -> Any:
        those.add(name)
        give_up_at = time.monotonic() + PATIENCE
        while len(those) < 2:
            assert time.monotonic() < give_up_at
            await asyncio.sleep(0.02)
        return honest()

    return act


@contextmanager
def daemon(folder: Path) -> Iterator[None]:
    """Dagster's daemon, which starts what is asked for."""
    with (
        (folder / "daemon.log").open("w") as log,
        started(
            [sys.executable, "-m", "dagster._daemon", "run", "-f", DEFINITIONS],
            cwd=folder,
            stdout=log,
            stderr=log,
        ) as process,
    ):
        yield
        process.send_signal(signal.SIGINT)
        process.wait(30)


def ask_for(instance: dg.DagsterInstance, defs: dg.Definitions, communities: Iterable[str]) -> None:
    """What the page does when partitions are chosen there."""
    backfill = PartitionBackfill.from_asset_partitions(
        backfill_id="all",
        asset_graph=defs.resolve_asset_graph(),
        partition_names=[*communities],
        asset_selection=SELECTED,
        backfill_timestamp=time.time(),
        tags={},
        dynamic_partitions_store=instance,
        all_partitions=False,
        title=None,
        description=None,
        run_config=None,
    )
    instance.add_backfill(backfill)


def ended_runs(instance: dg.DagsterInstance, folder: Path, number: int) -> dict[str, dg.DagsterRun]:
    """So many runs by their community, as soon as all of them have ended."""
    give_up_at = time.monotonic() + PATIENCE
    while True:
        runs = {run.tags["dagster/partition"]: run for run in instance.get_runs()}
        if len(runs) == number and {run.status for run in runs.values()} <= ENDED:
            return runs
        assert time.monotonic() < give_up_at, (folder / "daemon.log").read_text()
        time.sleep(0.2)


def process_of(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    told = "\n".join(record.message for record in instance.all_logs(run.run_id))
    pid: str
    [pid] = set(re.findall(r"Executing steps in process \(pid: (\d+)\)", told))
    return pid


def test_two_at_once_by_the_daemon_and_one_that_fails_spoils_none(
    communities: dict[str, Sandbox], instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    north, south, west = communities.values()
    defs = definitions(Deployment.of_environment())
    met: set[str] = set()
    north.faults.add(meeting(met, "north"), endpoint="airmeets", times=1)
    south.faults.add(meeting(met, "south"), endpoint="airmeets", times=1)
    north.prepare_seconds = 1000.0
    south.faults.add(faults.status(401, message=f"{south.secret_key} is wrong"), endpoint="utms")
    west.revoke_keys()
    ask_for(instance, defs, communities)

    with daemon(tmp_path):
        runs = ended_runs(instance, tmp_path, len(communities))

    assert {name: run.status.value for name, run in runs.items()} == {
        "north": "SUCCESS", "south": "SUCCESS", "west": "FAILURE"
    }  # fmt: skip
    assert met == {"north", "south"}, "both were under way at the same time"
    assert len({process_of(instance, run) for run in runs.values()} | {str(os.getpid())}) == 4
    assert dict(rows("SELECT community, count(*) FROM airmeet_data.airmeets GROUP BY 1")) == {
        "north": 2, "south": 2
    }  # fmt: skip
    found = verdicts(instance, defs)
    assert not found["complete"].passed
    assert found["complete"].severity == dg.AssetCheckSeverity.ERROR
    problems: Any = found["complete"].metadata["problems"].value
    assert {(unit["community"], unit["resource"], unit["state"]) for unit in problems} == {
        ("north", "utms", "pending"), ("south", "utms", "failed")
    }  # fmt: skip
    assert (found["fresh"].passed, found["fresh"].metadata["late"].value) == (False, ["west"])
    told = told_of(instance, "utms", "north")
    assert (told["rows_written"], told["pending"], told["pending_events"]) == (
        0,
        2,
        sorted(north.world.events()),
    )
    assert told["run_id"] in {row[0] for row in rows("SELECT run_id FROM airmeet_data.runs")}
    assert told_of(instance, "utms", "south")["failed"] == 2

    north.prepare_seconds = 0.0
    comes_back_for_what_was_pending(instance, defs)

    files = [path for path in (tmp_path / "dagster").rglob("*") if path.is_file()]
    stored = b"".join(path.read_bytes() for path in files) + (tmp_path / "daemon.log").read_bytes()
    assert b"pending_events" in stored
    for its in communities.values():
        assert its.access_key.encode() not in stored
        assert its.secret_key.encode() not in stored
    assert PASSWORD.encode() not in stored


def comes_back_for_what_was_pending(instance: dg.DagsterInstance, defs: dg.Definitions) -> None:
    sensor, job = defs.resolve_sensor_def("come_back_for_pending"), defs.resolve_job_def("load_airmeet")

    def asked() -> list[dg.RunRequest]:
        with dg.build_sensor_context(instance=instance, definitions=defs) as context:
            return list(sensor.evaluate_tick(context).run_requests or ())

    [request] = asked()
    assert (request.partition_key, request.asset_selection) == ("north", [asset_key("utms")])
    done = job.execute_in_process(
        request.run_config,
        partition_key=request.partition_key,
        asset_selection=request.asset_selection,
        instance=instance,
    )
    assert done.success
    assert told_of(instance, "utms", "north")["rows_written"] > 0
    assert asked() == []


def verdicts(instance: dg.DagsterInstance, defs: dg.Definitions) -> dict[str, dg.AssetCheckEvaluation]:
    """The result of each check."""
    done = defs.resolve_job_def("check_airmeet").execute_in_process(instance=instance)
    return {result.check_name: result for result in done.get_asset_check_evaluations()}


def told_of(instance: dg.DagsterInstance, table: str, community: str) -> dict[str, Any]:
    """What the newest run of a community said of a table."""
    wanted = dg.AssetRecordsFilter(asset_key(table), asset_partitions=[community])
    [record] = instance.fetch_materializations(wanted, limit=1).records
    assert record.asset_materialization is not None
    return {name: value.value for name, value in record.asset_materialization.metadata.items()}


def rows(sql: str) -> list[tuple[Any, ...]]:
    address = os.environ["DESTINATION__POSTGRES__CREDENTIALS"]
    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def test_each_table_is_an_asset_with_its_columns_and_each_community_a_partition() -> None:
    defs = definitions(Deployment(communities=("north", "south")))
    dg.Definitions.validate_loadable(defs)
    graph = defs.resolve_asset_graph()

    loaded = {table for resource in resources_of(Api.CURRENT).values() for table in resource.tables}
    loaded |= {"sync_log", "runs", "schema_changes"}
    assert {key.path[-1] for key in graph.get_all_asset_keys()} == loaded | {"data_status"}
    for name in loaded:
        node = graph.get(asset_key(name))
        assert node.partitions_def == dg.StaticPartitionsDefinition(("north", "south"))
        assert (node.description, node.pools) == (TABLES[name].description, {"airmeet_duckdb"})
        columns = {column.name: column for column in node.metadata["dagster/column_schema"].columns}
        assert set(TABLES[name].column_names) <= set(columns)
        assert all(column.description for column in columns.values())


def test_without_names_there_is_one_community_and_its_region_decides_which_tables_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Deployment.of_environment().communities == ("default",)
    monkeypatch.setenv("SOURCES__AIRMEET__REGION", "legacy")
    legacy = Deployment.of_environment()
    assert [table.name for table in legacy.tables][:2] == ["airmeets", "registrations"]
    dg.Definitions.validate_loadable(definitions(legacy))
    monkeypatch.setenv("AIRMEET_DEMO", "north,south")
    assert Deployment.of_environment().communities == ("north", "south")


@pytest.mark.parametrize(
    ("error", "may_help"),
    [(AlreadyRunning("busy"), True), (KeysRefused("no"), False), (UsageError("no"), False)],
)
def test_only_what_may_pass_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, error: Exception, may_help: bool
) -> None:
    def fails(**_: object) -> None:
        raise error from ValueError("a row")

    monkeypatch.setattr(loading, "load", fails)
    tables = loading.tables_of(Deployment(communities=("north",)))
    context = dg.build_asset_context(partition_key="north")
    with pytest.raises(dg.Failure) as raised:
        list(tables(context, loading.What()))  # type: ignore[call-overload]
    assert raised.value.allow_retries is may_help
    assert raised.value.__suppress_context__
    assert raised.value.__cause__ is None


LEFT = st.builds(
    Left,
    table=st.sampled_from(["utms", "event_attendance"]),
    community=st.sampled_from(["north", "south"]),
    dagster_run=st.sampled_from(["1", "2"]),
    ended_at=st.sampled_from([99.0, 100.0, 101.0]),
    events=st.lists(st.sampled_from(["a", "b"]), unique=True, max_size=2).map(tuple),
    returns=st.integers(0, 7),
)


@given(st.lists(LEFT, unique_by=lambda left: (left.table, left.community), max_size=4))
def test_a_run_comes_back_once_for_all_that_another_one_left_pending(found: list[Left]) -> None:
    asked = [*requests(found, due_before=100.0, most_returns=6)]

    due = [left for left in found if left.events and left.ended_at <= 100.0 and left.returns < 6]
    covered = {
        (request.partition_key, key.path[-1]) for request in asked for key in request.asset_selection or ()
    }
    assert covered == {(left.community, left.table) for left in due}
    assert sum(len(request.asset_selection or ()) for request in asked) == len(due)
    assert len({request.run_key for request in asked}) == len(asked)
    for left in due:
        [request] = [
            request for request in asked if request.run_key == f"{left.dagster_run}-{left.community}"
        ]
        config = request.run_config["ops"][loading.OP]["config"]
        assert set(left.events) <= set(config["events"])
        assert left.returns < config["returns"] <= 6
