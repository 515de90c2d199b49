"""`airmeet erase`: who leaves the tables and files, who stays, and that nobody comes back."""

from pathlib import Path

import pytest

from airmeet_sandbox import World
from airmeet_source.cli.output import Output
from tests.erase.conftest import ADA, ID, NAME, Erase, certificate, leaks, rows, settle_in, without_her
from tests.support.cli import Cli, FirstLoad, Result, query

FORMAT = "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = current_database()"


def test_no_byte_of_somebody_is_left_and_everybody_else_stays(
    erase: Erase, cli: Cli, world: World, tmp_path: Path
) -> None:
    event = without_her(world)
    again = ("--events", event, "--full-refresh")
    assert cli("--events", event).code == 0
    before = rows()
    settle_in(world)
    assert cli(*again, "--publish", "snapshot.duckdb").code == 0
    assert len(query(f"SELECT * FROM event_attendance WHERE user_id = '{ID}'")) == 2

    told = certificate(erase(ADA.upper(), "--publish", "snapshot.duckdb"))

    assert told["rows"] == {
        "participants": 1,
        "event_attendance": 2,
        "session_attendance": 1,
        "replay_attendance": 1,
        "utms": 1,
        "poll_responses": 1,
        "questions": 1,
        "booth_exhibitors": 1,
        "session_people": 1,
    }
    assert told["values"] == {"sessions": 2}
    assert (told["addresses"], told["other_addresses"], told["user_ids"]) == (1, 0, 1)
    assert rows() == before
    assert query("SELECT free_blocks FROM pragma_database_size()", "snapshot.duckdb") == [(0,)]
    assert query(FORMAT) == [("v1.4.0+",)]
    for words in ((), again):
        assert not words or cli(*words).code == 0
        assert leaks(tmp_path, [ADA, ID, NAME]) == {}
        assert rows() == before
    assert query("SELECT command, status FROM runs ORDER BY started_at")[2] == ("erase", "ok")


def test_a_dry_run_counts_and_changes_nothing(erase: Erase, loaded: FirstLoad, world: World) -> None:
    loaded("--resources", "participants,event_attendance")
    content = Path("airmeet.duckdb").read_bytes()
    somebody = world.records("participants", world.event_in("tail"))[0]["email"]

    told = certificate(erase(somebody, "--dry-run"))

    assert told["dry_run"]
    assert told["rows"]["participants"] >= 1
    assert not any(told["files"].values())
    assert Path("airmeet.duckdb").read_bytes() == content


def test_who_is_in_no_row_is_kept_out_before_the_first_load(
    erase: Erase, cli: Cli, world: World, tmp_path: Path
) -> None:
    event = settle_in(world)

    told = certificate(erase(ADA, "nobody@else.example", "--report", "certificate.json"))
    assert (told["addresses"], told["rows"], told["user_ids"]) == (2, {}, 0)
    assert certificate(Result(0, Path("certificate.json").read_text(), "")) == told
    assert cli("--events", event, "--resources", "participants,event_attendance").code == 0

    assert leaks(tmp_path, [ADA, ID, NAME]) == {}
    assert query(f"SELECT count(*) FROM event_attendance WHERE user_id = '{ID}'") == [(0,)]


def test_what_is_no_address_is_wrong_usage(erase: Erase) -> None:
    for words in ((), ("ada",), ("ada@",), ("Ada <ada@x.example>",), ("a@x.example", "b c@x.example")):
        assert erase(*words).code == 2
    assert not Path("airmeet.duckdb").exists()


def test_on_a_terminal_nothing_happens_before_somebody_says_yes(
    erase: Erase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(Output, "isatty", lambda _: True)
    for answer, code in (("", 1), ("n", 1), ("y", 0)):
        monkeypatch.setattr("builtins.input", lambda _, said=answer: said)
        assert erase(ADA).code == code
        assert Path("airmeet.duckdb").exists() == (code == 0)
