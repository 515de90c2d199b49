"""Of loads that are done the newest states and files stay, and they are enough for a fresh machine."""

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from airmeet_sandbox import Sandbox
from airmeet_source.loading.clients import Clients
from airmeet_source.loading.leftovers import KEPT, clear_leftovers
from tests.support.cli import Cli, query
from tests.support.warehouse import Warehouse

RESOURCES = ("custom_fields", "poll_responses", "questions", "utms")  # with one table each
VERSIONS = "SELECT count(*), count(DISTINCT version) FROM _dlt_pipeline_state"


def test_on_each_destination_a_fresh_machine_goes_on_from_the_newest_versions(
    tmp_path: Path, sandbox: Sandbox, destination: Any
) -> None:
    warehouse = Warehouse(tmp_path, sandbox, destination=destination)
    sandbox.clock.advance(timedelta(days=3650))  # all events are settled
    for resource in RESOURCES:
        warehouse.load(resource)
    another = warehouse.pipeline
    another.pipeline_name = "another"  # of the same dataset
    clear_leftovers(Clients(another))
    assert warehouse.query(VERSIONS) == [(len(RESOURCES), len(RESOURCES))]
    newest = "(SELECT load_id FROM (SELECT load_id FROM _dlt_loads ORDER BY load_id DESC LIMIT 3) AS newest)"
    warehouse.query(f"UPDATE _dlt_loads SET status = 1 WHERE load_id IN {newest}")
    clear_leftovers(Clients(warehouse.pipeline))  # a load that broke off is not taken for the newest
    assert warehouse.query(VERSIONS) == [(len(RESOURCES), len(RESOURCES))]
    warehouse.query("UPDATE _dlt_loads SET status = 0 WHERE status = 1")
    clear_leftovers(Clients(warehouse.pipeline))
    assert warehouse.query(VERSIONS) == [(KEPT, KEPT)]
    shutil.rmtree(warehouse.folder / "pipelines")
    sandbox.clear_requests()
    warehouse.load(*RESOURCES)
    assert {request.endpoint for request in sandbox.requests} == {"auth", "airmeets"}


def test_what_cannot_be_deleted_spoils_no_load(warehouse: Warehouse) -> None:
    warehouse.load("tracks")
    warehouse.query("DROP TABLE _dlt_pipeline_state")
    clear_leftovers(Clients(warehouse.pipeline))
    assert warehouse.rows("tracks")


def test_the_command_line_leaves_no_more_with_each_run(cli: Cli, tmp_path: Path) -> None:
    """DuckDB rewrote all versions at the end of each load, until they did not fit into its memory."""
    for resource in RESOURCES:
        cli("--resources", resource)
    assert query(VERSIONS) == [(KEPT, KEPT)]
    folders = [*(tmp_path / "pipelines" / "airmeet" / "load" / "loaded").iterdir()]
    assert [(folder.name,) for folder in folders] == query("SELECT max(load_id) FROM _dlt_loads")
