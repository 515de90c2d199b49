"""Keys, tokens and entry links reach nothing that outlives or leaves the process, failing runs included."""

import base64
import json
import re
import unicodedata
import zlib
from itertools import product
from pathlib import Path

import duckdb
import pytest

from airmeet_sandbox import Sandbox, faults
from airmeet_source.errors import AirmeetError
from airmeet_source.loading.load import load
from tests.support.cli import Cli, query
from tests.support.disguises import DISGUISES

TOKEN = re.compile(rb"sandbox-token-[0-9a-f]{16}")


def everything_written(folder: Path) -> bytes:
    """The bytes of every file, the rows of every table and dlt's state, uncompressed."""
    parts = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    names = query("SELECT schema_name || '.' || table_name FROM duckdb_tables()")
    parts += [repr(query(f"FROM {name}")).encode() for (name,) in names]
    states = query("SELECT state FROM _dlt_pipeline_state")
    parts += [zlib.decompress(base64.b64decode(state)) for (state,) in states]
    return b"\n".join(parts)


def test_no_secret_is_told_or_written(cli: Cli, sandbox: Sandbox, tmp_path: Path) -> None:
    event = sandbox.world.event_in("just_finished")
    link = "https://www.airmeet.example/e/x?code=personal-code"
    sandbox.faults.add(faults.status(500, message=f"cannot open {link}"), endpoint="tracks", path=event)
    sandbox.faults.add(faults.reset(), endpoint="booths", path=event)
    sandbox.faults.add(faults.hang(), endpoint="questions", path=event)
    words = ("--log-level", "DEBUG", "--report")  # it tells most
    runs = [cli(*words, "report.json")]
    sandbox.revoke_keys()
    runs.append(cli(*words, "second.json"))
    assert [run.code for run in runs] == [3, 2]
    assert len(json.loads(Path("report.json").read_text())["problems"]) == 3

    said = "".join(run.out + run.err for run in runs).encode()
    written = everything_written(tmp_path)
    people = [person for e in sandbox.world.events() for person in sandbox.world.records("participants", e)]
    links = [person["token"] for person in people if person.get("token")]
    assert links
    assert b"the keys" in said
    for secret in (sandbox.access_key, sandbox.secret_key, "personal-code", *links):
        assert secret.encode() not in said, secret
        assert secret.encode() not in written, secret
    assert not TOKEN.search(said + written)


