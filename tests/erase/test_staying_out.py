"""Nobody comes back: not by another list, another community, or a command that was killed amid its work."""

from collections.abc import Callable
from pathlib import Path

import pytest

from airmeet_sandbox import Sandbox, World
from airmeet_source.loading.erasing import rewriting
from airmeet_source.loading.erasing.taking_out import TakingOut
from tests.erase.conftest import ADA, ID, NAME, Erase, certificate, leaks, settle_in
from tests.support.cli import Cli, query
from tests.support.warehouse import NOW

HOME = "ada@home.example"
SEEN = "SELECT count(*) FROM event_attendance WHERE user_id = '{}' OR email = '{}'"


def seen(user_id: str = ID, email: str = ADA) -> int:
    [(count,)] = query(SEEN.format(user_id, email))
    return int(count)


def test_what_a_later_list_shows_beside_an_address_goes_as_well(
    erase: Erase, cli: Cli, world: World, tmp_path: Path
) -> None:
    event = world.event_in("just_finished")
    world.add_attendance("event_attendance", event, user_id=ID, email=None, name=NAME)
    world.add_attendance("event_attendance", event, user_id=None, email=HOME, name=NAME)
    certificate(erase(ADA))
    assert cli("--events", event, "--resources", "event_attendance").code == 0
    assert seen(ID, HOME) == 2

    world.register(event, email=ADA, user_id=ID, name=NAME)
    world.register(event, email=HOME, user_id=ID, name=NAME)
    assert cli("--events", event, "--resources", "participants,utms").code == 0

    assert seen(ID, HOME) == 0
    assert leaks(tmp_path, [ADA, ID, NAME, HOME]) == {}
    assert cli("--events", event, "--resources", "event_attendance", "--full-refresh").code == 0
    assert seen(ID, HOME) == 0


@pytest.mark.parametrize("completed_by", ["the same command", "the next load"])
def test_a_command_that_is_killed_lets_nobody_back_and_is_completed(
    erase: Erase, cli: Cli, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, completed_by: str
) -> None:
    event = settle_in(world)
    load = ("--events", event, "--resources", "event_attendance,participants")
    assert cli(*load).code == 0
    with monkeypatch.context() as killed:
        killed.setattr(TakingOut, "take", _killed)
        assert erase(ADA).code == 130
    assert seen() > 0

    if completed_by == "the next load":
        assert cli(*load).code == 0
    else:
        assert certificate(erase(ADA))["rows"]["event_attendance"] == 2

    assert seen() == 0
    assert leaks(tmp_path, [ADA, ID, NAME]) == {}


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_file_that_cannot_be_written_anew_is_told_and_the_command_is_to_be_run_again(
    erase: Erase, cli: Cli, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = settle_in(world)
    assert cli("--events", event, "--resources", "event_attendance").code == 0
    with monkeypatch.context() as full:
        full.setattr(rewriting, "TemporaryDirectory", _no_room)
        result = erase(ADA)
    assert result.code == 1
    assert "cannot be written anew" in result.err
    assert certificate(erase(ADA))["files"]["database_rewritten"]
    assert [path.name for path in Path.cwd().glob(".airmeet-*")] == []


def _no_room(**_: object) -> Callable[[], None]:
    raise OSError(28, "No space left on device")


def test_another_community_of_the_dataset_keeps_the_same_people_out(
    erase: Erase, cli: Cli, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = ("--resources", "event_attendance")
    assert cli("--events", settle_in(world), *few).code == 0
    certificate(erase(ADA))
    with Sandbox(World(seed=8, events=3, people=3, now=NOW)) as south:
        south.clock.freeze(NOW)
        event = settle_in(south.world)
        keys = {"ACCESS_KEY": south.access_key, "SECRET_KEY": south.secret_key, "BASE_URL": south.base_url}
        for name, value in keys.items():
            monkeypatch.setenv(f"SOURCES__AIRMEET__COMMUNITIES__SOUTH__{name}", value)

        assert cli("--community", "south", "--events", event, *few).code == 0
        assert seen() == 0
        south.world.register(event, email=ADA, user_id="another-id-of-hers", name=NAME)
        assert cli("--community", "south", "--events", event, "--resources", "participants").code == 0

    told = certificate(erase(ADA, "--dry-run"))
    assert (told["rows"], told["other_addresses"]) == ({}, 0)


@pytest.mark.parametrize("mode", ["hash", "drop"])
def test_hashed_and_dropped_people_are_found_and_kept_out_as_well(
    erase: Erase, cli: Cli, world: World, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    monkeypatch.setenv("SOURCES__AIRMEET__PII", mode)
    monkeypatch.setenv("SOURCES__AIRMEET__PII_SALT", "a long secret salt")
    event = settle_in(world)
    world.register(event, email=ADA, user_id=None, name=NAME)
    few = ("--events", event, "--resources", "participants,event_attendance")
    assert cli(*few).code == 0
    before = dict(query("SELECT 'participants', count(*) FROM participants"))
    assert seen() == 2

    told = certificate(erase(ADA.title()))

    # where addresses are dropped, nothing leads from one to a user id before a list is read again
    is_hash = mode == "hash"
    assert told["rows"]["participants"] == (2 if is_hash else 1)
    assert cli(*few, "--full-refresh").code == 0
    assert seen() == 0
    assert dict(query("SELECT 'participants', count(*) + 2 FROM participants")) == before


def test_mentions_are_listed_or_blanked_for_good(erase: Erase, cli: Cli, world: World) -> None:
    event = world.event_in("just_finished")
    others = {"email": "bob@boole.example", "user_id": "b-1", "name": "Bob"}
    world.put(
        event,
        "questions",
        [
            {**others, "questions": [{"question": f"Is <{ADA.title()}> here, or x{ADA}?"}]},
            {**others, "questions": ADA},
        ],
    )
    few = ("--events", event, "--resources", "questions")
    assert cli(*few).code == 0
    mention = {"table": "questions", "column": "question", "airmeet_id": event, "rows": 2}

    listed = certificate(erase(ADA, "--dry-run"))
    assert (listed["rows"], listed["mentions"]) == ({}, [mention])
    assert not certificate(erase(ADA))["mentions_blanked"]
    assert certificate(erase(ADA, "--mentions", "blank"))["mentions_blanked"]

    blanked = [("",), (f"Is <> here, or x{ADA}?",)]
    asked = "SELECT question FROM questions ORDER BY question"
    assert query(asked) == blanked
    assert cli(*few, "--full-refresh").code == 0
    assert query(asked) == blanked
