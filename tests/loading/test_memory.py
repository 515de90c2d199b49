"""What a run knows of earlier ones is in the destination, whatever the working folder holds."""

import os
import shutil
from pathlib import Path

import duckdb
import pytest

from airmeet_sandbox import Sandbox
from airmeet_source.loading.destinations import Target, build_pipeline
from tests.faults.histories.contents import Tables, contents
from tests.support.cli import Cli, query

LOADED = ("--resources", "utms,poll_responses")
FILE = Path("airmeet.duckdb")


@pytest.fixture
def sandbox(today: Sandbox) -> Sandbox:
    """Events of today."""
    return today


def news(sandbox: Sandbox) -> None:
    """Rows that come behind the cursors."""
    for phase in ("live", "just_finished"):
        event = sandbox.world.event_in(phase)
        sandbox.world.add_utm(event, 2)
        sandbox.world.add_poll_response(event)


def assert_complete(cli: Cli, monkeypatch: pytest.MonkeyPatch, file: Path = FILE) -> None:
    """The rows are those of a first load into an empty file, in a folder of its own."""
    assert contents(file) == clean_contents(cli, monkeypatch, file)


def clean_contents(cli: Cli, monkeypatch: pytest.MonkeyPatch, file: Path = FILE) -> Tables:
    """The rows of a first load."""
    file = file.resolve()
    with monkeypatch.context() as elsewhere:
        elsewhere.delenv("DESTINATION__DUCKDB__CREDENTIALS", raising=False)
        folder = file.with_name("clean")
        folder.mkdir()
        elsewhere.chdir(folder)
        assert cli(*LOADED, "--pipelines-dir", "pipelines").code == 0
        clean = contents(FILE)
        shutil.rmtree(folder)
    return clean


