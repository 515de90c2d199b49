"""Whatever a server does, a list is read whole, or ends as failed: it is never short and loaded."""

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from airmeet_source.api.answers import Ready, classify
from airmeet_source.api.paging import Numbered
from airmeet_source.resources import RESOURCES
from tests.support.list_servers import Failure, Record, Serve, read
from tests.support.moody_lists import TIES, People, Rows, set_of

PARTICIPANTS = RESOURCES["participants"].endpoint
ATTENDANCE = RESOURCES["event_attendance"].endpoint
POLLS = RESOURCES["poll_responses"].endpoint

CAPS = st.integers(1, 5) | st.just(50)
SILENT = st.tuples(st.integers(1, 4), st.integers(0, 2) | st.just(99))
NOTHING = st.sampled_from(["empty", "null", "object", "left out"])
TOTALS = st.sampled_from(["totalCount", "totalUserCount", "total", "total_records", "TotalUsers"])


def outcome(pages: Any, server: Serve) -> list[Record] | None:
    """The records that were loaded, or None if the unit failed."""
    try:
        return read(pages, server)
    except Failure:
        return None


def somebody() -> st.SearchStrategy[Record]:
    return st.fixed_dictionaries(
        {
            "name": st.sampled_from(["Guest", "Ann", "Bob"]),
            "registrationDate": st.sampled_from([None, "1", "2"]),
        },
        optional={
            "user_id": st.sampled_from(["u1", "", None]),
            "email": st.sampled_from(["a@x", "A@x ", "b@x", None]),
            "city": st.sampled_from(["Rome", "Oslo"]),
        },
    )


MOODS: dict[str, st.SearchStrategy[Any]] = {
    "cap": CAPS,
    "counted_as": TOTALS,
    "nothing": NOTHING,
    "silent": SILENT,
}
OFF = st.sampled_from([0, 0, 0, -2, -1, 1, 2])  # how far the count is wrong


@settings(max_examples=200)
@given(
    people=st.lists(somebody(), max_size=9),
    off=OFF,
    moods=st.fixed_dictionaries({**MOODS, "ties": st.sampled_from(TIES), "fresh_urls": st.booleans()}),
)
def test_people_are_all_there_or_the_unit_fails(
    people: list[Record], off: int, moods: dict[str, Any]
) -> None:
    """With ties in every sort key, shared addresses, counts that are wrong, and pages that hold nothing."""
    count = max(0, len(people) + off)
    if off:  # if that is all that is wrong: otherwise a list may end just where the wrong count says so
        assume(count != min(moods["cap"], len(people)))
        people = [{**person, "user_id": f"u{place}"} for place, person in enumerate(people)]
        moods |= {"silent": (0, 0), "ties": "stable"}
    server = People(endpoint=PARTICIPANTS, records=people, count=count, **moods)

    found = outcome(Numbered(1000).pages(), server)

    assert found is None or set_of(found) == set_of(people)


UNIQUE = st.lists(somebody(), max_size=30).map(
    lambda people: [{**person, "email": f"{place}@x"} for place, person in enumerate(people)]
)


@settings(max_examples=100)
@given(people=UNIQUE, cap=CAPS, ties=st.sampled_from(TIES), fresh_urls=st.booleans())
def test_people_with_the_same_registration_date_are_all_read_where_their_addresses_differ(
    people: list[Record], cap: int, ties: str, fresh_urls: bool
) -> None:
    server = People(
        endpoint=PARTICIPANTS,
        records=people,
        cap=cap,
        count=len(people),
        counted_as="totalUserCount",
        ties=ties,
        fresh_urls=fresh_urls,
    )

    found = outcome(Numbered(1000).pages(), server)

    assert found is not None
    assert set_of(found) == set_of(people)


ATTENDANCES = st.lists(
    st.fixed_dictionaries({"id": st.integers(1, 8), "time_spent": st.sampled_from(["1", "2"])}), max_size=9
).map(lambda rows: sorted(rows, key=lambda row: int(str(row["id"]))))
ANSWERS = st.lists(
    st.fixed_dictionaries(
        {"answer": st.sampled_from(["a", "b"])}, optional={"user_id": st.sampled_from(["u1", "u2", "u3"])}
    ),
    max_size=9,
)


