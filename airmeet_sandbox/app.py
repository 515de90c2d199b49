"""The ASGI application: routes, and what happens to every request on its way to an answer.

Starlette's router finds the endpoint, and the endpoints are bare ASGI applications: its request and
middleware objects would cost about as much again as a page of fifty rows.
"""

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from email.utils import formatdate
from urllib.parse import parse_qsl

from starlette.responses import Response
from starlette.routing import BaseRoute, Route, Router
from starlette.types import Receive, Scope, Send

from airmeet_sandbox.answers import Answer, Asked, Service, refusal, respond, respond_to_write
from airmeet_sandbox.broken_answers import EXTENSION, Connections
from airmeet_sandbox.endpoint import Endpoint
from airmeet_sandbox.endpoints import CURRENT, LEGACY
from airmeet_sandbox.faults import Faults, Incoming
from airmeet_sandbox.recording_files import Files, respond_to_download
from airmeet_sandbox.request_log import LoggedRequest, RequestLog
from airmeet_sandbox.writes import CURRENT_WRITES, LEGACY_WRITES, Write

CURRENT_PREFIX = "/prod"
LEGACY_PREFIX = "/api/v1"


@dataclass(slots=True)
class Front:
    """What stands before the service: latency, faults, the log."""

    service: Service
    faults: Faults
    requests: RequestLog
    connections: Connections
    latency: float = 0.0


def router(front: Front, more: list[BaseRoute]) -> Router:
    """The application with all endpoints of both versions of the API."""
    versions: tuple[tuple[str, tuple[Endpoint | Write | Files, ...]], ...] = (
        (CURRENT_PREFIX, (*CURRENT, *CURRENT_WRITES)),
        (LEGACY_PREFIX, (*LEGACY, *LEGACY_WRITES)),
        ("", (Files(),)),
    )
    routes: list[BaseRoute] = [
        Route(prefix + endpoint.path, _Served(front, endpoint))
        for prefix, endpoints in versions
        for endpoint in endpoints
        if endpoint.path is not None
    ]
    return Router([*routes, *more, Route("/{path:path}", _Served(front, None))])


class _Served:
    """One endpoint as an ASGI application; without an endpoint, the answer to unknown paths."""

    def __init__(self, front: Front, endpoint: Endpoint | Write | Files | None) -> None:
        self._front = front
        self._endpoint = endpoint
        self._name = endpoint.name if endpoint else "unknown"
        if isinstance(endpoint, Write | Files):
            self._method = endpoint.method
        else:
            self._method = "POST" if self._name == "auth" else "GET"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        front = self._front
        arrived, at = time.monotonic(), front.service.world.clock.now()
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        body = await _body(receive) if isinstance(self._endpoint, Write) else b""
        asked = Asked(scope["path"], scope["path_params"], query, headers, body)

        def honest() -> Answer:
            return self._answer(scope["method"], asked)

        action = front.faults.action_for(Incoming(self._name, scope["method"], scope["path"], query))
        made = honest() if action is None else await action(honest)
        if front.latency > 0:
            await asyncio.sleep(arrived + front.latency - time.monotonic())
        response = made if isinstance(made, Response) else _response(made, front.service.quirks.date_off)
        self._note(scope["method"], asked, response.status_code, at, arrived)
        scope.setdefault("extensions", {})[EXTENSION] = front.connections
        await response(scope, receive, send)

    def _answer(self, method: str, asked: Asked) -> Answer:
        if self._endpoint is None:
            legacy = asked.path.startswith(LEGACY_PREFIX)
            return refusal(404, f"No such path: {asked.path}", "errors" if legacy else "message")
        service = self._front.service
        if isinstance(self._endpoint, Files):
            if method != self._method:  # the method is part of what is signed
                return Answer(403, b"")
            with service.world.lock:
                return respond_to_download(service.world, asked)
        if method != self._method:
            return refusal(405, f"Use {self._method}", self._endpoint.shape)
        with service.world.lock:
            if isinstance(self._endpoint, Write):
                return respond_to_write(service, self._endpoint, asked)
            return respond(service, self._endpoint, asked)

    def _note(self, method: str, asked: Asked, status: int, at: datetime, arrived: float) -> None:
        headers = asked.headers
        credentials = "x-airmeet-secret-key" if self._name == "auth" else "x-airmeet-access-token"
        headers_ok = credentials in headers and headers.get("content-type", "").startswith("application/json")
        logged = LoggedRequest(
            method=method,
            path=asked.path,
            query=dict(asked.query),
            status=status,
            at=at,
            headers_ok=headers_ok,
            endpoint=self._name,
            arrived=arrived,
            answered=time.monotonic(),
            body=asked.body,
            headers=asked.headers if isinstance(self._endpoint, Files) else {},
        )
        self._front.requests.add(logged)


async def _body(receive: Receive) -> bytes:
    pieces = []
    while (message := await receive())["type"] == "http.request":
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            break
    return b"".join(pieces)


def _response(made: Answer, date_off: float) -> Response:
    headers = {"Date": formatdate(time.time() + date_off, usegmt=True), **made.headers}
    if made.body:
        headers.setdefault("Content-Type", "application/json")
    return Response(made.body, made.status, headers)
