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
from airmeet_source.model.placing import TableTypes
from airmeet_source.model.privacy import Privacy
from airmeet_source.model.tables import TABLES
from airmeet_source.model.unit import UnitContext
from tests.support.arrow_rows import FIELDS, raw
from tests.support.json_values import JSON_VALUES

Page = list[Record]
Made = Mapping[str, list[Record] | Block]

PRIVACIES = [Privacy(), Privacy("hash", "salt"), Privacy("drop")]
MAKERS = [maker for maker in vars(records).values() if isinstance(maker, NumberedRows)]
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


def one_by_one(page: Page, make: RowMaker, unit: UnitContext) -> Made:
    """The rows of each record."""
    made: dict[str, list[Record]] = {}
    for table, row in chain.from_iterable(make(record, unit) for record in page):
        made.setdefault(table, []).append(row)
    return made


def loaded(
    unit_pages: list[Page],
    make: NumberedRows,
    way: Callable[[Page, RowMaker, UnitContext], Made],
    privacy: Privacy,
) -> tuple[Any, ...]:
    """What becomes of the pages of a unit, and what is known afterwards."""
    types = TableTypes(TABLES[make.table], privacy=privacy)
    unit = UnitContext("e1", "x1", datetime(2026, 6, 1, tzinfo=UTC), privacy=privacy)
    batches = TableBatches(types)
    for page in unit_pages:
        for made in way([dict(record) for record in page], make, unit).values():
            batches.extend(made)
    count = batches.count
    tables = list(batches.take("1"))
    schemas = [str(table.schema) for table in tables]
    rows = repr(list(map(raw, tables)))
    return rows, schemas, count, types.extra_types, types.fields, [n in unit.ids for n in range(9)]


@settings(max_examples=80)
@given(st.lists(pages(), max_size=3), st.sampled_from(MAKERS), st.sampled_from(PRIVACIES))
@example([[{"id": 1}], [{"id": 1}]], MAKERS[0], PRIVACIES[0])
@example([[{"id": 1, "name": "Ann"}], [{"name": "Bob", "id": 2}], [{"id": 3}]], MAKERS[0], PRIVACIES[1])
@example([[{"id": 1, "userId": "a", "user_id": "b"}]], MAKERS[0], PRIVACIES[0])
def test_rows_made_at_once_are_those_made_one_by_one(
    unit_pages: list[Page], make: NumberedRows, privacy: Privacy
) -> None:
    assert loaded(unit_pages, make, made_of, privacy) == loaded(unit_pages, make, one_by_one, privacy)


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
