"""Row makers: every text of a record is in a row, whatever its fields are called and however they nest."""

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airmeet_source.fields import ENVELOPE, squash
from airmeet_source.resources import RESOURCES
from tests.support.record_rows import loaded

NESTED = [
    "sessions",
    "polls",
    "questions",
    "question",
    "utms",
    "metaData",
    "userProfile",
    "tags",
    "exhibitors",
]
OF_PEOPLE = ["hostId", "hostIds", "cohostId", "speakerList", "speaker_ids"]
IDS = [
    "id",
    "uid",
    "session_id",
    "trackId",
    "boothId",
    "fieldId",
    "userId",
    "email",
    "type",
    "options",
    "code",
]
SPELLINGS = [str.upper, str.title, lambda name: name + "-", lambda name: "".join(name.split("_"))]
NAMES = st.sampled_from([*NESTED, *OF_PEOPLE, *IDS, "entry_id", "meta_data_id", "airmeet_id", "_unparsed"])
FIELDS = NAMES | st.builds(lambda name, spell: spell(name), NAMES, st.sampled_from(SPELLINGS))
LEAF = st.just("leaf")
VALUES = st.recursive(
    LEAF,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4),
    max_leaves=12,
)
RECORDS = st.dictionaries(FIELDS, VALUES, min_size=1, max_size=6)


def numbered(value: Any, numbers: Iterator[int]) -> Any:
    """The value with different texts for leaves."""
    if isinstance(value, dict):
        return {name: numbered(inner, numbers) for name, inner in value.items()}
    if isinstance(value, list):
        return [numbered(inner, numbers) for inner in value]
    return f"text {next(numbers)};"


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
    else:
        yield value


def made_for(resource: str, record: dict[str, Any]) -> dict[str, Any]:
    """The record as it can be one of the resource: what is left out on purpose is not in it."""
    if resource == "sessions":
        around = {squash(name) for name in ENVELOPE}
        record = {name: value for name, value in record.items() if squash(name) not in around}
        record["sessions"] = [{"session_id": "leaf"}, dict(record)]  # others are counted, not loaded
    if resource in ("poll_responses", "questions"):
        nested = "polls" if resource == "poll_responses" else "questions"
        record = {**record, nested: [record, "leaf"]}  # without any entry there is no row
    return record


@pytest.mark.parametrize("resource", RESOURCES)
@given(record=RECORDS)
@settings(max_examples=25)
def test_every_text_of_a_record_is_in_a_row(resource: str, record: dict[str, Any]) -> None:
    sent = numbered(made_for(resource, record), count())
    rows = json.dumps(loaded(resource, sent), default=str)

    assert [text for text in texts(sent) if text not in rows] == []
