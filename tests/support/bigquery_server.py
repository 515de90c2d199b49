"""An emulated BigQuery for the tests, reached by nothing but configuration, as the real one is."""

import json
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from dlt.destinations.impl.bigquery import bigquery
from google.auth.credentials import CredentialsWithRegionalAccessBoundary

from tests.support.processes import started

PROGRAM = Path(__file__).with_name("bigquery_emulator.py")
PATIENCE = 60.0  # seconds until it must have started
PROJECT = "test-project"


@contextmanager
def bigquery_server() -> Iterator["BigQueryServer"]:
    """An emulator in a process of its own, which is gone, data included, at the end of the context."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = str(listener.getsockname()[1])
    server = BigQueryServer(f"http://127.0.0.1:{port}")
    with (
        tempfile.TemporaryFile() as log,
        started([sys.executable, PROGRAM, port], stdout=log, stderr=log) as process,
    ):
        give_up_at = time.monotonic() + PATIENCE
        while not server.answers():
            if process.poll() is not None or time.monotonic() > give_up_at:
                log.seek(0)
                raise RuntimeError(f"the emulator did not start: {log.read().decode()[-2000:]}")
            time.sleep(0.05)
        yield server


class BigQueryServer:
    """Where a running emulator is, and what it was asked."""

    def __init__(self, url: str) -> None:
        self.url = url

    @cached_property
    def environment(self) -> dict[str, str]:
        """What leads dlt's BigQuery destination here instead of to Google."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        account = {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key": key.decode(),
            "client_email": "loader@example.com",
            "token_uri": f"{self.url}/token",
        }
        return {
            "BIGQUERY_EMULATOR_HOST": self.url,
            "DESTINATION__BIGQUERY__CREDENTIALS": json.dumps(account),
        }

    @staticmethod
    def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
        """No pause of a second for each load job, and no look at Google's own servers."""
        monkeypatch.setattr(bigquery, "sleep", lambda _: time.sleep(0.01))
        looks_up = "_is_regional_access_boundary_lookup_required"
        monkeypatch.setattr(CredentialsWithRegionalAccessBoundary, looks_up, lambda _: False, raising=False)

    def statements(self) -> list[str]:
        """Every SQL statement that was sent, oldest first."""
        answered: list[str] = requests.get(f"{self.url}/statements", timeout=10).json()
        return answered

    def table(self, dataset: str, table: str) -> dict[str, object]:
        """What the API says of a table."""
        url = f"{self.url}/bigquery/v2/projects/{PROJECT}/datasets/{dataset}/tables/{table}"
        answered: dict[str, object] = requests.get(url, timeout=10).json()
        return answered

    def answers(self) -> bool:
        """Whether it is there."""
        try:
            return requests.get(f"{self.url}/healthz", timeout=1).ok
        except requests.ConnectionError:
            return False
