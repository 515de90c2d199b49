"""An emulated BigQuery for the tests, reached by nothing but configuration, as the real one is."""

import json
import time
from functools import cache, cached_property

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from dlt.destinations.impl.bigquery import bigquery
from google.auth.credentials import CredentialsWithRegionalAccessBoundary
from google.auth.crypt import _cryptography_rsa

PROJECT = "test-project"

# to read a key takes a tenth of a second, and each connection does it
_signer = cache(_cryptography_rsa.RSASigner.from_string)


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
        """No pause of a second for each load job, no look at Google's own servers, one look at the key."""
        monkeypatch.setattr(bigquery, "sleep", lambda _: time.sleep(0.01))
        monkeypatch.setattr(
            _cryptography_rsa.RSASigner, "from_string", _signer
        )  # a tenth of a second each time
        looks_up = "_is_regional_access_boundary_lookup_required"
        monkeypatch.setattr(CredentialsWithRegionalAccessBoundary, looks_up, lambda _: False, raising=False)

    def statements(self, dataset: str) -> list[str]:
        """Every SQL statement that was sent for a dataset, oldest first."""
        answered: list[str] = requests.get(f"{self.url}/statements/{dataset}", timeout=10).json()
        return answered

    def table(self, dataset: str, table: str) -> dict[str, object]:
        """What the API says of a table."""
        url = f"{self.url}/bigquery/v2/projects/{PROJECT}/datasets/{dataset}/tables/{table}"
        answered: dict[str, object] = requests.get(url, timeout=10).json()
        return answered
