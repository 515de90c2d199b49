from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from airmeet_sandbox import Quirks, faults

if TYPE_CHECKING:
    from airmeet_sandbox import Sandbox, World
    from tests.sandbox.conftest import Api


@pytest.fixture
def event(world: World) -> str:
    return world.event_in("upcoming")


@pytest.fixture
def person(world: World, event: str) -> dict[str, Any]:
    size = world.records("custom_fields", event)[0]
    return {
        "email": "Ann+1@example.com",
        "firstName": "Ann",
        "lastName": "Lee",
        "registerAttendee": True,
        "sendEmailInvite": False,
        "customFieldMapping": [{"fieldId": size["fieldId"], "value": "1-10"}],
    }


def post(api: Api, path: str, body: Any) -> requests.Response:
    return api.http.post(f"{api.base_url}{path}", data=json.dumps(body), timeout=10)


def delete(api: Api, path: str) -> requests.Response:
    return api.http.delete(f"{api.base_url}{path}", timeout=10)


def found(api: Api, event: str, email: str) -> list[dict[str, Any]]:
    people: list[dict[str, Any]] = api.ok(f"/airmeet/{event}/participants", emailIds=email)["participants"]
    return people


def test_somebody_is_added_once_and_stays_as_first_sent(
    api: Api, world: World, event: str, person: dict[str, Any]
) -> None:
    answer = post(api, f"/airmeet/{event}/attendee", person)
    again = post(api, f"/airmeet/{event}/attendee", {**person, "firstName": "Bea"})

    assert answer.status_code == again.status_code == 200
    assert answer.json() == again.json()
    assert answer.json().keys() == {"email", "entryLink"}
    [listed] = found(api, event, "ann+1@EXAMPLE.com")
    assert (listed["name"], listed["user_type"]) == ("Ann Lee", "Registered User")
    assert listed["user_profile"] == person["customFieldMapping"]
    assert [taken.changed for taken in world.taken] == [True, False]
    assert world.mails == []


def test_an_invitation_is_the_default_and_is_mailed(
    api: Api, world: World, event: str, person: dict[str, Any]
) -> None:
    del person["registerAttendee"], person["sendEmailInvite"], person["customFieldMapping"]

    post(api, f"/airmeet/{event}/attendee", person)

    assert found(api, event, person["email"])[0]["user_type"] == "Invitee"
    assert world.mails == [(event, person["email"])]


@pytest.mark.parametrize(
    "wrong",
    [
        {"lastName": ""},
        {"email": None},
        {"firstName": "x" * 36},
        {"city": "x" * 71},
        {"sendEmailInvite": "no"},
        {"customFieldMapping": []},
        {"customFieldMapping": [{"fieldId": "other", "value": "1"}]},
    ],
    ids=str,
)
def test_what_is_wrong_is_refused(
    api: Api, event: str, person: dict[str, Any], wrong: dict[str, Any]
) -> None:
    assert post(api, f"/airmeet/{event}/attendee", {**person, **wrong}).status_code == 400
    assert found(api, event, "ann+1@example.com") == []


def test_access_is_taken_away(
    api: Api, sandbox: Sandbox, world: World, event: str, person: dict[str, Any]
) -> None:
    path = f"/airmeet/{event}/attendee/Ann%2B1%40example.com"
    assert delete(api, path).status_code == 404
    post(api, f"/airmeet/{event}/attendee", person)
    assert delete(api, path).json()["success"]
    assert found(api, event, person["email"]) == []

    sandbox.quirks = Quirks(revoked_stay_listed=True)
    post(api, f"/airmeet/{event}/attendee", person)
    assert [delete(api, path).status_code for _ in range(2)] == [200, 404]
    assert found(api, event, person["email"])
    assert [taken.action for taken in world.taken if taken.changed] == ["register", "revoke"] * 2


def test_the_first_version_registers_and_authorises(legacy_api: Api, world: World, event: str) -> None:
    ann = {"email": "ann@example.com", "name": "Ann", "organization": "Lee & Co"}

    assert post(legacy_api, f"/airmeet/{event}/user", ann).json() == {"email": "ann@example.com"}
    bea = post(legacy_api, f"/airmeet/{event}/attendee", {**ann, "email": "bea@example.com"})
    assert "code=" in bea.json()["entryLink"]
    listed = {row["email"] for row in legacy_api.all_rows(f"/airmeet/{event}/registrations", 500)}
    assert listed & {"ann@example.com", "bea@example.com"} == {"ann@example.com"}
    gone = [delete(legacy_api, f"/airmeet/{event}/attendee/bea%40example.com").status_code for _ in range(2)]
    assert gone == [204, 404]
    assert [taken.action for taken in world.taken] == ["register", "authorise", "revoke", "revoke"]


def test_an_unknown_event_and_another_method_are_refused(
    api: Api, event: str, person: dict[str, Any]
) -> None:
    assert post(api, "/airmeet/nobody/attendee", person).status_code == 404
    assert api.get(f"/airmeet/{event}/attendee").status_code == 405


def test_a_fault_may_come_after_the_work_is_done(
    sandbox: Sandbox, api: Api, world: World, event: str, person: dict[str, Any]
) -> None:
    sandbox.faults.add(faults.done_but(faults.reset()), endpoint="add_attendee", times=1)

    with pytest.raises(requests.ConnectionError):
        post(api, f"/airmeet/{event}/attendee", person)

    assert [taken.changed for taken in world.taken] == [True]
    assert json.loads(sandbox.requests.to("add_attendee")[0].body) == person
