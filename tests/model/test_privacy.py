"""Setting ``pii``: personal data is kept, hashed or dropped before it is written anywhere."""

import pytest

from airmeet_sandbox import Sandbox
from airmeet_source import UsageError
from airmeet_source.model.privacy import Privacy
from tests.support.warehouse import NewWarehouse, Warehouse

SALT = "a long secret salt"
PEOPLE = (
    "participants",
    "event_attendance",
    "utms",
    "poll_responses",
    "questions",
    "booths",
    "sessions",
    "replay_attendance",
)


def personal_texts(sandbox: Sandbox) -> set[str]:
    """Names, e-mails, profile urls and answers of everybody in the sandbox, and of exhibitors."""
    found: set[str] = set()
    for event in sandbox.world.events():
        for person in sandbox.world.records("participants", event):
            found.update(person.get(name) or "" for name in ("email", "name", "profile_url", "token"))
        for booth in sandbox.world.records("booths", event):
            found.update(booth.get("exhibitors") or ())
    return {text for text in found if len(text) > 6}


def told_of(texts: set[str], warehouse: Warehouse) -> set[str]:
    """Those of the texts that are in a table or a file."""
    tables = " ".join(repr(warehouse.rows(name)) for name in warehouse.tables())
    written = b" ".join(path.read_bytes() for path in warehouse.folder.rglob("*") if path.is_file())
    return {text for text in texts if text in tables or text.encode() in written}


def test_hashed_people_are_in_no_table_and_no_file_and_join_across_tables_as_before(
    sandbox: Sandbox, warehouse: Warehouse, another_warehouse: NewWarehouse
) -> None:
    texts = personal_texts(sandbox)
    assert len(texts) > 50
    assert not warehouse.load(*PEOPLE, pii="hash", pii_salt=SALT).log.tally.problems
    assert not told_of(texts, warehouse)

    kept = another_warehouse()
    kept.load("participants", "event_attendance", "utms")
    for table in ("event_attendance", "utms"):
        join = (
            "SELECT count(*), count(DISTINCT p.email) FROM participants p "
            f"JOIN {table} t ON p.airmeet_id = t.airmeet_id AND lower(trim(p.email)) = lower(trim(t.email)) "
        )
        assert warehouse.query(join) == kept.query(join)
    answers = (
        "SELECT count(*) FROM participants JOIN participant_custom_fields USING (airmeet_id, person_key)"
    )
    assert warehouse.query(answers) == kept.query(answers)


def test_dropped_people_are_in_no_table_and_no_file_and_their_rows_stay(
    sandbox: Sandbox, warehouse: Warehouse
) -> None:
    texts = personal_texts(sandbox)
    assert len(texts) > 50
    assert not warehouse.load(*PEOPLE, pii="drop").log.tally.problems
    assert not told_of(texts, warehouse)

    assert warehouse.query("SELECT count(email), count(name), count(profile_url) FROM participants") == [
        (0, 0, 0)
    ]
    expected = sum(len(sandbox.world.records("participants", event)) for event in sandbox.world.events())
    assert warehouse.query("SELECT count(*), count(DISTINCT airmeet_id || person_key) FROM participants") == [
        (expected, expected)
    ]


def test_unknown_fields_of_people_and_colliding_spellings_are_protected(
    sandbox: Sandbox, warehouse: Warehouse
) -> None:
    event = sandbox.world.event_in("just_finished")
    person = {"email": "ann@indigo.example", "Email": "ann@private.example", "phoneNumber": "+49 170 1234567"}
    sandbox.world.put(event, "participants", [person])
    warehouse.load("participants", pii="hash", pii_salt=SALT)
    everything = repr(warehouse.rows("participants"))
    assert "phone_number" in everything
    assert "private.example" not in everything
    assert "1234567" not in everything


def test_people_of_a_session_without_an_id_are_protected(sandbox: Sandbox, warehouse: Warehouse) -> None:
    event = sandbox.world.event_in("just_finished")
    person = {"name": "Jane Roe", "email": "jane@indigo.example"}
    session = {"sessionid": "s1", "host_id": ["boss@indigo.example", "L5I4n1KqR"], "speakerList": [person]}
    sandbox.world.put(event, "sessions", [session])
    warehouse.load("sessions", pii="drop")
    people = warehouse.query(f"SELECT person_id FROM session_people WHERE airmeet_id = '{event}'")
    assert len(people) == 3
    assert ("L5I4n1KqR",) in people
    assert "indigo.example" not in repr(people)
    assert "Jane" not in repr(people)


def test_the_same_person_has_the_same_value_however_typed() -> None:
    privacy = Privacy("hash", SALT)
    assert privacy.protect(" Ann@Indigo.example ") == privacy.protect("ann@indigo.example")
    assert privacy.protect("ann@indigo.example") != Privacy("hash", "another secret salt").protect(
        "ann@indigo.example"
    )


def test_hashing_needs_a_salt(warehouse: Warehouse) -> None:
    with pytest.raises(UsageError, match="pii_salt"):
        warehouse.extraction(pii="hash")


def test_an_unknown_mode_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(UsageError, match="keep, hash, drop"):
        warehouse.extraction(pii="forget")
