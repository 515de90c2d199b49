"""Machines whose clock is wrong: they settle nothing, and what they remember is not believed for ever."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from airmeet_sandbox import Sandbox, World
from tests.faults.histories.contents import contents
from tests.support.cli import Cli, FirstLoad, query
from tests.support.warehouse import NOW

LOADED = ("--resources", "airmeets,utms,tracks,session_attendance")
FILE = Path("airmeet.duckdb")
YEAR = timedelta(days=365)
NEWEST = "SELECT max(_dlt_load_id)::DOUBLE FROM _dlt_pipeline_state"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A few events that were over long ago."""
    with Sandbox(World(seed=7, events=4, people=4, now=NOW)) as running:
        running.clock.freeze(NOW)
        yield running


@pytest.fixture(autouse=True)
def _all_settles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__REPLAY_DAYS", "8")


def server_is_off(sandbox: Sandbox, by: timedelta) -> None:
    """Have the server's clock differ from this machine's."""
    sandbox.quirks = replace(sandbox.quirks, date_off=by.total_seconds())


def written_in(by: timedelta) -> None:
    """Have the newest load be one of a machine whose clock was off."""
    with duckdb.connect(str(FILE)) as connection:
        connection.execute("USE airmeet_data")
        [(load_id,)] = connection.execute("SELECT max(load_id) FROM _dlt_loads").fetchall()
        moved = str(float(load_id) + by.total_seconds())
        connection.execute("UPDATE _dlt_loads SET load_id = ? WHERE load_id = ?", [moved, load_id])
        connection.execute(
            "UPDATE _dlt_pipeline_state SET _dlt_load_id = ? WHERE _dlt_load_id = ?", [moved, load_id]
        )


@pytest.mark.parametrize("by", [YEAR, timedelta(hours=-2)])
def test_a_run_whose_clock_is_wrong_says_so_and_settles_nothing(
    cli: Cli, sandbox: Sandbox, caplog: pytest.LogCaptureFixture, by: timedelta
) -> None:
    server_is_off(sandbox, by)
    assert cli(*LOADED).code == 0
    assert "The clock of this machine is" in caplog.text
    assert ("behind" if by > timedelta(0) else "ahead of") in caplog.text
    first = contents(FILE)
    [(listed_at,)] = query("SELECT epoch(max(last_listed_at)) FROM airmeets")
    assert listed_at == pytest.approx(time.time() + by.total_seconds(), abs=300)
    server_is_off(sandbox, timedelta(0))
    asked = []
    for _ in range(2):
        sandbox.clear_requests()
        assert cli(*LOADED).code == 0
        asked.append({request.endpoint for request in sandbox.requests})
    assert asked[0] >= {"utms", "tracks", "session_attendance"}
    assert asked[1] == {"auth", "airmeets"}
    assert contents(FILE) == first


def test_a_small_difference_is_nothing(cli: Cli, sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    server_is_off(sandbox, timedelta(minutes=50))
    cli(*LOADED)
    sandbox.clear_requests()
    cli(*LOADED)
    assert {request.endpoint for request in sandbox.requests} == {"auth", "airmeets"}
    assert not caplog.text


class TestEventsOfToday:
    @pytest.fixture
    def sandbox(self, today: Sandbox) -> Sandbox:
        """Some units are still due."""
        return today

    def test_what_a_machine_remembered_that_was_ahead_is_forgotten(
        self, cli: Cli, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
    ) -> None:
        """Its state would be the newest for a year, and nothing loaded meanwhile would be remembered."""
        cli(*LOADED)
        event = sandbox.world.event_in("live")
        sandbox.world.add_utm(event)
        cli(*LOADED)
        written_in(YEAR)
        sandbox.world.add_utm(event)
        assert cli(*LOADED).code == 0
        assert "clock was ahead" in caplog.text
        assert query(NEWEST)[0][0] < time.time() + 60
        rows = len(sandbox.world.records("utms", event))
        assert query(f"SELECT count(*) FROM utms WHERE airmeet_id = '{event}'") == [(rows,)]
        caplog.clear()
        sandbox.clear_requests()
        assert cli(*LOADED).code == 0
        assert not caplog.text
        assert all(
            "after" in request.query for request in sandbox.requests.to("utms") if event in request.path
        )


def test_all_that_is_remembered_may_be_of_a_machine_that_was_ahead(
    cli: Cli, loaded: FirstLoad, sandbox: Sandbox
) -> None:
    loaded(*LOADED)
    first = contents(FILE)
    written_in(YEAR)
    sandbox.clear_requests()
    assert cli(*LOADED).code == 0
    assert len(sandbox.requests.to("tracks")) == len(sandbox.world.events())
    assert contents(FILE) == first


def test_a_machine_that_is_behind_does_not_take_good_states_for_those_of_the_future(
    cli: Cli, loaded: FirstLoad, sandbox: Sandbox
) -> None:
    loaded(*LOADED)
    written_in(YEAR)
    server_is_off(sandbox, YEAR)
    sandbox.clear_requests()
    assert cli(*LOADED).code == 0
    assert {request.endpoint for request in sandbox.requests} == {"auth", "airmeets"}
    assert query(NEWEST)[0][0] > time.time() + YEAR.total_seconds() - 600
