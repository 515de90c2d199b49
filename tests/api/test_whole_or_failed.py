"""Whatever a server does, a list is read whole, or ends as failed: it is never short and loaded."""

from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

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
