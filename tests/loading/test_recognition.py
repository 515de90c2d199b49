"""A dataset holds one community's events, real or made up, and people in one form."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from airmeet_sandbox import Sandbox, World
from airmeet_source.extract.origin import pii_of, sample
from airmeet_source.settings import Settings
from tests.faults.histories.contents import contents
from tests.support.cli import Cli, FirstLoad
from tests.support.warehouse import NOW

LOADED = ("--resources", "airmeets,tracks")
FILE = Path("airmeet.duckdb")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Few events, so that all of them can be archived."""
    with Sandbox(World(seed=5, events=3, people=3, now=NOW)) as running:
        running.clock.freeze(NOW)
        yield running


@pytest.fixture
def strangers() -> Iterator[Sandbox]:
    """Another community."""
    with Sandbox(World(seed=8, events=3, people=3, now=NOW)) as running:
        running.clock.freeze(NOW)
        yield running


def use(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the next runs ask a sandbox."""
    monkeypatch.setenv("SOURCES__AIRMEET__ACCESS_KEY", sandbox.access_key)
    monkeypatch.setenv("SOURCES__AIRMEET__SECRET_KEY", sandbox.secret_key)
    monkeypatch.setenv("SOURCES__AIRMEET__BASE_URL", sandbox.base_url)


def execute(sql: str) -> None:
    with duckdb.connect(str(FILE)) as connection:
        connection.execute("USE airmeet_data")
        connection.execute(sql)


def test_another_communitys_events_are_refused_before_anything_is_loaded(
    cli: Cli, loaded: FirstLoad, strangers: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(*LOADED)
    before = contents(FILE)
    use(strangers, monkeypatch)
    for more in (
        LOADED, ("--check",), ("--plan",), ("--full-refresh",), ("--exclude", "airmeets"),
        ("--events", strangers.world.events()[0]),
    ):  # fmt: skip
        result = cli(*more)
        assert result.code == 2, more
        assert "keys of another community" in result.err
        assert "--dataset" in result.err
        assert contents(FILE) == before
    assert {request.endpoint for request in strangers.requests} == {"auth", "airmeets"}
    assert cli(*LOADED, "--dataset", "theirs", "--pipeline-name", "theirs").code == 0
    assert cli(*LOADED, "--pipeline-name", "theirs").code == 0  # whoever wants both in one dataset
    assert contents(FILE) != before


@pytest.mark.parametrize("lost", ["_dlt_pipeline_state", "_dlt_loads", "airmeets", "sync_log"])
def test_they_are_refused_as_well_where_a_part_of_the_memory_is_lost(
    cli: Cli, loaded: FirstLoad, strangers: Sandbox, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    loaded(*LOADED)
    execute(f"DROP TABLE {lost}")
    use(strangers, monkeypatch)
    assert cli(*LOADED).code == 2
    assert cli("--demo", *LOADED).code == 2


def test_one_event_that_is_known_is_enough(cli: Cli, loaded: FirstLoad, sandbox: Sandbox) -> None:
    loaded(*LOADED)
    known, *others = sandbox.world.events()
    for event in others:
        sandbox.world.archive_event(event)
    sandbox.world.add_event()
    assert cli(*LOADED).code == 0
    sandbox.world.archive_event(known)  # the new one is known by now
    assert cli(*LOADED).code == 0


def test_new_events_of_the_same_community_can_be_said_to_be_that(cli: Cli, sandbox: Sandbox) -> None:
    assert cli("--resources", "tracks").code == 0  # without the table of events
    for event in sandbox.world.events():
        sandbox.world.archive_event(event)
    assert cli(*LOADED).code == 0  # nothing is listed, that happens
    sandbox.world.add_event()
    result = cli(*LOADED)
    assert result.code == 2
    assert "--new-events" in result.err
    assert cli(*LOADED, "--new-events").code == 0
    assert cli(*LOADED).code == 0


def test_a_known_event_in_the_destination_is_enough_where_the_state_does_not_tell(
    cli: Cli, loaded: FirstLoad
) -> None:
    loaded(*LOADED)
    execute("DROP TABLE _dlt_pipeline_state")
    assert cli("--resources", "tracks").code == 0


def test_made_up_and_real_events_are_not_mixed(cli: Cli, loaded: FirstLoad) -> None:
    loaded(*LOADED)
    for more in ((), ("--check",), ("--plan",)):
        result = cli("--demo", *LOADED, *more)
        assert result.code == 2
        assert "the demo's" in result.err
        assert "delete" not in result.err


def test_the_demo_goes_on_with_its_own_events_and_with_no_others(cli: Cli) -> None:
    assert cli("--demo", *LOADED).code == 0
    assert cli("--demo", *LOADED).code == 0
    result = cli(*LOADED)
    assert result.code == 2
    assert "delete what the demo loaded" in result.err


def test_people_are_kept_in_the_form_that_the_dataset_began_with(
    cli: Cli, loaded: FirstLoad, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded(*LOADED)
    monkeypatch.setenv("SOURCES__AIRMEET__PII_SALT", "a salt of sixteen letters")
    ways: dict[str, tuple[tuple[str, ...], ...]] = {
        "hash": ((), ("--check",), ("--plan",), ("--full-refresh",)),
        "drop": ((),),
    }
    for mode, options in ways.items():
        monkeypatch.setenv("SOURCES__AIRMEET__PII", mode)
        for more in options:
            result = cli(*LOADED, *more)
            assert result.code == 2
            assert f"pii = keep, and you are about to load it with pii = {mode}" in result.err
    monkeypatch.setenv("SOURCES__AIRMEET__PII", "hash")
    result = cli(*LOADED, "--pipeline-name", "another")  # into the same dataset
    assert result.code == 2
    assert "pii = keep, and you are about to load it with pii = hash" in result.err
    hashed = ("--dataset", "hashed", "--pipeline-name", "hashed")
    assert cli(*LOADED, *hashed).code == 0
    assert cli(*LOADED, *hashed).code == 0
    monkeypatch.setenv("SOURCES__AIRMEET__PII_SALT", "another salt of sixteen letters")
    result = cli(*LOADED, *hashed)
    assert result.code == 2
    assert "pii_salt" in result.err


def test_a_salt_cannot_be_read_from_what_is_remembered() -> None:
    one = Settings(pii="hash", pii_salt="a salt of sixteen letters")
    other = Settings(pii="hash", pii_salt="another salt of sixteen letters")
    assert pii_of(one) == pii_of(one) != pii_of(other)
    assert "salt" not in pii_of(one)
    assert len(pii_of(one)) < 24
    assert pii_of(Settings(pii_salt="a salt of sixteen letters")) == "keep"


def test_a_sample_is_small_and_keeps_most_of_itself_while_the_list_changes() -> None:
    listed = [f"event-{number}" for number in range(10_000)]
    before, after = sample(listed), sample([*listed[500:], *(f"new-{number}" for number in range(500))])
    assert sample(reversed(listed)) == before
    assert len(before) == 200
    assert len(set(before) & set(after)) > 150
    assert sample(listed[:5]) == sample(reversed(listed[:5]))
    assert set(sample(listed[:5])) == set(listed[:5])
