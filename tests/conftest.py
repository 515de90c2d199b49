"""What every test needs: a clean environment, a sandbox of the API, and a warehouse to load into."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from warehouse import NOW, Warehouse

from airmeet_source.sandbox import Sandbox, World

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"


@pytest.fixture(autouse=True)
def _clean_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("SOURCES__", "DESTINATION__", "AIRMEET")):
            monkeypatch.delenv(name)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A dozen events in all phases of life, seen at a moment that stands still."""
    with Sandbox(World(seed=7, events=12, people=8, now=NOW)) as running:
        running.clock.freeze(NOW)
        yield running


@pytest.fixture
def warehouse(tmp_path: Path, sandbox: Sandbox) -> Warehouse:
    """An empty warehouse for the sandbox's events."""
    return Warehouse(tmp_path, sandbox)


@pytest.fixture
def another_warehouse(tmp_path: Path, sandbox: Sandbox) -> Callable[[], Warehouse]:
    """More empty warehouses for the same events."""
    return lambda: Warehouse(tmp_path, sandbox)
