"""A plain loop with ``requests``: one list after the other, waiting for each; raw records into DuckDB."""

import argparse
import json
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
from api import BASE_URL, DUCKDB_FILE, token_headers
from patience import PatientSession

PAGE = 50


class Loop:
    """Reads lists of the API."""

    def __init__(self, wait: float) -> None:
        self._session = PatientSession(wait)
        self._session.headers.update(token_headers())

    def get(self, path: str, **params: str | int) -> dict[str, Any]:
        """One answer."""
        response = self._session.get(f"{BASE_URL}/{path}", params=params, timeout=60)
        response.raise_for_status()
        answer: dict[str, Any] = response.json()
        return answer

    def records(self, path: str) -> Iterator[dict[str, Any]]:
        """All records of a list."""
        params: dict[str, str | int] = {"size": PAGE}
        while True:
            answer = self.get(path, **params)
            yield from answer["data"]
            if len(answer["data"]) < PAGE:
                return
            params["after"] = answer["cursors"]["after"]

    def lists(self) -> Iterator[str]:
        """The path of every asynchronous list."""
        for event in self.get("airmeets", size=500)["data"]:
            path = f"airmeet/{event['uid']}"
            yield from (f"{path}/{name}" for name in ("attendees", "utms", "event-replay-attendees"))
            for session in self.get(f"{path}/info")["sessions"]:
                yield f"session/{session['sessionid']}/attendees"
            for booth in self.get(f"{path}/booths")["booths"]:
                yield f"{path}/booth/{booth['uid']}/booth-attendance"


def main() -> None:
    """Load all asynchronous lists."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--wait", type=float, required=True, help="seconds between two asks for a result")
    loop = Loop(parser.parse_args().wait)
    rows = [(path, json.dumps(record)) for path in loop.lists() for record in loop.records(path)]
    batch = pa.table({"path": [path for path, _ in rows], "record": [record for _, record in rows]})
    with duckdb.connect(DUCKDB_FILE) as connection:
        connection.register("batch", batch)
        connection.execute("CREATE TABLE records AS FROM batch")


if __name__ == "__main__":
    main()
