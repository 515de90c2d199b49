"""An emulated BigQuery for the tests, reached by nothing but configuration, as the real one is."""

import json
import socket
import subprocess
import sys
import tempfile
import time
from functools import cached_property
from pathlib import Path
from typing import Self

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from dlt.destinations.impl.bigquery import bigquery
from google.auth.credentials import CredentialsWithRegionalAccessBoundary

PROGRAM = Path(__file__).with_name("bigquery_emulator.py")
PATIENCE = 60.0  # seconds until it must have started
PROJECT = "test-project"


class BigQueryServer:
    """Starts with the context and is gone, data included, at its end."""

    def __enter__(self) -> Self:
        """Start the emulator in a process of its own."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [sys.executable, str(PROGRAM), str(port)], stdout=self._log, stderr=self._log
        )
        give_up_at = time.monotonic() + PATIENCE
        while not self._answers():
            assert self._process.poll() is None, self._told()
            assert time.monotonic() < give_up_at, self._told()
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the emulator."""
        self._process.kill()
        self._process.wait()
        self._log.close()

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

    def _answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=1).ok
        except requests.ConnectionError:
            return False

    def _told(self) -> str:
        self._log.seek(0)
        return f"the emulator did not start: {self._log.read().decode()[-2000:]}"
