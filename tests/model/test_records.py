"""Records: the rules that hold for the rows of every endpoint."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airmeet_source.api.children import Child
from airmeet_source.fields import elements, json_text, pick, squash
from airmeet_source.model.columns import UNPARSED
from airmeet_source.model.tables import TABLES
from airmeet_source.model.unit import UnitContext
from airmeet_source.model.values import to_bigint
from airmeet_source.resources import RESOURCES
from tests.support.json_values import JSON_VALUES, SCALARS, TEXTS
from tests.support.record_rows import FETCHED_AT, is_record, loaded, rows_of

WITH_ID = [name for name in RESOURCES if "id" in TABLES[name].key]
EACH_ENDPOINT = pytest.mark.parametrize("endpoint", RESOURCES)
TABLE_OF_RECORDS = {"sessions": "airmeet_details"}  # elsewhere the endpoint's first table


@EACH_ENDPOINT
@settings(max_examples=12)
@given(st.lists(JSON_VALUES, max_size=3), st.data())
def test_any_record_becomes_rows_of_the_endpoints_own_tables(
    endpoint: str, odd: list[Any], data: st.DataObject
) -> None:
    names = [name for table in RESOURCES[endpoint].tables for name in TABLES[table].column_names]
    lists = [
        "sessions",
        "exhibitors",
        "tags",
        "polls",
        "questions",
        "options",
        "user_profile",
        "metaData",
        "utms",
    ]
    record = data.draw(st.dictionaries(st.sampled_from(names + lists) | TEXTS, JSON_VALUES))

    tables = loaded(endpoint, record, *odd)

    assert set(tables) <= set(RESOURCES[endpoint].tables)
    if endpoint not in ("poll_responses", "questions"):  # these have a row for each answer, not each record
        assert len(tables[TABLE_OF_RECORDS.get(endpoint, endpoint)]) == 1 + sum(map(is_record, odd))


@EACH_ENDPOINT
def test_a_field_never_seen_before_reaches_the_table(endpoint: str) -> None:
    tables = loaded(endpoint, {"id": 1, "polls": ["Why?"], "questions": ["Why?"], "seatNo": "12a"})
    (row,) = tables[TABLE_OF_RECORDS.get(endpoint, endpoint)]

    assert row["seat_no"] == "12a"


@pytest.mark.parametrize("endpoint", ["sessions", "booths"])
def test_sessions_and_booths_name_their_children(endpoint: str) -> None:
    listed = [{"uid": "a", "sessionid": "a", "status": "FINISHED"}, {"name": "no id"}]
    records = [{"sessions": listed}] if endpoint == "sessions" else listed

    children_of = RESOURCES[endpoint].endpoint.children
    assert children_of is not None
    found = [child for record in records for child in children_of(record)]

    assert found == [Child("a", "FINISHED" if endpoint == "sessions" else None)]


@pytest.mark.parametrize("endpoint", ["participants", "registrations"])
@pytest.mark.parametrize("name", ["token", "Token", "entryLink", "entry_link"])
def test_an_entry_link_is_stored_only_when_asked_for(endpoint: str, name: str) -> None:
    record = {"email": "a@x", name: "https://www.airmeet.com/e/x?code=secret"}

    assert "secret" not in str(rows_of(endpoint, record))
    assert "secret" in str(rows_of(endpoint, record, links=True))


PEOPLE = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "user_id": st.sampled_from(["u1", "u1#2", "", None, 7, "7"]),
            "email": st.sampled_from(["a@x", " A@X", "u1", "a@x#2", "", None]),
            "token": TEXTS,
            "user_profile": st.just([{"fieldId": "f", "value": 1}]),
        },
    ),
    max_size=8,
)


@pytest.mark.parametrize("endpoint", ["participants", "registrations"])
@given(people=PEOPLE)
@example(people=[{"email": "a"}, {"email": "a"}, {"email": "a#2"}, {"email": "a"}])
def test_everybody_has_a_key_of_their_own_that_a_reload_repeats(
    endpoint: str, people: list[dict[str, Any]]
) -> None:
    tables = rows_of(endpoint, *people, links=True)
    keys = [row["person_key"] for row in tables[endpoint]]

    assert len(set(keys)) == len(people)
    assert all(keys)
    assert {row["person_key"] for row in tables["participant_custom_fields"]} <= set(keys)
    reloaded = rows_of(endpoint, *({**person, "token": "another"} for person in people), links=True)
    assert [row["person_key"] for row in reloaded[endpoint]] == keys


@pytest.mark.parametrize("endpoint", WITH_ID)
@settings(max_examples=25)
@given(st.lists(st.fixed_dictionaries({}, optional={"user_id": SCALARS, "email": SCALARS}), max_size=6))
def test_rows_without_an_id_get_one_each_that_a_reload_repeats(
    endpoint: str, records: list[dict[str, Any]]
) -> None:
    made = [row["id"] for row in rows_of(endpoint, *records)[endpoint]]

    assert len(set(made)) == len(records)
    assert all(-(2**63) <= number < 0 for number in made)
    assert [row["id"] for row in rows_of(endpoint, *records)[endpoint]] == made


@pytest.mark.parametrize("endpoint", WITH_ID)
@pytest.mark.parametrize("own", ["abc", 1.5, True, [1], 2**63, ""])
def test_an_id_that_is_no_number_is_kept_and_replaced_by_one(endpoint: str, own: Any) -> None:
    (row,) = loaded(endpoint, {"id": own, "email": "a@x"})[endpoint]

    assert row["id"] < 0
    assert row[UNPARSED] == json_text({"id": own})


@pytest.mark.parametrize(("own", "stored"), [(7, 7), ("7", 7), (7.0, 7), (0, 0), (-3, -3)])
def test_an_id_of_the_apis_own_stays(own: Any, stored: int) -> None:
    assert loaded("event_attendance", {"ID": own})["event_attendance"][0]["id"] == stored


# -- several records under one id, and what is no record -----------------------------------------

KEYED = {"airmeets": "uid", "tracks": "uid", "booths": "boothId", "custom_fields": "fieldId"}


@pytest.mark.parametrize("endpoint", WITH_ID)
@given(st.lists(st.sampled_from([7, "7", 7.0, 8, "abc", "7#2"]), min_size=1, max_size=8))
def test_different_records_under_one_number_are_as_many_rows_and_stay_the_same_ones(
    endpoint: str, ids: list[Any]
) -> None:
    records = [{"id": own, "email": "a@x", "answer": place} for place, own in enumerate(ids)]
    rows = loaded(endpoint, *records)[endpoint]

    assert len({row["id"] for row in rows}) == len(records)
    for row, own in zip(rows, ids, strict=True):
        assert row["id"] == to_bigint(own) if row["id"] > 0 else row[UNPARSED] == json_text({"id": own})
    assert loaded(endpoint, *records)[endpoint] == rows


@pytest.mark.parametrize("endpoint", KEYED)
@given(st.lists(st.sampled_from(["a", "a#2", "b", 1, None]), min_size=1, max_size=8))
def test_different_records_under_one_text_are_as_many_rows_and_stay_the_same_ones(
    endpoint: str, ids: list[Any]
) -> None:
    (key,) = {"airmeets": ("airmeet_id",)}.get(endpoint, TABLES[endpoint].key[1:])
    records = [{KEYED[endpoint]: own, "name": f"{place}"} for place, own in enumerate(ids)]
    rows = loaded(endpoint, *records, *records)[endpoint]

    named = [row[key] for row in rows if key in row]
    assert len(set(named)) == len(named)
    assert len(named) == len([own for own in ids if own is not None]), (
        "the very same record again is no other"
    )
    for row in rows:
        own = ids[int(row["name"])]
        assert row.get(key) in (own, str(own)) or row[UNPARSED] == json_text({key: own})


def test_what_belongs_to_the_second_of_two_tracks_under_one_id_says_so() -> None:
    tables = loaded("tracks", {"uid": "t", "sessions": ["s1"]}, {"uid": "t", "sessions": ["s2"]})

    assert [row["track_id"] for row in tables["tracks"]] == ["t", "t#2"]
    assert [(row["track_id"], row["session_id"]) for row in tables["track_sessions"]] == [
        ("t", "s1"),
        ("t#2", "s2"),
    ]


@pytest.mark.parametrize("nothing", [None, {}, [], [None], [{}], [None, {}]])
@pytest.mark.parametrize(
    ("endpoint", "nested"),
    [
        ("sessions", "sessions"),
        ("poll_responses", "polls"),
        ("questions", "questions"),
        ("participants", "user_profile"),
        ("booths", "tags"),
        ("booths", "exhibitors"),
        ("custom_fields", "options"),
        ("tracks", "sessions"),
    ],
)
def test_nothing_in_a_nested_list_makes_no_row(endpoint: str, nested: str, nothing: Any) -> None:
    with_it = loaded(endpoint, {"uid": "x", "email": "a@x", nested: nothing})
    without_it = loaded(endpoint, {"uid": "x", "email": "a@x"})

    assert with_it == without_it


def test_sessions_that_are_no_objects_are_counted() -> None:
    unit = UnitContext("e1", None, FETCHED_AT)
    info = {"name": "Launch", "sessions": [None, {"sessionid": "s"}, "s2", 3, {}]}
    tables = [table for table, _ in RESOURCES["sessions"].rows(info, unit)]

    assert tables == ["airmeet_details", "sessions"]
    assert unit.skipped == 4


# -- the small tools -----------------------------------------------------------------------------


def spellings() -> Iterator[str]:
    yield from ("startTime", "start_time", "StartTime", "START-TIME", "start time")


def test_fields_are_found_however_the_api_spells_them() -> None:
    assert {squash(name) for name in spellings()} == {"starttime"}
    assert [pick({name: 1}, "start_time") for name in spellings()] == [1] * 5
    assert pick({"start_time": None, "startTime": 0}, "start_time") == 0
    assert pick({"b": 1, "a": 2}, "a", "b") == 2
    no_records: list[Any] = [None, [], "a", 1]
    assert [pick(value, "a") for value in no_records] == [None] * 4


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, []),
        ([], []),
        ({}, []),
        ([None, {}, None], []),
        ("x", ["x"]),
        (["x", "x", "X"], ["x", "X"]),
        ([1, True, 1], [1, True]),
        (0, [0]),
        ("", [""]),
    ],
)
def test_a_list_may_be_missing_or_a_single_value(value: Any, expected: list[Any]) -> None:
    assert elements(value) == expected
