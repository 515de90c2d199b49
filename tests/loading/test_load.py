"""load(): what `airmeet load` does, in a program."""

import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from airmeet_sandbox import Sandbox, World, faults
from airmeet_source import AirmeetError, KeysRefused, Report, UnitsMissing, UsageError, load
from airmeet_source.errors import AlreadyRunning, EventListFailed, LoadFailed
from airmeet_source.loading.destinations import Target
from airmeet_source.loading.working_folder import empty_working_folder
from tests.support.cli import Cli, query, tables
from tests.support.warehouse import QUICK

Load = Callable[..., Report]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A few events of today."""
    with Sandbox(World(seed=7, events=12, people=6)) as running:
        yield running


@pytest.fixture
def quickly(sandbox: Sandbox, tmp_path: Path) -> Load:
    """`load` from the sandbox."""
    arguments: dict[str, Any] = {
        "access_key": sandbox.access_key,
        "secret_key": sandbox.secret_key,
        "base_url": sandbox.base_url,
        "pipelines_dir": tmp_path / "pipelines",
        "views": False,
        **QUICK,
    }
    return lambda **more: load(**{**arguments, **more})


def test_a_run_is_reported(quickly: Load, sandbox: Sandbox) -> None:
    report = quickly(resources=["airmeets", "tracks"])
    assert (report.status, report.exit_code, report.error) == ("ok", 0, None)
    assert (report.destination, report.dataset, report.pipeline) == ("duckdb", "airmeet_data", "airmeet")
    assert report.requests == len(sandbox.requests)
    assert report.rows["tracks"] == query("SELECT count(*) FROM tracks")[0][0]
    assert report.loaded_into == f"duckdb file {Path('airmeet.duckdb').resolve()}, dataset airmeet_data"
    assert json.loads(report.as_json()) == report.as_dict()
    report.raise_on_problems()


def test_units_that_failed_are_in_the_report_and_can_be_made_an_error(
    quickly: Load, sandbox: Sandbox
) -> None:
    event = sandbox.world.events()[0]
    sandbox.faults.add(faults.status(500, message="Out of coffee"), endpoint="tracks", path=event)
    report = quickly(resources=["airmeets", "tracks"])
    assert (report.status, report.exit_code) == ("partial", 3)
    [problem] = report.problems
    assert (problem.resource, problem.airmeet_id, problem.outcome) == ("tracks", event, "failed")
    with pytest.raises(UnitsMissing, match=f"tracks: 1 failed, .*Out of coffee.*{event}") as missing:
        report.raise_on_problems()
    assert missing.value.exit_code == 3


def test_arguments_choose_what_is_loaded_and_where_to(quickly: Load, sandbox: Sandbox) -> None:
    event = sandbox.world.events()[0]
    quickly(resources=["airmeets", "sessions"], events=[event], pipeline_name="other", publish="copy.duckdb")
    assert query("SELECT DISTINCT airmeet_id FROM sessions", "copy.duckdb") == [(event,)]
    few = ["airmeets", "tracks"]
    quickly(resources=few, exclude=["tracks"], dataset_name="another", pipeline_name="another")
    assert query("SELECT count(*) > 0 FROM another.airmeets") == [(True,)]
    report = quickly(resources=few, since="2100-01-01", dataset_name="another", pipeline_name="another")
    assert (report.rows["airmeets"] > 0, report.rows.get("tracks", 0)) == (True, 0)


@pytest.mark.parametrize(
    ("arguments", "error", "why"),
    [
        ({"destination": "nonsense"}, UsageError, "Unknown destination"),
        ({"resources": ["trakcs"]}, UsageError, "Unknown resource trakcs, did you mean tracks?"),
        ({"resources": "tracks"}, UsageError, "resources must be a list"),
        ({"regoin": "eu"}, UsageError, "did you mean region"),
        ({"pipeline_name": "p-1"}, UsageError, "letters, digits and _"),
        ({"pipeline_name": "../mine"}, UsageError, "letters, digits and _"),
        ({"destination": "postgres"}, UsageError, "The destination is not configured"),
        ({"destination": "postgres", "publish": "x.duckdb"}, UsageError, "--publish"),
        ({"base_url": "http://127.0.0.1:9"}, EventListFailed, "refuses connections"),
    ],
)
def test_what_goes_wrong_is_one_of_our_errors(
    quickly: Load, monkeypatch: pytest.MonkeyPatch, arguments: dict[str, Any], error: type, why: str
) -> None:
    if "publish" in arguments:
        monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", "postgresql://me:secret@127.0.0.1:9/db")
    with pytest.raises(error, match=why.replace("?", r"\?")) as raised:
        quickly(**arguments)
    assert isinstance(raised.value, AirmeetError)


def test_refused_keys_and_a_failed_load_are_errors(quickly: Load, sandbox: Sandbox) -> None:
    sandbox.revoke_keys()
    with pytest.raises(KeysRefused) as refused:
        quickly()
    assert refused.value.exit_code == 2
    sandbox.revoke_keys(revoked=False)
    quickly(resources=["tracks"])
    Path("airmeet.duckdb").write_bytes(b"no database")
    with pytest.raises(LoadFailed, match=r"airmeet\.duckdb cannot be opened: .* not a valid DuckDB"):
        quickly(resources=["tracks"])


def test_a_second_run_of_the_pipeline_is_refused(quickly: Load, tmp_path: Path) -> None:
    with (
        empty_working_folder(Target(pipelines_dir=tmp_path / "pipelines"), 0),
        pytest.raises(AlreadyRunning),
    ):
        quickly(lock_timeout=0)


def test_the_demo_needs_no_keys(tmp_path: Path) -> None:
    few = ["airmeets", "tracks"]
    report = load(demo=True, resources=few, views=False, pipelines_dir=tmp_path / "pipelines")
    assert tables() == {"airmeets", "tracks", "track_sessions", "sync_log"}
    assert report.status == "ok"


def test_each_folder_has_its_own_file_whatever_the_working_folder_remembers(
    quickly: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows of a second clone went into the first one's file."""
    for name in ("first", "second", "first"):
        (tmp_path / name).mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path / name)
        report = quickly(resources=["airmeets"])
        assert report.loaded_into == f"duckdb file {tmp_path / name / 'airmeet.duckdb'}, dataset airmeet_data"
    first, second = (
        query("SELECT count(*) FROM airmeets", str(tmp_path / name / "airmeet.duckdb"))
        for name in ("first", "second")
    )
    assert first == second != [(0,)]


def test_a_relative_path_of_the_configuration_means_this_folder_too(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", "duckdb:///mine.duckdb")
    assert cli("--resources", "airmeets").code == 0
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    assert cli("--resources", "airmeets").code == 0
    assert query("SELECT count(*) > 0 FROM airmeets", str(folder / "mine.duckdb")) == [(True,)]


def test_it_leaves_logging_and_the_environment_alone(quickly: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (logging.getLogger().level, list(logging.getLogger().handlers))
    monkeypatch.setenv("RUNTIME__LOG_LEVEL", "CRITICAL")
    environment = dict(os.environ)
    quickly(resources=["airmeets"])
    assert (logging.getLogger().level, list(logging.getLogger().handlers)) == before
    assert dict(os.environ) == environment
