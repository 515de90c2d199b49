"""The retry policy: pauses, giving up, slowing down and stopping, as values and without a thread."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airmeet_source.api.answers import Failed, Pending
from airmeet_source.api.retrying import (
    LONGEST_PAUSE,
    MOST_FAILURES_IN_A_ROW,
    Breaker,
    GiveUp,
    Pace,
    Patience,
    Pause,
    Trip,
)

PATIENCE = Patience(pending_wait=300.0, pending_timeout=1800.0, max_attempts=6, backoff=1.0)
EVENLY = 0.5  # the jitter that changes nothing


# -- a result in preparation ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("retry_after", "waited", "decided"),
    [
        (None, 0.0, Pause(300.0)),
        (20.0, 0.0, Pause(20.0)),
        (0.0, 0.0, Pause(0.0)),
        (None, 1700.0, Pause(100.0)),
        (100.0, 1700.0, Pause(100.0)),
    ],
)
def test_a_result_is_asked_for_again_when_the_server_says_or_after_the_usual_wait(
    retry_after: float | None, waited: float, decided: Pause
) -> None:
    assert PATIENCE.after_pending(Pending(retry_after), waited) == decided


@pytest.mark.parametrize(("retry_after", "waited"), [(None, 1800.0), (0.0, 1900.0), (101.0, 1700.0)])
def test_a_result_that_would_come_too_late_is_left_pending(retry_after: float | None, waited: float) -> None:
    decided = PATIENCE.after_pending(Pending(retry_after), waited)

    assert isinstance(decided, GiveUp)
    assert (decided.outcome, decided.everything) == ("pending", False)


# -- a failure -----------------------------------------------------------------------------------


def test_pauses_double_up_to_the_longest() -> None:
    patience = Patience(pending_wait=0.0, pending_timeout=0.0, max_attempts=20, backoff=1.0)
    pauses = [patience.after_failure(Failed("HTTP 503"), attempts, EVENLY) for attempts in range(1, 12)]

    assert pauses == [Pause(min(LONGEST_PAUSE, 2.0**n)) for n in range(11)]


@given(st.integers(1, 5), st.floats(0, 1))
def test_jitter_spreads_a_pause_by_half_to_either_side(attempts: int, jitter: float) -> None:
    decided = PATIENCE.after_failure(Failed("HTTP 503"), attempts, jitter)

    assert isinstance(decided, Pause)
    assert 0.5 <= decided.seconds / 2 ** (attempts - 1) <= 1.5


def test_the_last_attempt_ends_the_unit_and_says_how_many_there_were() -> None:
    assert PATIENCE.after_failure(Failed("HTTP 503"), 6, EVENLY) == GiveUp(
        "failed", "HTTP 503 (after 6 attempts)"
    )


def test_a_server_that_asks_to_wait_is_not_asked_earlier() -> None:
    assert PATIENCE.after_failure(Failed("HTTP 503", 60.0), 1, EVENLY) == Pause(60.0)
    assert PATIENCE.after_failure(Failed("HTTP 503", 0.0), 1, EVENLY) == Pause(1.0)


def test_too_many_requests_silence_everything() -> None:
    assert PATIENCE.after_failure(Failed("HTTP 429", 7.0, throttled=True), 1, EVENLY) == Pause(
        7.0, silence=True
    )


@pytest.mark.parametrize(("pending_timeout", "retry_after"), [(1800.0, 1801.0), (5.0, 7200.0), (0.0, 0.1)])
@pytest.mark.parametrize("throttled", [True, False])
def test_a_server_that_asks_to_wait_for_too_long_is_not_waited_for(
    pending_timeout: float, retry_after: float, throttled: bool
) -> None:
    patience = Patience(pending_wait=1.0, pending_timeout=pending_timeout, max_attempts=6, backoff=1.0)
    failure = Failed("HTTP 429", retry_after, throttled=throttled)

    decided = patience.after_failure(failure, 1, EVENLY)

    assert isinstance(decided, GiveUp)
    assert (decided.outcome, decided.everything) == ("failed", throttled)
    assert f"{retry_after:g} s" in decided.reason
    assert isinstance(patience.after_failure(Failed("HTTP 503", 0.0), 1, EVENLY), Pause)


def test_a_page_that_is_late_for_the_second_time_is_asked_for_in_smaller_pieces() -> None:
    late = Failed("no answer", overtaxed=True)

    assert PATIENCE.after_failure(late, 1, EVENLY) == Pause(1.0)
    assert PATIENCE.after_failure(late, 2, EVENLY) == Pause(2.0, shrink=True)


# -- the pace ------------------------------------------------------------------------------------


def test_failures_halve_the_requests_in_flight_but_leave_one() -> None:
    pace = Pace(8, 8)
    allowed = []
    for _ in range(5):
        pace = pace.slower()
        allowed.append(pace.allowed)

    assert allowed == [4, 2, 1, 1, 1]


@given(st.integers(1, 64), st.lists(st.booleans(), max_size=300))
def test_the_pace_stays_between_one_and_the_most(most: int, successes: list[bool]) -> None:
    pace = Pace(most, most)
    for success in successes:
        pace = pace.faster() if success else pace.slower()
        assert 1 <= pace.allowed <= most
    for _ in range(most * most):
        pace = pace.faster()
    assert pace.allowed == most


# -- the breaker ---------------------------------------------------------------------------------


def exhaust(breaker: Breaker, resource: str, requests: Iterable[int], *untouched: str) -> list[Trip]:
    """Let units of a resource fail for good, the first time at these requests; what that leads to."""
    trips = []
    for request in requests:
        breaker.failed(resource, request)
        trips.append(breaker.exhausted(resource, request, "HTTP 503", set(untouched)))
    return [trip for trip in trips if trip is not None]


MOST = MOST_FAILURES_IN_A_ROW


def test_a_resource_that_only_fails_is_given_up_once() -> None:
    breaker = Breaker()

    assert exhaust(breaker, "utms", range(MOST - 1)) == []
    (trip,) = exhaust(breaker, "utms", range(MOST, MOST + 20))
    assert trip.resource == "utms"
    assert trip.reason == f"{MOST} units failed one after another, the last one with: HTTP 503"


def test_an_endpoint_that_is_down_is_given_up_while_others_answer() -> None:
    breaker = Breaker()
    trips = []
    for request in range(0, 10 * MOST, 2):
        breaker.answered("tracks", request)
        trips += exhaust(breaker, "utms", [request + 1])

    assert [trip.resource for trip in trips] == ["utms"]


def test_several_resources_that_fail_end_everything() -> None:
    breaker = Breaker()

    assert exhaust(breaker, "utms", [0]) == []
    (trip,) = exhaust(breaker, "tracks", range(1, MOST))
    assert trip.resource is None


def test_a_resource_that_fails_after_another_was_given_up_ends_everything() -> None:
    breaker = Breaker()
    exhaust(breaker, "utms", range(MOST))

    (trip,) = exhaust(breaker, "tracks", [MOST])
    assert trip.resource is None


def test_others_are_asked_first() -> None:
    breaker = Breaker()
    exhaust(breaker, "utms", [0], "questions")

    assert [trip.resource for trip in exhaust(breaker, "tracks", range(1, MOST + 1), "questions")] == [
        "tracks"
    ]
    assert breaker.suspects
    breaker.failed("questions", 1000)
    (trip,) = exhaust(breaker, "utms", [1001], "questions")
    assert trip.resource is None


def test_resources_that_never_answered_do_not_end_what_answers() -> None:
    """Though nothing else is left to ask for."""
    breaker = Breaker()
    breaker.answered("questions", 0)
    trips = []
    for request in range(1, 3 * MOST, 2):
        trips += exhaust(breaker, "utms", [request], "utms", "tracks")
        trips += exhaust(breaker, "tracks", [request + 1], "utms", "tracks")

    assert sorted(str(trip.resource) for trip in trips) == ["tracks", "utms"]


def test_an_api_that_stops_answering_ends_everything() -> None:
    breaker = Breaker()
    breaker.answered("tracks", 0)
    assert exhaust(breaker, "utms", range(1, MOST), "tracks") == []
    (trip,) = exhaust(breaker, "tracks", range(MOST, MOST + 10), "tracks")
    assert trip.resource is None


def test_a_few_failures_of_what_answers_do_not_make_what_never_answered_a_dead_api() -> None:
    breaker = Breaker()
    breaker.answered("tracks", 0)
    exhaust(breaker, "tracks", range(1, 5))
    trips = exhaust(breaker, "utms", range(5, 2 * MOST)) + exhaust(
        breaker, "polls", range(2 * MOST, 4 * MOST)
    )

    assert [trip.resource for trip in trips] == ["utms", "polls"]


def test_a_sensible_answer_begins_a_new_count() -> None:
    breaker = Breaker()
    for number in range(3):
        assert exhaust(breaker, "utms", range(100 * number, 100 * number + MOST - 1)) == []
        breaker.answered("utms", 100 * number + 99)
        assert not breaker.suspects


def test_what_failed_between_sensible_answers_is_not_in_a_row_however_late_it_ends() -> None:
    breaker = Breaker()
    for request in range(0, 1000, 2):
        breaker.answered("utms", request)

    assert exhaust(breaker, "utms", range(1, 999, 2)) == []
