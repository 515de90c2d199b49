"""Blocks: records that are alike become the same rows all at once as one by one."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airmeet_source.fields import Record
from airmeet_source.model import records
from airmeet_source.model.batches import TableBatches
from airmeet_source.model.block import Block
from airmeet_source.model.columns import UNPARSED
from airmeet_source.model.making import NumberedRows, RowMaker, made_of
from airmeet_source.model.people import People
from airmeet_source.model.placing import TableTypes
from airmeet_source.model.privacy import Privacy
from airmeet_source.model.tables import TABLES
from airmeet_source.model.unit import UnitContext
from tests.support.arrow_rows import FIELDS, raw
from tests.support.json_values import JSON_VALUES, TEXTS

Page = list[Record]
Made = Mapping[str, list[Record] | Block]

PRIVACIES = [Privacy(), Privacy("hash", "salt"), Privacy("drop")]
MAKERS = [maker for maker in vars(records).values() if isinstance(maker, NumberedRows)]
OF_PEOPLE = [maker for maker in vars(records).values() if isinstance(maker, People)]
NUMBERS = st.integers(0, 8)
IDS = NUMBERS | st.sampled_from([2**63, -(2**63), -(2**63) - 1, True, "4", 4.0, None])
PLAIN = {
    "user_id": st.none() | st.text("uü", max_size=2),
    "email": st.sampled_from(["ann@example.com", "", None]),
    "time_stamp": st.sampled_from(["2021:12:25T12:20:56.00Z", "2021-12-25", None]),
    "time_spent": st.sampled_from(["20000", 7, "long", None]),
    "newField": st.none() | st.integers() | JSON_VALUES,
}


@st.composite
def pages(draw: st.DrawFn) -> Page:
    """A page of records that have the same fields, but perhaps one."""
    fields = draw(st.fixed_dictionaries({}, optional=PLAIN))
    odd = draw(
        st.dictionaries(
            FIELDS | st.sampled_from(["airmeet_id", "id", "session_id", UNPARSED]), JSON_VALUES, max_size=1
        )
    )
    ids = draw(st.lists(NUMBERS, unique=True, max_size=4) | st.lists(IDS, max_size=4))
    alike = [{"id": own_id, **{name: draw(PLAIN[name]) for name in fields}} for own_id in ids]
    number = draw(st.sampled_from([len(alike), 1, 0]))
    return [{**record, **odd} for record in alike[:number]] + alike[number:]


ANSWERS = st.lists(
    st.fixed_dictionaries({"fieldId": st.sampled_from(["f1", "f2", None]), "value": JSON_VALUES})
    | st.dictionaries(FIELDS | st.sampled_from(["airmeet_id", "email", UNPARSED]), JSON_VALUES, max_size=2)
    | JSON_VALUES,
    max_size=3,
)
PEOPLE = st.fixed_dictionaries(
    {},
    optional={
        **PLAIN,
        "token": TEXTS,
        "entryLink": st.none() | TEXTS,
        "user_profile": ANSWERS | JSON_VALUES,
        "userProfile": ANSWERS,
        "__": JSON_VALUES,
        "person_key": JSON_VALUES,
    },
)


def one_by_one(page: Page, make: RowMaker, unit: UnitContext) -> Made:
    """The rows of each record."""
    made: dict[str, list[Record]] = {}
    for table, row in chain.from_iterable(make(record, unit) for record in page):
        made.setdefault(table, []).append(row)
    return made


def loaded(
    unit_pages: list[Page],
    make: NumberedRows | People,
    way: Callable[[Page, RowMaker, UnitContext], Made],
    privacy: Privacy,
    *,
    links: bool = False,
) -> tuple[Any, ...]:
    """What becomes of the pages of a unit, and what is known afterwards."""
    types = {name: TableTypes(table, privacy=privacy) for name, table in TABLES.items()}
    unit = UnitContext("e1", "x1", datetime(2026, 6, 1, tzinfo=UTC), links, privacy)
    batches: dict[str, TableBatches] = {}
    for page in unit_pages:
        for name, made in way([dict(record) for record in page], make, unit).items():
            batches.setdefault(name, TableBatches(types[name])).extend(made)
    known = [(name, types[name].extra_types, types[name].fields, batches[name].count) for name in batches]
    tables = [table for name in batches for table in batches[name].take("1")]
    schemas = [str(table.schema) for table in tables]
    rows = repr(list(map(raw, tables)))
    return rows, schemas, known, [n in unit.ids for n in range(9)]


@settings(max_examples=80)
@given(st.lists(pages(), max_size=3), st.sampled_from(MAKERS), st.sampled_from(PRIVACIES))
@example([[{"id": 1}], [{"id": 1}]], MAKERS[0], PRIVACIES[0])
@example([[{"id": 1, "name": "Ann"}], [{"name": "Bob", "id": 2}], [{"id": 3}]], MAKERS[0], PRIVACIES[1])
@example([[{"id": 1, "userId": "a", "user_id": "b"}]], MAKERS[0], PRIVACIES[0])
def test_rows_made_at_once_are_those_made_one_by_one(
    unit_pages: list[Page], make: NumberedRows, privacy: Privacy
) -> None:
    assert loaded(unit_pages, make, made_of, privacy) == loaded(unit_pages, make, one_by_one, privacy)


@settings(max_examples=80)
@given(
    st.lists(st.lists(PEOPLE, max_size=4), max_size=2),
    st.sampled_from(OF_PEOPLE),
    st.sampled_from(PRIVACIES),
    st.booleans(),
)
@example(
    [[{"user_id": "a", "user_profile": [{"value": 1}] * 2}, {"email": "b"}]],
    OF_PEOPLE[0],
    PRIVACIES[1],
    False,
)
@example([[{"token": "a", "user_profile": [{"email": "b"}]}]], OF_PEOPLE[0], PRIVACIES[0], True)
@example([[{"__": "a"}]], OF_PEOPLE[1], PRIVACIES[0], False)
def test_rows_of_people_made_at_once_are_those_made_one_by_one(
    unit_pages: list[Page], make: People, privacy: Privacy, links: bool
) -> None:
    at_once, each = (loaded(unit_pages, make, way, privacy, links=links) for way in (made_of, one_by_one))
    assert at_once == each


def test_usual_people_and_their_answers_become_blocks() -> None:
    unit = UnitContext("e1", None, datetime(2026, 6, 1, tzinfo=UTC))
    answers = [{"fieldId": "f1", "value": ["a", "b"]}, {"fieldId": "f2", "value": None}]
    page: Page = [
        {"email": "a", "user_profile": answers},
        {"email": "b", "user_id": "u", "user_profile": None},
    ]
    made = made_of(page, records.participants, unit)
    assert [len(block) for block in made.values() if isinstance(block, Block)] == [2, 2]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.table)
def test_a_usual_page_becomes_a_block_and_stays_one(make: NumberedRows) -> None:
    unit = UnitContext("e1", "x1", datetime(2026, 6, 1, tzinfo=UTC))
    first, second = ([{"id": n, "name": "Ann"} for n in range(start, start + 50)] for start in (0, 50))
    blocks = [made_of(page, make, unit)[make.table] for page in (first, second)]

    assert all(isinstance(block, Block) for block in blocks)
    assert isinstance(made_of(first, make, unit)[make.table], list)  # the same numbers once more


def test_records_with_an_id_as_text_or_without_one_get_a_look_of_their_own() -> None:
    unit = UnitContext("e1", None, datetime(2026, 6, 1, tzinfo=UTC))
    for page in ([{"id": "1"}], [{"name": "Ann"}], [{"id": 1, "airmeet_id": "e2"}], [{"id": 1}, {"id": 1}]):
        assert records.event_attendance.at_once(page, unit) is None
        assert 1 not in unit.ids
