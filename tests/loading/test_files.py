"""Files that hold people or keys are their owner's, and are written whole or not at all."""

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from airmeet_sandbox import Sandbox, World
from airmeet_source.loading.files import is_database, private_files, replacing
from tests.support.cli import Cli

SMALL = ("--resources", "tracks")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """One event."""
    with Sandbox(World(seed=7, events=1, people=1)) as running:
        yield running


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o177], ids=lambda umask: f"umask {umask:03o}")
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    """Several umasks in turn."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path | str) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


@pytest.mark.parametrize("umask", [0o000], indirect=True)
def test_what_a_run_leaves_is_the_owners_alone(cli: Cli, umask: int, tmp_path: Path) -> None:
    assert cli(*SMALL, "--report", "r.json", "--publish", "s.duckdb").code == 0

    made = [path for path in tmp_path.rglob("*") if not path.is_symlink()]
    assert {"airmeet.duckdb", "r.json", "s.duckdb", "pipelines"} <= {path.name for path in made}
    assert not [path for path in made if mode(path) & 0o077]
    assert os.umask(umask) == umask


def test_modes_that_are_asked_for(cli: Cli) -> None:
    words = ("--report", "r.json", "--report-mode", "644", "--publish", "s.duckdb", "--publish-mode", "0440")
    assert cli(*SMALL, *words).code == 0

    assert (mode("r.json"), mode("s.duckdb"), mode("airmeet.duckdb")) == (0o644, 0o440, 0o600)


@pytest.mark.parametrize("wrong", ["rw", "999", "44", "0", "066", "01777"])
def test_a_mode_that_makes_no_sense_is_2(cli: Cli, wrong: str) -> None:
    assert cli("--report", "r.json", "--report-mode", wrong).code == 2


def test_a_new_file_is_private_and_a_stricter_umask_counts(umask: int) -> None:
    with private_files(), replacing(Path("new")) as file:
        file.write(b"text")
        Path("folder").mkdir()

    assert mode("new") == 0o600 & ~umask
    assert mode("folder") == 0o700 & ~umask
    assert Path("new").read_bytes() == b"text"


def test_runs_side_by_side_put_the_umask_back() -> None:
    before = os.umask(0o022)
    inside, leave = threading.Barrier(2), threading.Event()

    def run() -> None:
        with private_files():
            inside.wait(10)
            leave.wait(10)

    other = threading.Thread(target=run)
    other.start()
    with private_files():
        inside.wait(10)
    Path("while the other runs").touch()
    leave.set()
    other.join()

    assert mode("while the other runs") == 0o600
    assert os.umask(before) == 0o022


def test_a_link_in_the_place_of_the_target_leads_nowhere() -> None:
    Path("precious").write_text("precious")
    Path("report").symlink_to("precious")

    with replacing(Path("report")) as file:
        file.write(b"report")

    assert Path("precious").read_text() == "precious"
    assert (Path("report").read_text(), Path("report").is_symlink()) == ("report", False)


def test_links_beside_the_target_are_not_followed(cli: Cli) -> None:
    Path("precious").write_text("precious")
    for name in ("r.json.part", ".r.json.part", f"r.json.{os.getpid()}.part"):
        Path(name).symlink_to("precious")

    assert cli(*SMALL, "--report", "r.json").code == 0
    assert Path("precious").read_text() == "precious"


def test_the_name_of_the_draft_cannot_be_guessed() -> None:
    seen = set()
    for _ in range(2):
        with replacing(Path("report")):
            seen |= {path.name for path in Path().iterdir()} - {"report"}

    assert len(seen) == 2
    assert all(len(name) > 30 for name in seen)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_nothing_half_written_stays(error: BaseException) -> None:
    Path("report").write_text("old")

    def write() -> None:
        with replacing(Path("report")) as file:
            file.write(b"half")
            raise error

    with pytest.raises(type(error)):
        write()

    assert [path.name for path in Path().iterdir()] == ["report"]
    assert Path("report").read_text() == "old"


def test_a_full_disk_is_told_and_leaves_the_old_files(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    words = (*SMALL, "--report", "r.json", "--publish", "s.duckdb")
    assert cli(*words).code == 0
    before = {path: path.read_bytes() for path in (Path("r.json"), Path("s.duckdb"))}

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    result = cli(*words)

    assert result.code == 1
    assert "The snapshot cannot be written to s.duckdb: No space left on device" in result.err
    assert "The report cannot be written to r.json: No space left on device" in result.err
    assert {path: path.read_bytes() for path in before} == before
    assert not list(Path().glob(".*.part"))


def test_a_pipe_is_written_to() -> None:
    os.mkfifo("pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(Path("pipe").read_bytes()))
    reader.start()
    with replacing(Path("pipe")) as file:
        file.write(b"text")
    reader.join(10)

    assert read == [b"text"]
    assert stat.S_ISFIFO(Path("pipe").stat().st_mode)


def test_a_device_is_written_to() -> None:
    Path("link").symlink_to("/dev/null")
    for name in ("/dev/null", "link"):
        with replacing(Path(name)) as file:
            file.write(b"text")

    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    assert Path("link").is_symlink()


def test_an_open_file_is_written_to_where_it_is() -> None:
    with open("out", "wb") as out:  # noqa: PTH123
        out.write(b"before ")
        out.flush()
        Path("link").symlink_to(f"/proc/self/fd/{out.fileno()}")
        for name in (f"/dev/fd/{out.fileno()}", "link"):
            with replacing(Path(name)) as file:
                file.write(b"report ")
        out.write(b"after")

    assert Path("out").read_bytes() == b"before report report after"
    assert Path("link").is_symlink()


def contents() -> dict[str, bytes]:
    """The files of the working directory, but for locks."""
    files = (path for path in Path().iterdir() if path.is_file() and path.suffix != ".lock")
    return {path.name: path.read_bytes() for path in files}


@pytest.mark.parametrize(
    "words",
    [
        ("--report", "airmeet.duckdb"),
        ("--report", "airmeet.duckdb.wal"),
        ("--report", "./folder/../airmeet.duckdb"),
        ("--report", "hard-link"),
        ("--publish", "airmeet.duckdb"),
        ("--publish", "airmeet.duckdb.wal"),
        ("--publish", "link"),
        ("--publish", "hard-link"),
        ("--report", "same", "--publish", "folder/../same"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("first", [True, False], ids=["first run", "later run"])
def test_one_file_never_takes_the_place_of_another(
    cli: Cli, request: pytest.FixtureRequest, words: tuple[str, ...], *, first: bool
) -> None:
    Path("folder").mkdir()
    Path("link").symlink_to("airmeet.duckdb")
    if not first:
        request.getfixturevalue("loaded")(*SMALL)
        Path("hard-link").hardlink_to("airmeet.duckdb")
    elif "hard-link" in words:
        return
    before = contents()

    result = cli(*SMALL, *words)

    assert result.code == 2
    assert words[0] in result.err
    assert contents() == before


def test_a_report_never_takes_the_place_of_an_old_snapshot(cli: Cli) -> None:
    assert cli(*SMALL, "--publish", "s.duckdb").code == 0

    assert is_database(Path("s.duckdb"))
    assert cli(*SMALL, "--report", "s.duckdb").code == 2
    assert is_database(Path("s.duckdb"))


@pytest.mark.parametrize(
    ("permissions", "is_told"), [(0o644, True), (0o640, True), (0o600, False), (0o400, False)]
)
def test_keys_that_others_can_read_are_told(
    cli: Cli, caplog: pytest.LogCaptureFixture, permissions: int, *, is_told: bool
) -> None:
    Path(".dlt").mkdir()
    Path(".dlt/secrets.toml").write_text("")
    Path(".dlt/secrets.toml").chmod(permissions)

    cli("--resources", "tracks", "--plan")

    assert ("chmod 600" in caplog.text) is is_told
