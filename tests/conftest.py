"""What every test needs: a clean environment, a sandbox of the API, and a warehouse to load into."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import run as command
from cli import Cli, Result
from postgres_server import PostgresServer
from warehouse import NOW, Warehouse

from airmeet_source.sandbox import Sandbox, World

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "CRITICAL"  # as the command line has it; dlt reads it once per process


@pytest.fixture(autouse=True)
def _clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("SOURCES__", "DESTINATION__", "AIRMEET")):
            monkeypatch.delenv(name)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A dozen events in all phases of life, seen at a moment that stands still."""
    with Sandbox(World(seed=7, events=12, people=8, now=NOW)) as running:
        running.clock.freeze(NOW)
        yield running


@pytest.fixture
def warehouse(tmp_path: Path, sandbox: Sandbox) -> Warehouse:
    """An empty warehouse for the sandbox's events."""
    return Warehouse(tmp_path, sandbox)


@pytest.fixture
def another_warehouse(tmp_path: Path, sandbox: Sandbox) -> Callable[[], Warehouse]:
    """More empty warehouses for the same events."""
    return lambda: Warehouse(tmp_path, sandbox)


@pytest.fixture
def cli(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Cli:
    """The command line with the sandbox's keys in the environment."""
    environment = {
        "ACCESS_KEY": sandbox.access_key,
        "SECRET_KEY": sandbox.secret_key,
        "BASE_URL": sandbox.base_url,
        "PENDING_WAIT": "0.05",
        "BACKOFF": "0.01",
        "MAX_ATTEMPTS": "3",
    }
    for name, value in environment.items():
        monkeypatch.setenv(f"SOURCES__AIRMEET__{name}", value)
    monkeypatch.setenv("RUNTIME__LOG_LEVEL", "CRITICAL")  # main sets it; pytest puts it back

    def call(*arguments: str) -> Result:
        try:
            code = command.main(["--pipelines-dir", str(tmp_path / "pipelines"), *arguments])
        except SystemExit as stopped:
            code = int(str(stopped.code))
        out, err = capsys.readouterr()
        return Result(code, out, err)

    return call


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL server, one for each process of tests."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=["DuckDB", "Postgres"])
def postgres(request: pytest.FixtureRequest) -> str | None:
    """The address of an empty PostgreSQL database, or None for a DuckDB file: both are tried."""
    if request.param == "DuckDB":
        return None
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database()
