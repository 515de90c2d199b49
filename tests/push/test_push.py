"""`airmeet push`: who is sent, who is not, and what is written down of it."""

import json
import stat
from pathlib import Path

import psycopg2
import pytest

from airmeet_sandbox import Quirks, Sandbox, World, faults
from airmeet_source.loading.demo import upcoming_event
from tests.push.conftest import HEADER, Push, bodies, listed, log, people
from tests.support.cli import Cli, query
from tests.support.postgres_server import Databases

LINK = "join.airmeet.example"


def test_people_are_registered_once_and_nobody_gets_a_mail(
    push: Push, world: World, sandbox: Sandbox, event: str
) -> None:
    first = push(people("ann", "bea"), "--report", "report.json")
    again = push(people("ann", "bea", "cid"))

    assert (first.code, again.code) == (0, 0), first.err + again.err
    assert first.out.split() == ["2", "added"]
    assert again.out.split() == ["1", "added", "·", "2", "already", "there"]
    assert {person["user_type"] for person in listed(world, event).values()} == {"Registered User"}
    assert world.mails == []
    assert {(body["registerAttendee"], body["sendEmailInvite"]) for body in bodies(sandbox)} == {
        (True, False)
    }
    assert [row[1] for row in log()] == ["added", "already_there", "added", "already_there", "added"]
    columns = (
        "action, status, message, airmeet_id, sent_at IS NULL, run_id = (SELECT run_id FROM runs LIMIT 1)"
    )
    assert log(columns)[0] == ("register", 200, None, event, False, True)
    runs = query("SELECT command, status, exit_code, rows, pipeline FROM runs ORDER BY started_at")
    assert runs == [("push", "ok", 0, 2, "airmeet"), ("push", "ok", 0, 3, "airmeet")]
    report = json.loads(Path("report.json").read_text())
    assert (report["status"], report["people"]["added"], report["airmeet_id"]) == ("ok", 2, event)


def test_an_invitee_is_registered_and_mails_are_sent_if_they_are_asked_for(
    push: Push, world: World, event: str, sandbox: Sandbox
) -> None:
    invited = push(people("ann", "bea"), "--authorise", "--send-invites")
    again = push(people("ann", "bea"), "--authorise", "--send-invites")
    registered = push(people("ann"), "--register")

    assert invited.out.split() == ["2", "added"]
    assert [(body["registerAttendee"], body["sendEmailInvite"]) for body in bodies(sandbox)] == [
        (False, True),
        (False, True),
        (True, False),
    ]
    assert again.out.split() == ["2", "already", "there"]
    assert registered.out.split() == ["1", "added"]
    kinds = {email: person["user_type"] for email, person in listed(world, event).items()}
    assert kinds == {"ann@example.com": "Registered User", "bea@example.com": "Invitee"}
    assert sorted(world.mails) == [(event, "ann@example.com"), (event, "bea@example.com")]


def test_access_is_taken_away_and_nobody_like_that_is_fine(push: Push, world: World, event: str) -> None:
    push(people("ann", "bea"))
    Path("gone.csv").write_text("email,size\nAnn@example.com,1\nnobody+x@example.com,2\n")

    result = push("gone.csv", "--revoke")

    assert (result.code, result.out.split()) == (0, ["1", "revoked", "·", "1", "not", "there"])
    assert [*listed(world, event)] == ["bea@example.com"]
    assert log("email, action, outcome")[0] == ("Ann@example.com", "revoke", "revoked")


def test_a_dry_run_shows_everything_and_sends_nothing(
    push: Push, sandbox: Sandbox, world: World, event: str
) -> None:
    world.admit(event, {"email": "ANN@example.com", "name": "Ann"}, registers=True)

    result = push(people("ann", "bea", "cid"), "--dry-run")

    assert result.code == 0
    assert "2 would be registered, 1 are there already" in result.out
    assert '"email": "bea@example.com"' in result.out
    assert '"sendEmailInvite": false' in result.out
    assert not bodies(sandbox)
    assert not Path("airmeet.duckdb").exists()


def test_nothing_is_sent_if_anything_is_wrong_unless_the_bad_rows_are_to_be_skipped(
    push: Push, sandbox: Sandbox, world: World, event: str
) -> None:
    Path("people.csv").write_text(f"{HEADER}\nann@example.com,Ann,Lee,1-10\nbea,Bea,Lee,1-10\n")

    refused = push("people.csv")

    assert refused.code == 2
    assert "line 3, email: 'bea' is not an address" in refused.out
    assert "--skip-bad" in refused.err
    assert not bodies(sandbox)
    assert not Path("airmeet.duckdb").exists()

    skipped = push("people.csv", "--skip-bad", "--report", "report.json")

    assert (skipped.code, [*listed(world, event)]) == (3, ["ann@example.com"])
    assert "1 added · 1 left out" in skipped.out
    report = json.loads(Path("report.json").read_text())
    assert report["problems"] == [
        {"line": 3, "column": "email", "value": "bea", "why": "is not an address: mend it"}
    ]
    assert query("SELECT status, exit_code FROM runs") == [("partial", 3)]


