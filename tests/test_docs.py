"""The docs work: every command and query of the README is run, every generated part is up to date."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import duckdb
import pytest

from airmeet_sandbox import Sandbox, World
from airmeet_source.model.tables import TABLES
from airmeet_source.settings import Settings
from tests.support.bigquery_server import BigQueryServer
from tests.support.postgres_server import Databases

ROOT = Path(__file__).resolve().parent.parent
NONE = "\N{EN DASH}"  # how the README writes "no default"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The README's code blocks in a language."""
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def commands(start: str) -> list[str]:
    """The README's shell commands that start so, comments removed."""
    lines = [line.split("  #")[0].strip() for block in blocks("bash") for line in block.splitlines()]
    return [line for line in lines if line.startswith(start)]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder where the project's command line is in use, with its environment."""
    folder = tmp_path_factory.mktemp("readme")
    for name in ("pipelines", "docs", "airmeet_source", "README.md", "benchmarks"):
        (folder / name).symlink_to(ROOT / name)
    with Sandbox(World(seed=7, events=12, people=6)) as sandbox:
        environment = {
            **os.environ,
            "SOURCES__AIRMEET__ACCESS_KEY": sandbox.access_key,
            "SOURCES__AIRMEET__SECRET_KEY": sandbox.secret_key,
            "SOURCES__AIRMEET__BASE_URL": sandbox.base_url,
            "SOURCES__AIRMEET__PENDING_WAIT": "0.05",
            "DLT_DATA_DIR": str(folder / "dlt"),
            "RUNTIME__DLTHUB_TELEMETRY": "false",
        }
        run("python pipelines/run.py", folder, environment)
        yield folder, environment


def run(command: str, folder: Path, environment: dict[str, str]) -> str:
    """Run a command of the README with this Python; returns what it prints."""
    words = [sys.executable if word == "python" else word for word in shlex.split(command)]
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


NOT_HERE = ("benchmarks", "generate", "--demo")


@pytest.mark.parametrize(
    "command", [c for c in commands("python") if not any(word in c for word in NOT_HERE)]
)
def test_a_command_of_the_readme_runs(loaded: tuple[Path, dict[str, str]], command: str) -> None:
    assert run(command, *loaded)


def test_the_demo_loads_the_same_into_each_destination(
    tmp_path: Path, postgres_databases: Databases, bigquery_server: BigQueryServer
) -> None:
    (tmp_path / "pipelines").symlink_to(ROOT / "pipelines")
    environment = {
        **os.environ,
        **bigquery_server.environment,
        "DESTINATION__POSTGRES__CREDENTIALS": postgres_databases.new(),
        "DLT_DATA_DIR": str(tmp_path / "dlt"),
    }
    demos = commands("python pipelines/run.py --demo")
    assert {command.partition("--destination ")[2] for command in demos} == {"", "postgres", "bigquery"}
    counts = [
        re.findall(r"^(\w+) +([\d,]+)$", run(demo, tmp_path, environment), re.MULTILINE) for demo in demos
    ]
    assert {name for name, _ in counts[0]} == set(TABLES) - {"registrations"}
    assert counts[0] == counts[1] == counts[2]


def test_pip_commands_of_the_readme_are_run_by_ci() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    extras = {re.findall(r"\[(\w+)\]", command)[0] for command in commands("pip install")}
    assert extras == {"demo", "test"}
    assert "run.py --demo" in script
    assert '".[test]" && pytest' in script


@pytest.mark.parametrize("query", blocks("sql"))
def test_a_query_of_the_readme_answers(loaded: tuple[Path, dict[str, str]], query: str) -> None:
    with duckdb.connect(str(loaded[0] / "airmeet.duckdb"), read_only=True) as connection:
        assert connection.execute(query).fetchall()


@pytest.mark.parametrize("code", blocks("python"))
def test_the_python_of_the_readme_runs(
    loaded: tuple[Path, dict[str, str]], tmp_path: Path, code: str
) -> None:
    run(shlex.join(["python", "-c", code]), tmp_path, {**loaded[1], "DLT_DATA_DIR": str(tmp_path / "dlt")})
    with duckdb.connect(str(tmp_path / "events.duckdb"), read_only=True) as connection:
        assert connection.execute("FROM airmeet_data.event_attendance").fetchall()


def test_the_settings_of_the_readme_have_the_defaults_of_the_code() -> None:
    rows = re.findall(
        r"^\| (`[a-z_`, ]+`) \| ([^|]+) \|", README.split("### Settings")[1].split("###")[0], re.MULTILINE
    )
    told = {
        name: default.strip()
        for names, defaults in rows
        for name, default in zip(
            re.findall(r"`(\w+)`", names), [*defaults.replace("`", "").split(", "), NONE, NONE], strict=False
        )
    }
    for field in fields(Settings):
        default = str(field.default).lower().removesuffix(".0") or NONE
        assert told[field.name].removesuffix(".0") == default, field.name


def test_the_options_that_the_readme_names_exist(loaded: tuple[Path, dict[str, str]]) -> None:
    known = set(re.findall(r"--[a-z-]+", run("python pipelines/run.py --help", *loaded)))
    prose = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    assert set(re.findall(r"`(--[a-z-]+)", prose)) - {"--strict", "--check", "--quick"} <= known


def test_the_generated_docs_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "docs" / "generate.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_table_of_faults_names_tests_that_exist() -> None:
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")))
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 20
    assert not {name for name in named if f"def {name}(" not in code}


def test_the_notebooks_queries_run(loaded: tuple[Path, dict[str, str]]) -> None:
    notebook = json.loads((ROOT / "notebooks" / "first_look.ipynb").read_text(encoding="utf-8"))
    code = "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code")
    queries = re.findall(r'sql\("+\n?(.*?)"+\)', code, re.DOTALL)
    with duckdb.connect(str(loaded[0] / "airmeet.duckdb"), read_only=True) as connection:
        connection.execute("USE airmeet_data")
        assert len(queries) == 4
        for query in queries:
            assert connection.execute(query).fetchall()


def test_nothing_points_outside_the_project() -> None:
    for path in (ROOT / "docs").glob("*.md"):
        assert "../shared" not in path.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!http|#)([^)#]+)", README)
    assert links
    assert all((ROOT / link).exists() for link in links)
