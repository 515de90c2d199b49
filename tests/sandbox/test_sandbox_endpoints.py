from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from airmeet_sandbox import ENDPOINTS
from airmeet_sandbox.recordings import ORIGIN
from tests.support.asked_for import children_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from airmeet_sandbox import Sandbox, World
    from tests.sandbox.conftest import Api


PATHS = {
    "event_attendance": "/airmeet/{event}/attendees",
    "session_attendance": "/session/{session}/attendees",
    "booth_attendance": "/airmeet/{event}/booth/{booth}/booth-attendance",
    "utms": "/airmeet/{event}/utms",
    "replay_attendance": "/airmeet/{event}/event-replay-attendees",
    "poll_responses": "/airmeet/{event}/polls",
    "questions": "/airmeet/{event}/questions",
    "sessions": "/airmeet/{event}/info",
    "participants": "/airmeet/{event}/participants",
    "custom_fields": "/airmeet/{event}/custom-fields",
    "booths": "/airmeet/{event}/booths",
    "tracks": "/airmeet/{event}/tracks",
    "session_recordings": "/airmeet/{event}/session-recordings",
}
ITEMS = {
    "sessions": "sessions",
    "participants": "participants",
    "custom_fields": "customFields",
    "booths": "booths",
    "tracks": "tracks",
    "session_recordings": "recordings",
}
ATTENDANCE = {"email": None, "id": 1, "name": "", "user_id": None, "time_stamp": "", "time_spent": ""}
FIELDS = {
    "event_attendance": ATTENDANCE,
    "session_attendance": ATTENDANCE,
    "booth_attendance": {**ATTENDANCE, "visits": 1, "interested_in_being_contacted": True},
    "utms": {"airmeetId", "email", "id", "utms"},
    "replay_attendance": {"id", "email", "name", "user_id", "session_id", "duration_viewed"},
    "poll_responses": {"email", "name", "user_id", "polls"},
    "questions": {"email", "name", "user_id", "questions"},
    "custom_fields": {"label", "name", "fieldId", "options", "isRequired", "type"},
    "tracks": {"uid", "name", "description", "track_order", "metaData", "sessions"},
    "session_recordings": {"session_id", "session_name", "download_link"},
    "sessions": {
        "sessionid", "name", "start_time", "status", "duration", "summary", "host_id", "cohost_ids",
        "speaker_id", "speakerList", "type",
    },
    "participants": {
        "email", "name", "city", "country", "organisation", "Designation", "registrationDate", "profile_url",
        "user_type", "token", "invite_sent", "user_profile", "user_id",
    },
    "booths": {
        "uid", "name", "exhibitors", "tags", "airmeet_id", "logo_url", "video", "faqs", "order", "resources",
        "layoutType", "layoutData", "boothExhibitor", "social_media_links", "short_description",
        "long_description", "banner_url", "register_interest_details", "offer_details", "doc_url", "doc_name",
        "booth_space_id",
    },
}  # fmt: skip


@pytest.fixture
def event(world: World) -> str:
    return world.event_in("just_finished")


@pytest.fixture
def path_of(world: World, event: str) -> Callable[[str], str]:
    places = {"event": event, "session": world.sessions(event)[0], "booth": world.booths(event)[0]}
    return lambda endpoint: PATHS[endpoint].format(**places)


@pytest.fixture
def child_of(world: World, event: str) -> Callable[[str], str | None]:
    children = {"session_attendance": world.sessions(event)[0], "booth_attendance": world.booths(event)[0]}
    return children.get


@pytest.mark.parametrize("endpoint", PATHS)
def test_an_endpoint_serves_the_records_of_the_world(
    api: Api,
    world: World,
    event: str,
    endpoint: str,
    path_of: Callable[[str], str],
    child_of: Callable[[str], str | None],
) -> None:
    body = api.get(path_of(endpoint)).text.replace(api.base_url.removesuffix("/prod"), ORIGIN)
    records = json.loads(body)[ITEMS.get(endpoint, "data")]
    if endpoint == "participants":
        records = records[::-1]  # newest first
    assert records
    assert records == world.records(endpoint, event, child_of(endpoint))


@pytest.mark.parametrize("endpoint", FIELDS)
def test_records_have_the_documented_fields(api: Api, endpoint: str, path_of: Callable[[str], str]) -> None:
    for record in api.ok(path_of(endpoint))[ITEMS.get(endpoint, "data")]:
        assert set(record) == set(FIELDS[endpoint])