def test_custom_fields_are_found_by_label_name_or_id_and_codes_are_sent(
    push: Push, world: World, event: str, sandbox: Sandbox
) -> None:
    fields = world.records("custom_fields", event)
    for field in fields:
        field["options"] = [{**option, "code": f"c-{option['code']}"} for option in field["options"]]
    world.put(event, "custom_fields", fields)
    ids = {field["name"]: field["fieldId"] for field in fields}
    columns = f"E-Mail;Name;company_size;{ids['heardFrom'].upper()};Topics you care about;expectation"
    line = "ann@example.com;Ann Mary Lee;1-10;search;reporting|c-Networking;Much | more"
    Path("people.csv").write_bytes(f"\ufeff{columns}\r\n{line}\r\n".encode())

    assert push("people.csv").code == 0

    [body] = bodies(sandbox)
    assert (body["firstName"], body["lastName"]) == ("Ann Mary", "Lee")
    assert {answer["fieldId"]: answer["value"] for answer in body["customFieldMapping"]} == {
        ids["companySize"]: "c-1-10",
        ids["heardFrom"]: "c-Search",
        ids["topics"]: ["c-Reporting", "c-Networking"],
        ids["expectation"]: "Much | more",
    }


def test_a_plan_without_custom_fields_has_none(
    push: Push, sandbox: Sandbox, world: World, event: str
) -> None:
    world.put(event, "custom_fields", [])
    Path("one.csv").write_text("email,name\nann@example.com,Ann Lee\n")

    for status in (403, 404):
        sandbox.quirks = Quirks(gated={"custom_fields": status})
        assert push("one.csv", "--dry-run").code == 0
        assert push(people("bea"), "--dry-run").code == 2


def test_the_first_version_takes_names_and_has_no_custom_fields(
    push: Push, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__REGION", "legacy")
    monkeypatch.setenv("SOURCES__AIRMEET__BASE_URL", sandbox.legacy_base_url)
    Path("people.csv").write_text("email,name,organisation\nann@example.com,Ann,Lee & Co\n")

    assert push("people.csv").out.split() == ["1", "added"]
    assert push("people.csv", "--authorise").out.split() == ["1", "added"]
    assert push("people.csv", "--revoke").out.split() == ["1", "revoked"]
    assert push(people("bea")).code == 2
    assert push("people.csv", "--send-invites").code == 2
    [registered] = bodies(sandbox, "register_user")
    assert registered == {"email": "ann@example.com", "name": "Ann", "organisation": "Lee & Co"}
    assert "organization" in bodies(sandbox, "authorise_attendee")[0]


def test_people_come_from_a_query(push: Push, event: str, world: World) -> None:
    push(people("ann"))
    sql = (
        "SELECT 'bea@example.com' AS email, 'Bea Lee' AS name, '1-10' AS \"Company size\" "
        "WHERE 'bea@example.com' NOT IN (SELECT email FROM airmeet_data.push_log)"
    )

    assert push("--query", sql).out.split() == ["1", "added"]
    assert push("--query", sql).code == 0  # nobody is left

    assert [*listed(world, event)] == ["ann@example.com", "bea@example.com"]
    wrong = push("--query", "SELECT nonsense FROM nowhere")
    assert (wrong.code, "nowhere" in wrong.err) == (2, True)


def test_entry_links_are_kept_nowhere_but_in_a_file_of_their_own(push: Push, sandbox: Sandbox) -> None:
    links = Path("links.csv")
    links.write_text("zoe@example.com,https://old\n")
    links.chmod(0o644)

    seen = push(
        people("ann"), "--entry-links", "links.csv", "--report", "report.json", "--log-level", "DEBUG"
    )
    more = push(people("bea"))

    lines = links.read_text().splitlines()
    assert lines[0] == "zoe@example.com,https://old"
    assert lines[1].startswith(f"ann@example.com,https://{LINK}/e/")
    assert len(lines) == 2
    assert stat.S_IMODE(links.stat().st_mode) == 0o600
    told = "".join((seen.out, seen.err, more.out, more.err, Path("report.json").read_text()))
    assert LINK not in told
    assert sandbox.access_key not in told
    assert LINK.encode() not in Path("airmeet.duckdb").read_bytes()


def test_addresses_are_hashed_in_the_log_where_they_are_hashed(
    push: Push, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__PII", "hash")
    monkeypatch.setenv("SOURCES__AIRMEET__PII_SALT", "a salt of many letters")

    assert push(people("ann")).code == 0

    [(email, _)] = log()
    assert len(email) == 64
    assert b"ann@example" not in Path("airmeet.duckdb").read_bytes()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--event", "../airmeets", "people.csv"], "cannot be the id"),
        (["--event", "a/b", "people.csv"], "cannot be the id"),
        (["--event", "a?b=c", "people.csv"], "cannot be the id"),
        (["--event", "..", "people.csv"], "cannot be the id"),
        (["--event", "4f2930e2", "people.csv"], "There is no event 4f2930e2"),
        ([], "FILE"),
        (["people.csv", "--query", "SELECT 1"], "cannot be used together"),
        (["nowhere.csv"], "cannot be read"),
        (["people.csv", "--report", "people.csv"], "another file"),
        (["people.csv", "--entry-links", "airmeet.duckdb"], "another file"),
        (["people.csv", "--register", "--revoke"], "not allowed with"),
        (["--query", "SELECT 1"], "no database"),
    ],
    ids=str,
)
def test_a_mistake_is_answered_and_nothing_is_sent(
    push: Push, sandbox: Sandbox, words: list[str], told: str
) -> None:
    people("ann")

    result = push(*words)

    assert result.code == 2
    assert told in result.err + result.out
    assert not bodies(sandbox)


