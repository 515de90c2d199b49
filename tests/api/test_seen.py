"""Seen: a page as a whole is marked as its records are one by one."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from airmeet_source.api.seen import content, contents, own_ids

VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2)
NAMES = st.sampled_from(["id", "uid", "ID", "email", "time_spent", "avatar_url", "token"])
RECORDS = st.dictionaries(NAMES, VALUES, max_size=4)
ELEMENTS = RECORDS | VALUES
ALIKE = st.fixed_dictionaries({"id": st.integers(), "email": VALUES, "link": VALUES})


@given(st.lists(ALIKE, max_size=4) | st.lists(ELEMENTS, max_size=4))
@example([{}, {}])
@example([{"token": "a"}, {"token": "b"}])
@example([{"id": 1}, {"id": True}])
def test_a_page_is_marked_as_each_of_its_records_is(page: list[Any]) -> None:
    assert contents(page) == [content(record) for record in page]
    assert own_ids(page) == [own_id for record in page for own_id in own_ids([record])]


@given(RECORDS)
def test_the_order_of_fields_and_what_is_made_anew_make_no_other_record(record: dict[str, Any]) -> None:
    again = {name: "anew" if name in ("avatar_url", "token") else record[name] for name in reversed(record)}

    assert content(again) == content(record)


def test_ids_are_the_same_as_numbers_and_as_texts() -> None:
    assert own_ids([{"id": 7}, {"id": 8}]) == own_ids([{"id": "7"}, {"uid": "8"}])
    assert own_ids([{"id": ""}, {"id": None}, {}, None, "id"]) == [None] * 5
