"""The scheduler: how many requests are in flight, and what is asked first."""

import threading
import time

import pytest

from airmeet_source.api.answers import Answer, Failed, Pending, Ready
from airmeet_source.api.endpoint import Endpoint
from airmeet_source.api.reading import Outcome, Reading, Unit
from airmeet_source.api.retrying import Patience
from airmeet_source.api.scheduler import Scheduler
from airmeet_source.resources import EVENT_RESOURCES

THREADS = 8
NAMES = {resource.endpoint: name for name, resource in EVENT_RESOURCES.items()}
PATIENCE = Patience(pending_wait=0.0, pending_timeout=30.0, max_attempts=1, backoff=0.0)


class Api:
    """Fails at first, then answers; remembers what was asked and how many requests were in flight."""

    def __init__(self, failures: int = 0) -> None:
        self._failures = failures
        self._lock = threading.Lock()
        self._in_flight = 0
        self.all_submitted = threading.Event()
        self.asked: list[str] = []
        self.in_flight: list[int] = []

    def ask(self, endpoint: Endpoint, _path: str, _params: dict[str, str]) -> Answer:
        """One request, which takes a moment so that others can overlap with it."""
        with self._lock:
            self.asked.append(NAMES[endpoint])
            self._in_flight += 1
            self.in_flight.append(self._in_flight)
            fails = len(self.asked) <= self._failures
        self.all_submitted.wait()
        time.sleep(0.002)
        with self._lock:
            self._in_flight -= 1
        return Failed("HTTP 503") if fails else Ready([], {"data": []})


def reading(resource: str) -> Reading:
    """A unit of a resource that is to be read."""
    return Reading(unit=Unit(resource, "e1"), endpoint=EVENT_RESOURCES[resource].endpoint, deliver_to="here")


def read_all(api: Api, threads: int, *resources: str) -> None:
    """Read one unit of each resource named, to the end."""
    scheduler = Scheduler(api.ask, threads, PATIENCE)
    for name in resources:
        scheduler.submit(reading(name))
    api.all_submitted.set()
    ended = 0
    while ended < len(resources):
        ended += sum(isinstance(message, Outcome) for message in scheduler.take("here"))
    scheduler.close()


def test_requests_in_flight_step_down_under_errors_and_back_up_afterwards() -> None:
    api = Api(failures=40)
    read_all(api, THREADS, *["tracks"] * 240)
    assert max(api.in_flight[30:40]) <= 2
    assert max(api.in_flight[140:]) == THREADS


def test_no_more_requests_are_in_flight_than_allowed() -> None:
    api = Api()
    read_all(api, 3, *["tracks"] * 60)
    assert max(api.in_flight) == 3


def test_what_starts_a_preparation_is_asked_first() -> None:
    """Lists that lead to asynchronous results, then these, then the rest: so waits overlap with work."""
    api = Api()
    read_all(api, 1, "tracks", "participants", "utms", "booths", "sessions", "event_attendance", "tracks")
    after_the_first = api.asked[1:]  # the first was under way before the others were submitted
    rank = {"booths": 0, "sessions": 0, "utms": 1, "event_attendance": 1, "tracks": 2, "participants": 2}
    ranks = [rank[name] for name in after_the_first]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == 3


class Prepared(Api):
    """Each list is prepared first, or not at all, and has two pages."""

    def __init__(self, *, asynchronous: bool) -> None:
        super().__init__()
        self._asynchronous = asynchronous

    def ask(self, endpoint: Endpoint, path: str, params: dict[str, str]) -> Answer:
        super().ask(endpoint, path, params)
        if self._asynchronous and self.asked.count(NAMES[endpoint]) == 1:
            return Pending(0.0)
        if "after" in params:
            return Ready([], {"data": []})
        return Ready([{"id": 1}], {"data": [{"id": 1}], "cursors": {"after": 1, "pageCount": 2}})


LISTS = ("utms", "event_attendance", "replay_attendance")


def test_every_preparation_is_started_before_any_result_is_read() -> None:
    """Otherwise the last results would still be in preparation when everything else is read."""
    api = Prepared(asynchronous=True)
    read_all(api, 1, *LISTS)
    assert sorted(api.asked[:3]) == sorted(LISTS)
    assert len(api.asked) == 9


def test_a_list_that_has_been_begun_is_read_to_its_end() -> None:
    """Otherwise every list would be held in memory at the same time."""
    api = Prepared(asynchronous=False)
    read_all(api, 1, *LISTS)
    assert api.asked == [name for name in LISTS for _ in range(2)]


def test_a_unit_that_was_asked_for_makes_room_for_another() -> None:
    api = Api()
    scheduler = Scheduler(api.ask, 1, PATIENCE)
    all_of_it = scheduler.room("here")
    for _ in range(10):
        scheduler.submit(reading("tracks"))
    while not api.asked:
        time.sleep(0.001)
    assert scheduler.room("here") == all_of_it - 9
    assert scheduler.room("elsewhere") == all_of_it
    scheduler._give_up("tracks", "it is down")
    api.all_submitted.set()
    ended = 0
    while ended < 10:
        ended += sum(isinstance(message, Outcome) for message in scheduler.take("here"))
    assert scheduler.room("here") == all_of_it
    scheduler.close()


@pytest.mark.parametrize(("size", "waiting"), [(0, 10), (1_500_000, 2)])
def test_the_workers_wait_when_many_records_wait_for_dlts_thread(size: int, waiting: int) -> None:
    """Pages hold fifty records or a thousand, small ones or large: memory has to stay flat with any."""

    class LongPages(Api):
        """Pages of a thousand records."""

        def ask(self, endpoint: Endpoint, path: str, params: dict[str, str]) -> Answer:
            super().ask(endpoint, path, params)
            return Ready([{"id": n} for n in range(1000)], {"data": []}, size=size)

    api = LongPages()
    api.all_submitted.set()
    scheduler = Scheduler(api.ask, THREADS, PATIENCE)
    for _ in range(40):
        scheduler.submit(reading("tracks"))
    while scheduler._mailbox.weight < 10_000 or scheduler._in_flight:
        time.sleep(0.001)
    assert len(api.asked) <= waiting + THREADS
    ended = 0
    while ended < 40:
        ended += sum(isinstance(message, Outcome) for message in scheduler.take("here"))
    scheduler.close()