def test_a_dataset_of_the_demo_is_not_mixed_with_real_people(push: Push, cli: Cli) -> None:
    assert cli("--demo", "--resources", "airmeets").code == 0

    result = push(people("ann"))

    assert result.code == 2
    assert "the demo's events" in result.err


def test_the_demo_needs_no_keys_and_no_file(push: Push, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACCESS_KEY", "SECRET_KEY", "BASE_URL"):
        monkeypatch.delenv(f"SOURCES__AIRMEET__{name}")

    demo = ("--demo", "--event", upcoming_event())
    assert push(*demo).out.split() == ["3", "added"]


def test_no_more_than_four_are_sent_at_a_time(push: Push, sandbox: Sandbox) -> None:
    sandbox.latency = 0.05
    assert push(people(*(f"p{number}" for number in range(12)))).code == 0

    moments = [(request.arrived, 1) for request in sandbox.requests.to("add_attendee")]
    moments += [(request.answered, -1) for request in sandbox.requests.to("add_attendee")]
    running, most = 0, 0
    for _, change in sorted(moments):
        running += change
        most = max(most, running)
    assert 1 < most <= 4


def test_look_ups_are_in_groups_and_percent_encoded(push: Push, sandbox: Sandbox) -> None:
    names = [f"p+{number}" for number in range(60)]
    assert push(people(*names)).code == 0
    assert push(people(*names)).out.split() == ["60", "already", "there"]

    asked = [request.query["emailIds"].split(",") for request in sandbox.requests.to("participants")]
    for run in (asked[:2], asked[2:]):  # the groups of a run are asked for side by side
        assert sorted(len(group) for group in run) == [10, 50]
        assert {email for group in run for email in group} == {f"{name}@example.com" for name in names}


def test_if_the_look_ups_fail_for_good_nothing_is_sent(push: Push, sandbox: Sandbox) -> None:
    sandbox.faults.add(faults.status(503), endpoint="participants")

    result = push(people("ann"))

    assert (result.code, bodies(sandbox)) == (1, [])
    assert query("SELECT status, exit_code, rows FROM runs") == [("failed", 1, 0)]


@pytest.mark.parametrize("region", ["default", "legacy"])
def test_nobody_is_said_not_to_be_there_if_there_is_no_such_event(
    push: Push, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, region: str
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__REGION", region)
    if region == "legacy":
        monkeypatch.setenv("SOURCES__AIRMEET__BASE_URL", sandbox.legacy_base_url)

    result = push(people("ann"), "--revoke", "--event", "4f2930e2")

    assert (result.code, "There is no event" in result.err) == (2, True)


def test_the_log_is_in_the_warehouse_and_a_load_goes_on_beside_it(
    push: Push, cli: Cli, postgres_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres_databases.new()
    monkeypatch.setenv("DESTINATION__POSTGRES__CREDENTIALS", address)
    postgres = ("--destination", "postgres")

    assert push(people("ann"), *postgres).code == 0
    assert cli(*postgres, "--resources", "airmeets", "--no-views").code == 0
    who = "SELECT email, 'Ann Lee' AS name, '1-10' AS \"Company size\" FROM airmeet_data.push_log"
    assert push("--query", who, *postgres).out.split() == ["1", "already", "there"]

    with psycopg2.connect(address) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT outcome FROM airmeet_data.push_log ORDER BY sent_at")
        assert cursor.fetchall() == [("added",), ("already_there",)]
        cursor.execute("SELECT command FROM airmeet_data.runs ORDER BY started_at")
        assert cursor.fetchall() == [("push",), ("load",), ("push",)]
