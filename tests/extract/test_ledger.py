"""The ledger: what is remembered of units when they end, without a thread or a pipeline."""

from datetime import UTC, datetime, timedelta

import pytest

from airmeet_source.api.children import Child
from airmeet_source.api.reading import Outcome, OutcomeName, Reading, Unit
from airmeet_source.extract.ledger import Ledger
from airmeet_source.extract.lifecycle import FOR_GOOD, IN_FULL, Content, Due, Event, Read
from airmeet_source.extract.unit_states import ReadState, ResourceState
from airmeet_source.resources import RESOURCES
from airmeet_source.settings import Settings

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
YOUNG = Event("e1", "FINISHED", NOW - 2 * DAY, NOW - DAY)
OLD = Event("e1", "FINISHED", NOW - 200 * DAY, NOW - 199 * DAY)
CHILDREN = [Child("s1", "FINISHED"), Child("s2", "FINISHED")]


def ledger(resource: str, remembered: ResourceState | None = None) -> Ledger:
    made = Ledger(RESOURCES[resource], Settings())
    made.read(remembered or {})
    return made


def written(of: Ledger) -> ResourceState:
    state: ResourceState = {}
    of.write(state)
    return state


def end(
    resource: str, name: OutcomeName, *, child: str | None = None, after: int = 7, doubtful: bool = False
) -> Outcome:
    """The end of a unit whose list went as far as a cursor."""
    reading = Reading(
        unit=Unit(resource, "e1", child), endpoint=RESOURCES[resource].endpoint, deliver_to=resource
    )
    reading.pages.accept([{"id": after}], {})
    return Outcome(reading, name, doubtful=doubtful)


def read(how: Due, content: Content | None = None) -> Read:
    return Read(due=how, started=NOW, content=content)


def cursor(after: int = 7) -> ReadState:
    now = NOW.isoformat(timespec="seconds")
    return {"event": YOUNG.fingerprint, "read_at": now, "full_at": now, "after": after}


def test_a_list_that_was_loaded_goes_on_behind_its_last_row() -> None:
    of = ledger("event_attendance")
    of.move(YOUNG, read(IN_FULL), end("event_attendance", "loaded"))

    assert written(of).get("events") == {"e1": cursor()}
    assert of.due(YOUNG, NOW) == Due(7, final=False)


@pytest.mark.parametrize("name", ["pending", "failed", "not_available"])
def test_what_was_not_loaded_leaves_everything_as_it_was(name: OutcomeName) -> None:
    of = ledger("event_attendance", {"events": {"e1": cursor(5)}})
    of.move(YOUNG, read(Due(5, final=False)), end("event_attendance", name))

    assert of.due(YOUNG, NOW) == Due(5, final=False)


def test_a_refusal_that_may_be_a_hiccup_settles_a_unit_only_when_it_comes_again() -> None:
    of = ledger("booths")
    for settled in (False, True):
        assert of.due(OLD, NOW) == FOR_GOOD
        of.move(OLD, read(FOR_GOOD), end("booths", "not_available", doubtful=True))
        assert of.is_settled(OLD) is settled


def test_an_event_settles_when_the_last_of_its_children_has() -> None:
    of = ledger("session_attendance")
    due = list(of.due_children(OLD, CHILDREN, NOW))
    assert due == [(child, FOR_GOOD) for child in CHILDREN]
    for child, how in due:
        assert not of.is_settled(OLD)
        of.move_child(OLD, read(how), end("session_attendance", "loaded", child=child.entity_id))
        of.close(OLD, NOW)
    assert of.is_settled(OLD)


def test_an_event_with_a_child_that_failed_stays_due_and_the_others_rest() -> None:
    of = ledger("session_attendance")
    due = list(of.due_children(OLD, CHILDREN, NOW))
    for (child, how), name in zip(due, ("loaded", "failed"), strict=True):
        of.move_child(OLD, read(how), end("session_attendance", name, child=child.entity_id))  # type: ignore[arg-type]
        of.close(OLD, NOW)
    assert of.due(OLD, NOW) == FOR_GOOD
    assert list(of.due_children(OLD, CHILDREN, NOW)) == [(CHILDREN[1], FOR_GOOD)]


def test_a_child_that_is_no_longer_listed_is_forgotten() -> None:
    remembered: ResourceState = {"events": {"e1": {"children": {"s1": cursor(1), "gone": cursor(2)}}}}
    of = ledger("session_attendance", remembered)
    assert list(of.due_children(YOUNG, CHILDREN[:1], NOW)) == [(CHILDREN[0], Due(1, final=False))]
    assert written(of).get("events") == {"e1": {"children": {"s1": cursor(1)}}}


def test_an_event_without_children_is_not_remembered_before_it_settles() -> None:
    of = ledger("session_attendance")
    assert list(of.due_children(YOUNG, [], NOW)) == []
    of.close(YOUNG, NOW)
    assert written(of).get("events") == {}


def test_what_is_forgotten_is_due_in_full() -> None:
    of = ledger("event_attendance", {"events": {"e1": cursor()}})
    of.forget(YOUNG)
    assert of.due(YOUNG, NOW) == IN_FULL


@pytest.mark.parametrize("child", [None, "s1"])
def test_what_a_unit_holds_is_known_until_it_settles(child: str | None) -> None:
    resource = "session_attendance" if child else "participants"
    of, holds = ledger(resource), Content(digest="12ab", tables=["participants"])
    move = of.move_child if child else of.move
    assert of.content(YOUNG, child) is None
    move(YOUNG, read(IN_FULL, holds), end(resource, "loaded", child=child))
    assert of.content(YOUNG, child) == holds
    move(YOUNG, read(IN_FULL), end(resource, "failed", child=child))
    assert of.content(YOUNG, child) == holds
    move(YOUNG, read(IN_FULL), end(resource, "not_available", child=child))
    assert of.content(YOUNG, child) == holds
    move(YOUNG, read(FOR_GOOD), end(resource, "loaded", child=child))
    assert of.content(YOUNG, child) is None
