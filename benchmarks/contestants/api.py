"""What every plain client of the API needs: where it is, and a token."""

import os
from typing import Any

import requests

BASE_URL = os.environ["SOURCES__AIRMEET__BASE_URL"]
DUCKDB_FILE = "airmeet.duckdb"


def token_headers() -> dict[str, str]:
    """The headers that go with each request."""
    keys = {
        "X-Airmeet-Access-Key": os.environ["SOURCES__AIRMEET__ACCESS_KEY"],
        "X-Airmeet-Secret-Key": os.environ["SOURCES__AIRMEET__SECRET_KEY"],
    }
    answer: dict[str, Any] = requests.post(f"{BASE_URL}/auth", headers=keys, timeout=60).json()
    return {"X-Airmeet-Access-Token": answer["data"]["token"], "Content-Type": "application/json"}
