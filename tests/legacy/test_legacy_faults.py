"""Region legacy: errors in the shapes of the first version, tokens that end, cursors that lead nowhere."""

from collections import Counter
from itertools import product
from typing import Any

import pytest

from airmeet_sandbox import Sandbox, World, faults
from airmeet_source import KeysRefused
from tests.support.legacy_rows import pages_asked, shown, stored
from tests.support.warehouse import Warehouse


@pytest.fixture
def ignored_cursor(world: World, event: str, crowd: int) -> Any:
    """An answer for a server that sends its first page whatever ``after`` says."""
    page = world.records("registrations", event)[:500]
    assert crowd > len(page)
    return faults.body({"data": page, "cursors": {"before": 1, "after": 500, "pageCount": 3}})


def test_a_cursor_that_is_ignored_ends_as_failed_and_replaces_nothing(
    sandbox: Sandbox, world: World, legacy: Warehouse, event: str, ignored_cursor: Any
) -> None:
    legacy.load()
    before = stored(legacy, event)
    sandbox.faults.add(ignored_cursor, endpoint="registrations", path=event)
    sandbox.clear_requests()
    run = legacy.load()
    assert [(p.airmeet_id, p.outcome) for p in run.log.tally.problems] == [(event, "failed")]
    assert "more pages were announced" in run.log.tally.problems[0].message
    assert stored(legacy, event) == before
    assert len(pages_asked(sandbox, event)) < 10
    sandbox.faults.clear()
    world.remove_participant(event, 0)
    assert not legacy.load().log.tally.problems
    assert stored(legacy, event) == shown(world, event) != before


def test_a_page_that_fails_in_the_middle_replaces_nothing(
    sandbox: Sandbox, world: World, legacy: Warehouse, event: str, crowd: int
) -> None:
    legacy.load()
    world.remove_participant(event, 0)
    sandbox.faults.add(faults.status(500), when=lambda r: event in r.path and "after" in r.query)
    run = legacy.load()
    assert [problem.outcome for problem in run.log.tally.problems] == ["failed"]
    assert stored(legacy, event).total() == crowd


ERRORS = {
    400: "HTTP 400: Supplied token is bad",
    401: "HTTP 401: Not an Airmeet of this community",
    404: "HTTP 404: No such Airmeet",
    412: "HTTP 412: Access token has expired",
    500: "HTTP 500: Oops (after 3 attempts)",
}


def test_an_error_fails_its_unit_alone_in_the_apis_own_words(
    sandbox: Sandbox, world: World, legacy: Warehouse
) -> None:
    struck = dict(zip(world.events(), ERRORS.items(), strict=False))
    for event, (status, message) in struck.items():
        said = message.removeprefix(f"HTTP {status}: ").removesuffix(" (after 3 attempts)")
        sandbox.faults.add(faults.status(status, message=said), path=event)
    run = legacy.load()
    assert {(p.resource, p.airmeet_id, p.message) for p in run.log.tally.problems} == {
        ("registrations", event, message) for event, (_, message) in struck.items()
    }
    assert not any(stored(legacy, event) for event in struck)
    assert run.log.tally.units["loaded"] == 1 + len(world.events()) - len(struck)  # with the list of events


IN_A_200 = (
    faults.error_in_body(400, shape="errors", message="Supplied token is bad"),
    faults.error_in_body(400, shape="errors", message="Something is wrong"),
    faults.error_in_body(412, shape="errors"),
    faults.error_in_body(500, shape="errors"),
    faults.body({"success": False, "code": "BAD_REQUEST", "errors": []}),
)


def test_an_error_that_hides_in_a_200_for_a_while_leaves_no_trace(
    sandbox: Sandbox, world: World, legacy: Warehouse
) -> None:
    crowded = [event for event in world.events() if world.records("registrations", event)]
    for event, (times, fault) in zip(crowded, product((1, 2), IN_A_200), strict=False):
        sandbox.faults.add(fault, path=event, times=times)
    assert not legacy.load().log.tally.problems
    assert len(crowded) >= 2 * len(IN_A_200)
    for event in crowded:
        assert stored(legacy, event) == shown(world, event)


def test_an_error_that_hides_in_a_200_for_good_fails_and_empties_nothing(
    sandbox: Sandbox, legacy: Warehouse, event: str
) -> None:
    legacy.load()
    before = stored(legacy, event)
    fault = faults.error_in_body(400, shape="errors", message="Supplied token is bad")
    sandbox.faults.add(fault, path=event)
    (problem,) = legacy.load().log.tally.problems
    assert problem.message == "HTTP 200 with 400 in the body: Supplied token is bad (after 3 attempts)"
    assert stored(legacy, event) == before != Counter()


@pytest.mark.usefixtures("crowd")
@pytest.mark.parametrize("end", ["expired", "bad"])
def test_a_token_that_ends_amid_the_run_is_renewed_once(
    sandbox: Sandbox, world: World, legacy: Warehouse, event: str, end: str
) -> None:
    def end_amid(request: Any) -> bool:
        if event in request.path and "after" in request.query and not ended:
            ended.append(request.path)
            sandbox.expire_tokens() if end == "expired" else sandbox._access._issued.clear()
        return False

    ended: list[str] = []
    sandbox.faults.add(faults.status(599), when=end_amid)
    run = legacy.load()
    assert ended
    assert not run.log.tally.problems
    assert len(sandbox.requests.to("auth")) == 2
    assert sandbox.requests.by_status[412 if end == "expired" else 400]
    assert stored(legacy, event) == shown(world, event)


def test_keys_revoked_amid_the_run_end_it(sandbox: Sandbox, legacy: Warehouse) -> None:
    seen: list[str] = []

    def revoke_amid(request: Any) -> bool:
        seen.append(request.path)
        if len(seen) == 8:
            sandbox.revoke_keys()
        return False

    sandbox.faults.add(faults.status(599), when=revoke_amid)
    run = legacy.load(max_concurrency=1)
    assert isinstance(run.error, KeysRefused)
    assert "Access key has been revoked" in str(run.error)
    assert "legacy" in str(run.error)
    assert legacy.query("SELECT count(*) > 0 FROM registrations") == [(True,)]
