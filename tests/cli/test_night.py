"""A night in which much goes wrong, and what `airmeet status` says of it at seven in the morning."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from airmeet_sandbox import Sandbox, World, faults
from airmeet_source.cli.main import call
from tests.support.cli import Cli, FirstLoad, Result
from tests.support.processes import started

FEW = ("--resources", "airmeets,tracks,utms", "--no-wait")
HOLD = """
import duckdb, sys
connection = duckdb.connect("airmeet.duckdb")
print("open", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A few events of today."""
    with Sandbox(World(seed=7, events=12, people=2)) as running:
        yield running


@pytest.fixture
def status(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Result]:
    """The command."""

    def ask(*words: str) -> Result:
        code = call("status", ["--pipelines-dir", str(tmp_path / "pipelines"), *words], prog="airmeet status")
        return Result(code, *capsys.readouterr())

    return ask


def test_status_names_all_that_went_wrong_in_a_night(
    cli: Cli,
    loaded: FirstLoad,
    status: Callable[..., Result],
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded("--resources", "airmeets,tracks,utms")
    world = sandbox.world
    failing, stuck, archived = (world.event_in(phase) for phase in ("upcoming", "just_finished", "tail"))
    names = {event["uid"]: event["name"] for event in world.records("airmeets")}
    sandbox.faults.add(faults.status(503, message="Out of coffee"), endpoint="tracks", path=failing)
    sandbox.faults.add(faults.pending(), endpoint="utms", path=stuck)
    world.archive_event(archived)
    assert cli(*FEW).code == 3

    said = status()
    assert said.code == 3
    lines = said.out.splitlines()
    at = lines.index("tracks: 1 failed, HTTP 503: Out of coffee (after 3 attempts)")
    assert lines[at + 1].endswith("(0 min ago), 1 try")
    assert lines[at + 2] == f"  {failing}  {names[failing]}"
    at = lines.index("utms: 1 pending, Airmeet is still preparing the result")
    assert lines[at + 2] == f"  {stuck}  {names[stuck]}"
    assert any(line.startswith(f"archived   {names[archived]} ({archived})") for line in lines)
    assert lines[-1] == "next       the next run takes up what is pending or failed"

    with started([sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        for _ in range(2):
            assert cli(*FEW, "--lock-timeout", "0").code == 1
    said = status()
    assert said.code == 3
    assert "since then 2 runs ended early" in said.out
    assert "The DuckDB file is still in use after 0 s" in said.out
    assert f"(PID {holder.pid})" in said.out
    assert cli(*FEW).code == 3
    assert "since then" not in status().out

    sandbox.revoke_keys()
    assert cli(*FEW).code == 2
    said = status()
    assert "failed, exit code 2" in said.out
    assert "Airmeet refuses the keys" in said.out
    assert "tracks: 1 failed, HTTP 503" in said.out
    assert said.out.splitlines()[-1].startswith("next       mend what the last run says")

    monkeypatch.delenv("SOURCES__AIRMEET__SECRET_KEY")
    assert cli(*FEW).code == 2
    assert "No Airmeet keys" in status().out
