"""Each way in which the world moves on shows in `world.records` and over HTTP alike."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from airmeet_sandbox import UnknownIdError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from airmeet_sandbox import World
    from tests.sandbox.conftest import Api


HOUR = timedelta(hours=1)


@pytest.fixture
def event(world: World) -> str:
    return world.event_in("just_finished")


@pytest.fixture
def both(api: Api, world: World) -> Callable[..., list[Any]]:
    """The records of an endpoint, once it is sure that HTTP shows the same."""

    def records(endpoint: str, event: str, child: str | None = None) -> list[Any]:
        paths = {
            "event_attendance": "attendees",
            "booth_attendance": f"booth/{child}/booth-attendance",
            "utms": "utms",
            "replay_attendance": "event-replay-attendees",
            "poll_responses": "polls",
        }
        lists = {"questions": "data", "booths": "booths", "tracks": "tracks", "custom_fields": "customFields"}
        expected = world.records(endpoint, event, child)
        if endpoint == "session_attendance":
            served = api.all_rows(f"/session/{child}/attendees")
        elif endpoint in paths:
            served = api.all_rows(f"/airmeet/{event}/{paths[endpoint]}")
        elif endpoint == "sessions":
            served = api.ok(f"/airmeet/{event}/info")["sessions"]
        elif endpoint == "participants":
            served = api.ok(f"/airmeet/{event}/participants", sortingDirection="ASC")["participants"]
        else:
            served = api.ok(f"/airmeet/{event}/{endpoint.replace('_', '-')}")[lists[endpoint]]
        assert served == expected
        return expected

    return records


def listed(api: Api) -> dict[str, Any]:
    return {event["uid"]: event for event in api.ok("/airmeets", size=500)["data"]}


class TestEvents:
    def test_an_event_is_added_lives_and_ends(self, api: Api, world: World) -> None:
        event = world.add_event("Evening", sessions=2, people=30)
        assert listed(api)[event]["name"] == "Evening"
        assert world.events()[-1] == event
        assert world.status(event) == "CREATED"
        world.clock.advance(1.5 * HOUR)
        assert listed(api)[event]["status"] == "ONGOING"
        world.clock.advance(2 * HOUR)
        assert listed(api)[event]["status"] == "FINISHED"
        assert api.ok(f"/airmeet/{event}/attendees")["data"]
        assert api.ok(f"/airmeet/{event}/booths")["booths"]

    def test_an_event_can_be_ended_early_or_set_to_anything(self, api: Api, world: World) -> None:
        event = world.event_in("upcoming")
        world.finish_event(event)
        assert listed(api)[event]["status"] == "FINISHED"
        assert {world.session_status(session) for session in world.sessions(event)} == {"FINISHED"}
        world.set_event_status(event, "Postponed")
        assert listed(api)[event]["status"] == "Postponed"
        world.set_event_status(event, None)
        assert listed(api)[event]["status"] == "CREATED"

    def test_an_archived_event_vanishes_from_the_list_only(self, api: Api, world: World, event: str) -> None:
        world.archive_event(event)
        assert event not in listed(api)
        assert event in world.events(archived=True)
        assert api.ok(f"/airmeet/{event}/participants")["participants"]
        world.unarchive_event(event)
        assert list(listed(api)) == world.events() == world.events(archived=True)

    def test_an_event_is_renamed_and_rescheduled(self, api: Api, world: World) -> None:
        event = world.event_in("upcoming")
        before = api.ok(f"/airmeet/{event}/info")
        world.rename_event(event, "Another name")
        world.reschedule_event(event, world.clock.now() - HOUR)
        after = api.ok(f"/airmeet/{event}/info")
        assert listed(api)[event]["name"] == after["name"] == "Another name"
        assert listed(api)[event]["status"] == "ONGOING"
        assert after["end_time"] - after["start_time"] == before["end_time"] - before["start_time"]
        assert after["sessions"][0]["start_time"] == "2026-03-10T11:00:00.000Z"

    def test_an_unknown_event_is_an_error(self, world: World) -> None:
        with pytest.raises(UnknownIdError):
            world.finish_event("nowhere")


class TestSessions:
    def test_a_session_is_added_renamed_and_finished(
        self, world: World, both: Callable[..., list[Any]]
    ) -> None:
        event = world.event_in("upcoming")
        session = world.add_session(event, "Extra", minutes=25, room="blue")
        record = both("sessions", event)[-1]
        assert (record["sessionid"], record["name"], record["duration"], record["room"]) == (
            session,
            "Extra",
            25,
            "blue",
        )
        world.rename_session(session, "Encore")
        world.finish_session(session)
        record = both("sessions", event)[-1]
        assert (record["name"], record["status"]) == ("Encore", "FINISHED")
        world.set_session_status(session, None)
        assert both("sessions", event)[-1]["status"] == "CREATED"

    def test_a_deleted_session_takes_its_attendance_with_it(
        self, api: Api, world: World, event: str, both: Callable[..., list[Any]]
    ) -> None:
        session = world.sessions(event)[1]
        people = len(both("event_attendance", event))
        world.delete_session(session)
        assert session not in {record["sessionid"] for record in both("sessions", event)}
        assert all(session not in track["sessions"] for track in both("tracks", event))
        assert api.get(f"/session/{session}/attendees").status_code == 400
        assert len(both("event_attendance", event)) == people


class TestPeople:
    def test_people_register_now_with_their_utms(
        self, world: World, event: str, both: Callable[..., list[Any]]
    ) -> None:
        before, utms = both("participants", event), both("utms", event)
        (new, other) = world.register(event, 2, city="Nowhere")
        after = both("participants", event)
        assert after == [*before, new, other]
        assert new["city"] == "Nowhere"
        assert new["registrationDate"] == "2026-03-10T12:00:00.000Z"
        added = both("utms", event)[len(utms) :]
        assert [row["email"] for row in added] == [new["email"], other["email"]]
        assert utms[-1]["id"] < added[0]["id"] < added[1]["id"]

    def test_those_who_were_to_come_still_come_behind(
        self, world: World, both: Callable[..., list[Any]]
    ) -> None:
        event = world.event_in("upcoming")
        (new,) = world.register(event)
        seen = len(both("participants", event))
        ids = [row["id"] for row in both("utms", event)]
        world.clock.advance(3 * 24 * HOUR)
        people = both("participants", event)
        assert people[seen - 1] == new
        assert len(people) > seen
        assert [row["id"] for row in both("utms", event)][: len(ids)] == ids

    def test_somebody_is_removed_by_place_or_by_name(
        self, world: World, event: str, both: Callable[..., list[Any]]
    ) -> None:
        people = both("participants", event)
        world.remove_participant(event, 3)
        world.remove_participant(event, people[6]["user_id"])
        world.remove_participant(event)
        assert both("participants", event) == [*people[:3], *people[4:6], *people[7:-1]]
        with pytest.raises(UnknownIdError):
            world.remove_participant(event, people[3]["email"])
        with pytest.raises(UnknownIdError):
            world.remove_participant(event, 500)

    def test_somebody_changes(self, world: World, event: str, both: Callable[..., list[Any]]) -> None:
        world.update_participant(event, 2, name="New Name", city=None)
        changed = both("participants", event)[2]
        assert (changed["name"], changed["city"]) == ("New Name", None)


class TestAttendance:
    @pytest.fixture(params=["event_attendance", "session_attendance", "booth_attendance"])
    def unit(self, request: pytest.FixtureRequest, world: World, event: str) -> tuple[str, str, str | None]:
        children = {
            "session_attendance": world.sessions(event)[0],
            "booth_attendance": world.booths(event)[0],
        }
        return request.param, event, children.get(request.param)

    def test_late_rows_get_new_ids(
        self, world: World, unit: tuple[str, str, str | None], both: Callable[..., list[Any]]
    ) -> None:
        before = both(*unit)
        world.add_attendance(*unit, n=3, name="Late")
        after = both(*unit)
        assert after[: len(before)] == before
        ids = [row["id"] for row in after]
        assert ids == sorted(set(ids))
        assert [row["name"] for row in after[len(before) :]] == ["Late"] * 3

    def test_a_row_may_have_no_id(
        self, world: World, unit: tuple[str, str, str | None], both: Callable[..., list[Any]]
    ) -> None:
        world.add_attendance(*unit, with_id=False)
        world.add_attendance(*unit)
        without, with_id = both(*unit)[-2:]
        assert "id" not in without
        assert with_id["id"]

    def test_a_correction_keeps_the_id(
        self, world: World, unit: tuple[str, str, str | None], both: Callable[..., list[Any]]
    ) -> None:
        before = both(*unit)
        world.correct_attendance(*unit, which=1)
        world.correct_attendance(*unit, which=2, name="Corrected")
        after = both(*unit)
        assert [row["id"] for row in after] == [row["id"] for row in before]
        assert after[1]["time_spent"] != before[1]["time_spent"]
        assert after[2] == {**before[2], "name": "Corrected"}

    def test_replays_are_added_and_grow(
        self, world: World, event: str, both: Callable[..., list[Any]]
    ) -> None:
        world.add_replay(event, 2, duration_viewed=1)
        world.grow_replay(event, minutes=2.5)
        assert [row["duration_viewed"] for row in both("replay_attendance", event)][-2:] == [1, 3.5]


class TestTheRest:
    def test_booths_come_go_and_change_their_name(
        self, api: Api, world: World, event: str, both: Callable[..., list[Any]]
    ) -> None:
        first = world.booths(event)[0]
        added = world.add_booth(event, "Ours", order="third")
        world.rename_booth(event, first, "Theirs")
        booths = both("booths", event)
        assert booths[0]["name"] == "Theirs"
        assert (booths[-1]["uid"], booths[-1]["name"], booths[-1]["order"]) == (added, "Ours", "third")
        assert api.get(f"/airmeet/{event}/booth/{added}/booth-attendance").status_code == 200
        world.delete_booth(event, first)
        assert first not in world.booths(event)
        assert api.get(f"/airmeet/{event}/booth/{first}/booth-attendance").status_code == 400

    def test_polls_and_questions_are_added(
        self, world: World, event: str, both: Callable[..., list[Any]]
    ) -> None:
        world.add_poll_response(event, "Why?", "Because")
        world.add_question(event, "And then?")
        assert both("poll_responses", event)[-1]["polls"][0]["answer"] == "Because"
        assert both("questions", event)[-1]["questions"][0]["question"] == "And then?"

    @pytest.mark.parametrize(
        "endpoint",
        [
            "booths",
            "tracks",
            "custom_fields",
            "questions",
            "poll_responses",
            "participants",
            "utms",
            "sessions",
        ],
    )
    @pytest.mark.parametrize("records", [[], [{"uid": "a", "odd": [1, None]}, {"id": 5}]])
    def test_whole_lists_are_replaced(
        self, world: World, event: str, both: Callable[..., list[Any]], endpoint: str, records: list[Any]
    ) -> None:
        world.put(event, endpoint, records)
        assert both(endpoint, event) == records

    def test_any_json_can_be_put(self, api: Api, world: World, event: str) -> None:
        hostile = [{"id": 10**400, "a": "\x00\ud800"}, None, 7, "text", {"id": True}, {"b": {"c": [1e308]}}]
        world.put(event, "utms", hostile)
        assert api.all_rows(f"/airmeet/{event}/utms", size=2) == hostile
        world.put(event, "utms", [{"a": float("nan")}])
        assert b"NaN" in api.get(f"/airmeet/{event}/utms").content

    def test_changed_fields_can_be_hostile_too(
        self, world: World, event: str, both: Callable[..., list[Any]]
    ) -> None:
        world.update("utms", event, 0, email=10**400)
        world.append("utms", event, ["\udfff"])
        rows = both("utms", event)
        assert (rows[0]["email"], rows[-1]) == (10**400, ["\udfff"])

    def test_the_list_of_events_and_an_event_object_can_be_put(
        self, api: Api, world: World, event: str
    ) -> None:
        world.put(None, "airmeets", [{"uid": event, "status": "Unheard of"}])
        world.put(event, "airmeet_details", [{"name": 5}])
        world.put(event, "sessions", [{"sessionid": 1}])
        assert api.ok("/airmeets")["data"] == [{"uid": event, "status": "Unheard of"}]
        assert api.ok(f"/airmeet/{event}/info") == {"name": 5, "sessions": [{"sessionid": 1}]}

    def test_an_unknown_endpoint_is_an_error(self, world: World, event: str) -> None:
        with pytest.raises(UnknownIdError):
            world.put(event, "attendees", [])
        with pytest.raises(UnknownIdError):
            world.records("attendees", event)
