"""Several communities in one dataset: whose a row is, and what is archived."""

from collections.abc import Callable, Iterator

import pytest

from airmeet_sandbox import Sandbox, World
from tests.support.cli import Cli, Result, query
from tests.support.warehouse import NOW

FEW = ("--resources", "airmeets,tracks")
ARCHIVED = """
SELECT community, airmeet_id FROM airmeet.airmeet_data_views.event_overview WHERE is_archived
"""

Load = Callable[..., Result]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """The community north."""
    with Sandbox(World(seed=5, events=3, people=3, now=NOW)) as running:
        running.clock.freeze(NOW)
        yield running


@pytest.fixture
def south() -> Iterator[Sandbox]:
    """The community south."""
    with Sandbox(World(seed=8, events=3, people=3, now=NOW)) as running:
        running.clock.freeze(NOW)
        yield running


@pytest.fixture
def load(cli: Cli, sandbox: Sandbox, south: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Load:
    """One run of a community."""
    for key in ("ACCESS_KEY", "SECRET_KEY", "BASE_URL"):
        monkeypatch.delenv(f"SOURCES__AIRMEET__{key}")
    for name, its in (("NORTH", sandbox), ("SOUTH", south)):
        monkeypatch.setenv(f"SOURCES__AIRMEET__COMMUNITIES__{name}__ACCESS_KEY", its.access_key)
        monkeypatch.setenv(f"SOURCES__AIRMEET__COMMUNITIES__{name}__SECRET_KEY", its.secret_key)
        monkeypatch.setenv(f"SOURCES__AIRMEET__COMMUNITIES__{name}__BASE_URL", its.base_url)
    return lambda name, *words: cli(*FEW, "--community", name, *words, views=True)


def test_rows_say_whose_they_are_and_events_are_archived_within_their_community(
    load: Load, sandbox: Sandbox, south: Sandbox
) -> None:
    for name in ("north", "south"):
        assert load(name, "--report", f"{name}.json").code == 0
    gone, *_ = sandbox.world.events()
    sandbox.world.archive_event(gone)
    sandbox.clock.freeze(NOW.replace(year=NOW.year + 1))
    assert load("north").code == 0

    of = dict.fromkeys((gone, *sandbox.world.events()), "north")
    of |= dict.fromkeys(south.world.events(), "south")
    assert dict(query("SELECT airmeet_id, community FROM airmeets")) == of
    assert query(ARCHIVED) == [("north", gone)]
    for event, community in query(
        "SELECT DISTINCT airmeet_id, community FROM sync_log WHERE airmeet_id > ''"
    ):
        assert community == of[event]
    runs = query("SELECT community, pipeline FROM runs ORDER BY finished_at")
    assert runs == [("north", "airmeet_north"), ("south", "airmeet_south"), ("north", "airmeet_north")]
