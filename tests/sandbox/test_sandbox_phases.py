from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from airmeet_sandbox import Sandbox, World
    from tests.sandbox.conftest import Api


DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TOO_EARLY = {"data": {}, "statusCode": 400, "statusMessage": "Airmeet status is not valid"}


@pytest.mark.parametrize(
    ("phase", "status"),
    [("far_upcoming", "CREATED"), ("upcoming", "CREATED"), ("live", "ONGOING"), ("paused", "PAUSED"),
     ("just_finished", "FINISHED"), ("tail", "FINISHED"), ("long_over", "FINISHED"), ("forgotten", "ONGOING"),
     ("bare", "FINISHED")],
)  # fmt: skip
def test_a_dozen_events_are_in_every_phase(world: World, phase: str, status: str) -> None:
    assert world.status(world.event_in(phase)) == status


def test_nothing_can_be_fetched_before_the_event(api: Api, world: World) -> None:
    event = world.event_in("upcoming")
    booth, session = world.booths(event)[0], world.sessions(event)[0]
    assert api.ok(f"/airmeet/{event}/attendees") == TOO_EARLY
    assert api.ok(f"/airmeet/{event}/event-replay-attendees") == TOO_EARLY
    assert api.ok(f"/airmeet/{event}/booth/{booth}/booth-attendance") == TOO_EARLY
    not_yet = api.ok(f"/session/{session}/attendees")
    assert not_yet == {**TOO_EARLY, "statusMessage": "Session status is not valid"}


def test_a_live_event_counts_finished_sessions_only(sandbox: Sandbox, api: Api, world: World) -> None:
    event = world.event_in("live")
    path = f"/airmeet/{event}/attendees"
    first = api.all_rows(path)
    open_session = next(one for one in world.sessions(event) if world.session_status(one) == "CREATED")
    assert api.ok(f"/session/{open_session}/attendees")["statusMessage"] == "Session status is not valid"
    sandbox.clock.advance(5 * HOUR)
    assert world.session_status(open_session) == world.status(event) == "FINISHED"
    assert api.ok(f"/session/{open_session}/attendees")["data"]
    later = api.all_rows(path)
    assert [row["id"] for row in later[: len(first)]] == [row["id"] for row in first]
    assert len(later) > len(first)
    assert int(later[0]["time_spent"]) > int(first[0]["time_spent"])


def test_a_forgotten_event_never_finishes(sandbox: Sandbox, api: Api, world: World) -> None:
    event = world.event_in("forgotten")
    sandbox.clock.advance(400 * DAY)
    api.sign_in()
    assert world.status(event) == "ONGOING"
    assert api.ok(f"/airmeet/{event}/attendees")["data"]
    assert api.ok(f"/airmeet/{event}/event-replay-attendees") == TOO_EARLY
    assert world.session_status(world.sessions(event)[-1]) == "ONGOING"


def test_registrations_and_utms_arrive_with_time(sandbox: Sandbox, world: World) -> None:
    event = world.event_in("upcoming")
    seen = [len(world.records(endpoint, event)) for endpoint in ("participants", "utms")]
    dates = []
    for _ in range(4):
        sandbox.clock.advance(30 * DAY)
        now = [len(world.records(endpoint, event)) for endpoint in ("participants", "utms")]
        dates = [person["registrationDate"] for person in world.records("participants", event)]
        assert all(more >= fewer for more, fewer in zip(now, seen, strict=True))
        seen = now
    assert dates == sorted(dates)
    end = world.records("airmeets")[world.events().index(event)]["endTime"]
    assert dates[0] < end < dates[-1]
    sandbox.clock.advance(400 * DAY)
    assert [len(world.records(endpoint, event)) for endpoint in ("participants", "utms")] == seen


def test_replays_grow_for_months_and_rows_with_them(sandbox: Sandbox, world: World) -> None:
    event = world.event_in("just_finished")
    before = world.records("replay_attendance", event)
    sandbox.clock.advance(60 * DAY)
    after = world.records("replay_attendance", event)
    assert len(after) > len(before)
    assert [row["id"] for row in after[: len(before)]] == [row["id"] for row in before]
    watched = [sum(row["duration_viewed"] for row in rows[: len(before)]) for rows in (before, after)]
    assert watched[1] > watched[0]


def test_recordings_disappear_after_sixty_days(sandbox: Sandbox, api: Api, world: World) -> None:
    event = world.event_in("just_finished")
    path = f"/airmeet/{event}/session-recordings"
    first = api.ok(path)
    assert first["recordingsCount"] > 0
    sandbox.clock.advance(HOUR)
    fresh = api.ok(path)["recordings"][0]["download_link"]
    assert fresh != first["recordings"][0]["download_link"]
    sandbox.clock.advance(60 * DAY)
    api.sign_in()
    assert api.ok(path) == {"recordings": [], "recordingsCount": 0, "totalCount": 0}


def test_the_clock_ticks_unless_it_is_frozen(world: World) -> None:
    clock = world.clock
    frozen = clock.now()
    assert clock.now() == frozen
    clock.unfreeze()
    assert frozen <= clock.now() < frozen + HOUR
    clock.set(frozen + DAY)
    assert frozen + DAY <= clock.now() < frozen + DAY + HOUR
    clock.freeze()
    clock.advance(HOUR)
    assert clock.now() == clock.now() > frozen + DAY
