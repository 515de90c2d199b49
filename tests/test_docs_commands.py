"""What the pages tell a reader to run is run: commands, queries and Python."""

import os
import re
import runpy
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psycopg2
import pytest

from airmeet_sandbox import Sandbox, World
from airmeet_source.cli.main import call
from airmeet_source.model.tables import TABLES
from tests.support.asked_for import children_of
from tests.support.bigquery_server import BigQueryServer
from tests.support.cli import ABOUT_RUNS
from tests.support.pages import PAGES, README, ROOT, of_all_pages
from tests.support.postgres_server import Databases

DUCKDB_DEMO = "airmeet load --demo"
DEMO = rf"{DUCKDB_DEMO}( --destination \w+)?$"
NOT_RUN_HERE = {  # how a command begins, and why
    "python -m venv": ".ci/run does it",
    "pre-commit install": "changes the clone's git hooks",
    "just ": "test_docs.py looks for the recipe",
    "pytest": "would run this test, too",
    "ruff check": ".ci/run does it",
    "mypy": ".ci/run does it",
    "python docs/generate.py": "test_docs.py does it",
    "dbt ": "tests/test_dbt.py does it",
    "cd dbt": "the same",
    "export ": "sets what the commands after it read",
    "pip install": ".ci/run and tests/cli/test_wheel.py do it",
    "python benchmarks/run.py": "takes minutes; tests/test_benchmarks.py tries it",
    "airmeet report( --html report.html)?$": "tests/reporting does it",
    "marimo run": "the same",
    r"airmeet push|printf 'email,": "tests/push/test_page.py does it",
    "airmeet recordings": "tests/recordings/test_page.py does it",
    "airmeet (erase|load --demo --resources p)": "tests/erase/test_page.py does it",
    "airmeet sandbox": "serves until it is stopped; tests/sandbox does it",
    "airmeet (load|status) --communit": "tests/cli and tests/loading do it, in test_communities.py",
    "(DESTINATION.* )?airmeet load --demo --communities": "the same",
    "docker run": "needs Docker",
    "AIRMEET_DEMO=.* dagster dev": "serves until it is stopped; tests/orchestration does it",
    "dagster instance|cp pipelines/deploy/dagster.yaml": "the same",
    "airmeet load$": "the fixture `loaded` does it",
    r"airmeet \w+ --community": "tests/loading/test_communities.py does it",
    DEMO: "below",
}


def commands() -> list[str]:
    """Every command of the pages that is to be run here, each once."""
    named = dict.fromkeys(command for page in PAGES for command in page.commands())
    return [command for command in named if not _reasons(command)]


def _reasons(command: str) -> list[str]:
    return [pattern for pattern in NOT_RUN_HERE if re.match(pattern, command)]


@dataclass(frozen=True)
class Reader:
    """Somebody who follows the pages, with a sandbox for Airmeet."""

    folder: Path
    environment: dict[str, str]
    sandbox: Sandbox | None = None

    def run(self, command: str) -> str:
        """Run a command line; returns what it prints."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def become(self, patch: pytest.MonkeyPatch) -> None:
        """Have this process be the reader's: another one needs more than a second to import dlt."""
        patch.chdir(self.folder)
        patch.setenv("RUNTIME__LOG_LEVEL", "CRITICAL")  # main sets it; pytest puts it back
        for name, value in self.environment.items():
            patch.setenv(name, value)


def reader_in(folder: Path, more: dict[str, str], sandbox: Sandbox | None = None) -> Reader:
    """A reader in a folder of their own, with this Python and this project."""
    programs = folder / "bin"
    programs.mkdir()
    for name, arguments in (("python", ""), ("airmeet", "-m airmeet_source")):
        (programs / name).write_text(f'#!/bin/sh\nexec {sys.executable} {arguments} "$@"\n')
        (programs / name).chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "DLT_DATA_DIR": str(folder / "dlt"),
        "RUNTIME__DLTHUB_TELEMETRY": "false",
        **more,
    }
    return Reader(folder, environment, sandbox)


@pytest.fixture(scope="module")
def keys() -> Iterator[tuple[Sandbox, dict[str, str]]]:
    """A sandbox, and the environment in which it is Airmeet."""
    with Sandbox(World(seed=7, events=12, people=24)) as sandbox:
        sandbox.clock.freeze()
        yield (
            sandbox,
            {
                "SOURCES__AIRMEET__ACCESS_KEY": sandbox.access_key,
                "SOURCES__AIRMEET__SECRET_KEY": sandbox.secret_key,
                "SOURCES__AIRMEET__BASE_URL": sandbox.base_url,
                "SOURCES__AIRMEET__PENDING_WAIT": "0.05",
            },
        )


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, keys: tuple[Sandbox, dict[str, str]]) -> Reader:
    """A reader who has loaded everything."""
    reader = reader_in(tmp_path_factory.mktemp("reader"), keys[1], keys[0])
    with pytest.MonkeyPatch.context() as patch:
        reader.become(patch)
        assert call("load", [], prog="airmeet load") == 0
    return reader


