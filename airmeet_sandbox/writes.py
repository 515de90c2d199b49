"""The write side of both versions of the API: adding people to an event, and taking their access away.

The vendor's documents name the fields and the statuses. What a server makes of a field that is missing, too
long or unknown is a guess, as is what becomes of the list when somebody's access is taken away.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from airmeet_sandbox.access import ApiError
from airmeet_sandbox.collection import Record
from airmeet_sandbox.quirks import ErrorShape, Quirks
from airmeet_sandbox.world import World

LONGEST_NAME = 35  # characters
LONGEST_TEXT = 70
_ONE_ATTENDEE = "/airmeet/{airmeetId}/attendee/{email:path}"
_PROFILE = {"city": "city", "country": "country", "designation": "Designation"}


@dataclass(frozen=True, slots=True)
class Sent:
    """One request that may change something."""

    world: World
    event: str
    email: str  # of the path; empty if the body names the person
    body: bytes
    quirks: Quirks


@dataclass(frozen=True, slots=True)
class Done:
    """The answer of a write: a status, and a JSON object or nothing."""

    status: int
    content: Record | None


@dataclass(frozen=True, kw_only=True)
class Write:
    """An endpoint that changes something.

    Attributes:
        name: what rules of faults and the log call it.
        method: POST or DELETE.
        path: with the names of its parameters in braces.
        act: does it.
        shape: the shape of its error bodies.
        bad_token: the status if the token is not known.
        unknown: the status if there is no such event.
    """

    name: str
    method: str
    path: str
    act: Callable[[Sent], Done]
    shape: ErrorShape = "errors"
    bad_token: int = 401
    unknown: int = 404


def _add(sent: Sent) -> Done:
    person = _person(sent.body, "firstName", "lastName")
    registers = _flag(person, "registerAttendee", default=False)
    mails = _flag(person, "sendEmailInvite", default=True)
    answers = list(_answers(sent.world, sent.event, person, registers=registers))
    fields = {
        **_profile(person, "organisation"),
        "name": f"{person['firstName']} {person['lastName']}",
        "user_profile": answers,
        "invite_sent": mails,
    }
    email = person["email"].strip()
    link = sent.world.admit(sent.event, {**fields, "email": email}, registers=registers, mails=mails)
    return Done(200, {"email": email, "entryLink": link})


def _register_user(sent: Sent) -> Done:
    person = _person(sent.body, "name")
    email = person["email"].strip()
    fields = {**_profile(person, "organisation"), "name": person["name"], "email": email}
    sent.world.admit(sent.event, fields, registers=True)
    return Done(200, {"email": email})


def _authorise(sent: Sent) -> Done:
    email = _person(sent.body, "name")["email"].strip()
    return Done(200, {"email": email, "entryLink": sent.world.let_in(sent.event, email)})


def _revoke(sent: Sent) -> Done:
    if not sent.world.revoke(sent.event, sent.email, stays=sent.quirks.revoked_stay_listed):
        raise ApiError(404, "Attendee not found")
    return Done(200, {"success": True, "message": "Attendee removed"})


def _revoke_silently(sent: Sent) -> Done:
    _revoke(sent)
    return Done(204, None)


CURRENT_WRITES = (
    Write(name="add_attendee", method="POST", path="/airmeet/{airmeetId}/attendee", act=_add),
    Write(
        name="revoke_attendee",
        method="DELETE",
        path="/airmeet/{airmeetId}/attendee/{email:path}",
        act=_revoke,
    ),
)
LEGACY_WRITES = (
    Write(
        name="register_user",
        method="POST",
        path="/airmeet/{airmeetId}/user",
        act=_register_user,
        bad_token=400,
    ),
    Write(
        name="authorise_attendee",
        method="POST",
        path="/airmeet/{airmeetId}/attendee",
        act=_authorise,
        bad_token=400,
    ),
    Write(
        name="revoke_attendee",
        method="DELETE",
        path=_ONE_ATTENDEE,
        act=_revoke_silently,
        bad_token=400,
    ),
)


def _person(body: bytes, *names: str) -> Record:
    """The person that a body is about, with the fields that must be there."""
    try:
        person = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise ApiError(400, "The body is no JSON") from None
    if not isinstance(person, dict):
        raise ApiError(400, "The body is no JSON object")
    for name in ("email", *names):
        if not isinstance(person.get(name), str) or not person[name].strip():
            raise ApiError(400, f"{name} is required")
    if "@" not in person["email"]:
        raise ApiError(400, "email is not valid")
    for name in names:
        _limit(name, person[name], LONGEST_NAME if name != "name" else 2 * LONGEST_NAME)
    return person


def _profile(person: Record, organisation: str) -> Record:
    fields = {}
    for name, shown in {**_PROFILE, organisation: "organisation"}.items():
        value = person.get(name, "")
        if not isinstance(value, str):
            raise ApiError(400, f"{name} must be a text")
        _limit(name, value, LONGEST_TEXT)
        fields[shown] = value
    return fields


def _limit(name: str, value: str, most: int) -> None:
    if len(value) > most:
        raise ApiError(400, f"{name} must have at most {most} characters")


def _flag(person: Record, name: str, *, default: bool) -> bool:
    value = person.get(name, default)
    if not isinstance(value, bool):
        raise ApiError(400, f"{name} must be true or false")
    return value


def _answers(world: World, event: str, person: Record, *, registers: bool) -> Iterator[Record]:
    """The answers to the form, as participants show them."""
    form = {field["fieldId"]: field for field in world.records("custom_fields", event)}
    given = person.get("customFieldMapping") or []
    if not isinstance(given, list) or not all(isinstance(answer, dict) for answer in given):
        raise ApiError(400, "customFieldMapping must be a list of objects")
    for answer in given:
        field, value = form.get(answer.get("fieldId")), answer.get("value")
        if field is None:
            raise ApiError(400, "customFieldMapping names a field that does not exist")
        _check(field, value)
        yield {"fieldId": answer["fieldId"], "value": value}
    answered = {answer.get("fieldId") for answer in given}
    if registers and any(field["isRequired"] and field["fieldId"] not in answered for field in form.values()):
        raise ApiError(400, "A required custom field is missing")


def _check(field: Mapping[str, Any], value: object) -> None:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(each, str) and each for each in values):
        raise ApiError(400, "The value of a custom field must be a text or a list of texts")
    codes = {option["code"] for option in field["options"]}
    if codes and not codes.issuperset(values):
        raise ApiError(400, "The value of a custom field is none of its options")