def test_a_restored_database_counts_not_what_was_loaded_after_the_backup(
    cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    cli(*LOADED)
    shutil.copy(FILE, "backup.duckdb")
    news(sandbox)
    cli(*LOADED)
    shutil.copy("backup.duckdb", FILE)
    assert cli(*LOADED).code == 0
    assert_complete(cli, monkeypatch)


def test_two_destinations_in_turn_are_both_complete(
    cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in ("one.duckdb", "other.duckdb", "other.duckdb", "one.duckdb"):
        news(sandbox)
        monkeypatch.setenv("DESTINATION__DUCKDB__CREDENTIALS", f"duckdb:///{file}")
        assert cli(*LOADED).code == 0
    assert_complete(cli, monkeypatch, Path("one.duckdb"))


def newer_state_of_nobody(folder: Path) -> None:
    (folder / "state.json").write_text('{"_state_version": 99999, "_state_engine_version": 4, "_local": {}}')


def empty_files(folder: Path) -> None:
    [schema] = folder.glob("schemas/*")
    for file in (folder / "state.json", schema):
        file.write_bytes(b"")


def half_a_package(folder: Path) -> None:
    (folder / "load" / "normalized" / "1700000000.0").mkdir(parents=True)
    (folder / "state.json").unlink()


def read_only(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)


def a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("no folder")


def a_link(folder: Path) -> None:
    shutil.move(folder, folder.with_name("moved"))
    folder.symlink_to("moved")


def test_whatever_the_working_folder_holds_the_rows_are_complete(
    cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is what many other tests begin with."""
    cli(*LOADED)
    shutil.copytree("pipelines", "before")
    shutil.copy(FILE, "before.duckdb")
    news(sandbox)
    clean = clean_contents(cli, monkeypatch)
    for harm in (newer_state_of_nobody, empty_files, half_a_package, read_only, a_file, a_link):
        shutil.rmtree("pipelines")
        shutil.copytree("before", "pipelines")
        shutil.copy("before.duckdb", FILE)
        harm(Path("pipelines", "airmeet"))
        result = cli(*LOADED)
        assert result.code == 0, (harm.__name__, result.err)
        assert contents(FILE) == clean, harm.__name__
        assert ("interrupted" in caplog.text) is (harm is half_a_package)
        caplog.clear()


def test_a_working_folder_that_cannot_be_emptied_is_2_and_named(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("pipelines", "airmeet").mkdir(parents=True)

    def refuse(path: Path) -> None:
        raise OSError(16, os.strerror(16), str(path))

    monkeypatch.setattr(shutil, "rmtree", refuse)
    result = cli(*LOADED)
    assert result.code == 2
    assert str(Path("pipelines", "airmeet").resolve()) in result.err
    assert "--pipelines-dir" in result.err


def test_a_working_folder_that_cannot_be_made_is_2_and_named(cli: Cli) -> None:
    lock = Path("pipelines", "airmeet.lock")
    lock.mkdir(parents=True)
    for _ in range(2):  # the folder of the lock is first there, and then a file
        result = cli(*LOADED)
        assert result.code == 2
        assert str(lock.resolve()) in result.err
        assert "--pipelines-dir" in result.err
        shutil.rmtree("pipelines", ignore_errors=True)
        Path("pipelines").touch()


def test_a_name_that_would_lead_out_of_the_folder_deletes_nothing(cli: Cli) -> None:
    Path("pipelines").mkdir()
    Path("mine").mkdir()
    assert cli("--pipeline-name", "../mine").code == 2
    assert Path("mine").is_dir()


def test_looking_disturbs_no_run_and_leaves_nothing(cli: Cli) -> None:
    cli(*LOADED)
    before = sorted(Path("pipelines").rglob("*"))
    under_way = Path("pipelines", "airmeet", "load", "normalized", "1.0")
    under_way.mkdir(parents=True)
    rows = contents(FILE)
    for looking in ("--plan", "--check"):
        assert cli(looking).code == 0
        assert under_way.is_dir()
        assert sorted(Path("pipelines").rglob("*")) == sorted((*before, under_way))
        assert contents(FILE) == rows


def test_a_plan_makes_no_database(cli: Cli) -> None:
    assert cli("--plan").code == 0
    assert not FILE.exists()


# -- states that cannot be used ------------------------------------------------------------------


HARMS = (  # more of them: test_repair.py
    "DROP TABLE _dlt_pipeline_state",
    "DROP TABLE _dlt_loads; DROP TABLE _dlt_version; DROP TABLE _dlt_pipeline_state",
    "UPDATE _dlt_loads SET status = 1",
    "UPDATE _dlt_pipeline_state SET state = 'nonsense'",
    "UPDATE _dlt_version SET schema = '{'",
)


def test_without_a_state_all_is_fetched_again_and_columns_keep_their_types(
    cli: Cli, sandbox: Sandbox
) -> None:
    event = sandbox.world.event_in("live")
    track = {"uid": "t1", "name": "One", "lane": "A1"}  # nobody documented the lane
    sandbox.world.put(event, "tracks", [track])
    assert cli("--resources", "tracks").code == 0
    shutil.copy(FILE, "before.duckdb")
    sandbox.world.put(event, "tracks", [track, {"uid": "t2", "name": "Two", "lane": 2}])
    settled = sum(sandbox.world.phase(each) == "long_over" for each in sandbox.world.events())
    for harm in HARMS:
        shutil.copy("before.duckdb", FILE)
        with duckdb.connect(str(FILE)) as connection:
            connection.execute("USE airmeet_data")
            connection.execute(harm)
        result = cli("--resources", "tracks")
        assert result.code == 0, (harm, result.err)
        lanes = query("SELECT track_id, lane FROM tracks WHERE lane IS NOT NULL ORDER BY 1")
        assert lanes == [("t1", "A1"), ("t2", "2")], harm
        plan = cli("--plan", "--resources", "tracks").out  # what another run would ask for
        [due] = [line.split()[1] for line in plan.splitlines() if line.startswith("tracks ")]
        assert int(due) <= len(sandbox.world.events()) - settled, harm


def test_a_run_of_dlts_own_came_first(cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    from airmeet_source import airmeet  # noqa: PLC0415

    pipeline = build_pipeline(Target(pipeline_name="mine", pipelines_dir="theirs"))
    pipeline.run(airmeet().with_resources("utms", "sync_log"))
    news(sandbox)
    assert cli(*LOADED).code == 0
    assert_complete(cli, monkeypatch)