Run = Callable[[Reader, str], str]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command of ours as a reader runs it, in this process; returns what it prints."""

    def in_this_process(reader: Reader, command: str) -> str:
        reader.become(monkeypatch)
        words = shlex.split(command)
        while "=" in words[0]:
            monkeypatch.setenv(*words.pop(0).split("=", 1))
        _, name, *options = words
        assert call(name, options, prog=f"airmeet {name}") == 0, capsys.readouterr()
        return capsys.readouterr().out

    return in_this_process


def rows(reader: Reader, query: str) -> list[tuple[Any, ...]]:
    """What a query finds in the DuckDB file."""
    with duckdb.connect(str(reader.folder / "airmeet.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("command", commands())
def test_a_command_runs(loaded: Reader, command: str, run: Run) -> None:
    is_ours = re.match(r"(\w+=\S+ )*airmeet ", command)
    assert run(loaded, command) if is_ours else loaded.run(command)


def test_there_is_a_reason_for_each_command_that_is_not_run() -> None:
    named = [command for page in PAGES for command in page.commands()]
    assert {reason for command in named for reason in _reasons(command)} == set(NOT_RUN_HERE)


@pytest.mark.parametrize("query", of_all_pages("sql").values(), ids=of_all_pages("sql"))
def test_a_query_answers(loaded: Reader, query: str) -> None:
    assert rows(loaded, query)


def test_the_readme_counts_who_registered_and_came(loaded: Reader) -> None:
    assert loaded.sandbox is not None
    world = loaded.sandbox.world
    expected = {}
    for event in world.records("airmeets"):
        attendance = [
            record
            for endpoint in ("event_attendance", "session_attendance")
            for child in children_of(world, endpoint, event["uid"])
            for record in world.records(endpoint, event["uid"], child)
        ]
        people = world.records("participants", event["uid"])
        registered = [person for person in people if person["user_type"] == "Registered User"]
        came = [person for person in registered if any(_is_same(person, other) for other in attendance)]
        expected[event["name"]] = (len(registered), len(came))
    found = rows(loaded, README.blocks("sql")[0])
    assert {name: (registered, came) for name, registered, came, _ in found} == expected


def _is_same(person: dict[str, Any], other: dict[str, Any]) -> bool:
    if person.get("user_id") and other.get("user_id"):
        return bool(person["user_id"] == other["user_id"])
    emails = [(somebody.get("email") or "").strip().lower() for somebody in (person, other)]
    return emails[0] != "" and emails[0] == emails[1]


@pytest.mark.parametrize("code", of_all_pages("python").values(), ids=of_all_pages("python"))
def test_python_runs(
    keys: tuple[Sandbox, dict[str, str]], tmp_path: Path, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "example.py").write_text(code, encoding="utf-8")
    reader_in(tmp_path, keys[1]).become(monkeypatch)
    runpy.run_path("example.py", run_name="__main__")


def test_the_demo_loads_the_same_into_each_destination(
    tmp_path: Path, postgres_databases: Databases, bigquery_server: BigQueryServer, run: Run,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    bigquery_server.without_waiting(monkeypatch)
    postgres = postgres_databases.new()
    more = {**bigquery_server.environment, "DESTINATION__POSTGRES__CREDENTIALS": postgres}
    reader = reader_in(tmp_path, more)
    named = dict.fromkeys(command for page in PAGES for command in page.commands() if re.match(DEMO, command))
    assert {command.partition("--destination ")[2] for command in named} == {"", "postgres", "bigquery"}
    # the emulator takes a second for each table and each view; tests/loading compares them all there
    few = ("airmeets", "participants")
    fewer = {*few, "participant_custom_fields"}
    bigquery = "--destination bigquery --dataset demo"  # its own: other tests load into the same emulator
    demos = [
        f"{DUCKDB_DEMO} --pipelines-dir a",
        f"{DUCKDB_DEMO} --destination postgres --pipelines-dir b",
        f"{DUCKDB_DEMO} {bigquery} --pipelines-dir c --no-views --resources {','.join(few)}",
    ]
    on_duckdb, on_postgres, on_bigquery = (_counts(run(reader, demo)) for demo in demos)
    assert set(on_duckdb) == set(TABLES) - {"registrations", *ABOUT_RUNS}
    assert on_postgres == on_duckdb
    assert on_bigquery.items() >= {(table, on_duckdb[table]) for table in fewer}
    _queries_answer_alike(reader, postgres)
    _a_reader_reads_the_views_and_nothing_else(postgres)


def _counts(output: str) -> dict[str, str]:
    counts: list[tuple[str, str]] = re.findall(r"^(\w+) +([\d,]+)$", output, re.MULTILINE)
    return {name: count for name, count in counts if name in TABLES}


def _queries_answer_alike(reader: Reader, postgres: str) -> None:
    connection = psycopg2.connect(postgres)
    with connection, connection.cursor() as cursor:
        for name, query in of_all_pages("sql").items():
            cursor.execute(query)
            on_postgres, on_duckdb = cursor.fetchall(), rows(reader, query)
            assert len(on_postgres) == len(on_duckdb), name
            if name.startswith("docs/analysts.md"):  # others show when something was loaded
                assert [tuple(map(str, row)) for row in on_postgres] == [
                    tuple(map(str, row)) for row in on_duckdb
                ], name
    connection.close()


def _a_reader_reads_the_views_and_nothing_else(postgres: str) -> None:
    connection = psycopg2.connect(postgres)
    with connection.cursor() as cursor:  # roles are the server's: nothing of this is committed
        for statements in of_all_pages("postgresql").values():
            cursor.execute(statements.replace("loader", "CURRENT_USER"))
        cursor.execute("SET ROLE reader; SELECT count(*) FROM airmeet_data_views.event_people")
        assert cursor.fetchone() != (0,)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("SELECT count(*) FROM airmeet_data.participants")
    connection.close()


def test_pip_commands_of_the_readme_are_run_by_ci() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    for words in ("python pipelines/run.py --demo", '".[test,dbt]" && pytest'):
        assert words in script
        assert any(words in command for command in README.commands())
