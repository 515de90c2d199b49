"""The command ``airmeet erase``, and what is left of somebody in files and tables."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from airmeet_sandbox import Sandbox, World
from airmeet_source.cli.main import call
from tests.support.cli import Cli, Result, database

Erase = Callable[..., Result]
ADA = "ada.lovelace@analytical.example"
ID = "8a1f8cb0-6a35-4d8e-ae6b-2f1f6f5f8d11"
NAME = "Ada Augusta Lovelace"


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    return sandbox.world


@pytest.fixture
def erase(cli: Cli, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Erase:  # noqa: ARG001
    """The command."""

    def run(*words: str) -> Result:
        try:
            code = call(
                "erase", [*words, "--pipelines-dir", str(tmp_path / "pipelines")], prog="airmeet erase"
            )
        except SystemExit as stopped:
            code = int(str(stopped.code))
        return Result(code, *capsys.readouterr())

    return run


def certificate(result: Result) -> dict[str, Any]:
    """What the command printed."""
    assert result.code == 0, result.err
    found: dict[str, Any] = json.loads(result.out)
    return found


def without_her(world: World) -> str:
    """Have others be where she is going to be; returns the event."""
    event = world.event_in("just_finished")
    world.update("booths", event, world.booths(event)[0], exhibitors=["someone@else.example"])
    world.event(event).sessions[0].extra["speaker_list"] = [{"id": "s-2", "name": "Bob"}]
    return event


def settle_in(world: World, **others: Any) -> str:
    """Have her be in every list of an event that is just over; returns the event."""
    event = without_her(world)
    who = {"email": ADA, "user_id": ID, "name": NAME, **others}
    world.register(event, **who)
    session = world.event(event).sessions[0]
    for endpoint, child in (("event_attendance", None), ("session_attendance", session.session_id)):
        world.add_attendance(endpoint, event, child, **who)
    world.add_attendance("event_attendance", event, **{**who, "email": None})
    world.add_replay(event, **who)
    world.add_poll_response(event, **who)
    world.add_question(event, **who)
    booth = world.booths(event)[0]
    world.update("booths", event, booth, exhibitors=[ADA.title(), "someone@else.example"])
    session.extra["speaker_list"] += [{"id": ID, "email": ADA, "name": NAME}]
    session.extra["producer_email"] = ADA
    return event


def leaks(folder: Path, texts: Iterable[str]) -> dict[str, set[str]]:
    """The texts that a file below a folder holds in any case, by file."""
    wanted = {text.lower().encode(): text for text in texts}
    found = {}
    for file in folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes().lower()
            if there := {text for letters, text in wanted.items() if letters in content}:
                found[str(file.relative_to(folder))] = there
    return found


VOLATILE = (
    *("_dlt_load_id", "_dlt_row_id"),
    *("last_listed_at", "link_fetched_at", "link_expires_at", "download_link"),
)


def rows(but: Iterable[str] = ()) -> dict[str, list[str]]:
    """All rows of all tables as texts, without nulls and what each load or run changes."""
    with database() as connection:
        names = connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'airmeet_data'"
        ).fetchall()
        return {
            name: sorted(map(str, _told(connection.execute(f'SELECT * FROM "{name}"'))))
            for (name,) in names
            if not name.startswith("_") and name not in ("sync_log", "runs", "schema_changes", *but)
        }


def _told(cursor: Any) -> list[dict[str, Any]]:
    columns = [column[0] for column in cursor.description]
    return [
        {
            name: value
            for name, value in zip(columns, row, strict=True)
            if value is not None and name not in VOLATILE
        }
        for row in cursor.fetchall()
    ]
