"""The command ``airmeet push`` against a sandbox, and an event that people are added to."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from airmeet_sandbox import Sandbox, World
from airmeet_source.cli.main import call
from tests.support.cli import Cli, Result, query

Push = Callable[..., Result]
HEADER = "email,first_name,last_name,Company size"


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    return sandbox.world


@pytest.fixture
def event(world: World) -> str:
    """An event that begins in some days; its form requires the size of the company."""
    return world.event_in("upcoming")


@pytest.fixture
def keys(cli: Cli) -> None:
    """The sandbox's keys in the environment."""


@pytest.fixture
def push(keys: None, event: str, capsys: pytest.CaptureFixture[str]) -> Push:  # noqa: ARG001
    """The command, into the event unless another one is named."""

    def run(*words: str) -> Result:
        named = words if "--event" in words else ("--event", event, *words)
        try:
            code = call("push", named, prog="airmeet push")
        except SystemExit as stopped:
            code = int(str(stopped.code))
        return Result(code, *capsys.readouterr())

    return run


def people(*names: str, file: str = "people.csv") -> str:
    """A file with people of these first names; returns its name."""
    lines = [f"{name}@example.com,{name.title()},Lee,1-10" for name in names]
    Path(file).write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return file


def listed(world: World, event: str) -> dict[str, Any]:
    """The event's people of example.com, by address."""
    records = world.records("participants", event)
    found = [record for record in records if str(record["email"]).lower().endswith("@example.com")]
    by_address = {record["email"]: record for record in found}
    assert len(by_address) == len(found), "somebody is on the list twice"
    return by_address


def log(columns: str = "email, outcome") -> list[tuple[Any, ...]]:
    """Rows of push_log, in the order of addresses."""
    return query(f"SELECT {columns} FROM push_log ORDER BY email, sent_at")


def bodies(sandbox: Sandbox, endpoint: str = "add_attendee") -> list[dict[str, Any]]:
    """What was sent."""
    return [json.loads(request.body) for request in sandbox.requests.to(endpoint)]
