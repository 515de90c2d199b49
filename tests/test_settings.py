"""Settings: names, defaults and environment variables of the contract, and errors that say what to do."""

import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from inspect import signature
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from dlt.common.configuration.container import Container
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
from dlt.common.runtime.run_context import switch_context

from airmeet_source.api.regions import REGIONS, Api
from airmeet_source.errors import UsageError
from airmeet_source.settings import Settings, SettingsArguments, resolve_settings
from airmeet_source.settings.unknown import warn_of_unknown_settings
from airmeet_source.source import airmeet
from tests.support.pages import ROOT

# the table of the contract: setting, environment variable, a value to set, and the default
CONTRACT: list[tuple[str, str, str, Any]] = [
    ("community", "SOURCES__AIRMEET__COMMUNITY", "north", "default"),
    ("access_key", "SOURCES__AIRMEET__ACCESS_KEY", "key", ""),
    ("secret_key", "SOURCES__AIRMEET__SECRET_KEY", "secret", ""),
    ("region", "SOURCES__AIRMEET__REGION", "eu", "default"),
    ("base_url", "SOURCES__AIRMEET__BASE_URL", "http://localhost:8000/prod", ""),
    ("pending_wait", "SOURCES__AIRMEET__PENDING_WAIT", "90", 300),
    ("pending_timeout", "SOURCES__AIRMEET__PENDING_TIMEOUT", "60", 1800),
    ("max_concurrency", "SOURCES__AIRMEET__MAX_CONCURRENCY", "4", 8),
    ("request_timeout", "SOURCES__AIRMEET__REQUEST_TIMEOUT", "5", 65),
    ("max_attempts", "SOURCES__AIRMEET__MAX_ATTEMPTS", "3", 6),
    ("backoff", "SOURCES__AIRMEET__BACKOFF", "0.1", 1.0),
    ("settle_days", "SOURCES__AIRMEET__SETTLE_DAYS", "3", 7),
    ("replay_days", "SOURCES__AIRMEET__REPLAY_DAYS", "30", 90),
    ("reread_hours", "SOURCES__AIRMEET__REREAD_HOURS", "1", 20),
    ("tail_hours", "SOURCES__AIRMEET__TAIL_HOURS", "2", 20),
    ("log_days", "SOURCES__AIRMEET__LOG_DAYS", "30", 90),
    ("max_response_mb", "SOURCES__AIRMEET__MAX_RESPONSE_MB", "1", 128),
    ("system_certificates", "SOURCES__AIRMEET__SYSTEM_CERTIFICATES", "true", False),
    ("allow_http", "SOURCES__AIRMEET__ALLOW_HTTP", "true", False),
    ("include_entry_links", "SOURCES__AIRMEET__INCLUDE_ENTRY_LINKS", "true", False),
    ("pii", "SOURCES__AIRMEET__PII", "drop", "keep"),
    ("pii_salt", "SOURCES__AIRMEET__PII_SALT", "a salt of some length", ""),
    ("notify_url", "SOURCES__AIRMEET__NOTIFY_URL", "https://hooks.slack.com/services/T0/B0/x", ""),
    ("notify_after_hours", "SOURCES__AIRMEET__NOTIFY_AFTER_HOURS", "48", 24),
]
KEYS = {"access_key": "key", "secret_key": "secret"}
NUMBERS = [name for name, *_, default in CONTRACT if type(default) in (int, float)]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project of somebody else's: no configuration but what the test writes."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    (tmp_path / ".dlt").mkdir()
    context = Container()[PluggableRunContext]
    before = context.push_context()
    switch_context(str(tmp_path))
    yield tmp_path
    shutil.rmtree(tmp_path / ".dlt")  # or the configuration that is read again now is this one
    context.pop_context(before)


def configure(project: Path, text: str, file: str = "config.toml") -> None:
    (project / ".dlt" / file).write_text(f"[sources.airmeet]\n{text}\n")
    switch_context(str(project))


