"""202: results in preparation are waited for all at once, by nobody's thread."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from airmeet_sandbox import Quirks, Sandbox, World, faults
from airmeet_source.extract.package import Checkpoint
from airmeet_source.extract.selection import Selection
from airmeet_source.resources import EVENT_RESOURCES
from tests.support.warehouse import Warehouse

ASYNCHRONOUS = {name for name, resource in EVENT_RESOURCES.items() if resource.endpoint.asynchronous}
NEVER = 1e9  # seconds


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Events whose asynchronous results take a moment, in real time."""
    with Sandbox(World(seed=7, events=12, people=8), prepare_seconds=0.3) as running:
        yield running


def asks(sandbox: Sandbox) -> Counter[str]:
    """How often each asynchronous result was asked for, by path."""
    return Counter(request.path for request in sandbox.requests if request.endpoint in ASYNCHRONOUS)


def outcomes(warehouse: Warehouse) -> Counter[str]:
    """Outcomes of the asynchronous units in the sync log."""
    names = ", ".join(f"'{name}'" for name in ASYNCHRONOUS)
    return Counter(o for (o,) in warehouse.query(f"SELECT outcome FROM sync_log WHERE resource IN ({names})"))


def test_all_results_are_waited_for_at_the_same_time(sandbox: Sandbox, warehouse: Warehouse) -> None:
    run = warehouse.load(*ASYNCHRONOUS, pending_wait=0.6, max_concurrency=4)
    [(units, waited, shortest, requests)] = warehouse.query(
        "SELECT count(*), sum(waited_seconds), min(waited_seconds), max(requests) FROM sync_log "
        "WHERE waited_seconds > 0"
    )
    assert units > 50
    assert waited > 10 * run.scheduler.waited()
    assert shortest >= 0.6
    assert run.scheduler.waited() >= 0.6
    assert max(asks(sandbox).values()) == requests == 2


def test_a_pending_answer_is_recognised_by_its_body_alone(sandbox: Sandbox, warehouse: Warehouse) -> None:
    """In every other shape: tests/api/test_answers.py."""
    sandbox.quirks = Quirks(pending_shape="body_only")
    run = warehouse.load("utms", pending_wait=0.1)
    assert not run.log.tally.problems
    assert set(asks(sandbox).values()) != {1}
    assert warehouse.rows("utms")


def test_retry_after_wins_over_pending_wait(sandbox: Sandbox, warehouse: Warehouse) -> None:
    sandbox.retry_after = 0.4
    run = warehouse.load("utms", pending_wait=NEVER, pending_timeout=NEVER)
    assert not run.log.tally.problems
    assert max(asks(sandbox).values()) == 2


def test_a_pending_answer_amid_the_pages_resumes_at_the_same_page(
    sandbox: Sandbox, warehouse: Warehouse
) -> None:
    sandbox.prepare_seconds = 0
    sandbox.page_cap = 2
    event = sandbox.world.events()[0]
    sandbox.faults.add(faults.pending(), endpoint="utms", path=event, skip=1, times=1)
    run = warehouse.load("utms")
    assert not run.log.tally.problems
    requests = [request for request in sandbox.requests.to("utms") if event in request.path]
    assert requests[1].query == requests[2].query
    count = warehouse.query(f"SELECT count(*) FROM utms WHERE airmeet_id = '{event}'")
    assert count == [(len(sandbox.world.records("utms", event)),)]


def test_after_the_timeout_a_unit_is_left_for_the_next_run(sandbox: Sandbox, warehouse: Warehouse) -> None:
    sandbox.prepare_seconds = NEVER
    run = warehouse.load("utms", "tracks", pending_wait=0.05, pending_timeout=0.1)
    assert run.log.tally.units["pending"] == outcomes(warehouse)["pending"] > 0
    assert {problem.resource for problem in run.log.tally.problems} == {"utms"}
    assert warehouse.rows("tracks")
    sandbox.prepare_seconds = 0
    assert not warehouse.load("utms").log.tally.problems
    assert warehouse.rows("utms")


def test_no_wait_asks_once_and_leaves_what_is_not_ready(sandbox: Sandbox, warehouse: Warehouse) -> None:
    sandbox.prepare_seconds = NEVER
    run = warehouse.load("utms", "event_attendance", selection=Selection(wait=False), pending_wait=NEVER)
    assert set(asks(sandbox).values()) == {1}
    assert run.log.tally.units["pending"]
    sandbox.prepare_seconds = 0
    assert not warehouse.load("utms", "event_attendance", selection=Selection(wait=False)).log.tally.problems


def test_checkpoints_load_what_is_ready_while_the_rest_is_in_preparation(warehouse: Warehouse) -> None:
    run = warehouse.load("tracks", "utms", pending_wait=3.0, checkpoint=Checkpoint(seconds=0.2))
    assert not run.log.tally.problems
    packages = dict(
        warehouse.query(
            "SELECT _dlt_load_id, 'tracks' FROM tracks UNION SELECT _dlt_load_id, 'utms' FROM utms"
        )
    )
    assert len(packages) > 1
    log = warehouse.query("SELECT resource, airmeet_id, entity_id FROM sync_log")
    assert len(log) == len(set(log)) == run.log.tally.units.total()


def test_a_package_that_is_full_is_loaded_while_the_run_goes_on(
    sandbox: Sandbox, warehouse: Warehouse, another_warehouse: Callable[[], Warehouse]
) -> None:
    sandbox.latency = 0.15  # so that not everything is there when the first package is closed
    warehouse.load("tracks", "utms", checkpoint=Checkpoint(size=1), max_concurrency=1)
    sandbox.latency = 0.0
    assert len(warehouse.query("SELECT DISTINCT _dlt_load_id FROM sync_log")) > 1
    whole = another_warehouse()
    whole.load("tracks", "utms")
    assert warehouse.tables() == whole.tables()


def test_what_the_plan_does_not_include_is_not_available_and_no_error(
    sandbox: Sandbox, warehouse: Warehouse
) -> None:
    gated = {"booths": 400, "tracks": 403, "session_recordings": 404}
    sandbox.quirks = Quirks(gated=gated)
    run = warehouse.load(*gated)
    assert not run.log.tally.problems
    assert run.log.tally.units.keys() == {"not_available"}
    found = warehouse.query("SELECT DISTINCT resource FROM sync_log WHERE outcome = 'not_available'")
    assert {name for (name,) in found} == gated.keys()
    assert not any(warehouse.rows(table) for table in gated)


def test_an_event_whose_status_is_not_valid_yet_is_asked_again(
    sandbox: Sandbox, warehouse: Warehouse
) -> None:
    sandbox.prepare_seconds = 0
    live = next(e for e in sandbox.world.events() if sandbox.world.phase(e) == "live")
    sandbox.faults.add(
        faults.error_in_body(400, message="Airmeet status is not valid"),
        endpoint="event_attendance",
        path=live,
    )
    run = warehouse.load("event_attendance")
    assert not run.log.tally.problems
    assert run.log.tally.units["not_available"] == 1
    sandbox.faults.clear()
    warehouse.load("event_attendance")
    assert warehouse.query(f"SELECT count(*) FROM event_attendance WHERE airmeet_id = '{live}'") != [(0,)]
