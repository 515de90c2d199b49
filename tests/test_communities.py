"""Communities: whose keys are taken from where, and what cannot be the name of one."""

import logging
from pathlib import Path

import pytest
from dlt.common.runtime.run_context import switch_context

from airmeet_source.communities import configured, pipeline_of
from airmeet_source.errors import UsageError
from airmeet_source.settings import resolve_settings
from airmeet_source.settings.unknown import warn_of_unknown_settings
from tests.test_settings import configure, project

__all__ = ["project"]

NORTH_AND_SOUTH = """\
region = "us"
max_attempts = 2
[sources.airmeet.communities.north]
access_key = "north's"
secret_key = "north's secret"
[sources.airmeet.communities.south]
access_key = "south's"
secret_key = "south's secret"
region = "eu"
"""


def test_a_community_has_keys_of_its_own_and_the_rest_from_all(project: Path) -> None:
    configure(project, NORTH_AND_SOUTH.replace("'s secret", "-secret").replace("'s", "-key"), "secrets.toml")

    north, south = (resolve_settings(community=name) for name in ("north", "south"))

    assert configured() == ["north", "south"]
    assert (north.community, north.access_key, north.secret_key) == ("north", "north-key", "north-secret")
    assert (south.community, south.access_key, south.region) == ("south", "south-key", "eu")
    assert (north.region, north.max_attempts, south.max_attempts) == ("us", 2, 2)


def test_the_environment_names_communities_too(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY": "a", "SECRET_KEY": "s", "BASE_URL": "https://west.example"}.items():
        monkeypatch.setenv(f"SOURCES__AIRMEET__COMMUNITIES__FAR_WEST__{name}", value)
    monkeypatch.setenv("SOURCES__AIRMEET__COMMUNITY", "far_west")

    settings = resolve_settings()

    assert configured() == ["far_west"]
    assert (settings.community, settings.access_key, settings.url) == (
        "far_west",
        "a",
        "https://west.example",
    )


def test_an_address_for_all_leads_nobody_out_of_their_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__BASE_URL", "https://proxy.example")
    for name in ("north", "south"):
        for key in ("ACCESS_KEY", "SECRET_KEY"):
            monkeypatch.setenv(f"SOURCES__AIRMEET__COMMUNITIES__{name.upper()}__{key}", name)
    monkeypatch.setenv("SOURCES__AIRMEET__COMMUNITIES__SOUTH__REGION", "eu")

    assert resolve_settings(community="north").url == "https://proxy.example"
    assert resolve_settings(community="south").url == "https://api-gateway-prod.eu.airmeet.com/prod"


@pytest.mark.parametrize("half", ["ACCESS_KEY", "SECRET_KEY", "REGION", None])
def test_nobody_elses_keys_are_taken_for_a_community(
    monkeypatch: pytest.MonkeyPatch, half: str | None
) -> None:
    for key in ("ACCESS_KEY", "SECRET_KEY"):
        monkeypatch.setenv(f"SOURCES__AIRMEET__{key}", "everybody's")
        monkeypatch.setenv(f"SOURCES__AIRMEET__COMMUNITIES__SOUTH__{key}", "south")
    if half is not None:
        monkeypatch.setenv(f"SOURCES__AIRMEET__COMMUNITIES__NORTH__{half}", "eu")

    with pytest.raises(UsageError, match="No keys of community north") as raised:
        resolve_settings(community="north")

    assert "SOURCES__AIRMEET__COMMUNITIES__NORTH__ACCESS_KEY" in str(raised.value)
    assert "south" in str(raised.value)
    assert resolve_settings().access_key == "everybody's"


@pytest.mark.parametrize(
    "name", ["", "North", "north-west", "a__b", "_a", "a_", "a b", "a.b", "ä", "a" * 41, "../a"]
)
def test_what_cannot_name_a_community_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a community"):
        resolve_settings(community=name, access_key="a", secret_key="s")


def test_the_pipeline_has_the_name_of_the_community() -> None:
    assert pipeline_of("default") == "airmeet"
    assert pipeline_of("north") == "airmeet_north"


def test_settings_that_a_community_does_not_have_are_named(
    project: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (project / ".dlt" / "config.toml").write_text(
        '[sources.airmeet.communities.north]\nregoin = "eu"\nregion = "eu"\nmax_attempts = 3\n'
    )
    switch_context(str(project))
    monkeypatch.setenv("SOURCES__AIRMEET__COMMUNITIES__SOUTH__ACCES_KEY", "a")
    monkeypatch.setenv("SOURCES__AIRMEET__COMMUNITIES__SOUTH__SECRET_KEY", "s")

    with caplog.at_level(logging.WARNING):
        warn_of_unknown_settings()

    told = "\n".join(caplog.messages)
    assert len(caplog.messages) == 3
    assert "did you mean sources.airmeet.communities.north.region?" in told
    assert "sources.airmeet.communities.north.max_attempts" in told
    assert "did you mean sources.airmeet.communities.south.access_key?" in told