@settings(max_examples=200)
@given(
    rows=ATTENDANCES,
    off=OFF,
    moods=st.fixed_dictionaries(
        {**MOODS, "overlap": st.integers(0, 2), "by_place": st.booleans(), "changing": st.booleans()}
    ),
)
def test_rows_with_ids_are_all_there_or_the_unit_fails(
    rows: list[Record], off: int, moods: dict[str, Any]
) -> None:
    """With different records under one id, on one page and on several, and cursors that are tied."""
    count = max(0, len(rows) + off)
    if off or moods["changing"]:
        rows = [{**row, "id": place} for place, row in enumerate(rows, start=1)]
    if off:
        assume(count != min(moods["cap"], len(rows)))
        moods |= {"silent": (0, 0)}
    server = Rows(endpoint=ATTENDANCE, records=rows, count=count, **moods)

    found = outcome(ATTENDANCE.paging.pages(), server)

    # the very same record twice under one id is one
    assert found is None or set_of(found) == dict.fromkeys(set_of(rows), 1)


@settings(max_examples=200)
@given(rows=ANSWERS, moods=st.fixed_dictionaries({**MOODS, "overlap": st.integers(0, 2)}))
def test_rows_without_ids_are_all_there_or_the_unit_fails(rows: list[Record], moods: dict[str, Any]) -> None:
    # where pages overlap, an answer that nobody is known to have given may be the one of the page before
    assume(not moods["overlap"] or all("user_id" in row for row in rows))
    server = Rows(endpoint=POLLS, records=rows, count=len(rows), by_place=True, **moods)

    found = outcome(POLLS.paging.pages(), server)

    assert found is None or set_of(found) == set_of(rows)


LISTS = [resource.endpoint for resource in RESOURCES.values() if resource.endpoint.records is not None]
COUNTED = st.sampled_from(["question", "poll", "answer", "response", "replay", "visit", "entrie", "booth"])
SPELLINGS = st.sampled_from(["{0}Count", "{0}s_count", "total{0}s", "Total_{0}s_Count"])


@settings(max_examples=200)
@given(
    endpoint=st.sampled_from(LISTS),
    name=st.builds(str.format, SPELLINGS, COUNTED) | st.just("total"),
    number=st.integers(1, 40) | st.integers(1, 40).map(str),
    nothing=st.sampled_from([[], None, {}]),
    in_cursors=st.booleans(),
)
def test_whatever_is_counted_an_empty_list_beside_it_is_none(
    endpoint: Any, name: str, number: int | str, nothing: Any, in_cursors: bool
) -> None:
    said = {"cursors": {name: number}} if in_cursors else {name: number}
    body = json.dumps({"statusCode": 200, endpoint.records: nothing, **said}).encode()

    found = outcome(endpoint.paging.pages(), lambda _: classify(endpoint, 200, {}, body))

    assert found is None


@given(people=st.integers(1, 9), questions=st.integers(1, 40))
def test_what_records_hold_may_be_more_or_less_than_they_are(people: int, questions: int) -> None:
    records = [{"email": f"{n}@x"} for n in range(people)]
    answer = Ready(records, {"data": records, "questionCount": questions})

    for name in ("questions", "poll_responses"):
        assert outcome(RESOURCES[name].endpoint.paging.pages(), lambda _: answer) == records


@pytest.mark.parametrize("behind", [[], None])
@pytest.mark.parametrize("first", [0, 50])
def test_a_list_that_ends_before_its_last_page_is_not_whole(first: int, behind: list[Record] | None) -> None:
    pages = [[{"id": n} for n in range(first)], behind]

    def serve(params: dict[str, str]) -> Any:
        page = pages["after" in params]
        body = json.dumps({"data": page, "cursors": {"after": page and 49, "pageCount": 3}}).encode()
        return classify(POLLS, 200, {}, body)

    assert outcome(POLLS.paging.pages(), serve) is None


def test_a_count_of_pages_may_be_one_of_all_rows() -> None:
    rows = [{"id": n} for n in range(100)]

    def serve(params: dict[str, str]) -> Ready:
        page = [row for row in rows if row["id"] > int(params.get("after", -1))][:50]
        return Ready(page, {"cursors": {"after": page[-1]["id"] if page else None, "pageCount": 100}})

    assert outcome(POLLS.paging.pages(), serve) == rows