# -- where settings come from --------------------------------------------------------------------


def test_settings_and_defaults_are_those_of_the_contract() -> None:
    assert {field.name: field.default for field in fields(Settings)} == {
        name: default for name, _, _, default in CONTRACT
    }


@pytest.mark.parametrize(("name", "variable", "value", "default"), CONTRACT)
def test_a_setting_can_be_an_environment_variable(
    name: str, variable: str, value: str, default: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)

    found = getattr(resolve_settings(**{k: v for k, v in KEYS.items() if k != name}), name)

    assert found == (True if value == "true" else type(default)(value))
    assert found != default


def test_settings_can_stand_in_dlts_files(project: Path) -> None:
    configure(project, 'access_key = "a"\nsecret_key = "b"', "secrets.toml")
    configure(project, 'region = "us"\nsettle_days = 3\ninclude_entry_links = true')

    settings = resolve_settings()

    assert (settings.access_key, settings.secret_key, settings.region) == ("a", "b", "us")
    assert (settings.settle_days, settings.include_entry_links) == (3.0, True)


def test_arguments_come_before_the_environment_and_the_environment_before_files(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(project, "max_attempts = 2\nsettle_days = 2\nbackoff = 2")
    monkeypatch.setenv("SOURCES__AIRMEET__SETTLE_DAYS", "3")
    monkeypatch.setenv("SOURCES__AIRMEET__BACKOFF", "3")

    settings = resolve_settings(**KEYS, backoff=4)

    assert (settings.max_attempts, settings.settle_days, settings.backoff) == (2, 3.0, 4.0)


@pytest.mark.parametrize("prefix", ["", "SOURCES__"])
def test_variables_of_other_programs_are_not_taken_for_ours(
    prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, _, value, _ in CONTRACT:
        monkeypatch.setenv(prefix + name.upper(), value)

    with pytest.raises(UsageError, match="No Airmeet keys"):
        resolve_settings()
    assert resolve_settings(**KEYS) == Settings(access_key="key", secret_key="secret")


def test_an_argument_that_is_no_setting_is_answered_with_the_one_that_was_meant() -> None:
    with pytest.raises(UsageError, match="Unknown setting regoin, did you mean region"):
        resolve_settings(**KEYS, regoin="eu")


def test_every_setting_is_a_named_typed_argument() -> None:
    types = get_type_hints(Settings)

    arguments = signature(airmeet).parameters

    assert get_type_hints(SettingsArguments) == types
    assert {name: arguments[name].annotation for name in types} == {
        name: wanted | None for name, wanted in types.items()
    }


def test_the_example_of_a_configuration_shows_the_defaults() -> None:
    example = (ROOT / ".dlt" / "config.toml.example").read_text(encoding="utf-8")
    section = example.partition("[sources.airmeet]")[2].replace("\n# ", "\n")

    shown = tomllib.loads(section)

    assert shown
    assert {name: getattr(Settings(), name) for name in shown} == shown


# -- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given", [{}, {"access_key": "a"}, {"secret_key": "b"}, {"access_key": " ", "secret_key": "b"}]
)
def test_missing_keys_are_explained(given: dict[str, str]) -> None:
    with pytest.raises(UsageError) as error:
        resolve_settings(**given)

    for hint in ("access_key", "SOURCES__AIRMEET__SECRET_KEY", "secrets.toml", "Generate access key"):
        assert hint in str(error.value)


def test_keys_may_be_typed_with_stray_white_space() -> None:
    settings = resolve_settings(access_key=" key\n", secret_key="\tsecret ")

    assert (settings.access_key, settings.secret_key) == ("key", "secret")


@pytest.mark.parametrize("key", ["1e5", "007", "true", "null", "a=b", "[1]"])
def test_a_key_that_looks_like_another_type_stays_as_it_is(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__ACCESS_KEY", key)

    assert resolve_settings(secret_key="secret").access_key == key


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("wrong", ["se cret", "se\ncret", "sécret", "s\u200becret", "s\x00ecret"])
def test_a_key_that_no_header_can_carry_is_refused_without_saying_it(name: str, wrong: str) -> None:
    with pytest.raises(UsageError, match=name) as error:
        resolve_settings(**{**KEYS, name: wrong})

    assert wrong not in str(error.value)


def test_keys_are_never_shown() -> None:
    settings = resolve_settings(access_key="k3y", secret_key="s3cr3t", base_url="https://example.com/prod")

    for shown in (repr(settings), str(settings), f"{settings}"):
        assert "k3y" not in shown
        assert "s3cr3t" not in shown


# -- where requests go ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("region", "url"),
    [
        ("default", "https://api-gateway.airmeet.com/prod"),
        ("eu", "https://api-gateway-prod.eu.airmeet.com/prod"),
        ("us", "https://api-gateway-prod.us.airmeet.com/prod"),
        ("legacy", "https://api.airmeet.com/api/v1"),
    ],
)
def test_a_region_has_its_address(region: str, url: str) -> None:
    assert resolve_settings(**KEYS, region=region).url == url


@pytest.mark.parametrize("base_url", ["", "http://127.0.0.1:8000/api/v1"])
def test_the_region_decides_which_version_of_the_api_is_asked(base_url: str) -> None:
    apis = {region: resolve_settings(**KEYS, region=region, base_url=base_url).api for region in REGIONS}

    assert {region for region, api in apis.items() if api is Api.LEGACY} == {"legacy"}


def test_base_url_replaces_the_whole_prefix() -> None:
    settings = resolve_settings(**KEYS, region="eu", base_url=" http://127.0.0.1:8000/prod/ ")

    assert settings.url == "http://127.0.0.1:8000/prod"


def test_an_unknown_region_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="mars") as error:
        resolve_settings(**KEYS, region="mars")

    assert all(region in str(error.value) for region in REGIONS)


