"""A digest tells whether a list holds the same records, and nothing else changes it."""

import random
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from airmeet_source.extract.digest import Digest
from airmeet_source.resources import EVENT_RESOURCES, RESOURCES, Resource
from airmeet_source.settings import Settings
from tests.support.json_values import JSON_VALUES

SETTINGS = Settings()
RECORDS = st.lists(st.dictionaries(st.text(), JSON_VALUES, max_size=3), max_size=3)
LINK = "https://storage.example.com/{place}?X-Amz-Expires=21600&X-Amz-Signature={signature}"


def digest(records: list[Any], resource: Resource = RESOURCES["participants"], **settings: Any) -> str:
    made = Digest(resource, Settings(**settings))
    made.add(records)
    return str(made)


@given(RECORDS, st.randoms())
def test_the_order_of_records_and_of_their_fields_does_not_matter(
    records: list[dict[str, Any]], order: random.Random
) -> None:
    shuffled = [dict(order.sample(list(record.items()), len(record))) for record in records]
    order.shuffle(shuffled)
    assert digest(shuffled) == digest(records)


@given(RECORDS, RECORDS)
def test_a_list_that_is_read_on_has_the_digest_of_the_whole_one(
    first: list[dict[str, Any]], then: list[dict[str, Any]]
) -> None:
    continued = Digest(RESOURCES["participants"], SETTINGS, digest(first))
    continued.add(then)
    assert str(continued) == digest(first + then)


@given(RECORDS, RECORDS)
def test_it_tells_up_to_where_a_list_has_what_it_held_before(
    before: list[dict[str, Any]], new: list[dict[str, Any]]
) -> None:
    attendance = RESOURCES["event_attendance"]
    made = Digest(attendance, SETTINGS)
    assert made.add([*reversed(before), *new], digest(before, attendance)) == len(before)
    assert str(made) == digest(before + new, attendance)
    another = [{"another": before}, *before]
    assert (
        Digest(attendance, SETTINGS).add([*before, *new], digest(another, attendance)) == 0
        or {"another": before} in new
    )


@given(RECORDS, st.data())
def test_any_other_value_field_or_record_is_another_digest(
    records: list[dict[str, Any]], data: st.DataObject
) -> None:
    more = data.draw(st.dictionaries(st.text(), JSON_VALUES))
    assert digest([*records, more]) != digest(records)
    name, value = data.draw(st.text()), data.draw(JSON_VALUES)
    changed = {**more, name: value}
    is_same = repr(changed.get(name)) == repr(more.get(name)) and changed.keys() == more.keys()
    assert (digest([*records, changed]) == digest([*records, more])) == is_same


def test_what_is_no_number_is_not_null() -> None:
    not_a_number = float("nan")
    assert digest([{"a": not_a_number}]) != digest([{"a": None}])
    assert digest([{"a": [1, {"b": not_a_number}]}]) != digest([{"a": [1, {"b": None}]}])


def test_what_is_no_record_does_not_count() -> None:
    assert digest([None, "text", {"id": 1}]) == digest([{"id": 1}])


def test_a_link_that_is_signed_anew_is_the_same_and_another_one_is_not() -> None:
    def signed(place: str, signature: str) -> str:
        return digest([{"nested": [{"picture": LINK.format(place=place, signature=signature)}]}])

    assert signed("a.mp4", "1") == signed("a.mp4", "2")
    assert signed("a.mp4", "1") != signed("b.mp4", "1")
    watch = "https://video.example.com/watch?v={}"
    assert digest([{"link": watch.format(1)}]) != digest([{"link": watch.format(2)}])


def test_the_link_of_a_recording_is_made_anew_however_it_looks() -> None:
    recordings = RESOURCES["session_recordings"]
    links = [{"session_id": "s", "downloadLink": f"https://example.com/{link}"} for link in "ab"]
    assert digest([links[0]], recordings) == digest([links[1]], recordings)
    assert digest([links[0]]) != digest([links[1]])


@pytest.mark.parametrize(
    "settings", [{"pii": "drop"}, {"pii": "hash", "pii_salt": "s"}, {"include_entry_links": True}], ids=str
)
def test_rows_that_are_made_in_another_way_are_another_digest(settings: dict[str, Any]) -> None:
    assert digest([], **settings) != digest([])


def test_each_resource_has_digests_of_its_own() -> None:
    assert len({digest([], resource) for resource in EVENT_RESOURCES.values()}) == len(EVENT_RESOURCES)


@given(RECORDS, RECORDS)
def test_what_was_taken_in_can_be_forgotten_again(
    first: list[dict[str, Any]], then: list[dict[str, Any]]
) -> None:
    for text in (None, digest(first)):
        made = Digest(RESOURCES["participants"], SETTINGS, text)
        before = str(made)
        made.add(then)
        made.restart()
        assert str(made) == before
