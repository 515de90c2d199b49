"""A sandbox whose clock stands still, and a client that speaks to it over HTTP."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from airmeet_sandbox import Sandbox, World

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


class Api:
    """The least client: a token, and GET."""

    def __init__(self, sandbox: Sandbox, base_url: str) -> None:
        self.base_url = base_url
        self.http = requests.Session()
        self.http.headers["Content-Type"] = "application/json"
        self.keys = {
            "X-Airmeet-Access-Key": sandbox.access_key,
            "X-Airmeet-Secret-Key": sandbox.secret_key,
        }
        self.sign_in()

    def sign_in(self) -> None:
        answer = self.http.post(f"{self.base_url}/auth", headers=self.keys, timeout=10).json()
        self.http.headers["X-Airmeet-Access-Token"] = answer.get("token") or answer["data"]["token"]

    def get(self, path: str, *, timeout: float = 10, **query: Any) -> requests.Response:
        return self.http.get(f"{self.base_url}{path}", params=query, timeout=timeout)

    def ok(self, path: str, **query: Any) -> Any:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def all_rows(self, path: str, size: int = 50) -> list[Any]:
        """All rows of a cursor endpoint; goes on until an empty page."""
        rows: list[Any] = []
        query: dict[str, object] = {"size": size}
        while (page := self.ok(path, **query))["data"]:
            rows += page["data"]
            query["after"] = page["cursors"]["after"]
        return rows


@pytest.fixture
def world() -> World:
    world = World(now=NOW)
    world.clock.freeze(NOW)
    return world


@pytest.fixture
def start(world: World) -> Iterator[Callable[..., Sandbox]]:
    """Starts sandboxes with the settings a test wants."""
    with ExitStack() as running:
        yield lambda shown=world, **settings: running.enter_context(Sandbox(shown, **settings))


@pytest.fixture
def sandbox(start: Callable[..., Sandbox]) -> Sandbox:
    return start()


@pytest.fixture
def connect() -> Callable[[Sandbox], Api]:
    return lambda sandbox: Api(sandbox, sandbox.base_url)


@pytest.fixture
def api(sandbox: Sandbox) -> Api:
    return Api(sandbox, sandbox.base_url)


@pytest.fixture
def legacy_api(sandbox: Sandbox) -> Api:
    return Api(sandbox, sandbox.legacy_base_url)
