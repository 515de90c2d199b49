"""Secrets are found in a configuration that nobody has understood yet, or that nobody can."""

from pathlib import Path

import pytest

from airmeet_source.disclosure import credentials
from airmeet_source.disclosure.credentials import learn_asked_for, learn_configuration, learn_secret
from airmeet_source.disclosure.secrets import Secrets

PASSWORD = "hunter2+Secret/9="

CONNECTION_STRINGS = [
    "postgresql://me:{}@host/db",
    "postgres://me:{}@host:5432/db?sslmode=require",
    "postgresql://me:{}@",
    "postgresql://me:{}",
    "postgresql:/me:{}@host/db",
    "postgresql//me:{}@host",
    "me:{}@host/db",
    "host=host password={} user=me",
    "host=host user=me password='{}'",
    "host = host password = {} user = me",
    "postgresql://host/db?user=me&password={}",
    "host=host;Password={};User=me",
    '{{"host": "host", "password": "{}"}}',
    "md:?motherduck_token={}",
]


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> Secrets:
    """A filter that knows no secret yet."""
    fresh = Secrets()
    monkeypatch.setattr(credentials, "SECRETS", fresh)
    return fresh


@pytest.mark.parametrize("text", CONNECTION_STRINGS)
def test_the_password_of_any_connection_string(known: Secrets, text: str) -> None:
    learn_asked_for("credentials", text.format(PASSWORD))

    assert PASSWORD not in known.hidden_in(f"cannot understand {PASSWORD}!")
    assert known.hidden_in("host db me sslmode require") == "host db me sslmode require"


@pytest.mark.parametrize("text", CONNECTION_STRINGS)
def test_the_password_in_the_environment(known: Secrets, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", text.format(PASSWORD))
    learn_configuration()

    assert PASSWORD not in known.hidden_in(PASSWORD)


@pytest.mark.parametrize(
    "name",
    ["SOURCES__AIRMEET__ACCESS_KEY", "SOURCES__AIRMEET__SECRET_KEY", "SOURCES__AIRMEET__PII_SALT",
     "SOURCES__AIRMEET__COMMUNITIES__NORTH__SECRET_KEY", "DESTINATION__POSTGRES__CREDENTIALS__PASSWORD",
     "DESTINATION__BIGQUERY__CREDENTIALS__PRIVATE_KEY", "CREDENTIALS__PASSWORD", "PGPASSWORD"],
)  # fmt: skip
def test_what_is_secret_by_its_name(known: Secrets, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, PASSWORD)
    learn_configuration()

    assert PASSWORD not in known.hidden_in(PASSWORD)


@pytest.mark.parametrize(
    ("name", "value"),
    [("SOURCES__AIRMEET__BASE_URL", "https://api.example.com/a-path"),
     ("DESTINATION__DUCKDB__CREDENTIALS", "duckdb:///a-path.duckdb"),
     ("DESTINATION__BIGQUERY__CREDENTIALS", "/a-path/key.json"),
     ("SOURCES__AIRMEET__REGION", "a-path"), ("EDITOR_KEY", "a-path"),
     ("DESTINATION__POSTGRES__CREDENTIALS", "postgresql://a-path:a-path@a-path/a-path")],
)  # fmt: skip
def test_what_is_a_name_or_a_place_is_no_secret(
    known: Secrets, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    learn_configuration()

    assert known.hidden_in("a-path") == "a-path"


def test_a_file_of_secrets_that_is_broken(
    known: Secrets, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(".dlt").mkdir()
    Path(".dlt/secrets.toml").write_text(
        "[sources.airmeet\n"
        f'access_key = "{PASSWORD}"\nsecret_key = \'single-{PASSWORD}\'\n"region" = "europe-west"\n'
        f'[destination.postgres]\ncredentials = "postgresql://me:{PASSWORD[::-1]}@host/europe-west"\n'
        '[destination.bigquery.credentials]\nprivate_key = """-----BEGIN-----\n'
        'MIIEvAIBADANBgkqhkiG9w0BAQEFAASC\n-----END-----"""\n'
    )
    learn_configuration()

    for secret in (PASSWORD, PASSWORD[::-1], "MIIEvAIBADANBgkqhkiG9w0BAQEFAASC"):
        assert known.hidden_in(secret) == "…" or secret not in known.hidden_in(secret)
    assert known.hidden_in("europe-west") == "europe-west"


def test_of_the_hook_of_a_chat_the_path_is_secret(known: Secrets) -> None:
    learn_secret("https://hooks.example.com/services/T0AB/B0CD/x9Y8z7W6v5")

    assert "x9Y8z7W6v5" not in known.hidden_in("POST /services/T0AB/B0CD/x9Y8z7W6v5 failed")
    assert "hooks.example.com" in known.hidden_in("hooks.example.com does not answer")


def test_each_line_of_a_key_is_secret(known: Secrets) -> None:
    learn_secret("-----BEGIN PRIVATE KEY-----\nMIIEvAIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n")

    assert "MIIEv" not in known.hidden_in("bad line MIIEvAIBADANBgkqhkiG9w0BAQEFAASC")
