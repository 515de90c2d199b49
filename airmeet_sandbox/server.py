"""The sandbox as a server: uvicorn in a thread of its own, on loopback."""

import asyncio
import socket
import struct
import threading
from types import TracebackType
from typing import Self

import uvicorn
from starlette.types import Scope

from airmeet_sandbox.access import Access, Preparation
from airmeet_sandbox.answers import Service
from airmeet_sandbox.app import CURRENT_PREFIX, LEGACY_PREFIX, Front, router
from airmeet_sandbox.clock import SandboxClock
from airmeet_sandbox.control import control_routes
from airmeet_sandbox.faults import Faults
from airmeet_sandbox.quirks import Quirks
from airmeet_sandbox.request_log import RequestLog
from airmeet_sandbox.world import World

# As long as proxies keep idle connections: pooled clients then never meet one that has just been closed.
_KEEP_ALIVE = 75
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Sandbox:
    """Airmeet's API on loopback, for as long as the `with` block lasts.

    Args:
        world: what the API shows; a demo world by default.
        latency: seconds that each answer takes, the time to make it included.
        prepare_seconds: how long, on the sandbox's clock, asynchronous endpoints answer 202 after the first
            question for a path.
        prepared_seconds: how long a prepared result lasts.
        page_cap: the largest page the server sends, whatever is asked.
        faults: rules that hurt requests.
        quirks: the API's habits.
        retry_after: seconds in the `Retry-After` header of pending answers.
        port: 0 is any free one.
        keep_log: whether `requests` keeps every request, or only counts them.
    """

    def __init__(  # noqa: PLR0913 (independent settings, each with a default)
        self,
        world: World | None = None,
        *,
        latency: float = 0.0,
        prepare_seconds: float = 0.0,
        prepared_seconds: float = 3600.0,
        page_cap: int | None = None,
        faults: Faults | None = None,
        quirks: Quirks | None = None,
        retry_after: float | None = None,
        port: int = 0,
        keep_log: bool = True,
    ) -> None:
        self.world = world or World()
        self.faults = faults or Faults()
        self.requests = RequestLog(keep=keep_log)
        self._access = Access(self.world.seed, self.clock)
        self._preparation = Preparation(self.clock, prepare_seconds, prepared_seconds)
        self._service = Service(
            self.world, self._access, self._preparation, quirks or Quirks(), page_cap, retry_after
        )
        self._server = _Server(port)
        self._front = Front(self._service, self.faults, self.requests, self._server, latency)

    def __enter__(self) -> Self:
        more = control_routes(self.requests, self.faults, self.clock)
        self._server.start(router(self._front, more))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.stop()

    @property
    def base_url(self) -> str:
        """The prefix of the current API."""
        return f"http://127.0.0.1:{self._server.port}{CURRENT_PREFIX}"

    @property
    def legacy_base_url(self) -> str:
        """The prefix of the first version of the API."""
        return f"http://127.0.0.1:{self._server.port}{LEGACY_PREFIX}"

    @property
    def clock(self) -> SandboxClock:
        """The world's clock."""
        return self.world.clock

    @property
    def access_key(self) -> str:
        """For X-Airmeet-Access-Key."""
        return self._access.access_key

    @property
    def secret_key(self) -> str:
        """For X-Airmeet-Secret-Key."""
        return self._access.secret_key

    @property
    def quirks(self) -> Quirks:
        """The API's habits; assign others at any time."""
        return self._service.quirks

    @quirks.setter
    def quirks(self, quirks: Quirks) -> None:
        self._service.quirks = quirks

    @property
    def latency(self) -> float:
        """Seconds that each answer takes."""
        return self._front.latency

    @latency.setter
    def latency(self, seconds: float) -> None:
        self._front.latency = seconds

    @property
    def page_cap(self) -> int | None:
        """The largest page the server sends."""
        return self._service.page_cap

    @page_cap.setter
    def page_cap(self, rows: int | None) -> None:
        self._service.page_cap = rows

    @property
    def prepare_seconds(self) -> float:
        """How long asynchronous endpoints answer 202."""
        return self._preparation.prepare_seconds

    @prepare_seconds.setter
    def prepare_seconds(self, seconds: float) -> None:
        self._preparation.prepare_seconds = seconds

    @property
    def retry_after(self) -> float | None:
        """Seconds in the `Retry-After` header of pending answers."""
        return self._service.retry_after

    @retry_after.setter
    def retry_after(self, seconds: float | None) -> None:
        self._service.retry_after = seconds

    def clear_requests(self) -> None:
        """Forget the requests so far."""
        self.requests.clear()

    def expire_tokens(self) -> None:
        """Make all tokens so far answer 412."""
        with self.world.lock:
            self._access.expire_tokens()

    def revoke_keys(self, *, revoked: bool = True) -> None:
        """Make /auth answer 403 and all tokens bad; or, with `revoked=False`, give the keys back."""
        with self.world.lock:
            self._access.revoke_keys(revoked=revoked)

    def forget_prepared(self) -> None:
        """Let all asynchronous results be prepared anew."""
        with self.world.lock:
            self._preparation.forget()

    def serve_forever(self) -> None:
        """Wait until the server ends, for a sandbox in the foreground."""
        self._server.join()


class _Server:
    """uvicorn in a daemon thread; also the `Connections` that faults break."""

    def __init__(self, port: int) -> None:
        self._wanted_port = port
        self.port = 0
        self._server: _StoppableServer | None = None
        self._thread: threading.Thread | None = None

    def start(self, app: object) -> None:
        """Serve until `stop`."""
        # asyncio turns Nagle's delay off only for sockets that say they are TCP.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._wanted_port))
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(
            app,  # type: ignore[arg-type]
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
        )
        self._server = server = _StoppableServer(config)
        self._thread = threading.Thread(
            target=server.run, args=([listener],), name="airmeet-sandbox", daemon=True
        )
        self._thread.start()
        if not server.is_up.wait(10):
            raise RuntimeError("the sandbox did not start")

    def stop(self) -> None:
        """End at once, whatever is still being answered."""
        if self._server is not None:
            self._server.stop()
        self.join()

    def join(self) -> None:
        """Wait for the end."""
        if self._thread is not None:
            self._thread.join()

    def abort(self, scope: Scope) -> None:
        """Reset the connection of a request."""
        transport = self._transport(scope)
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()

    def close(self, scope: Scope) -> None:
        """Close the connection of a request after what was sent."""
        self._transport(scope).close()

    def _transport(self, scope: Scope) -> asyncio.Transport:
        """The transport of a request; ASGI hides it, but the address of the client tells it."""
        assert self._server is not None  # noqa: S101 (there is a request)
        for protocol in self._server.server_state.connections:
            transport = protocol.transport
            if transport.get_extra_info("peername")[:2] == tuple(scope["client"]):
                return transport
        raise LookupError(scope["client"])


class _StoppableServer(uvicorn.Server):
    """uvicorn that stops at once instead of waiting for clients to hang up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None

    def stop(self) -> None:
        """End the server from another thread."""
        if self._loop is not None and self._end is not None:
            self._loop.call_soon_threadsafe(self._end.set)

    async def main_loop(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        self.is_up.set()
        await self._end.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or []:
            listener.close()
        for protocol in list(self.server_state.connections):
            protocol.transport.abort()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