@pytest.mark.parametrize(
    "endpoint",
    [
        "event_attendance",
        "session_attendance",
        "booth_attendance",
        "utms",
        "replay_attendance",
        "poll_responses",
    ],
)
def test_paged_endpoints_carry_cursors_and_a_status(
    api: Api, endpoint: str, path_of: Callable[[str], str]
) -> None:
    body = api.ok(path_of(endpoint), size=2)
    assert body["statusCode"] == 200
    assert body["statusMessage"] == "SUCCESS"
    assert set(body["cursors"]) == {"after", "before", "pageCount", "totalCount"}
    assert len(body["data"]) == 2
    assert body["cursors"]["pageCount"] == -(-body["cursors"]["totalCount"] // 2)


def test_the_list_of_events(api: Api, world: World) -> None:
    body = api.ok("/airmeets")
    assert [event["uid"] for event in body["data"]] == world.events()
    assert set(body["data"][0]) == {"uid", "name", "status", "timezone", "startTime", "endTime"}
    assert set(body["cursors"]) == {"before", "after", "pageCount"}
    assert {event["status"] for event in body["data"]} == {"CREATED", "ONGOING", "PAUSED", "FINISHED"}


def test_the_event_object(api: Api, event: str) -> None:
    body = api.ok(f"/airmeet/{event}/info")
    assert {"name", "short_desc", "start_time", "end_time", "timezone", "sessions", "session_hosts"} <= set(
        body
    )
    hosts = {host["id"] for host in body["session_hosts"]}
    assert hosts >= {person for session in body["sessions"] for person in session["host_id"]}


def test_times_come_in_several_spellings(api: Api, event: str) -> None:
    attended = api.ok(f"/airmeet/{event}/attendees")["data"][0]
    assert attended["time_stamp"].startswith("2026:03:")
    assert attended["time_stamp"].endswith("Z")
    assert attended["time_spent"].isdecimal()
    assert api.ok(f"/airmeet/{event}/info")["start_time"] > 1_000_000_000_000


def test_a_dozen_events_have_everything(world: World) -> None:
    rows = dict.fromkeys(ENDPOINTS, 0)
    for event in world.events():
        for endpoint in rows:
            for child in children_of(world, endpoint, event):
                rows[endpoint] += len(world.records(endpoint, event, child))
    assert min(rows.values()) > 0


def test_people_are_as_odd_as_in_real_life(world: World, event: str) -> None:
    people = world.records("participants", world.event_in("long_over"))
    emails = [person["email"] for person in people if person["email"]]
    assert any(person["email"] is None for person in people)
    assert any(person["user_id"] is None for person in people)
    assert any(person["email"] == "" for person in people)
    assert len(emails) > len(set(emails))
    assert any(person["user_profile"] for person in people)
    utms = [row["utms"] for row in world.records("utms", event)]
    assert any(value is None for utm in utms for value in utm.values())
    assert any("utm_campaign" not in utm for utm in utms)
    every = {name for each in world.events() for row in world.records("utms", each) for name in row["utms"]}
    assert every == {"utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"}
    asked = [[one["question"] for one in person["questions"]] for person in world.records("questions", event)]
    assert any(len(questions) > len(set(questions)) for questions in asked)
    attendees = {row["email"] for row in world.records("event_attendance", event)}
    assert attendees <= {person["email"] for person in world.records("participants", event)}


def test_an_event_can_do_without_anything_optional(world: World) -> None:
    bare = world.event_in("bare")
    for endpoint in (
        "booths",
        "tracks",
        "custom_fields",
        "poll_responses",
        "questions",
        "utms",
        "replay_attendance",
    ):
        assert world.records(endpoint, bare) == []
    assert world.records("session_recordings", bare) == []
    assert world.records("participants", bare)


def test_recordings_of_one_session(api: Api, world: World, event: str) -> None:
    session = world.sessions(event)[0]
    body = api.ok(f"/airmeet/{event}/session-recordings", sessionIds=session)
    assert {record["session_id"] for record in body["recordings"]} == {session}
    assert body["recordingsCount"] == len(body["recordings"]) < body["totalCount"]


def test_legacy_registrations(legacy_api: Api, world: World, event: str) -> None:
    rows = legacy_api.all_rows(f"/airmeet/{event}/registrations", size=500)
    assert rows == world.records("registrations", event)
    assert len(rows) == len(world.records("participants", event))
    assert set(rows[0]) == {
        "email", "name", "city", "country", "organisation", "Designation", "registrationDate",
    }  # fmt: skip
    assert [row["uid"] for row in legacy_api.all_rows("/airmeets")] == world.events()


@pytest.mark.parametrize(
    ("status", "endpoint"),
    [
        *((400, endpoint) for endpoint in ("event_attendance", "session_attendance", "booth_attendance")),
        *((400, endpoint) for endpoint in ("booths", "poll_responses", "questions", "tracks", "utms")),
        *((404, endpoint) for endpoint in ("sessions", "participants", "custom_fields")),
        *((404, endpoint) for endpoint in ("session_recordings", "replay_attendance")),
    ],
)
def test_an_unknown_id_answers_as_documented(api: Api, endpoint: str, status: int) -> None:
    nowhere = "00000000-0000-4000-a000-000000000000"
    path = PATHS[endpoint].format(event=nowhere, session=nowhere, booth=nowhere)
    assert api.get(path).status_code == status


def test_an_unknown_booth_is_refused(api: Api, event: str) -> None:
    assert api.get(f"/airmeet/{event}/booth/nowhere/booth-attendance").status_code == 400


def test_unknown_paths_and_methods_are_refused(api: Api, sandbox: Sandbox) -> None:
    assert api.get("/nothing/here").status_code == 404
    assert api.get("/auth").status_code == 405
    assert [request.endpoint for request in sandbox.requests] == ["auth", "unknown", "auth"]
