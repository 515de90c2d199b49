from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from airmeet_sandbox import Quirks

if TYPE_CHECKING:
    from typing import Any

    from airmeet_sandbox import Sandbox, World
    from airmeet_sandbox.quirks import ErrorShape
    from tests.sandbox.conftest import Api


@pytest.fixture
def event(world: World) -> str:
    return world.event_in("long_over")


def test_cursors_can_be_missing(sandbox: Sandbox, api: Api, event: str) -> None:
    path = f"/airmeet/{event}/attendees"
    sandbox.quirks = Quirks(cursors="never")
    assert "cursors" not in api.ok(path, size=5)
    sandbox.quirks = Quirks(cursors="not_on_last_page")
    assert "cursors" in api.ok(path, size=5)
    assert "cursors" not in api.ok(path)


def test_counts_can_be_missing(sandbox: Sandbox, api: Api, event: str) -> None:
    sandbox.quirks = Quirks(total_count=False, page_count=False)
    assert set(api.ok(f"/airmeet/{event}/attendees")["cursors"]) == {"after", "before"}


def test_the_list_of_events_can_go_round_in_circles(sandbox: Sandbox, api: Api) -> None:
    sandbox.quirks = Quirks(airmeets_cursor_repeats=True)
    whole = api.ok("/airmeets")
    assert api.ok("/airmeets", after=whole["cursors"]["after"]) == whole
    first = api.ok("/airmeets", size=8)
    last = api.ok("/airmeets", size=8, after=first["cursors"]["after"])
    assert len(last["data"]) == 4
    assert api.ok("/airmeets", size=8, after=last["cursors"]["after"]) == last


@pytest.mark.parametrize(("habit", "sent"), [("list", []), ("object", {}), ("null", None)])
def test_empty_data_has_three_forms(
    sandbox: Sandbox, api: Api, world: World, habit: Any, sent: object
) -> None:
    sandbox.quirks = Quirks(empty_data=habit)
    assert api.ok(f"/airmeet/{world.event_in('bare')}/utms")["data"] == sent


@pytest.mark.parametrize(
    ("path", "items"),
    [("booths", "booths"), ("tracks", "tracks"), ("custom-fields", "customFields"), ("questions", "data"),
     ("session-recordings", "recordings")],
)  # fmt: skip
def test_empty_lists_can_be_null_or_missing(
    sandbox: Sandbox, api: Api, world: World, path: str, items: str
) -> None:
    bare = world.event_in("bare")
    assert api.ok(f"/airmeet/{bare}/{path}")[items] == []
    sandbox.quirks = Quirks(empty_lists="null")
    assert api.ok(f"/airmeet/{bare}/{path}")[items] is None
    sandbox.quirks = Quirks(empty_lists="missing")
    assert items not in api.ok(f"/airmeet/{bare}/{path}")


@pytest.mark.parametrize(
    ("shape", "fields"),
    [("errors", {"success", "code", "errors"}), ("message", {"success", "message"}),
     ("status", {"statusCode", "statusMessage"})],
)  # fmt: skip
def test_errors_have_three_shapes(sandbox: Sandbox, api: Api, shape: ErrorShape, fields: set[str]) -> None:
    sandbox.quirks = Quirks(error_shape=shape)
    assert set(api.get("/airmeet/nowhere/attendees").json()) == fields


@pytest.mark.parametrize("status", [400, 403, 404])
def test_a_plan_can_lack_an_endpoint(sandbox: Sandbox, api: Api, event: str, status: int) -> None:
    sandbox.quirks = Quirks(gated={"booths": status})
    assert api.get(f"/airmeet/{event}/booths").status_code == status
    assert api.get(f"/airmeet/{event}/tracks").status_code == 200


def test_time_spent_can_be_a_number(sandbox: Sandbox, api: Api, event: str) -> None:
    sandbox.quirks = Quirks(numeric_time_spent=True)
    assert all(isinstance(row["time_spent"], int) for row in api.ok(f"/airmeet/{event}/attendees")["data"])


def test_data_of_an_archived_event_can_be_gone(sandbox: Sandbox, api: Api, world: World, event: str) -> None:
    world.archive_event(event)
    assert api.get(f"/airmeet/{event}/info").status_code == 200
    sandbox.quirks = Quirks(archived_data=False)
    assert api.get(f"/airmeet/{event}/info").status_code == 404
