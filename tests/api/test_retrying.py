"""The retry policy: pauses, giving up, slowing down and stopping, as values and without a thread."""

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
    assert (decided.outcome, decided.exhausted) == ("pending", False)


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
        "failed", "HTTP 503 (after 6 attempts)", exhausted=True
    )


def test_a_server_that_asks_to_wait_is_not_asked_earlier() -> None:
    assert PATIENCE.after_failure(Failed("HTTP 503", 60.0), 1, EVENLY) == Pause(60.0)
    assert PATIENCE.after_failure(Failed("HTTP 503", 0.0), 1, EVENLY) == Pause(1.0)


def test_too_many_requests_silence_everything() -> None:
    assert PATIENCE.after_failure(Failed("HTTP 429", 7.0, throttled=True), 1, EVENLY) == Pause(
        7.0, silence=True
    )


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


def failures(breaker: Breaker, resource: str, count: int) -> list[Trip]:
    trips = [breaker.failure(resource, "HTTP 503") for _ in range(count)]
    return [trip for trip in trips if trip is not None]


def test_a_resource_that_only_fails_is_given_up_once() -> None:
    breaker = Breaker()

    assert failures(breaker, "utms", MOST_FAILURES_IN_A_ROW - 1) == []
    (trip,) = failures(breaker, "utms", 20)
    assert trip.resource == "utms"
    assert trip.reason == (
        f"{MOST_FAILURES_IN_A_ROW} units failed one after another, the last one with: HTTP 503"
    )


def test_several_resources_that_fail_end_everything() -> None:
    breaker = Breaker()

    assert failures(breaker, "utms", 1) == []
    (trip,) = failures(breaker, "tracks", MOST_FAILURES_IN_A_ROW - 1)
    assert trip.resource is None


def test_a_resource_that_fails_after_another_was_given_up_ends_everything() -> None:
    breaker = Breaker()
    failures(breaker, "utms", MOST_FAILURES_IN_A_ROW)

    assert failures(breaker, "tracks", MOST_FAILURES_IN_A_ROW - 1) == []
    (trip,) = failures(breaker, "tracks", 1)
    assert trip.resource is None


def test_a_sensible_answer_begins_a_new_count() -> None:
    breaker = Breaker()
    for _ in range(3):
        assert failures(breaker, "utms", MOST_FAILURES_IN_A_ROW - 1) == []
        breaker.success()
