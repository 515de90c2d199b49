"""The queue: whose turn it is."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from airmeet_source.api.queue import Queue
from airmeet_source.api.reading import Reading, Unit
from airmeet_source.resources import RESOURCES

NAMES = ["sessions", "booths", "utms", "event_attendance", "tracks", "participants", "questions"]


def reading(resource: str, number: int = 0) -> Reading:
    return Reading(
        unit=Unit(resource, f"e{number}"),
        endpoint=RESOURCES[resource].endpoint,
        deliver_to=resource,
        order=number,
    )


def taken(queue: Queue, *, fairly: bool = False) -> list[str]:
    names = []
    while queue.is_ready():
        names.append(queue.take(fairly=fairly).unit.resource)
    return names


def filled(names: list[str]) -> Queue:
    queue = Queue()
    for number, name in enumerate(names):
        queue.submit(reading(name, number))
    return queue


@given(st.lists(st.sampled_from(NAMES)))
def test_the_better_rank_goes_first(names: list[str]) -> None:
    ranks = {name: reading(name).rank for name in NAMES}

    assert [ranks[name] for name in taken(filled(names))] == sorted(ranks[name] for name in names)


@given(st.lists(st.sampled_from(NAMES), min_size=1))
def test_resources_take_turns_whatever_their_rank_when_it_has_to_be_fair(names: list[str]) -> None:
    queue = filled(names)
    different = len(set(names))

    assert sorted(taken(queue, fairly=True)[:different]) == sorted(set(names))


def test_resources_of_one_rank_take_turns() -> None:
    assert taken(filled(["utms"] * 3 + ["event_attendance"] * 3)) == ["utms", "event_attendance"] * 3


def test_units_that_failed_and_others_take_turns() -> None:
    queue = filled(["tracks"] * 3)
    for number in range(3):
        failed = reading("sessions", number)
        failed.attempts = 1
        queue.add(failed)

    assert taken(queue) in (["tracks", "sessions"] * 3, ["sessions", "tracks"] * 3)


def test_parked_units_wait_for_their_moment() -> None:
    queue = Queue()
    for number, due in enumerate([5.0, 3.0, 4.0]):
        queue.park(reading("tracks", number), due)
    queue.release(2.0)
    assert not queue.is_ready()
    assert queue.next_release() == 3.0
    queue.release(4.0)
    assert len(taken(queue)) == 2
    assert queue.parked(for_results=False) == [queue.next_release()] == [5.0]
    assert queue.parked(for_results=True) == []


@given(st.lists(st.sampled_from(NAMES)), st.none() | st.sampled_from(NAMES))
def test_what_is_withdrawn_is_not_taken(names: list[str], resource: str | None) -> None:
    queue = filled(names[::2])
    for number, name in enumerate(names[1::2]):
        queue.park(reading(name, 100 + number), float(number))
    withdrawn = queue.withdraw(resource)
    queue.release(1000.0)
    wanted = Counter(name for name in names if resource in (None, name))

    assert Counter(each.unit.resource for each in withdrawn) == wanted
    assert Counter(taken(queue)) == Counter(names) - wanted


def test_untouched_units_are_counted_by_receiver_and_by_resource() -> None:
    queue = filled(["tracks", "tracks", "utms"])
    assert (queue.untouched_of("tracks"), queue.untouched_of("booths")) == (2, 0)
    assert queue.untouched_resources() == {"tracks", "utms"}
    queue.take(fairly=False).requests = 1  # the preparation
    assert queue.untouched_resources() == {"tracks"}
    queue.withdraw("tracks")
    assert queue.untouched_of("tracks") == 0
