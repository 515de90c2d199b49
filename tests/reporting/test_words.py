"""What the report says, and what becomes of odd figures: no browser, no database."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airmeet_source.reporting import people, words
from airmeet_source.reporting.figures import Figures
from airmeet_source.reporting.part import LONGEST_TABLE
from airmeet_source.reporting.queries import ViewsPlace, over_views
from airmeet_source.reporting.selection import Selection, names_of
from airmeet_source.reporting.state import state_of
from airmeet_source.reporting.writing import body
from airmeet_source.resources import RESOURCES
from airmeet_source.views.declarations import VIEWS

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
NOTHING = Figures(
    events=[],
    problems=[],
    last_loaded_at=NOON,
    engaged={},
    stays={},
    registrations=[],
    sessions=[],
    campaigns=[],
    booths=[],
    polls=[],
    answers=[],
    free_text=[],
)


def event(airmeet_id: str = "e1", **more: Any) -> dict[str, Any]:
    """A row of event_overview."""
    empty = {
        column.name: 0 if column.data_type == "bigint" else None for column in VIEWS["event_overview"].columns
    }
    return {
        **empty,
        "airmeet_id": airmeet_id,
        "event_name": "Some day",
        "start_time": NOON,
        "end_time": NOON + timedelta(hours=2),
        "is_over": True,
        "is_archived": False,
        **more,
    }


def text_of(figures: Figures) -> str:
    return body(figures, lambda chart: chart.to_json())


# -- how complete the data is --------------------------------------------------------------------


def problem(**more: Any) -> dict[str, Any]:
    """A row of data_status."""
    row = {"airmeet_id": "e1", "event_name": "Some day", "resource": "utms", "state": "pending", "tries": 2}
    return {**row, "since": NOON, "error": None, **more}


def test_every_list_has_a_name_that_people_know() -> None:
    assert set(words.LISTS) >= set(RESOURCES)


def test_what_is_missing_is_grouped_and_says_since_when_and_why() -> None:
    rows = [problem(airmeet_id=f"e{number}", event_name=f"Day {number}") for number in range(8)]
    rows += [problem(resource="airmeets", state="failed", airmeet_id=None, event_name=None, error="HTTP 503")]

    state = state_of(replace(NOTHING, events=[event()], problems=rows))

    assert state.headline.startswith("9 lists are still missing")
    of_one = state_of(replace(NOTHING, events=[event()], problems=rows[:1]))
    assert of_one.headline.startswith("1 list is still missing")
    the_list, utms = state.gaps
    assert (the_list.what, the_list.where, the_list.why) == (
        "The list of events",
        "",
        "It could not be read: HTTP 503",
    )
    assert utms.where.endswith("Day 4 and 3 more")
    assert utms.since == "since 10 Mar 2026, 12:00 UTC, 2 tries"


def test_what_may_still_change_is_said() -> None:
    events = [event(is_over=False), event("e2", data_state="current"), event("e3", is_archived=True)]

    state = state_of(replace(NOTHING, events=events))

    assert state.headline.startswith("Nothing is missing")
    assert [note.partition(" event is ")[0] for note in state.notes] == ["1", "1", "1"]


# -- what is not known ---------------------------------------------------------------------------


def test_unknown_attendance_is_no_zero_and_known_zero_is() -> None:
    unknown = text_of(replace(NOTHING, events=[event(registrants=5)]))
    known = text_of(replace(NOTHING, events=[event(registrants=5, attendance_rate_of_registrants=0.0)]))

    assert f'data-fact="attendees"><b>{words.UNKNOWN}<' in unknown
    assert "not known yet" in unknown
    assert 'data-fact="attendees"><b>0<' in known
    assert "not known yet" not in known


def test_every_part_says_that_it_is_empty() -> None:
    text = text_of(replace(NOTHING, events=[event()]))

    assert text.count('class="empty"') == 8
    assert text_of(replace(NOTHING, last_loaded_at=None)).count("Nothing has been loaded yet") == 1


def test_markup_in_names_is_text_and_long_tables_are_cut() -> None:
    events = [event(f"e{number}", event_name="<script>") for number in range(LONGEST_TABLE + 5)]

    text = text_of(replace(NOTHING, events=events, free_text=["<b>Phone</b>"]))

    assert "<script>" not in text
    assert "<b>Phone" not in text
    assert f"The first {LONGEST_TABLE} of {LONGEST_TABLE + 5} rows." in text


# -- minutes -------------------------------------------------------------------------------------

STAYS = st.dictionaries(st.integers(-5, 10**9), st.integers(1, 10**6), min_size=1, max_size=30)


@given(STAYS)
def test_nobody_is_lost_between_the_columns_of_a_distribution(stays: dict[int, int]) -> None:
    columns = people._columns(stays)
    left = people._still_there(stays)

    assert sum(column["people"] for column in columns) == sum(stays.values())
    assert len(columns) <= 16
    assert len({column["label"] for column in columns}) == len(columns)
    assert left[0]["share"] == 1
    shares = [row["share"] for row in left]
    assert shares == sorted(shares, reverse=True)
    assert len(left) < 500
    assert all(row["people"] == sum(n for m, n in stays.items() if m >= row["minutes"]) for row in left[1:])


# -- which events --------------------------------------------------------------------------------


def test_events_are_chosen_as_a_load_chooses_them() -> None:
    events = [
        event("past", start_time=NOON - timedelta(days=9), end_time=NOON - timedelta(days=8)),
        event("now", community="north"),
        event("ahead", start_time=NOON + timedelta(days=9), end_time=NOON + timedelta(days=9)),
        event("no time", start_time=None, end_time=None),
    ]

    def chosen(**selection: Any) -> list[str]:
        return [found["airmeet_id"] for found in Selection(**selection).of(events)]

    assert chosen() == ["ahead", "now", "past", "no time"]
    assert chosen(since=NOON) == ["ahead", "now"]
    assert chosen(until=NOON) == ["past"]
    assert chosen(communities=["north"]) == ["now"]
    assert chosen(events=["past", "gone"]) == ["past"]


def test_events_of_one_name_and_day_can_be_told_apart() -> None:
    names = names_of([event("e1"), event("e2"), event("e3", event_name=None)])
    assert dict(names) == {
        "Some day, 10 Mar 2026": "e1",
        "Some day, 10 Mar 2026 (2)": "e2",
        f"{words.UNKNOWN}, 10 Mar 2026": "e3",
    }


# -- queries -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("dialect", "project"), [("duckdb", None), ("postgres", None), ("bigquery", "p")])
def test_a_query_reads_views_and_ids_are_quoted(dialect: str, project: str | None) -> None:
    place = ViewsPlace(dialect=dialect, project=project, dataset="d_views")

    query = over_views("SELECT count(*) AS n FROM event_people", place, ["it's"])

    assert "d_views" in query
    assert ("it''s" in query) or ("it\\'s" in query)
    with pytest.raises(ValueError, match="participants"):
        over_views("SELECT 1 FROM participants", place)


def test_numbers_and_answers_read_well() -> None:
    said: Mapping[str, str] = {
        words.count(None): words.UNKNOWN,
        words.count(1234567): "1,234,567",
        words.percent(0.666): "67%",
        words.minutes(4.25): "4.2",
        words.choices('["A", "B"]'): "A, B",
        words.choices("[not JSON"): "[not JSON",
        words.people(1): "1 person",
    }
    assert all(found == expected for found, expected in said.items())
