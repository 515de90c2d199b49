"""The emulator of BigQuery as a process of its own."""

import socket
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.processes import started

PROGRAM = Path(__file__).with_name("bigquery_emulator.py")
PATIENCE = 60.0  # seconds until it must have started


@contextmanager
def bigquery_process() -> Iterator[str]:
    """The address of an emulator that is gone, data included, at the end of the context."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = str(listener.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    with (
        tempfile.TemporaryFile() as log,
        started([sys.executable, PROGRAM, port], stdout=log, stderr=log) as process,
    ):
        give_up_at = time.monotonic() + PATIENCE
        while not _answers(url):
            if process.poll() is not None or time.monotonic() > give_up_at:
                log.seek(0)
                raise RuntimeError(f"the emulator did not start: {log.read().decode()[-2000:]}")
            time.sleep(0.05)
        yield url


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
