"""Warehouses that load from the first version of the API, and an event to look at."""

from collections.abc import Callable
from pathlib import Path

import pytest

from airmeet_sandbox import Sandbox, World
from tests.support.warehouse import Warehouse


@pytest.fixture
def new_legacy(sandbox: Sandbox, tmp_path: Path) -> Callable[[], Warehouse]:
    """Empty warehouses that load from the first version of the API."""
    settings = {"region": "legacy", "base_url": sandbox.legacy_base_url}
    return lambda: Warehouse(tmp_path, sandbox, settings)


@pytest.fixture
def legacy(new_legacy: Callable[[], Warehouse]) -> Warehouse:
    return new_legacy()


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    return sandbox.world


@pytest.fixture
def event(world: World) -> str:
    """An event that was over a few days ago."""
    return world.event_in("just_finished")


@pytest.fixture
def crowd(world: World, event: str) -> int:
    """So many people registered for it that they fill three pages."""
    world.register(event, 1100)
    return len(world.records("registrations", event))
