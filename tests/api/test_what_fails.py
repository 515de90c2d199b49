"""What becomes of a community in which a part of the units fails: simulated, without threads and waiting."""

import heapq
import itertools
import random
import threading
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airmeet_source.api import scheduler as module
from airmeet_source.api.answers import Answer, Failed, Pending, Ready
from airmeet_source.api.endpoint import Endpoint
from airmeet_source.api.reading import Outcome, OutcomeName, Reading, Unit
from airmeet_source.api.retrying import MOST_FAILURES_IN_A_ROW, Patience
from airmeet_source.api.scheduler import Scheduler
from airmeet_source.errors import TooManyFailures
from airmeet_source.resources import EVENT_RESOURCES

NAMES = tuple(name for name, resource in EVENT_RESOURCES.items() if resource.parent is None)
PATIENCE = Patience(pending_wait=300.0, pending_timeout=1800.0, max_attempts=6, backoff=1.0)
THREADS = 8
Fails = Callable[[Unit, int], bool]  # a unit, and how many requests came before


class Simulation:
    """The time, and a condition that lets the next thing happen instead of waiting for it."""

    def __init__(self, seed: int, fails: Fails) -> None:
        self.now = 0.0
        self.requests = 0
        self._fails = fails
        self._chance = random.Random(seed)
        self._in_flight: list[tuple[float, int, Reading, Answer]] = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(threading, "Condition", lambda: self)
            self.scheduler = Scheduler(self._never_asked, THREADS, PATIENCE)
        self.scheduler._mailbox.weight = -1_000_000_000  # nobody takes anything over before the end

    def run(self, readings: list[Reading]) -> list[Outcome]:
        """How the units end."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "time", self)
            patch.setattr(threading.Thread, "start", lambda _: None)
            for reading in readings:
                self.scheduler.submit(reading)
            while (asked := self.scheduler._next_due()) is not None:
                ends = self.now + self._chance.uniform(0.05, 1.0)
                heapq.heappush(self._in_flight, (ends, self.requests, asked, self._answer(asked)))
                self.requests += 1
        ended: list[Outcome] = []
        while messages := self.scheduler.take("here"):
            ended += (message for message in messages if isinstance(message, Outcome))
        return ended

    def _answer(self, asked: Reading) -> Answer:
        if self._fails(asked.unit, self.requests):
            return Failed("HTTP 503", overtaxed=True)
        return Pending() if asked.endpoint.asynchronous and asked.pending_since is None else Ready([], {})

    @staticmethod
    def _never_asked(_endpoint: Endpoint, _path: str, _params: dict[str, str]) -> Answer:
        raise NotImplementedError

    # -- as a clock and as a condition -----------------------------------------------------------

    def monotonic(self) -> float:
        return self.now

    time = monotonic

    def __enter__(self) -> None: ...

    def __exit__(self, *_: object) -> None: ...

    def notify(self) -> None: ...

    notify_all = notify

    def wait(self, seconds: float | None) -> None:
        if self._in_flight and (seconds is None or self._in_flight[0][0] <= self.now + seconds):
            self.now, _, asked, answer = heapq.heappop(self._in_flight)
            self.scheduler._handle(asked, answer)
            self.scheduler._in_flight -= 1
        elif seconds is None:
            self.scheduler.close()
        else:
            self.now += max(seconds, 0.001)


class Run:
    """One run over all units of a community."""

    def __init__(self, events: int, seed: int, fails: Fails) -> None:
        units = [Unit(name, f"e{number}") for name in NAMES for number in range(events)]
        simulation = Simulation(seed, fails)
        ends = simulation.run([self._reading(unit) for unit in units])
        self.requests = simulation.requests
        self.broken = simulation.scheduler.broken
        self.ends: dict[Unit, OutcomeName] = {end.reading.unit: end.name for end in ends}
        self.failed = [end.reading.unit for end in ends if end.name == "failed"]
        self.given_up = {
            end.reading.unit.resource for end in ends if (end.error or "").startswith("not asked")
        }
        assert len(self.ends) == len(ends), "a unit ends once"
        assert self.broken or len(ends) == len(units), "none is forgotten"

    @staticmethod
    def _reading(unit: Unit) -> Reading:
        endpoint = EVENT_RESOURCES[unit.resource].endpoint
        return Reading(unit=unit, endpoint=endpoint, deliver_to="here")

    def resources(self, outcome: OutcomeName) -> set[str]:
        """The resources with units that ended so."""
        return {unit.resource for unit, name in self.ends.items() if name == outcome}


SEEDS = st.integers(0, 9999)


@settings(max_examples=20)
@given(
    events=st.integers(1, 90),
    share=st.sampled_from([0.0, 0.1, 0.25, 0.5]),
    down=st.sets(st.sampled_from(NAMES), max_size=3),
    seed=SEEDS,
)
def test_all_that_can_be_loaded_is_loaded_whatever_else_fails(
    events: int, share: float, down: set[str], seed: int
) -> None:
    """A share of all units, and up to three endpoints with all of theirs."""
    chance = random.Random(seed)
    failing = {
        Unit(name, f"e{number}")
        for name, number in itertools.product(NAMES, range(events))
        if name in down or chance.random() < share
    }
    run = Run(events, seed, lambda unit, _: unit in failing)

    assert run.broken is None
    for unit, outcome in run.ends.items():
        assert outcome == ("failed" if unit in failing else "loaded")
    assert run.given_up <= down


@settings(max_examples=5)
@given(down=st.sampled_from(NAMES), events=st.integers(2 * MOST_FAILURES_IN_A_ROW, 200), seed=SEEDS)
def test_an_endpoint_that_is_down_alone_is_given_up_alone(down: str, events: int, seed: int) -> None:
    run = Run(events, seed, lambda unit, _: unit.resource == down)

    assert run.broken is None
    assert run.resources("failed") == run.given_up == {down}


@settings(max_examples=12)
@given(events=st.integers(20, 200), when=st.floats(0, 1), seed=SEEDS)
def test_an_api_that_stops_answering_ends_the_run_early(events: int, when: float, seed: int) -> None:
    """From the beginning, or after any part of the run.

    If it happens just when all units are read of every resource that has answered so far, nobody can know
    whether only the others are down: then they are given up one by one.
    """
    well = int(when * (events * len(NAMES) - 3 * MOST_FAILURES_IN_A_ROW))
    run = Run(events, seed, lambda _, requests: requests >= well)

    if run.broken is None:
        assert sum(unit.resource in run.resources("loaded") for unit in run.failed) < 10
    else:
        assert isinstance(run.broken, TooManyFailures)
        assert run.requests <= well + 15 * MOST_FAILURES_IN_A_ROW


def test_an_api_that_stops_amid_a_list_ends_the_run_early() -> None:
    run = Run(100, 1, lambda _, requests: requests >= 100)

    assert isinstance(run.broken, TooManyFailures)
