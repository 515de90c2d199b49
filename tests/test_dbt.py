"""dbt's project on what a load leaves: its tests hold, and they tell what does not."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
import yaml

from airmeet_source.model.tables import TABLES
from airmeet_source.views.declarations import VIEWS
from airmeet_source.views.weights import WEIGHTS
from tests.support.cli import Cli, FirstLoad, query
from tests.support.pages import ROOT
from tests.support.postgres_server import Databases

needs_dbt = pytest.mark.skipif(
    find_spec("dbt") is None or find_spec("dbt.cli") is None, reason='needs pip install -e ".[test,dbt]"'
)
# dbt starts slowly, and keeps a DuckDB file open until its process ends: one process for all commands
RUN = """
import json, sys
from dbt.cli.main import dbtRunner
for words in (["build"], ["source", "freshness"]):
    done = dbtRunner().invoke(words)
    assert done.exception is None, done.exception
    print(json.dumps({result.node.name: str(result.status) for result in done.result.results}))
"""
DAMAGE = """
INSERT INTO participants SELECT * FROM participants LIMIT 1;
UPDATE utms SET airmeet_id = 'gone' WHERE id = (SELECT min(id) FROM utms);
UPDATE participant_custom_fields SET field_id = NULL;
UPDATE sync_log SET finished_at = finished_at - INTERVAL '3 days';
INSERT INTO sync_log (resource, outcome, finished_at, _dlt_load_id) VALUES ('utms', 'failed', now(), 'now');
"""


def dbt(folder: Path, **environment: str) -> tuple[dict[str, str], dict[str, str]]:
    """What became of each model and test, and how fresh each source is."""
    always = {
        "DBT_PROJECT_DIR": str(ROOT / "dbt"),
        "DBT_PROFILES_DIR": str(ROOT / "dbt"),
        "DBT_TARGET_PATH": str(folder / "target"),
        "DBT_LOG_PATH": str(folder / "logs"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_QUIET": "true",
        "DBT_WARN_ERROR_OPTIONS": '{"error": ["Deprecations"]}',
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        env={**os.environ, **always, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    built, freshness = (json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"'))
    return built, freshness


@needs_dbt
@pytest.mark.timeout(300)  # seconds; on a busy machine dbt takes minutes for a hundred tests
def test_what_a_load_leaves_on_duckdb_passes(loaded: FirstLoad, tmp_path: Path) -> None:
    loaded(views=True)

    built, freshness = dbt(tmp_path, AIRMEET_DUCKDB="airmeet.duckdb")

    assert built.pop("crm_attendance") == "success"
    assert set(built.values()) == {"pass"}
    assert freshness == {"sync_log": "pass"}
    counted = "SELECT count(*) FROM {} WHERE crm_status IS NOT NULL AND email IS NOT NULL"
    tables = ("analytics.crm_attendance", "airmeet_data_views.event_people")
    model, view = (query(counted.format(table)) for table in tables)
    assert model == view != [(0,)]


@needs_dbt
def test_what_is_wrong_on_postgres_is_told(
    cli: Cli, postgres_databases: Databases, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address = postgres_databases.new()
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", address)
    assert cli("--destination", "postgres", "--resources", "airmeets,participants,utms", views=True).code == 0
    connection = psycopg2.connect(address, options="-c search_path=airmeet_data")
    with connection, connection.cursor() as cursor:
        cursor.execute(DAMAGE)
    connection.close()

    built, freshness = dbt(tmp_path, DBT_TARGET="postgres", **_as_libpq_has_it(address))

    assert built.pop("crm_attendance") == "success"
    assert {name: status for name, status in built.items() if status != "pass"} == {
        "source_unique_together_airmeet_participants_airmeet_id__person_key": "fail",
        "source_relationships_together_airmeet_utms_airmeet_id__source_airmeet_airmeets_": "fail",
        "source_not_null_together_airmeet_participant_custom_fields_field_id": "warn",
    }
    assert freshness == {"sync_log": "error"}


def _as_libpq_has_it(address: str) -> dict[str, str]:
    parts = urlsplit(address)
    return {
        "PGHOST": parts.hostname or "",
        "PGPORT": str(parts.port),
        "PGUSER": parts.username or "",
        "PGPASSWORD": parts.password or "",
        "PGDATABASE": parts.path[1:],
    }


def test_every_table_and_view_is_a_source() -> None:
    declared = yaml.safe_load((ROOT / "dbt" / "models" / "sources.yml").read_text(encoding="utf-8"))
    tables, views = ({table["name"] for table in source["tables"]} for source in declared["sources"])
    assert tables == set(TABLES)
    assert views == {*VIEWS, WEIGHTS.name}
