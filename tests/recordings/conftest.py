"""The command ``airmeet recordings`` against a sandbox, and an event that was recorded."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from airmeet_sandbox import Sandbox, World
from airmeet_source.cli.main import call
from tests.support.cli import Cli, Result, query

Recordings = Callable[..., Result]
FILES = "recording_files"  # as rules of faults call them
PLACE = Path("copies")


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    return sandbox.world


@pytest.fixture
def event(world: World) -> str:
    """An event that is over, with a handful of recordings."""
    return world.event_in("just_finished")


@pytest.fixture
def keys(cli: Cli) -> None:
    """The sandbox's keys in the environment."""


@pytest.fixture
def run(keys: None, event: str, capsys: pytest.CaptureFixture[str]) -> Recordings:  # noqa: ARG001
    """The command, for one event and to the place unless others are named."""

    def recordings(*words: str, of: str | None = event) -> Result:
        where = () if "--to" in words else ("--to", str(PLACE))
        which = () if "--events" in words or of is None else ("--events", of)
        try:
            code = call("recordings", [*where, *which, *words], prog="airmeet recordings")
        except SystemExit as stopped:
            code = int(str(stopped.code))
        return Result(code, *capsys.readouterr())

    return recordings


@pytest.fixture
def single(world: World) -> str:
    """An event with one recording."""
    event = world.add_event("Small talk", world.clock.now() - timedelta(hours=2), sessions=1)
    world.finish_event(event)
    return event


def expected(world: World, event: str) -> list[bytes]:
    """What is in the files of an event, in the order of its list."""
    seen: dict[str, int] = {}
    files = []
    for record in world.records("session_recordings", event):
        part = seen[record["session_id"]] = seen.get(record["session_id"], -1) + 1
        files.append(world.recording(record["session_id"], part))
    return files


def copies(place: Path = PLACE) -> Mapping[str, bytes]:
    """The files at the place, hidden ones included, by their paths."""
    return {
        file.relative_to(place).as_posix(): file.read_bytes() for file in place.rglob("*") if file.is_file()
    }


def rows() -> Mapping[str, tuple[int, str]]:
    """Size and hash of each file, as the table has it."""
    found = query("SELECT path, bytes, sha256 FROM recording_files")
    assert len({path for path, _, _ in found}) == len(found), "a file has two rows"
    return {path: (size, digest) for path, size, digest in found}


def require_whole(world: World, *events: str, place: Path = PLACE) -> None:
    """Make sure that the place has every recording of the events, the table as well, and neither more."""
    files = copies(place)
    assert sorted(files.values()) == sorted(file for event in events for file in expected(world, event))
    assert rows() == {path: (len(file), hashlib.sha256(file).hexdigest()) for path, file in files.items()}
