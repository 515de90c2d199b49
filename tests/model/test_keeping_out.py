"""Whose a record is, and what of somebody other records hold: the rule by which people are kept out."""

from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airmeet_source.extract.erased import Erased, erased_of
from airmeet_source.model.identity import Identity
from airmeet_source.model.keeping_out import KeepingOut
from airmeet_source.model.mentions import blanked, pattern_of
from airmeet_source.model.privacy import Privacy

ADA, ID = "ada@lovelace.example", "8a1f8cb0-6a35-4d8e-ae6b-2f1f6f5f8d11"
BOB = {"email": "bob@boole.example", "user_id": "b-1", "name": "Bob"}
SALT = "a long secret salt"


def rule(*known: str, blanks: bool = False) -> KeepingOut:
    blank = partial(blanked, is_theirs=lambda address: address.lower() == ADA) if blanks else None
    return KeepingOut(Identity(Privacy()), (set(known) or {ADA, ID}).__contains__, blank)


THEIRS: list[dict[str, Any]] = [
    {"email": " Ada@Lovelace.Example\t"},
    {"E-Mail": ADA, "user_id": "another"},
    {"attendeeEmail": ADA.upper(), "time_spent": 5},
    {"user_email_address": ADA},
    {"work_email": ADA, "email": "else@where.example"},
    {"email": None, "userId": ID},
    {"email": "", "person_key": f"{ADA}#2"},
    {"person_id": f'{{"email": "{ADA}", "name": "Ada"}}'},
    {"email": None, "user_id": "null", "reachable_at": ADA},
    {"name": "Ada", "user": {"id": ID}},
    {"attendee": {"contact": {"email": ADA}}},
    {"details": f'{{"mail": "{ADA}"}}'},
]
ANOTHERS: list[dict[str, Any]] = [
    {**BOB, "manager_email": ADA},
    {**BOB, "answer": ADA},
    {**BOB, "question": f"who is {ADA}?"},
    {**BOB, "topics": [ADA, "more"]},
    {"email": f"not{ADA}"},
    {"user_id": ID.upper()},
    {"id": ID[:8], "name": "nobody"},
    {"name": "a list", "people": [{"email": "bob@boole.example"}]},
]


@pytest.mark.parametrize("record", THEIRS, ids=str)
def test_a_record_is_theirs_whatever_the_field_is_called(record: dict[str, Any]) -> None:
    assert rule().left(record, is_of_person=True) is None


@pytest.mark.parametrize("record", ANOTHERS, ids=str)
def test_another_persons_record_stays_as_it_is(record: dict[str, Any]) -> None:
    assert rule().left(record, is_of_person=True) is record


def test_objects_about_them_go_from_other_records_and_the_rest_stays() -> None:
    event = {
        "uid": "e1",
        "contact_email": ADA,
        "created_by": ID,
        "session_hosts": [{"id": ID, "name": "Ada"}, {"id": "b-1", "name": "Bob"}],
        "crew": f'[{{"email": "{ADA}"}}, {{"email": "bob@boole.example"}}]',
        "sessions": [{"sessionid": "s1", "user_id": ID, "host_ids": [ID, "b-1"], "speaker": {"email": ADA}}],
        "exhibitors": [ADA, "bob@boole.example"],
        "note": f"call {ADA}",
    }

    assert rule().left(event, is_of_person=False) == {
        "uid": "e1",
        "contact_email": None,
        "created_by": None,
        "session_hosts": [{"id": "b-1", "name": "Bob"}],
        "crew": '[{"email": "bob@boole.example"}]',
        "sessions": [{"sessionid": "s1", "user_id": None, "host_ids": ["b-1"], "speaker": None}],
        "exhibitors": ["bob@boole.example"],
        "note": f"call {ADA}",
    }


def test_short_ids_stand_for_nobody_where_they_may_be_anything_else() -> None:
    event = {"uid": "5", "order": 5, "tags": ["ada"], "host_id": 5}
    assert rule("5", "ada").left(event, is_of_person=False) == {**event, "host_id": None}


def test_mentions_are_blanked_where_that_is_wanted_and_other_addresses_are_not() -> None:
    others = f"not{ADA} or {ADA}.org"
    texts = {f"ask {ADA.upper()}, now": "ask , now", f"'{ADA}'.": "''.", ADA: "", others: others}
    for text, left in texts.items():
        record = {**BOB, "question": text}
        assert rule(blanks=True).left(record, is_of_person=True) == {**BOB, "question": left}
        pattern = pattern_of([ADA])
        assert pattern is not None
        assert pattern.sub("", text) == left


def test_what_stands_for_nothing_leads_to_nobody() -> None:
    for privacy in (Privacy(), Privacy("hash", SALT), Privacy("drop", SALT)):
        identity = Identity(privacy)
        for nothing in ("", " ", "n/a", "NULL", "0", None):
            value = privacy.protect(nothing) if privacy.mode == "hash" else nothing
            assert identity.own({"email": value, "user_id": nothing}) == {}


def test_what_stands_beside_an_identifier_goes_from_then_on() -> None:
    erased = Erased({}, Privacy())
    erased.add([ADA])
    records = [
        {"email": ADA, "user_id": ID, "company_email": "all@of.us"},
        {"user_id": ID, "email": "ada@home.example"},
        {"email": "Ada@Home.example"},
        {"email": "bob@boole.example", "company_email": "all@of.us"},
        "no record",
    ]

    assert erased.left(records, are_of_people=True) == records[3:]
    known = [
        identifier for identifier in (ADA, ID, "ada@home.example", "all@of.us") if erased.has(identifier)
    ]
    assert known == [ADA, ID, "ada@home.example"]


def test_a_state_has_no_plain_text_and_states_of_several_pipelines_are_one() -> None:
    ours, theirs = Erased({}, Privacy()), Erased({}, Privacy())
    ours.add([ADA])
    ours.add_mentions([ADA])
    theirs.add([ID])

    both = erased_of([{"erased": ours.as_state()}, {}, {"erased": theirs.as_state()}])

    merged = Erased(both, Privacy())
    assert [ADA in str(both), ID in str(both), merged.has(ADA), merged.has(ID)] == [False, False, True, True]
    assert merged.unswept
    assert Erased(merged.as_state(), Privacy()).as_state() == both
    assert not Erased(erased_of([{}]), Privacy())


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from([ADA, ID, f"x {ADA}"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["email", "id", "hosts", "x", "user"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["email", "userId", "speaker_list", "note", "data"]), VALUES))
def test_the_rule_takes_any_record_and_what_is_left_of_one_stays(record: dict[str, Any]) -> None:
    for is_of_person in (True, False):
        left = rule(blanks=True).left(record, is_of_person=is_of_person)
        if left is not None:
            assert rule(blanks=True).left(left, is_of_person=is_of_person) == left
            unchanged = rule("nobody").left(record, is_of_person=is_of_person)
            assert unchanged is record or unchanged == record


@given(st.text('ab@.{}[]" ', max_size=20), st.sampled_from(["keep", "hash", "drop"]))
def test_spellings_of_one_address_are_one_person(text: str, mode: Any) -> None:
    identity = Identity(Privacy(mode, SALT))
    address = f"{text.strip()}@x.example"
    assert len({identity.identifier(f" {address}\n"), identity.identifier(address.upper())}) == 1