@pytest.mark.parametrize(
    "base_url",
    [
        "api-gateway.airmeet.com/prod",
        "ftp://example.com",
        "https://",
        "http://[::1",
        "https://user:s3cr3t@example.com",
        "https://example.com/?token=s3cr3t",
    ],
)
def test_a_base_url_that_is_no_plain_address_is_refused_without_saying_it(base_url: str) -> None:
    with pytest.raises(UsageError, match="base_url") as error:
        resolve_settings(**KEYS, base_url=base_url)

    assert "s3cr3t" not in str(error.value)


@pytest.mark.parametrize("host", ["example.com", "10.0.0.1:8000", "localhost.example.com", "0.0.0.0"])
def test_keys_are_not_sent_in_the_clear_unless_that_is_wanted(host: str) -> None:
    url = f"http://{host}/prod"
    with pytest.raises(UsageError, match="allow_http"):
        resolve_settings(**KEYS, base_url=url)

    assert resolve_settings(**KEYS, base_url=url, allow_http=True).url == url


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:8000"])
def test_on_this_machine_they_may_be(host: str) -> None:
    assert resolve_settings(**KEYS, base_url=f"http://{host}").base_url


# -- keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["access_key", "secret_key"])
@pytest.mark.parametrize("marks", ['""', "''", "“”", "\u2018\u2019", "„“", "``", '" '])
def test_a_key_in_quotation_marks_is_named_and_not_told(name: str, marks: str) -> None:
    with pytest.raises(UsageError, match=f"{name} is in quotation marks") as error:
        resolve_settings(**{**KEYS, name: f"{marks[0]}k3y{marks[1]}"})

    assert "k3y" not in str(error.value)


def test_blanks_and_line_ends_around_a_key_are_left_out() -> None:
    settings = resolve_settings(access_key=" key\r\n", secret_key="\n\tsecret\u00a0")

    assert (settings.access_key, settings.secret_key) == ("key", "secret")


