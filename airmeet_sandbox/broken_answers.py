"""Answers that no honest server gives: late, cut off, or none at all."""

import asyncio
from typing import Protocol

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from airmeet_sandbox.answers import Answer


class Connections(Protocol):
    """What the server lets a fault do to the connection of a request."""

    def abort(self, scope: Scope) -> None:
        """Reset it."""

    def close(self, scope: Scope) -> None:
        """Close it after what has been sent."""


EXTENSION = "airmeet_sandbox.connections"
"""Where a request's scope carries its `Connections`."""


def _connections(scope: Scope) -> Connections:
    connections: Connections = scope["extensions"][EXTENSION]
    return connections


class Broken(Response):
    """Resets the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 (ASGI)
        """Answer as ASGI has it."""
        _connections(scope).abort(scope)
        await _disconnected(receive)


class Silent(Response):
    """Waits until the client has gone."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 (ASGI)
        """Answer as ASGI has it."""
        await _disconnected(receive)


class Trickling(Response):
    """Sends what it announces, very slowly."""

    def __init__(self, made: Answer, seconds: float) -> None:
        super().__init__(made.body, made.status, dict(made.headers), "application/json")
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 (ASGI)
        """Answer as ASGI has it."""
        gone = asyncio.ensure_future(_disconnected(receive))
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        for byte in bytes(self.body):
            if gone.done():
                break
            await send({"type": "http.response.body", "body": bytes([byte]), "more_body": True})
            await asyncio.sleep(self._seconds)
        else:
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        gone.cancel()


class CutOff(Response):
    """Announces a length and sends less."""

    def __init__(self, made: Answer, keep: int) -> None:
        super().__init__(made.body, made.status, dict(made.headers), "application/json")
        self._keep = keep

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as ASGI has it."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": bytes(self.body)[: self._keep], "more_body": True})
        _connections(scope).close(scope)
        await _disconnected(receive)


async def _disconnected(receive: Receive) -> None:
    """Wait until the connection is gone; returning earlier would make uvicorn answer."""
    while (await receive())["type"] != "http.disconnect":
        pass