def test_keys_that_the_api_echoes_are_told_in_no_disguise(
    cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = {"access_key": "Ab3xY9Zq7kL0mN7P", "secret_key": "aB3+/x9Zq=kL0mN7wQ/2rT+5vU8="}
    for name, key in keys.items():
        monkeypatch.setattr(sandbox._access, name, key)
        monkeypatch.setenv(f"SOURCES__AIRMEET__{name.upper()}", key)
    monkeypatch.setenv("SOURCES__AIRMEET__MAX_ATTEMPTS", "1")
    places = product(("tracks", "booths", "custom_fields"), sandbox.world.events())
    for disguise, (endpoint, event) in zip(DISGUISES.values(), places, strict=False):
        echo = " or ".join(map(disguise, keys.values()))
        fault = faults.status(500, message=f"Bad key {echo}, it is")
        sandbox.faults.add(fault, endpoint=endpoint, path=event)

    arguments = ("--resources", "tracks,booths,custom_fields", "--report", "report.json")
    result = cli(*arguments, "--log-level", "DEBUG")

    assert result.code == 3
    told = result.out + result.err + Path("report.json").read_text()
    written = everything_written(tmp_path).decode("utf-8", "replace")
    assert "Bad key …" in told
    for (name, disguise), key in product(DISGUISES.items(), keys.values()):
        assert disguise(key) not in told + written, name
        assert json.dumps(disguise(key))[1:-1] not in told + written, name


MALFORMED = (
    "postgresql://me:{}@/:x/db",
    "postgresql:/me:{}@host/db",
    "me:{}@host/db",
    "host=localhost password={} user=me",
    "postgresql://me:{}@localhost:port/db",
    "postgresql://me:{}@127.0.0.1:9/db",
)


@pytest.mark.parametrize("malformed", MALFORMED)
def test_the_password_of_a_malformed_address_is_not_told(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, malformed: str
) -> None:
    password = "pw/With+All=9"
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", malformed.format(password))

    result = cli("--destination", "postgres", "--log-level", "DEBUG", "--report", "report.json")
    with pytest.raises(AirmeetError) as raised:
        load(destination="postgres")

    assert result.code in (1, 2)
    assert "Traceback" in result.err
    links: list[BaseException] = [raised.value]
    while links[-1].__cause__ or links[-1].__context__:
        links.append(links[-1].__cause__ or links[-1].__context__ or links[-1])
    told = [result.out, result.err, Path("report.json").read_text(), *map(repr, links)]
    assert not [text for text in told if "With" in text]


def test_a_file_of_secrets_that_cannot_be_read_is_not_quoted(cli: Cli) -> None:
    Path(".dlt").mkdir()
    Path(".dlt/secrets.toml").write_text(
        '[sources.airmeet\naccess_key = "in-the-open-Q7"\nsecret_key = Qx7-key\n'
    )

    result = cli("--resources", "airmeets", "--log-level", "DEBUG")

    assert result.code in (0, 2)
    assert "in-the-open" not in result.out + result.err
    assert "Qx7-key" not in result.out + result.err


@pytest.mark.parametrize("pii", ["keep", "drop"])
def test_no_person_in_an_answer_gets_into_a_message(
    cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, pii: str
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__PII", pii)
    monkeypatch.setenv("SOURCES__AIRMEET__MAX_ATTEMPTS", "1")
    answers = [
        (200, b'{"data": [{"name": "Jane Example", "city": "Ulm", "phone": "+49 170 123'),
        (200, b'{"errors": ["Jane Example"], "message": "Jane Example of Ulm", "data": ["Ulm"]}'),
        (200, b'{"statusCode": 400, "statusMessage": "Jane Example of Ulm"}'),
        (200, b'{"name": "Jane Example of Ulm"}'),
        (500, b'{"data": [{"name": "Jane Example", "city": "Ulm"}'),
        (502, b"<html><title>502</title><body>Jane Example of Ulm</body></html>"),
        (503, b'{"message": "Too many", "data": [{"name": "Jane Example of Ulm"}]}'),
        (404, b'{"message": "Nobody called \'Jane Example\' in [Ulm], jane@example.com, +49 170 1234567"}'),
    ]
    for (status, body), event in zip(answers, sandbox.world.events(), strict=False):
        sandbox.faults.add(faults.raw(body, code=status), endpoint="participants", path=event)

    result = cli("--resources", "participants", "--report", "r.json", "--log-level", "DEBUG")

    assert result.code == 3
    assert len(json.loads(Path("r.json").read_text())["problems"]) == len(answers)
    told = result.out + result.err + Path("r.json").read_text() + repr(query("FROM sync_log"))
    assert not re.search("Jane|Example|Ulm|[+]49|1234567", told)


def test_where_people_are_not_to_be_known_the_status_alone_is_told(
    cli: Cli, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__PII", "drop")
    sandbox.faults.add(faults.status(500, message="Out of coffee"), endpoint="tracks")

    assert cli("--resources", "tracks").code == 3
    assert query("SELECT DISTINCT error FROM sync_log WHERE outcome = 'failed'") == [
        ("HTTP 500 (after 3 attempts)",)
    ]


def test_no_row_that_a_database_quotes_gets_into_a_message(
    cli: Cli, sandbox: Sandbox, tmp_path: Path
) -> None:
    assert cli("--resources", "participants").code == 0
    with duckdb.connect("airmeet.duckdb") as connection:
        connection.execute("USE airmeet_data")
        connection.execute("DELETE FROM participants")
        connection.execute("CREATE UNIQUE INDEX one_each ON participants (country)")
    countries = {
        person["country"]
        for e in sandbox.world.events()
        for person in sandbox.world.records("participants", e)
    }

    result = cli(
        "--resources", "participants", "--full-refresh", "--report", "r.json", "--log-level", "DEBUG"
    )

    assert result.code == 1
    assert "duplicate key …" in result.err
    left = [file for file in (tmp_path / "pipelines").rglob("*") if file.suffix in (".pickle", ".json")]
    assert left
    told = [
        result.out,
        result.err,
        Path("r.json").read_text(),
        *(file.read_bytes().decode("latin-1") for file in left),
    ]
    assert not [(country, text) for country in countries for text in told if country in text]


def test_nothing_from_outside_moves_the_cursor(cli: Cli, sandbox: Sandbox) -> None:
    ids = ["e\x1b[2J\x1b]0;mine\x07", "e\u009b31m", "e\u202eexe.txt", "e\r\nERROR\u2028x\u200b"]
    events = [{"uid": uid, "name": uid, "status": "FINISHED"} for uid in ids]
    sandbox.faults.add(faults.body({"data": events}), endpoint="airmeets")
    sandbox.faults.add(faults.status(500, message="\x1b[2Jgone\x07\u202e\u2028"), endpoint="participants")

    result = cli("--resources", "participants", "--report", "report.json", "--log-level", "DEBUG")

    text = Path("report.json").read_text()
    for line in (result.out + result.err + text).split("\n"):
        assert not [c for c in line if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")], line
    assert {problem["airmeet_id"] for problem in json.loads(text)["problems"]} >= set(ids)
