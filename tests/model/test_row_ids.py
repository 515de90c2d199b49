"""The ids of rows: all different within an event, and the same in every read of the same list."""

from collections import Counter
from itertools import chain
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from airmeet_source.fields import Record, json_text
from airmeet_source.model.batches import UNTYPED_BYTES, TableBatches
from airmeet_source.model.columns import ROW_ID
from airmeet_source.model.placing import TableTypes
from airmeet_source.model.privacy import Privacy
from airmeet_source.model.tables import TABLES
from tests.support.json_values import JSON_VALUES

NAMES = st.sampled_from(["question", "email", "time_stamp", "upvoteCount", "whereFrom"])
VALUES = st.sampled_from(["a", "", 1, 1.0, "1", True, None, "2021-12-25", "u\x00"]) | JSON_VALUES
ROWS = st.lists(st.dictionaries(NAMES, VALUES, max_size=3))
PAGES = st.lists(ROWS, max_size=4)


def batches_of(table: str, privacy: Privacy | None = None) -> TableBatches:
    """An empty batch of a table that has a column for an undocumented field already."""
    return TableBatches(TableTypes(TABLES[table], {"where_from": "text"}, privacy))


def taken(batches: TableBatches) -> list[Record]:
    return list(chain.from_iterable(table.to_pylist() for table in batches.take("1")))


def read(pages: list[list[Record]], table: str = "questions", privacy: Privacy | None = None) -> list[Record]:
    """The rows of a list as they are loaded, typed page by page."""
    batches = batches_of(table, privacy)
    for page in pages:
        batches.extend([{"airmeet_id": "e1", **row} for row in page], size=UNTYPED_BYTES)
    return taken(batches)


def ids_of(rows: list[Record]) -> list[str]:
    return [row[ROW_ID] for row in rows]


@given(PAGES, st.randoms(use_true_random=False))
def test_rows_have_ids_of_their_own_and_the_same_ones_in_any_order_and_on_any_pages(
    pages: list[list[Record]], random: Any
) -> None:
    rows = read(pages)
    shuffled = list(chain.from_iterable(pages))
    random.shuffle(shuffled)
    assert len(set(ids_of(rows))) == len(shuffled)
    assert set(ids_of(read([shuffled]))) == set(ids_of(rows))
    # only equal rows share an id, but for its number
    values = {json_text({**row, ROW_ID: None, "time_stamp": str(row["time_stamp"])}) for row in rows}
    assert len({row_id.partition("#")[0] for row_id in ids_of(rows)}) == len(values)


def test_of_equal_rows_each_has_a_number_and_who_is_new_changes_no_other_id() -> None:
    asked, other = {"question": "Why?"}, {"question": "When?"}
    once, twice = ids_of(read([[asked, other]])), ids_of(read([[asked], [other, asked]]))
    assert Counter(twice) - Counter(once) == {f"{once[0]}#2": 1}


def test_equal_rows_are_numbered_where_the_end_of_a_list_is_typed_with_another_one() -> None:
    asked = {"airmeet_id": "e1", "question": "Why?"}
    all_lists, large, small = (batches_of("questions") for _ in range(3))
    large.extend([asked], size=UNTYPED_BYTES)
    large.extend([asked])
    small.extend([{**asked, "airmeet_id": "e2"}] * 2)
    all_lists.absorb(large)
    all_lists.absorb(small)
    ids = ids_of(taken(all_lists))
    assert [row_id.partition("#")[2] for row_id in ids] == ["", "2", "", "2"]
    assert len(set(ids)) == 4
    all_lists.absorb(small)  # of another load package
    assert ids_of(taken(all_lists)) == ids[2:]


def test_what_changes_by_itself_changes_no_id() -> None:
    pages = [
        [{"session_id": "s", "downloadLink": n, "linkFetchedAt": n, "poster": f"https://a/b?X-Signature={n}"}]
        for n in "12"
    ]
    first, second = ids_of(read(pages, "session_recordings"))
    assert second == f"{first}#2"
    pages[1][0]["poster"] = "https://a/c"
    assert "#" not in "".join(ids_of(read(pages, "session_recordings")))


def test_personal_data_that_is_not_loaded_makes_no_id() -> None:
    people = [{"question": "Why?", "email": email} for email in ("ann@example.com", "bob@example.com")]
    first, second = ids_of(read([people], privacy=Privacy("drop")))
    assert second == f"{first}#2"
