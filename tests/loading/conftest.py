"""Events of today, for runs whose clock is the machine's own, and destinations for the command line."""

from collections.abc import Iterator

import pytest

from airmeet_sandbox import Sandbox, World
from tests.support.postgres_server import Databases


@pytest.fixture
def today() -> Iterator[Sandbox]:
    """A few events around this moment, which stands still for the API: some units are still due."""
    with Sandbox(World(seed=7, events=5, people=4)) as running:
        running.clock.freeze()
        yield running


@pytest.fixture(params=["duckdb", "postgres", "bigquery"])
def destination_name(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each destination in turn, as the command line names it, ready to be loaded into."""
    if request.param == "postgres":
        databases: Databases = request.getfixturevalue("postgres_databases")
        monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", databases.new())
    elif request.param == "bigquery":
        request.getfixturevalue("bigquery")
    return str(request.param)
