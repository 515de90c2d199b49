"""The ids of rows: all different within an event, and the same in every read of the same list."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from airmeet_source.extract.row_ids import RowIds
from airmeet_source.model.privacy import Privacy
from airmeet_source.resources import RESOURCES
from tests.support.json_values import JSON_VALUES

ROWS = st.lists(st.dictionaries(st.sampled_from(["question", "email", "when"]), JSON_VALUES, max_size=2))
PAGES = st.lists(ROWS, max_size=4)


def ids_of(pages: list[list[dict[str, Any]]], privacy: Privacy | None = None) -> list[str]:
    ids = RowIds(RESOURCES["questions"], privacy or Privacy())
    return [row_id for page in pages for row_id in ids.of("questions", page)]


@given(PAGES, st.randoms(use_true_random=False))
def test_rows_have_ids_of_their_own_and_the_same_ones_in_any_order_and_on_any_pages(
    pages: list[list[dict[str, Any]]], random: Any
) -> None:
    ids = ids_of(pages)
    rows = [row for page in pages for row in page]
    random.shuffle(rows)
    assert len(set(ids)) == len(rows)
    assert set(ids_of([rows])) == set(ids)


def test_of_equal_rows_each_has_a_number_and_who_is_new_changes_no_other_id() -> None:
    asked, other = {"question": "Why?"}, {"question": "When?"}
    once, twice = ids_of([[asked, other]]), ids_of([[asked], [other, asked]])
    assert Counter(twice) - Counter(once) == {f"{once[0]}#2": 1}


def test_what_changes_by_itself_changes_no_id() -> None:
    ids = RowIds(RESOURCES["session_recordings"], Privacy())
    first, second = (
        {"session_id": "s", "downloadLink": f"https://a/b?X-Signature={n}", "link_fetched_at": n}
        for n in "12"
    )
    assert ids.of("session_recordings", [first]) == [
        row_id.removesuffix("#2") for row_id in ids.of("session_recordings", [second])
    ]


def test_nobody_without_the_salt_can_try_out_people() -> None:
    page = [{"question": "Why?", "email": "ann@example.com"}]
    assert len({ids_of([page], privacy)[0] for privacy in (Privacy(), Privacy("hash", "a" * 20))}) == 2
