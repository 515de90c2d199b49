"""Several communities in one dataset: whose a row is, and what is archived."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from airmeet_sandbox import Quirks, Sandbox, World
from airmeet_source.extract.extraction import GONE
from airmeet_source.loading import packages
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

    def run(name: str, *words: str, views: bool = False) -> Result:
        return cli(*FEW, "--community", name, *words, views=views)

    return run


def test_rows_say_whose_they_are_and_events_are_archived_within_their_community(
    load: Load, sandbox: Sandbox, south: Sandbox
) -> None:
    for name in ("north", "south"):
        assert load(name).code == 0
    gone, *_ = sandbox.world.events()
    sandbox.world.archive_event(gone)
    sandbox.clock.freeze(NOW.replace(year=NOW.year + 1))
    assert load("north", views=True).code == 0

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


# -- events on the lists of several communities --------------------------------------------------


@pytest.fixture
def twin(load: Load, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:  # noqa: ARG001 - it sets keys first
    """The community south in these tests, with events of north."""
    with Sandbox(World(seed=5, events=3, people=3, now=NOW)) as running:
        running.clock.freeze(NOW)
        monkeypatch.setenv("SOURCES__AIRMEET__COMMUNITIES__SOUTH__BASE_URL", running.base_url)
        monkeypatch.setenv("SOURCES__AIRMEET__COMMUNITIES__SOUTH__ACCESS_KEY", running.access_key)
        monkeypatch.setenv("SOURCES__AIRMEET__COMMUNITIES__SOUTH__SECRET_KEY", running.secret_key)
        yield running


@pytest.fixture
def shared(sandbox: Sandbox, twin: Sandbox) -> str:
    """An event that both communities list; each has one of its own besides, and shows tracks of its own."""
    north_only, both, south_only = sandbox.world.events()
    sandbox.world.archive_event(south_only)
    twin.world.archive_event(north_only)
    for community, name in ((sandbox, "north"), (twin, "south")):
        tracks = [{"uid": f"of {name}", "name": name, "newField": 7 if name == "north" else "seven"}]
        community.world.put(both, "tracks", tracks)
    return both


def loaded_of(event: str) -> tuple[object, ...]:
    """Who owns an event, and whose tracks it has."""
    owners = query(f"SELECT community FROM airmeets WHERE airmeet_id = '{event}'")
    return (*owners, *query(f"SELECT name FROM tracks WHERE airmeet_id = '{event}'"))


def asked_for(event: str, of: Sandbox) -> bool:
    asked = any(event in request.path for request in of.requests)
    of.clear_requests()
    return asked


def test_a_shared_event_belongs_to_whom_it_was_loaded_by_first_while_that_one_lists_it(
    load: Load, sandbox: Sandbox, twin: Sandbox, shared: str
) -> None:
    for name in ("north", "south", "north", "south"):
        assert load(name).code == 0
        assert loaded_of(shared) == (("north",), ("north",))
    assert not asked_for(shared, twin)
    result = load("south", "--events", shared)
    assert result.code == 2
    assert "Another community of the dataset loads" in result.err

    sandbox.world.archive_event(shared)
    assert load("north").code == load("south").code == 0
    assert loaded_of(shared) == (("south",), ("south",))
    sandbox.world.unarchive_event(shared)
    assert load("north").code == load("south").code == 0
    assert loaded_of(shared) == (("south",), ("south",))

    # north's Airmeet, whose clock counts, is a week ahead: south was not loaded for so long
    sandbox.quirks = Quirks(date_off=(GONE + timedelta(hours=1)).total_seconds())
    assert load("north").code == 0
    assert loaded_of(shared) == (("north",), ("north",))


def test_what_another_community_loads_meanwhile_is_taken_account_of(
    load: Load, sandbox: Sandbox, shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracks = [{"uid": "mine", "name": "north's own", "newField": 7}]
    sandbox.world.put(next(iter({*sandbox.world.events()} - {shared})), "tracks", tracks)
    began: list[object] = []

    def before_the_first_load(*arguments: Any) -> None:
        if not began:
            began.append(arguments)
            command = [sys.executable, "-m", "airmeet_source", "load", *FEW, "--community", "south"]
            elsewhere = ("--pipelines-dir", "other machine", "--no-views")
            subprocess.run([*command, *elsewhere], check=True, capture_output=True)
        original(*arguments)

    original = packages._load_package
    monkeypatch.setattr(packages, "_load_package", before_the_first_load)
    result = load("north", "--report", "report.json")

    assert result.code == 0, result.err
    assert loaded_of(shared) == (("south",), ("south",))
    assert query("SELECT name, new_field FROM tracks WHERE new_field > '' ORDER BY 1") == [
        ("north's own", "7"),
        ("south", "seven"),
    ]
    requests = [request for request in sandbox.requests if request.endpoint != "auth"]
    assert json.loads(Path("report.json").read_text())["requests"] >= len(requests)
    assert [status for (status,) in query("SELECT status FROM runs")] == ["ok", "ok"]


def test_a_pipeline_loads_one_community(load: Load) -> None:
    assert load("north").code == 0
    result = load("south", "--pipeline-name", "airmeet_north")
    assert result.code == 2
    assert "you are about to load south" in result.err


def test_keys_of_the_wrong_community_are_refused_although_the_dataset_has_its_events(
    load: Load, south: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load("north").code == load("south").code == 0
    for key, value in (("ACCESS", south.access_key), ("SECRET", south.secret_key)):
        monkeypatch.setenv(f"SOURCES__AIRMEET__COMMUNITIES__NORTH__{key}_KEY", value)
    monkeypatch.setenv("SOURCES__AIRMEET__COMMUNITIES__NORTH__BASE_URL", south.base_url)
    result = load("north")
    assert result.code == 2
    assert "keys of another community" in result.err
