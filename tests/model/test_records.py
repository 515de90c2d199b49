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
from airmeet_source.resources import RESOURCES
from tests.support.json_values import JSON_VALUES, SCALARS, TEXTS
from tests.support.record_rows import loaded, rows_of

WITH_ID = [name for name in RESOURCES if "id" in TABLES[name].key]
EACH_ENDPOINT = pytest.mark.parametrize("endpoint", RESOURCES)
TABLE_OF_RECORDS = {"sessions": "airmeet_details"}  # elsewhere the endpoint's first table


@EACH_ENDPOINT
@settings(deadline=None, max_examples=12)
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
        assert len(tables[TABLE_OF_RECORDS.get(endpoint, endpoint)]) == 1 + len(odd)


@EACH_ENDPOINT
def test_a_field_never_seen_before_reaches_the_table(endpoint: str) -> None:
    tables = loaded(endpoint, {"id": 1, "polls": [{}], "questions": [{}], "seatNo": "12a"})
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
@settings(deadline=None, max_examples=25)
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
    [(None, []), ([], []), ("x", ["x"]), (["x", "x", "X"], ["x", "X"]), ([1, True, 1], [1, True])],
)
def test_a_list_may_be_missing_or_a_single_value(value: Any, expected: list[Any]) -> None:
    assert elements(value) == expected
