"""`airmeet status`: how the data stands, without asking Airmeet."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from airmeet_sandbox import Sandbox, faults
from airmeet_source.cli.main import call
from tests.support.cli import Cli, FirstLoad, Result
from tests.support.postgres_server import Databases

FEW = ("--resources", "airmeets,tracks")
LONG_AGO = "TIMESTAMPTZ '2020-01-01 00:00:00+00'"

Status = Callable[..., Result]


@pytest.fixture
def status(capsys: pytest.CaptureFixture[str]) -> Status:
    """The command."""

    def ask(*words: str) -> Result:
        code = call("status", words, prog="airmeet status")
        return Result(code, *capsys.readouterr())

    return ask


def told(result: Result) -> Any:
    content = json.loads(result.out)
    assert content["exit_code"] == result.code
    return content


def change(*statements: str) -> None:
    with duckdb.connect("airmeet.duckdb") as connection:
        for statement in statements:
            connection.execute(statement)


def test_before_the_first_load_it_is_1_and_no_database_is_created(status: Status) -> None:
    result = status()

    assert result.code == 1
    assert "Nothing has been loaded" in result.err
    assert not list(Path().glob("*.duckdb*"))


def test_after_a_good_run_it_is_0_until_that_is_too_old_and_airmeet_is_not_asked(
    cli: Cli, status: Status, sandbox: Sandbox
) -> None:
    assert cli(*FEW, "--report", "report.json").code == 0
    asked = len(sandbox.requests)

    content = told(status("--json"))

    report = json.loads(Path("report.json").read_text())
    run = content["last_run"]
    assert {name: run[name] for name in ("run_id", "status", "exit_code", "requests", "error")} == {
        name: report[name] for name in ("run_id", "status", "exit_code", "requests", "error")
    }
    assert {name: run[name] for name in report["units"]} == report["units"]
    assert len(content["units"]) == report["units"]["loaded"]
    assert content["problems"] == []
    assert "ok, exit code 0" in status().out
    assert status("--quiet").out == ""
    assert len(sandbox.requests) == asked

    change("UPDATE airmeet_data.runs SET finished_at = finished_at - INTERVAL 3 HOUR")
    assert status("--max-age", "2.5").code == 3
    assert status("--max-age", "3.5").code == 0
    Path("airmeet.duckdb").write_bytes(b"no database")
    assert status().code == 1


def test_what_failed_is_named_until_it_is_loaded_or_its_event_archived(
    cli: Cli, status: Status, sandbox: Sandbox
) -> None:
    event, other = sandbox.world.event_in("just_finished"), sandbox.world.event_in("upcoming")
    sandbox.faults.add(faults.status(500, message="cannot open it"), endpoint="tracks", path=event)
    for _ in range(2):
        assert cli(*FEW).code == 3

    result = status()
    assert result.code == 3
    assert "tracks: 1 failed, HTTP 500: cannot open it" in result.out
    assert "2 tries" in result.out
    assert f"  {event}  " in result.out
    [problem] = told(status("--json"))["problems"]
    assert (problem["airmeet_id"], problem["resource"], problem["tries"]) == (event, "tracks", 2)
    assert status("--event", event).code == 3
    assert told(status("--json", "--event", other))["problems"] == []

    archived = f"UPDATE airmeet_data.airmeets SET last_listed_at = {LONG_AGO} WHERE airmeet_id = '{event}'"
    change(archived)
    content = told(status("--json"))
    assert content["problems"] == []
    assert [unit["state"] for unit in content["units"] if unit["airmeet_id"] == event].count("failed") == 1

    sandbox.faults.clear()
    assert cli(*FEW).code == 0
    assert status().code == 0


def test_a_run_that_failed_is_3_and_says_why(
    cli: Cli, loaded: FirstLoad, status: Status, sandbox: Sandbox
) -> None:
    loaded(*FEW)
    sandbox.revoke_keys()
    assert cli(*FEW).code == 2

    result = status()

    assert result.code == 3
    assert "failed, exit code 2" in result.out
    assert "keys" in result.out
    assert "last good" in result.out
    assert cli("--check").code == 2
    assert told(status("--json"))["last_run"]["exit_code"] == 2


def test_recordings_that_will_soon_be_gone_are_named(cli: Cli, status: Status) -> None:
    assert cli("--resources", "airmeets,session_recordings").code == 0
    ends = "SELECT airmeet_id FROM airmeet_data.session_recordings ORDER BY 1 LIMIT 1"
    soon = f"UPDATE airmeet_data.airmeets SET end_time = now() - INTERVAL 50 DAY WHERE airmeet_id = ({ends})"
    change("UPDATE airmeet_data.airmeets SET end_time = now()", soon)

    at_risk = told(status("--json"))["recordings_at_risk"]

    assert at_risk
    assert len({row["airmeet_id"] for row in at_risk}) == 1
    assert "not copied" in status().out

    sessions = Counter(row["session_id"] for row in at_risk)
    twice = next(session for session, count in sessions.items() if count == 2)
    change("CREATE TABLE airmeet_data.recording_files (airmeet_id VARCHAR, session_id VARCHAR)")
    a_copy = f"FROM airmeet_data.session_recordings WHERE session_id = '{twice}' LIMIT 1"
    for copies in (1, 2):
        change(f"INSERT INTO airmeet_data.recording_files SELECT airmeet_id, session_id {a_copy}")
        assert len(told(status("--json"))["recordings_at_risk"]) == len(at_risk) - copies


def test_it_is_the_same_on_postgres(
    cli: Cli, status: Status, postgres_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", postgres_databases.new())
    assert status("--destination", "postgres").code == 1
    assert cli(*FEW, "--destination", "postgres").code == 0

    content = told(status("--destination", "postgres", "--json"))

    assert content["last_run"]["status"] == "ok"
    assert len(content["units"]) == content["last_run"]["loaded"]
