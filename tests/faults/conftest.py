"""The command line against a sandbox of today's events, quick to give up waiting."""

from collections.abc import Iterator

import pytest

from airmeet_sandbox import Sandbox, World


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A dozen events of today, at a moment that stands still, so that runs can be compared."""
    with Sandbox(World(seed=7, events=12, people=6)) as running:
        running.clock.freeze()
        yield running


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__REQUEST_TIMEOUT", "0.5")
