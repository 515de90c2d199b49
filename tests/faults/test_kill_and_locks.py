"""Runs that end in the middle, runs that meet, and a DuckDB file that somebody else has open."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
import tenacity

from airmeet_sandbox import Sandbox
from tests.faults.histories.contents import Tables, contents
from tests.support.cli import SCRIPT, Cli, FirstLoad, query
from tests.support.processes import started

PATIENCE = 30.0  # seconds until a test gives up waiting for what it waits for
FILE = Path("airmeet.duckdb")
LOADED = ("--resources", "airmeets,tracks,utms")


def until(condition: Callable[[], object]) -> None:
    """Wait for something that another process does."""
    give_up_at = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up_at, "it did not happen"
        time.sleep(0.01)


def running(*arguments: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """The command line in a process of its own, in the working directory and environment of the test."""
    command = [sys.executable, SCRIPT, "--pipelines-dir", "pipelines", "--no-views", *arguments]
    return started(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@pytest.fixture
def clean(loaded: FirstLoad) -> Tables:
    """The tables of a load that nothing disturbed."""
    loaded(*LOADED)
    tables = contents(FILE)
    FILE.unlink()
    return tables


def is_waiting(sandbox: Sandbox) -> Callable[[], bool]:
    """Whether results in preparation have been asked for."""
    return lambda: any(request.status == 202 for request in sandbox.requests)


def is_loading() -> bool:
    """Whether dlt has begun to load a package."""
    return any(Path("pipelines").glob("*/load/normalized/*/started_jobs/*"))


def test_a_run_that_waits_keeps_another_out_and_when_killed_is_completed_by_the_next(
    cli: Cli, sandbox: Sandbox, clean: Tables
) -> None:
    sandbox.prepare_seconds = 1e9
    sandbox.forget_prepared()
    with running(*LOADED) as process:
        sandbox.clear_requests()
        until(is_waiting(sandbox))
        another = cli(*LOADED, "--lock-timeout", "0.2")
        process.kill()
    assert another.code == 1
    assert "Another run loads into this dataset" in another.err
    sandbox.prepare_seconds = 0
    assert cli(*LOADED).code == 0
    assert contents(FILE) == clean


def test_killed_while_loading_the_next_run_loses_and_doubles_nothing(cli: Cli, clean: Tables) -> None:
    """Nor does it where the working folder is lost as well."""
    with running(*LOADED) as process:
        until(is_loading)
        process.kill()
        process.wait()
        assert process.returncode == -signal.SIGKILL
    left = {file: file.read_bytes() for file in Path().glob(f"{FILE}*")}
    assert cli(*LOADED).code == 0
    assert contents(FILE) == clean

    shutil.rmtree("pipelines")
    for file in Path().glob(f"{FILE}*"):
        file.unlink()
    for file, content in left.items():
        file.write_bytes(content)
    assert cli(*LOADED).code == 0
    assert contents(FILE) == clean


@pytest.mark.usefixtures("cli")
def test_a_signal_ends_the_run_cleanly_and_what_is_complete_is_kept(sandbox: Sandbox) -> None:
    sandbox.prepare_seconds = 1e9
    with running(*LOADED) as process:
        until(is_waiting(sandbox))
        until(lambda: len(sandbox.requests.to("tracks")) >= len(sandbox.world.records("airmeets")) - 4)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Stopped by SIGINT" in err
    assert "Traceback" not in err
    assert query("SELECT count(*) > 0 FROM tracks") == [(True,)]


def test_a_signal_while_loading_lets_the_load_finish(clean: Tables) -> None:
    with running(*LOADED) as process:
        until(is_loading)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143
    assert "Stopped by SIGTERM" in err
    assert "Traceback" not in err
    assert contents(FILE) == clean


def test_a_table_that_refuses_its_rows_fails_the_run_and_the_next_one_converges(
    cli: Cli, loaded: FirstLoad, clean: Tables, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOAD__RAISE_ON_FAILED_JOBS", "false")  # somebody else's wish
    loaded(*LOADED)
    with duckdb.connect("airmeet.duckdb") as connection:
        ((definition,),) = connection.execute(
            "SELECT sql FROM duckdb_tables() WHERE (schema_name, table_name) = ('airmeet_data', 'tracks')"
        ).fetchall()
        connection.execute("ALTER TABLE airmeet_data.tracks RENAME TO tracks_aside")
        connection.execute(definition.replace(");", ", CHECK (track_id IS NULL));"))
    result = cli(*LOADED)
    assert result.code == 1
    assert "Traceback" not in result.err
    with duckdb.connect("airmeet.duckdb") as connection:
        connection.execute("DROP TABLE airmeet_data.tracks")
        connection.execute("ALTER TABLE airmeet_data.tracks_aside RENAME TO tracks")
    assert cli(*LOADED).code == 0
    assert contents(FILE) == clean


@contextmanager
def reader(file: str = "airmeet.duckdb") -> Iterator[subprocess.Popen[str]]:
    """Another program that has the file open for reading."""
    code = f"import duckdb; c = duckdb.connect({file!r}, read_only=True); print('open', flush=True); input()"
    command = [sys.executable, "-c", code]
    with started(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        yield process


def test_a_file_that_stays_locked_is_given_up_clearly_with_nothing_lost(cli: Cli, loaded: FirstLoad) -> None:
    loaded(*LOADED)
    before = contents(FILE)
    with reader() as process:
        result, check = cli(*LOADED, "--lock-timeout", "0.3"), cli("--check", "--lock-timeout", "0")
    for told in (result, check):
        assert told.code == 1
        assert f"PID {process.pid}" in told.err
    assert "Nothing was lost" in result.err
    assert cli(*LOADED).code == 0
    assert contents(FILE) == before


def test_a_file_that_is_released_in_time_is_waited_for(
    cli: Cli, loaded: FirstLoad, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    loaded(*LOADED)
    with reader() as process:
        monkeypatch.setattr(tenacity.nap, "time", SimpleNamespace(sleep=lambda _: process.kill()))
        result = cli(*LOADED, "--lock-timeout", "60")
    assert result.code == 0
    assert "waiting up to 60 s" in caplog.text


def test_a_published_snapshot_is_replaced_in_one_step_and_blocks_no_load(cli: Cli, sandbox: Sandbox) -> None:
    people = ("--resources", "airmeets,participants")
    assert cli(*people, "--publish", "dashboards.duckdb").code == 0
    count = "SELECT count(*) FROM airmeet_data.participants"
    with duckdb.connect("dashboards.duckdb", read_only=True) as dashboard:
        before = dashboard.execute(count).fetchall()
        sandbox.world.register(sandbox.world.event_in("upcoming"), 2)
        assert cli(*people, "--publish", "dashboards.duckdb").code == 0
        assert dashboard.execute(count).fetchall() == before
    assert contents(Path("dashboards.duckdb")) == contents(FILE)
    assert query("SELECT count(*) FROM participants", "dashboards.duckdb") == [(before[0][0] + 2,)]
    assert not list(Path().glob("*.part"))


def test_a_failed_run_publishes_nothing(cli: Cli, sandbox: Sandbox) -> None:
    sandbox.revoke_keys()
    assert cli("--publish", "dashboards.duckdb").code == 2
    assert not Path("dashboards.duckdb").exists()
