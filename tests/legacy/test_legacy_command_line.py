"""The command line with region legacy: what it offers, refuses, plans and checks."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from airmeet_sandbox import Sandbox, World
from airmeet_source.api.regions import Api
from airmeet_source.resources import resources_of
from tests.support.cli import Cli, query, tables

OTHERS = sorted(set(resources_of(Api.CURRENT)) - set(resources_of(Api.LEGACY)))
RESTING = (
    "long_over",
    "tail",
    "forgotten",
    "bare",
)  # settled, or asked for today already


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Events of today: the command line has no clock to set but the machine's."""
    with Sandbox(World(seed=7, events=12, people=6)) as running:
        yield running


@pytest.fixture
def legacy(cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line, set to the first version of the API."""
    monkeypatch.setenv("SOURCES__AIRMEET__REGION", "legacy")
    monkeypatch.setenv("SOURCES__AIRMEET__BASE_URL", sandbox.legacy_base_url)
    return cli


def test_a_run_loads_what_this_version_has_and_a_later_one_in_another_region_adds_its_tables(
    legacy: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert legacy("--report", "report.json").code == 0
    assert tables() == {"airmeets", "registrations", "sync_log"}
    world = sandbox.world
    expected = sum(len(world.records("registrations", event)) for event in world.events())
    report = json.loads(Path("report.json").read_text())
    assert report["rows"] == {"airmeets": 12, "registrations": expected, "sync_log": 13}
    assert query("SELECT count(*) FROM registrations") == [(expected,)]
    assert query("SELECT DISTINCT resource FROM sync_log ORDER BY ALL") == [("airmeets",), ("registrations",)]

    before = query("SELECT * FROM registrations ORDER BY ALL")
    monkeypatch.setenv("SOURCES__AIRMEET__REGION", "default")
    monkeypatch.setenv("SOURCES__AIRMEET__BASE_URL", sandbox.base_url)
    assert legacy("--resources", "airmeets,participants").code == 0
    assert query("SELECT * FROM registrations ORDER BY ALL") == before
    joined = (
        "SELECT count(DISTINCT r.email) FROM registrations r JOIN participants p USING (airmeet_id, email)"
    )
    assert query(joined) == query("SELECT count(DISTINCT email) FROM registrations")


def test_its_resources_can_be_chosen(legacy: Cli) -> None:
    assert legacy("--exclude", "registrations").code == 0
    assert tables() == {"airmeets", "sync_log"}
    assert legacy("--resources", "registrations", "--report", "report.json").code == 0
    assert json.loads(Path("report.json").read_text())["rows"].keys() == {"registrations", "sync_log"}


@pytest.mark.parametrize("option", ["--resources", "--exclude"])
@pytest.mark.parametrize("missing", OTHERS)
def test_a_resource_that_legacy_lacks_is_2_and_the_message_says_which_there_are(
    legacy: Cli, sandbox: Sandbox, option: str, missing: str
) -> None:
    result = legacy(option, f"airmeets,{missing}")
    assert result.code == 2
    assert f"Region legacy does not have {missing}:" in result.err
    assert result.err.strip().endswith("its resources are airmeets, registrations.")
    assert not sandbox.requests
    assert not Path("airmeet.duckdb").exists()


@pytest.mark.parametrize("region", ["default", "eu", "us"])
def test_registrations_are_2_in_every_other_region(
    cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__REGION", region)
    result = cli("--resources", "participants,registrations")
    assert result.code == 2
    assert f"Region {region} does not have registrations:" in result.err
    assert "airmeets, sessions, custom_fields, participants" in result.err
    assert not sandbox.requests


def test_a_resource_that_no_region_has_is_unknown(legacy: Cli) -> None:
    result = legacy("--resources", "nonsense,tracks")
    assert result.code == 2
    assert "unknown resource nonsense; there are airmeets, sessions, " in result.err


def test_all_but_everything_is_nothing(legacy: Cli) -> None:
    result = legacy("--exclude", "airmeets,registrations")
    assert result.code == 2
    assert "No resource is left" in result.err


def test_plan_counts_registrations_and_asks_only_for_the_event_list(legacy: Cli, sandbox: Sandbox) -> None:
    result = legacy("--plan")
    assert result.code == 0
    assert sandbox.requests.by_endpoint.keys() == {"auth", "airmeets"}
    assert due(result.out) == [len(sandbox.world.events()), 0, 0]
    assert not [name for name in OTHERS if name in result.out]
    legacy()
    resting = [event for event in sandbox.world.events() if sandbox.world.phase(event) in RESTING]
    assert resting
    assert due(legacy("--plan").out) == [12 - len(resting), 0, len(resting)]


def due(plan: str) -> list[int]:
    """The counts of a plan's only line."""
    lines = plan.splitlines()
    (line,) = [line.split() for line in lines if line.startswith("registrations ")]
    return [int(count) for count in line[1:]]


def test_check_names_the_region_and_where_it_asks(legacy: Cli, sandbox: Sandbox) -> None:
    result = legacy("--check")
    assert result.code == 0
    assert f"{sandbox.legacy_base_url}, region legacy" in result.out
    assert "the keys are good, 12 events are listed" in result.out
    assert {request.path for request in sandbox.requests} == {"/api/v1/auth", "/api/v1/airmeets"}


def test_refused_keys_are_2_and_the_message_names_every_region(
    legacy: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__SECRET_KEY", "wrong")
    result = legacy("--check")
    assert result.code == 2
    assert "HTTP 400 at /auth" in result.err
    assert "default, eu, us, legacy" in result.err
    monkeypatch.setenv("SOURCES__AIRMEET__SECRET_KEY", sandbox.secret_key)
    sandbox.revoke_keys()
    result = legacy("--check")
    assert result.code == 2
    assert "HTTP 403 at /auth: Access key has been revoked" in result.err


def test_a_base_url_without_the_version_is_2(
    legacy: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = sandbox.legacy_base_url.removesuffix("/api/v1")
    monkeypatch.setenv("SOURCES__AIRMEET__BASE_URL", without)
    result = legacy("--check")
    assert result.code == 2
    assert f"No Airmeet API at {without} (HTTP 404" in result.err


def test_the_demo_shows_the_legacy_api_where_that_is_the_region(
    legacy: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCES__AIRMEET__ACCESS_KEY")
    assert legacy("--demo").code == 0
    assert tables() == {"airmeets", "registrations", "sync_log"}
    assert not sandbox.requests  # it has a sandbox of its own