# -- names that do not exist ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("SOURCES__AIRMEET__PENDING_TIMEOUTT", "SOURCES__AIRMEET__PENDING_TIMEOUT"),
        ("SOURCES__AIRMEET__REGOIN", "SOURCES__AIRMEET__REGION"),
        ("SOURCES__AIRMEET_REGION", "SOURCES__AIRMEET__REGION"),
        ("SOURCE__AIRMEETS__ACCESSKEY", "SOURCES__AIRMEET__ACCESS_KEY"),
        ("sources__airmeet__pii", "SOURCES__AIRMEET__PII"),
    ],
)
def test_a_misspelt_variable_is_named_with_the_right_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, given: str, meant: str
) -> None:
    monkeypatch.setenv(given, "s3cr3t")
    monkeypatch.setenv("SOURCES__AIRMEET__BACKOFF", "1")
    monkeypatch.setenv("AIRMEET_HOME", "theirs")
    warn_of_unknown_settings()

    assert [record.getMessage() for record in caplog.records] == [
        f"There is no setting {given}, so it has no effect, did you mean {meant}?"
    ]


@pytest.mark.parametrize("file", ["config.toml", "secrets.toml"])
def test_a_misspelt_name_in_a_file_is_named_with_the_right_one(
    project: Path, caplog: pytest.LogCaptureFixture, file: str
) -> None:
    more = (
        '[sources.airmeets]\nregion = "eu"\n[sources.airtable]\nregoin = "x"\n[source.airmeet]\npii = "drop"'
    )
    configure(project, f'regoin = "s3cr3t"\nsomething = 1\nbackoff = 1\n{more}', file)
    warn_of_unknown_settings()

    no_effect = "There is no setting {}, so it has no effect"
    assert [record.getMessage() for record in caplog.records] == [
        f"{no_effect.format('sources.airmeet.regoin')}, did you mean sources.airmeet.region?",
        f"{no_effect.format('sources.airmeet.something')}.",
        f"{no_effect.format('sources.airmeets.region')}, did you mean sources.airmeet.region?",
        f"{no_effect.format('source.airmeet.pii')}, did you mean sources.airmeet.pii?",
    ]


# -- numbers and switches ------------------------------------------------------------------------


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", ["many", "-1", "nan", "inf", "", "1,5"])
def test_a_number_that_makes_no_sense_is_named(name: str, value: str) -> None:
    with pytest.raises(UsageError, match=f"sources.airmeet.{name} must be"):
        resolve_settings(**KEYS, **{name: value})


@pytest.mark.parametrize("name", ["max_concurrency", "max_attempts"])
@pytest.mark.parametrize("value", [0, 1.5])
def test_a_count_is_a_whole_number_above_zero(name: str, value: float) -> None:
    with pytest.raises(UsageError, match=name):
        resolve_settings(**KEYS, **{name: value})


@pytest.mark.parametrize(
    "name",
    [
        "pending_wait",
        "pending_timeout",
        "backoff",
        "settle_days",
        "replay_days",
        "reread_hours",
        "tail_hours",
    ],
)
def test_a_time_may_be_zero(name: str) -> None:
    assert getattr(resolve_settings(**KEYS, **{name: 0}), name) == 0.0


@pytest.mark.parametrize(
    ("value", "on"),
    [(True, True), ("true", True), ("Yes", True), (1, True), (False, False), ("FALSE", False), ("0", False)],
)
def test_a_switch_is_on_or_off(value: Any, on: bool) -> None:
    assert resolve_settings(**KEYS, include_entry_links=value).include_entry_links is on


@pytest.mark.parametrize("value", ["", "maybe", "2"])
def test_a_switch_is_nothing_else(value: str) -> None:
    with pytest.raises(UsageError, match="include_entry_links must be true or false"):
        resolve_settings(**KEYS, include_entry_links=value)
