"""Paging: whatever a server does, a list is read to its end, without duplicates, and reading it ends."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from airmeet_source.api import pages as pages_module
from airmeet_source.api.answers import NotAvailable, Ready
from airmeet_source.api.endpoint import Endpoint
from airmeet_source.api.pages import CutShort, Endless, Pages
from airmeet_source.api.paging import Cursor, Numbered
from airmeet_source.api.reading import Message, Outcome, Reading, Unit
from airmeet_source.api.retrying import Patience
from airmeet_source.api.scheduler import Scheduler
from airmeet_source.resources import RESOURCES
from tests.support.list_servers import CursorServer, Failure, ParticipantsServer, Record, read

ATTENDANCE = RESOURCES["event_attendance"].endpoint  # records with an id, which is the cursor
POLLS = RESOURCES["poll_responses"].endpoint  # records without an id
AIRMEETS = RESOURCES["airmeets"].endpoint  # records with a uid, which is no cursor
PARTICIPANTS = RESOURCES["participants"].endpoint
RECORDINGS = RESOURCES["session_recordings"].endpoint
REGISTRATIONS = RESOURCES["registrations"].endpoint  # records without an id, and never a count of rows


def attendance(count: int) -> list[Record]:
    """Records with ids; the same person, time and duration may come any number of times."""
    return [{"id": 1000 + 7 * n, "user_id": "u", "time_spent": "20000"} for n in range(count)]


LENGTHS = st.integers(0, 12) | st.sampled_from([49, 50, 51, 100, 120])
CAPS = st.integers(1, 5) | st.sampled_from([20, 50, 1000])
BEHAVIOURS: dict[str, st.SearchStrategy[Any]] = {
    "cap": CAPS,
    "announced_pages": st.sampled_from(["none", "pages", "rows"]),
    "last_after": st.sampled_from(["last", "same", "first", "none"]),
    "overlap": st.integers(0, 2),
    "beyond_the_end": st.sampled_from(["empty", "last", "first"]),
}


@settings(max_examples=200)
@given(
    length=LENGTHS,
    counted=st.booleans(),
    cursors=st.booleans(),
    stuck_after=st.none() | st.integers(0, 10),
    behaviour=st.fixed_dictionaries(BEHAVIOURS),
)
def test_records_with_ids_are_read_completely_whatever_becomes_of_the_cursors(
    length: int, counted: bool, cursors: bool, stuck_after: int | None, behaviour: dict[str, Any]
) -> None:
    records = attendance(length)
    total = length if counted else None
    server = CursorServer(
        records, announced_rows=total, cursors=cursors, stuck_after=stuck_after, **behaviour
    )
    pages = ATTENDANCE.paging.pages()

    assert read(pages, server) == records
    if behaviour["last_after"] == "first":  # a later run reads some again, and misses none
        assert not records or pages.next_run in [record["id"] for record in records]
    else:
        assert pages.next_run == (records[-1]["id"] if records else None)


@pytest.mark.parametrize("endpoint", [POLLS, AIRMEETS, REGISTRATIONS], ids=lambda endpoint: endpoint.path)
@settings(max_examples=100)
@given(length=LENGTHS, counted=st.booleans(), behaviour=st.fixed_dictionaries(BEHAVIOURS))
def test_records_without_ids_are_read_completely_as_long_as_the_cursors_lead_on(
    endpoint: Endpoint, length: int, counted: bool, behaviour: dict[str, Any]
) -> None:
    key = "uid" if endpoint is AIRMEETS else "user_id"
    records = [{key: f"{n}", "name": "same for all"} for n in range(length)]
    total = length if counted else None
    server = CursorServer(records, own_ids=False, announced_rows=total, **behaviour)
    pages = endpoint.paging.pages()

    assert read(pages, server) == records
    assert not records or pages.next_run is None, "a cursor that no record has cannot be trusted later"


@given(length=st.integers(1, 60), seen=st.integers(0, 60), behaviour=st.fixed_dictionaries(BEHAVIOURS))
def test_a_later_run_reads_exactly_what_came_behind_its_cursor(
    length: int, seen: int, behaviour: dict[str, Any]
) -> None:
    records = attendance(length)
    known = records[: min(seen, length - 1) + 1]
    behaviour |= {"overlap": 0, "beyond_the_end": "empty"}
    assume(behaviour["last_after"] != "first")
    pages = ATTENDANCE.paging.pages(known[-1]["id"])

    assert read(pages, CursorServer(records, announced_rows=length, **behaviour)) == records[len(known) :]
    assert pages.next_run == records[-1]["id"]


def test_the_first_request_asks_for_the_page_size_and_no_cursor() -> None:
    assert ATTENDANCE.paging.pages().params == {"size": "50"}
    assert ATTENDANCE.paging.pages(7).params == {"size": "50", "after": "7"}
    assert AIRMEETS.paging.pages().params == {"size": "500"}
    assert REGISTRATIONS.paging.pages().params == {"size": "500"}


def test_a_single_short_page_with_its_count_costs_one_request() -> None:
    server = CursorServer(attendance(3), announced_rows=3)

    assert len(read(ATTENDANCE.paging.pages(), server, most_requests=1)) == 3


def test_equal_records_without_an_id_stay_within_a_page() -> None:
    twice = [{"email": "a@x", "polls": []}] * 2 + [{"name": "Guest"}] * 3

    assert read(POLLS.paging.pages(), CursorServer(twice, own_ids=False, announced_rows=5)) == twice


def test_a_record_that_changes_while_it_moves_to_the_next_page_comes_once() -> None:
    pages = ATTENDANCE.paging.pages()
    first = pages.accept([{"id": 1}, {"id": 2, "time_spent": 5}], {"cursors": {"after": 2}})
    second = pages.accept([{"id": 2, "time_spent": 6}, {"id": 3}], {"cursors": {"after": 3}})

    assert [record["id"] for record in first + second] == [1, 2, 3]


def test_a_row_without_an_id_makes_the_cursor_untrustworthy_for_later_runs() -> None:
    pages = ATTENDANCE.paging.pages()
    pages.accept([{"id": 1}], {"cursors": {"after": 1}})
    pages.accept([{"email": "a@x"}], {"cursors": {"after": None}})

    assert pages.next_run is None


def test_people_that_nothing_identifies_stay_across_pages() -> None:
    guests = [{"name": "Guest"}, {"name": "A"}, {"name": "Guest"}, {"name": "B"}]

    assert read(POLLS.paging.pages(), CursorServer(guests, cap=2, own_ids=False, announced_rows=4)) == guests


@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=6), st.lists(st.integers(0, 9) | st.none(), min_size=1)
)
def test_no_server_can_keep_a_reader_for_ever(ids: list[int], cursors: list[int | None]) -> None:
    asked = 0

    def serve(_: dict[str, str]) -> Ready:
        nonlocal asked
        asked += 1
        page = [{"id": ids[asked % len(ids)]}]
        return Ready(page, {"cursors": {"after": cursors[asked % len(cursors)]}})

    records = read(ATTENDANCE.paging.pages(), serve, most_requests=20)

    assert len(records) == len({record["id"] for record in records})


# -- lists that are cut short --------------------------------------------------------------------


@given(length=st.integers(0, 9), missing=st.integers(1, 9), cap=st.integers(1, 10))
def test_a_count_that_stays_too_high_fails_after_two_equal_reads(length: int, missing: int, cap: int) -> None:
    server = CursorServer(attendance(length), cap=cap, announced_rows=length + missing)
    attempts = 0

    def serve(params: dict[str, str]) -> Ready:
        nonlocal attempts
        attempts += "after" not in params
        return server(params)

    with pytest.raises(Failure):
        read(ATTENDANCE.paging.pages(), serve)
    assert attempts == (2 if length else 6)


@given(length=st.integers(2, 30), cut=st.integers(1, 29), cap=st.integers(1, 10))
def test_a_list_that_ends_too_early_once_is_read_again(length: int, cut: int, cap: int) -> None:
    assume(cut < length)
    whole = CursorServer(attendance(length), cap=cap, announced_rows=length)
    broken = CursorServer(attendance(cut), cap=cap, announced_rows=length)
    attempts = 0

    def serve(params: dict[str, str]) -> Ready:
        nonlocal attempts
        attempts += "after" not in params
        return (broken if attempts == 1 else whole)(params)

    assert read(ATTENDANCE.paging.pages(), serve) == attendance(length)


def test_a_list_whose_cursors_lead_nowhere_replaces_nothing() -> None:
    server = CursorServer([{"user_id": f"{n}"} for n in range(4)], cap=2, own_ids=False, announced_rows=4)

    def serve(params: dict[str, str]) -> Ready:
        return server({"size": params["size"]})

    with pytest.raises(Failure):
        read(POLLS.paging.pages(), serve)


def registered(count: int) -> list[Record]:
    return [{"email": f"{n}@x"} for n in range(count)]


@pytest.mark.parametrize("without_cursor", [True, False])
def test_a_full_page_whose_cursor_leads_nowhere_while_more_pages_are_announced_replaces_nothing(
    without_cursor: bool,
) -> None:
    cursors = {"after": None if without_cursor else 500, "pageCount": 3}

    with pytest.raises(Failure):
        read(REGISTRATIONS.paging.pages(), lambda _: Ready(registered(500), {"cursors": cursors}))


@pytest.mark.parametrize(("length", "page_count"), [(500, 1), (500, 500), (499, 3), (3, 3)])
def test_a_count_of_pages_that_a_repeated_page_does_not_contradict_is_not_held_against_it(
    length: int, page_count: int
) -> None:
    """It may count rows, or pages of another size: only a full page makes more of them likely."""
    cursors = {"after": 500, "pageCount": page_count}

    found = read(REGISTRATIONS.paging.pages(), lambda _: Ready(registered(length), {"cursors": cursors}))

    assert found == registered(length)


def test_a_list_that_is_cut_short_each_time_ends_as_failed() -> None:
    """Also when its first page always arrives: a good page must not buy another full round of attempts."""
    requests = 0

    def ask(_endpoint: Endpoint, _path: str, params: dict[str, str]) -> Ready | NotAvailable:
        nonlocal requests
        requests += 1
        page = [{"id": 2}] if "after" in params else [{"id": 1}, {"id": 2}]
        endless = requests > 100
        return NotAvailable("endless") if endless else Ready(page, {"cursors": {"after": 2, "totalCount": 4}})

    patience = Patience(pending_wait=0.0, pending_timeout=0.0, max_attempts=6, backoff=0.0)
    scheduler = Scheduler(ask, 1, patience)
    scheduler.submit(Reading(unit=Unit("event_attendance"), endpoint=ATTENDANCE, deliver_to="here"))
    messages: list[Message] = []
    while not any(isinstance(message, Outcome) for message in messages):
        messages += scheduler.take("here")
    scheduler.close()

    assert [message.name for message in messages if isinstance(message, Outcome)] == ["failed"]


@pytest.mark.parametrize("announced", [None, 2, 1])
def test_a_single_answer_with_its_announced_records_is_whole(announced: int | None) -> None:
    recordings = [{"session_id": "a"}, {"session_id": "b"}]
    pages = RECORDINGS.paging.pages()

    assert pages.accept(recordings, {"recordingsCount": announced}) == recordings
    assert pages.done


@pytest.mark.parametrize("announced", [3, "3", 9])
def test_a_single_answer_with_fewer_records_than_announced_is_cut_short(announced: Any) -> None:
    with pytest.raises(CutShort):
        RECORDINGS.paging.pages().accept([{"session_id": "a"}] * 2, {"recordingsCount": announced})


# -- participants: numbered pages of a list that people join and leave ---------------------------


def people(count: int) -> list[Record]:
    return [{"email": f"{n}"} for n in range(count)]


def sized(size: int) -> Pages:
    return Numbered(size).pages()


@given(count=st.integers(0, 30), size=st.integers(1, 12), cap=st.integers(1, 12))
def test_participants_are_read_completely_whatever_the_page_size(count: int, size: int, cap: int) -> None:
    assert read(sized(size), ParticipantsServer(people(count), cap=cap)) == people(count)


def test_participants_are_asked_for_oldest_first() -> None:
    assert PARTICIPANTS.paging.pages().params == {
        "pageNumber": "1",
        "resultSize": "1000",
        "sortingKey": "registrationDate",
        "sortingDirection": "ASC",
    }


LEAVES = st.integers(0, 9).map(lambda n: f"-{n}")


def changes(change: st.SearchStrategy[str]) -> st.SearchStrategy[list[list[str]]]:
    """What happens between the first requests, until nothing happens any more."""
    return st.lists(st.lists(change, max_size=3), max_size=4)


def assert_nobody_is_missing(count: int, size: int, happens: list[list[str]]) -> None:
    """Whoever was on the list all the time was read, and nobody was read twice."""
    server = ParticipantsServer(people(count), changes=happens)
    stayed = {f"{n}" for n in range(count)} - {change[1:] for step in happens for change in step}

    found = [person["email"] for person in read(sized(size), server)]

    assert len(found) == len(set(found))
    assert stayed <= set(found)


@given(count=st.integers(0, 10), size=st.integers(1, 5), happens=changes(st.just("+")))
def test_nobody_is_missed_while_people_register(count: int, size: int, happens: list[list[str]]) -> None:
    assert_nobody_is_missing(count, size, happens)


@given(count=st.integers(0, 10), size=st.integers(1, 5), happens=changes(LEAVES))
def test_nobody_is_missed_while_people_are_removed(count: int, size: int, happens: list[list[str]]) -> None:
    assert_nobody_is_missing(count, size, happens)


@given(
    count=st.integers(0, 10),
    size=st.integers(1, 5),
    happens=st.lists(st.lists(LEAVES, max_size=3) | st.lists(st.just("+"), max_size=3), max_size=4),
)
def test_nobody_is_missed_while_people_come_and_go(count: int, size: int, happens: list[list[str]]) -> None:
    """Unless one comes and one goes between the same two requests: nothing in the answers shows it."""
    assert_nobody_is_missing(count, size, happens)


@pytest.mark.parametrize("length", [0, 4])
def test_a_count_of_people_that_stays_too_high_fails(length: int) -> None:
    server = ParticipantsServer(people(length))

    def serve(params: dict[str, str]) -> Ready:
        return replace(server(params), payload={"totalUserCount": 5})

    with pytest.raises(Failure):
        read(sized(3), serve)
    assert server.requests == 6  # once for each attempt, or three pages in two reads


# -- lists without end ---------------------------------------------------------------------------


@pytest.mark.parametrize(("limit", "most"), [("MOST_PAGES", 7), ("MOST_RECORDS", 70)])
@pytest.mark.parametrize("kind", [Cursor(10), Numbered(10)], ids=str)
def test_a_list_that_brings_new_records_for_ever_is_given_up(
    monkeypatch: pytest.MonkeyPatch, kind: Cursor | Numbered, limit: str, most: int
) -> None:
    monkeypatch.setattr(pages_module, limit, most)
    asked = 0

    def serve(_params: dict[str, str]) -> Ready:
        nonlocal asked
        asked += 1
        page = [{"id": 10 * asked + n, "email": f"{asked}@{n}"} for n in range(10)]
        return Ready(page, {"cursors": {"after": 10 * asked + 9}})

    with pytest.raises(Endless, match="goes on after 70 records on 7 pages"):
        read(kind.pages(), serve)
    assert asked == 7


def test_a_cursor_of_megabytes_leads_nowhere() -> None:
    with pytest.raises(CutShort, match="the cursor has more than"):
        Cursor(1).pages().accept([{"id": 1}], {"cursors": {"after": "x" * 1_000_000}})
