"""Lifecycle: which units are due, how they are read, and when they are final."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airmeet_source.api.children import Child
from airmeet_source.extract.lifecycle import IN_FULL, Due, Event, Read, due, is_final, is_settled, next_state
from airmeet_source.extract.unit_states import ReadState, UnitState
from airmeet_source.resources import EVENT_RESOURCES, RESOURCES, From, Resource, Until
from airmeet_source.settings import Settings

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DEFAULTS = Settings()
FINISHED_SESSION, RUNNING_SESSION = Child("s1", "FINISHED"), Child("s1", "ONGOING")


def due_from(*moments: From) -> set[str]:
    """The resources that are declared to have rows from one of these moments on."""
    return {name for name, resource in EVENT_RESOURCES.items() if resource.due_from in moments}


FROM_START = due_from(From.ALWAYS, From.START)
FROM_END = set(EVENT_RESOURCES)
STILL_GROWING = {name for name, resource in EVENT_RESOURCES.items() if resource.due_until is Until.TAIL}
CURSORS = {name for name, resource in EVENT_RESOURCES.items() if resource.endpoint.keeps_cursor}


def event(
    status: str = "FINISHED", start: timedelta | None = -3 * HOUR, end: timedelta | None = -HOUR
) -> Event:
    """An event that starts and ends so long after (before, if negative) now."""
    return Event("e1", status, None if start is None else NOW + start, None if end is None else NOW + end)


def due_endpoints(of: Event, child: Child | None = RUNNING_SESSION) -> set[str]:
    return {
        name for name, resource in EVENT_RESOURCES.items() if due(resource, of, child, None, NOW, DEFAULTS)
    }


# -- what an event is ----------------------------------------------------------------------------


def test_an_event_is_taken_from_its_record_however_it_is_spelled() -> None:
    record = {"uid": "e1", "name": "Launch", "status": " finished ", "startTime": 1, "end_time": "1970-01-01"}

    assert Event.of(record) == Event(
        "e1",
        "FINISHED",
        datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("record", [{}, {"uid": None}, {"uid": " "}, {"name": "Launch"}])
def test_an_event_without_an_id_is_none(record: dict[str, Any]) -> None:
    assert Event.of(record) is None


def test_odd_fields_do_not_hide_an_event() -> None:
    odd = Event.of({"uid": 7, "status": ["?"], "startTime": "soon", "endTime": {}, "name": None})

    assert odd == Event("7", '["?"]', None, None)


@pytest.mark.parametrize(
    ("of", "phase"),
    [
        (event("CREATED", DAY, 2 * DAY), "upcoming"),
        (event("SOMETHING_NEW", DAY, 2 * DAY), "upcoming"),
        (event("CREATED", None, None), "upcoming"),
        (event("ONGOING", DAY, 2 * DAY), "live"),
        (event("PAUSED", -HOUR, HOUR), "live"),
        (event("CREATED", -HOUR, HOUR), "live"),
        (event("FINISHED", -HOUR, HOUR), "settling"),
        (event("FINISHED", None, None), "settling"),
        (event("ONGOING", -9 * DAY, -6.9 * DAY), "settling"),
        (event("ONGOING", -9 * DAY, -7 * DAY), "tail"),
        (event("FINISHED", -89 * DAY, None), "tail"),
        (event("CREATED", -91 * DAY, -90 * DAY), "settled"),
    ],
)
def test_the_phase_follows_from_status_or_time_whichever_is_further(of: Event, phase: str) -> None:
    assert of.phase(NOW, DEFAULTS) == phase


# -- what is due ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("of", "endpoints"),
    [
        (event("CREATED", DAY, 2 * DAY), due_from(From.ALWAYS)),
        (event("ONGOING", DAY, 2 * DAY), FROM_START),
        (event("PAUSED", -HOUR, HOUR), FROM_START),
        (event("CREATED", -HOUR, HOUR), FROM_START),
        (event("FINISHED", -HOUR, HOUR), FROM_END),
        (event("ONGOING", -3 * HOUR, -HOUR), FROM_END),
        (event("NEVER_SEEN", -3 * HOUR, -HOUR), FROM_END),
    ],
)
def test_an_endpoint_is_asked_as_soon_as_it_can_have_rows(of: Event, endpoints: set[str]) -> None:
    assert due_endpoints(of) == endpoints


@pytest.mark.parametrize("status", ["FINISHED", "finished", " Finished "])
def test_a_sessions_attendance_is_due_when_that_session_is_finished(status: str) -> None:
    live = event("ONGOING", -HOUR, HOUR)

    assert due_endpoints(live, Child("s1", status)) - due_endpoints(live) == due_from(From.SESSION_END)
    assert "session_attendance" not in due_endpoints(live, Child("s1", None))


def test_sessions_are_asked_for_while_any_of_them_may_be_finished() -> None:
    resource = RESOURCES["session_attendance"]

    assert due(resource, event("ONGOING", -HOUR, HOUR), None, None, NOW, DEFAULTS)
    assert not due(resource, event("CREATED", HOUR, DAY), None, None, NOW, DEFAULTS)


@pytest.mark.parametrize(("days", "final"), [(6.9, set()), (7.1, FROM_END - STILL_GROWING), (90.1, FROM_END)])
def test_rows_are_final_some_days_after_the_end(days: float, final: set[str]) -> None:
    ended = event(end=-days * DAY)

    assert {n for n, e in EVENT_RESOURCES.items() if is_final(e, ended, NOW, DEFAULTS)} == final


def test_an_event_without_times_never_settles() -> None:
    assert not any(
        is_final(e, event("FINISHED", None, None), NOW, DEFAULTS) for e in EVENT_RESOURCES.values()
    )


# -- state ---------------------------------------------------------------------------------------


def state_of(
    resource: Resource, of: Event, read: Due, started: datetime, state: UnitState | None = None
) -> UnitState:
    """The state of a unit that was read as far as a cursor."""
    return next_state(resource, of, Read(due=read, started=started), 7, state)


@pytest.mark.parametrize("name", EVENT_RESOURCES)
def test_only_cursor_endpoints_go_on_from_where_they_ended(name: str) -> None:
    state = state_of(EVENT_RESOURCES[name], event(), IN_FULL, NOW)

    how = due(EVENT_RESOURCES[name], event(), FINISHED_SESSION, state, NOW, DEFAULTS)
    assert how == (Due(7, final=False) if name in CURSORS else IN_FULL)


@pytest.mark.parametrize(
    ("of", "slow"),
    [
        (event("FINISHED", -9 * DAY, -8 * DAY), STILL_GROWING),
        (event("FINISHED", -7 * DAY, -6 * DAY), set()),
        (event("CREATED", 8 * DAY, 9 * DAY), due_from(From.ALWAYS) - STILL_GROWING),
        (event("CREATED", 6 * DAY, 9 * DAY), set()),
        (event("ONGOING", -DAY, 9 * DAY), set()),
    ],
)
@pytest.mark.parametrize("hours", [19.9, 20.1])
def test_what_changes_slowly_is_asked_for_once_in_tail_hours(of: Event, slow: set[str], hours: float) -> None:
    def rests(resource: Resource) -> bool:
        state = state_of(resource, of, IN_FULL, NOW - hours * HOUR)
        return due(resource, of, FINISHED_SESSION, state, NOW, DEFAULTS) is None

    first = due_endpoints(of)
    resting = {name for name in first if rests(EVENT_RESOURCES[name])}
    final = {name for name in first if is_final(EVENT_RESOURCES[name], of, NOW, DEFAULTS)}
    assert resting - final == (slow if hours < DEFAULTS.tail_hours else set())


@pytest.mark.parametrize(("hours", "after"), [(19.9, 7), (20.1, None)])
def test_a_cursor_is_followed_until_the_last_full_read_is_too_old(hours: float, after: int | None) -> None:
    resource = RESOURCES["event_attendance"]
    state = state_of(resource, event(), IN_FULL, NOW - hours * HOUR)
    later = state_of(resource, event(), Due(7, final=False), NOW - HOUR, state)

    assert due(resource, event(), None, later, NOW, DEFAULTS) == Due(after, final=False)


@pytest.mark.parametrize("changed", [event("ONGOING"), event(end=HOUR), event(end=None)])
def test_a_change_of_status_or_end_asks_for_everything_again(changed: Event) -> None:
    resource = RESOURCES["event_attendance"]
    state = state_of(resource, event(), IN_FULL, NOW)

    assert due(resource, changed, None, state, NOW, DEFAULTS) == Due(None, final=False)


@pytest.mark.parametrize("name", EVENT_RESOURCES)
def test_a_settled_unit_rests_until_its_event_changes_however_old_it_is(name: str) -> None:
    resource = EVENT_RESOURCES[name]
    stuck = event("ONGOING", -401 * DAY, -400 * DAY)
    read = due(resource, stuck, FINISHED_SESSION, None, NOW, DEFAULTS)
    assert read == Due(None, final=True)

    then = "2026-01-01T00:00:00+00:00"
    before = ReadState(event=stuck.fingerprint, read_at=then, full_at=then, after=7)
    state = state_of(resource, stuck, read, NOW, before)

    assert is_settled(state, stuck)
    assert due(resource, stuck, FINISHED_SESSION, state, NOW, DEFAULTS) is None
    ended = event("FINISHED", -401 * DAY, -400 * DAY)
    assert due(resource, ended, FINISHED_SESSION, state, NOW, DEFAULTS) == Due(None, final=True)


@given(
    name=st.sampled_from(sorted(EVENT_RESOURCES)),
    status=st.sampled_from(["CREATED", "ONGOING", "PAUSED", "FINISHED", "NEW"]),
    lasts=st.integers(1, 100).map(lambda hours: hours * HOUR),
    every=st.integers(1, 200).map(lambda hours: hours * HOUR),
)
def test_from_creation_to_rest_a_unit_is_read_as_often_as_promised(
    name: str, status: str, lasts: timedelta, every: timedelta
) -> None:
    """A life in runs: in full whenever the last full read is too old, once for good, and then never again."""
    resource, of = EVENT_RESOURCES[name], Event("e1", status, NOW, NOW + lasts)
    end_of_life = NOW + lasts + timedelta(days=DEFAULTS.replay_days) + 3 * every
    state: UnitState | None = None
    full_at: datetime | None = None
    reads: Counter[str] = Counter()
    now = NOW - 2 * DAY
    while now < end_of_life:
        read = due(resource, of, FINISHED_SESSION, state, now, DEFAULTS)
        if read is not None:
            assert not reads["final"]
            reads["final" if read.final else "full" if read.after is None else "cursor"] += 1
            if read.after is None:
                full_at = now
            assert full_at is not None
            assert now - full_at < timedelta(hours=DEFAULTS.reread_hours), "rows get corrected"
            state = state_of(resource, of, read, now, state)
        now += every

    assert reads["final"] == 1
    assert reads["cursor"] == 0 or name in CURSORS
    assert every >= timedelta(hours=DEFAULTS.reread_hours) or name not in CURSORS or reads["cursor"]
