"""Results are asked for as soon as they are ready, and hardly ever in vain."""

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from airmeet_source.api.answers import Pending, Ready
from airmeet_source.api.probing import STEPS, Probing
from airmeet_source.api.queue import Queue
from airmeet_source.api.reading import Reading, Unit
from airmeet_source.resources import RESOURCES

WAIT = 300.0
READY, PENDING = Ready([], {}), Pending()
Preparation = Callable[[int], float]  # by the number of a unit: the seconds that its result takes


def reading(number: int) -> Reading:
    utms = RESOURCES["utms"]
    unit = Unit("utms", f"e{number}")
    return Reading(unit=unit, endpoint=utms.endpoint, deliver_to="utms", order=number, pending_since=0.0)


class Run:
    """Units that all begin to wait at the same moment, on a clock that jumps from one ask to the next."""

    def __init__(self, units: int, takes: Preparation, ready_after: float | None = None) -> None:
        self._takes = takes
        self._queue = Queue()
        self.probing = Probing(self._queue)
        self.probing.ready_after = ready_after
        self.in_vain = 0
        self.early_in_vain = 0
        self.ended: dict[int, float] = {}
        for number in range(units):
            self.probing.park(reading(number), 0.0, WAIT, told=False)
        while (now := self._queue.next_release()) is not None:
            self._queue.release(now)
            while self._queue.is_ready():
                self._ask(self._queue.take(fairly=False), now)

    def _ask(self, unit: Reading, now: float) -> None:
        is_ready = now >= self._takes(unit.order)
        self.early_in_vain += now % WAIT > 0 and not is_ready
        self.probing.answered(unit, READY if is_ready else PENDING, now)
        if is_ready:
            assert unit.order not in self.ended
            self.ended[unit.order] = now
        else:
            self.probing.park(unit, now, WAIT - now % WAIT, told=False)


@given(st.integers(1, 300), st.floats(0.1, 45))
def test_what_takes_seconds_for_all_is_not_waited_for_five_minutes(units: int, seconds: float) -> None:
    run = Run(units, lambda _: seconds)
    first_step = next(step for step in STEPS if step >= seconds)
    assert max(run.ended.values()) == first_step
    assert run.early_in_vain <= 5
    assert run.probing.ready_after == first_step


@given(st.integers(1, 300), st.floats(301, 2000))
def test_what_takes_long_is_asked_for_early_a_handful_of_times(units: int, seconds: float) -> None:
    run = Run(units, lambda _: seconds)
    assert len(run.ended) == units
    assert run.early_in_vain <= 5
    assert run.probing.ready_after is None


@given(
    st.lists(st.floats(0.1, 1000), min_size=1, max_size=100),
    st.none() | st.sampled_from(STEPS),
)
def test_whatever_each_result_takes_every_unit_ends_and_few_ask_in_vain(
    seconds: list[float], remembered: float | None
) -> None:
    run = Run(len(seconds), seconds.__getitem__, remembered)
    assert run.ended.keys() == set(range(len(seconds)))
    assert all(ended <= seconds[number] + WAIT for number, ended in run.ended.items())
    assert run.early_in_vain <= 5


def test_what_earlier_runs_saw_is_where_a_run_begins() -> None:
    run = Run(100, lambda _: 10, ready_after=15)
    assert max(run.ended.values()) == 15
    assert run.early_in_vain <= 2


def test_it_is_forgotten_when_it_is_no_longer_so() -> None:
    run = Run(100, lambda _: 200, ready_after=15)
    assert run.probing.ready_after is None
    assert run.early_in_vain == 5


def test_a_time_that_airmeet_names_counts() -> None:
    queue = Queue()
    probing = Probing(queue)
    probing.ready_after = 5
    probing.park(reading(0), 0.0, 120.0, told=True)
    assert queue.next_release() == 120.0


def test_a_shorter_wait_than_the_first_step_stays() -> None:
    queue = Queue()
    Probing(queue).park(reading(0), 0.0, 0.5, told=False)
    assert queue.next_release() == 0.5
