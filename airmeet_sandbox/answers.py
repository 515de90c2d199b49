"""From a request to an answer: tokens, plans, statuses, 202s, errors."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

import orjson

from airmeet_sandbox.access import Access, ApiError, Preparation, pending_shape
from airmeet_sandbox.collection import Record
from airmeet_sandbox.endpoint import Body, Call, Endpoint
from airmeet_sandbox.event import Event, UnknownIdError
from airmeet_sandbox.quirks import ErrorShape, PendingShape, Quirks
from airmeet_sandbox.world import World
from airmeet_sandbox.writes import Sent, Write

PENDING = "The result is being prepared, ask again in some minutes"


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and headers of a response."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts of a request that an answer depends on."""

    path: str
    params: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(slots=True)
class Service:
    """The API: the world plus the settings under which it is shown."""

    world: World
    access: Access
    preparation: Preparation
    quirks: Quirks
    page_cap: int | None = None
    retry_after: float | None = None


def respond(service: Service, endpoint: Endpoint, asked: Asked) -> Answer:
    """Answer a request to an endpoint. The caller holds the world's lock."""
    try:
        if endpoint.form is None:
            return _json(200, _token(service, asked.headers))
        bad_token = service.quirks.bad_token_status or endpoint.bad_token
        service.access.check(asked.headers.get("x-airmeet-access-token"), bad_token)
        return _data(service, endpoint, endpoint.form, asked)
    except ApiError as error:
        return refusal(error.status, error.message, service.quirks.error_shape or endpoint.shape)


def respond_to_write(service: Service, write: Write, asked: Asked) -> Answer:
    """Answer a request that may change something. The caller holds the world's lock."""
    quirks, world = service.quirks, service.world
    try:
        bad_token = quirks.bad_token_status or write.bad_token
        service.access.check(asked.headers.get("x-airmeet-access-token"), bad_token)
        airmeet_id, email = asked.params["airmeetId"], asked.params.get("email", "")
        if world.event(airmeet_id).archived and not quirks.archived_data:
            raise ApiError(write.unknown, "Airmeet not found")
        done = write.act(Sent(world, airmeet_id, email, asked.body, quirks))
    except UnknownIdError:
        return refusal(write.unknown, "Airmeet not found", quirks.error_shape or write.shape)
    except ApiError as error:
        return refusal(error.status, error.message, quirks.error_shape or write.shape)
    return Answer(done.status, b"") if done.content is None else _json(done.status, done.content)


def refusal(status: int, message: str, shape: ErrorShape) -> Answer:
    """An error in one of the API's three shapes."""
    known = status in set(HTTPStatus)  # proxies also send 520 and the like
    code = HTTPStatus(status).phrase.upper().replace(" ", "_") if known else "ERROR"
    bodies: dict[ErrorShape, Record] = {
        "errors": {"success": False, "code": code, "errors": [message]},
        "message": {"success": False, "message": message},
        "status": {"statusCode": status, "statusMessage": message},
    }
    return _json(status, bodies[shape])


def pending(shape: PendingShape, retry_after: float | None = None) -> Answer:
    """The answer that the result is still being prepared."""
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    if shape == "status_only":
        return Answer(202, b"", headers)
    body = orjson.dumps({"statusCode": 202, "statusMessage": PENDING})
    return Answer(200 if shape == "body_only" else 202, body, headers)


def _data(service: Service, endpoint: Endpoint, form: Callable[[Call], Body], asked: Asked) -> Answer:
    quirks, world = service.quirks, service.world
    if endpoint.name in quirks.gated:
        raise ApiError(quirks.gated[endpoint.name], "This feature is not part of your plan")
    event, child = _place(world, endpoint, asked.params)
    if event is not None and event.archived and not quirks.archived_data:
        raise ApiError(404, "Airmeet not found")
    now = world.clock.timestamp()
    too_early = endpoint.too_early(event, child or "", now) if event is not None else None
    if too_early is not None:
        return _json(200, {"data": {}, "statusCode": 400, "statusMessage": too_early})
    if endpoint.asynchronous and not service.preparation.is_ready(asked.path):
        return pending(quirks.pending_shape or pending_shape(asked.path), service.retry_after)
    origin = f"http://{asked.headers.get('host', '')}"
    body = form(Call(world, endpoint, event, child, asked.query, quirks, service.page_cap, now, origin))
    return _as_is(200, body.content) if body.raw else _json(200, body.content)


def _place(world: World, endpoint: Endpoint, params: Mapping[str, str]) -> tuple[Event | None, str | None]:
    """The event and the session or booth that the path names."""
    try:
        if "sessionId" in params:
            event, session = world.session(params["sessionId"])
            return event, session.session_id
        if "airmeetId" in params:
            airmeet_id, booth_id = params["airmeetId"], params.get("boothId")
            event = world.event(airmeet_id)
            if booth_id is not None and booth_id not in world.booths(airmeet_id):
                raise ApiError(endpoint.unknown, "Booth not found")
            return event, booth_id
    except UnknownIdError:
        raise ApiError(endpoint.unknown, "Airmeet or session not found") from None
    return None, None


def _token(service: Service, headers: Mapping[str, str]) -> Record:
    token = service.access.issue(headers)
    if service.quirks.token_shape == "top":  # noqa: S105 (no password)
        return {"token": token}
    return {"success": True, "data": {"label": "sandbox", "token": token}}


def _json(status: int, content: object) -> Answer:
    try:
        return Answer(status, orjson.dumps(content))
    except TypeError:
        return _as_is(status, content)


def _as_is(status: int, content: object) -> Answer:
    """The slow way, which also writes what orjson refuses or drops: huge numbers, lone surrogates, NaN."""
    return Answer(status, json.dumps(content).encode())
