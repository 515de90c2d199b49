"""Commands run quietly, disturbed or killed: what random plans do with ``push`` and ``recordings``."""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from airmeet_sandbox import Sandbox, faults
from airmeet_source.cli.main import call
from tests.support.processes import started


@contextmanager
def alone_with(sandbox: Sandbox, *, request_timeout: str) -> Iterator[None]:
    """An empty folder, with the sandbox's keys in the environment."""
    before = Path.cwd(), dict(os.environ)
    settings = {
        "ACCESS_KEY": sandbox.access_key,
        "SECRET_KEY": sandbox.secret_key,
        "BASE_URL": sandbox.base_url,
        "BACKOFF": "0.01",
        "MAX_ATTEMPTS": "3",
        "REQUEST_TIMEOUT": request_timeout,
    }
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ.update({f"SOURCES__AIRMEET__{name}": value for name, value in settings.items()})
        try:
            yield
        finally:
            os.chdir(before[0])
            os.environ.clear()
            os.environ.update(before[1])


def run_quietly(name: str, words: list[str]) -> int:
    """Run a command in this process; returns its exit code."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return call(name, words, prog=f"airmeet {name}")


def run_until(
    is_time: Callable[[], bool], name: str, words: list[str], sandbox: Sandbox, endpoint: str
) -> int:
    """Kill a command at a request to an endpoint, while others may be on their way; returns its exit code."""
    command = [sys.executable, "-m", "airmeet_source", name, *words]
    with started(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:

        def kill(_request: Any) -> bool:
            if is_time():
                process.kill()
            return False

        sandbox.faults.add(faults.reset(), endpoint=endpoint, when=kill)
        return process.wait(60)
