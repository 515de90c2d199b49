from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
import requests

from airmeet_sandbox import Sandbox
from tests.support.processes import started

if TYPE_CHECKING:
    from collections.abc import Callable

    from airmeet_sandbox import World
    from tests.sandbox.conftest import Api


def test_it_starts_and_stops_at_once_even_with_open_connections(
    connect: Callable[[Sandbox], Api], world: World
) -> None:
    began = time.monotonic()
    with Sandbox(world) as sandbox:
        api = connect(sandbox)
        api.get("/airmeets")
        stopping = time.monotonic()
    assert time.monotonic() - stopping < 0.3
    assert time.monotonic() - began < 2
    with pytest.raises(requests.ConnectionError):
        api.get("/airmeets")


def test_latency_is_added_to_each_answer(sandbox: Sandbox, api: Api) -> None:
    sandbox.latency = 0.05
    began = time.monotonic()
    api.get("/airmeets")
    assert time.monotonic() - began >= 0.05


def test_several_sandboxes_side_by_side(start: Callable[..., Sandbox]) -> None:
    assert len({start().base_url for _ in range(3)}) == 3


def test_without_a_log_requests_are_only_counted(
    start: Callable[..., Sandbox], connect: Callable[[Sandbox], Api]
) -> None:
    sandbox = start(keep_log=False)
    api = connect(sandbox)
    api.get("/airmeets")
    api.get("/airmeets")
    assert len(sandbox.requests) == 0
    assert sandbox.requests.by_endpoint == {"auth": 1, "airmeets": 2}
    assert sandbox.requests.total == 3


class TestControl:
    @pytest.fixture
    def control(self, sandbox: Sandbox) -> str:
        return sandbox.base_url.replace("/prod", "/_sandbox")

    def test_statistics(self, api: Api, control: str) -> None:
        api.get("/airmeets")
        stats = requests.get(f"{control}/stats", timeout=10).json()
        assert stats["by_endpoint"] == {"auth": 1, "airmeets": 1}
        assert stats["by_status"] == {"200": 2}
        assert stats["requests"] == 2

    def test_faults(self, api: Api, control: str) -> None:
        fault = {"action": "status", "with": {"code": 503}, "endpoint": "airmeets", "times": 1, "skip": 1}
        assert requests.post(f"{control}/faults", json=fault, timeout=10).status_code == 200
        assert [api.get("/airmeets").status_code for _ in range(3)] == [200, 503, 200]
        requests.post(f"{control}/faults", json={"action": "html"}, timeout=10)
        requests.post(f"{control}/faults", json={"clear": True}, timeout=10)
        assert api.get("/airmeets").status_code == 200
        assert requests.post(f"{control}/faults", json={"action": "flood"}, timeout=10).status_code == 400

    def test_clock(self, sandbox: Sandbox, control: str) -> None:
        before = sandbox.clock.now()
        requests.post(f"{control}/clock", json={"advance_seconds": 60}, timeout=10)
        assert (sandbox.clock.now() - before).total_seconds() == 60
        requests.post(
            f"{control}/clock", json={"set": "2027-01-01T00:00:00+00:00", "freeze": True}, timeout=10
        )
        assert sandbox.clock.now().isoformat() == "2027-01-01T00:00:00+00:00"


def test_it_runs_in_a_process_of_its_own() -> None:
    command = [
        sys.executable,
        "-m",
        "airmeet_sandbox",
        "--port",
        "0",
        "--events",
        "3",
        "--people",
        "5",
    ]
    with started(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(4)]
        url, _, access, secret = (re.split(r"\s{2,}", line.strip())[1] for line in lines)
        keys = {"X-Airmeet-Access-Key": access, "X-Airmeet-Secret-Key": secret}
        token = requests.post(f"{url}/auth", headers=keys, timeout=10).json()["data"]["token"]
        listed = requests.get(f"{url}/airmeets", headers={"X-Airmeet-Access-Token": token}, timeout=10).json()
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert len(listed["data"]) == 3
