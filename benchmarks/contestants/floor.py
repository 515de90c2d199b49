"""The floor: fetch the pages one after another, parse them, insert them into DuckDB as Arrow. Nothing else.

No types, no retries, no state, no waiting: what is left is what any connector has to spend.
"""

import argparse
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import duckdb
import orjson
import pyarrow as pa
import requests
import urllib3
from api import BASE_URL, DUCKDB_FILE, token_headers

Get = Callable[[str, dict[str, str]], bytes]

BATCH_ROWS = 5_000
PAGE = 50
PARTICIPANTS_PAGE = 1_000


def with_requests() -> Get:
    """GET with ``requests``."""
    session = requests.Session()
    session.trust_env = False
    headers = token_headers()
    return lambda path, params: (
        session.get(BASE_URL + path, params=params, headers=headers, timeout=60).content
    )


def with_urllib3() -> Get:
    """GET with ``urllib3`` itself."""
    pool = urllib3.connection_from_url(BASE_URL)
    prefix = urllib3.util.parse_url(BASE_URL).path or ""
    headers = token_headers()

    def get(path: str, params: dict[str, str]) -> bytes:
        url = f"{prefix}{path}?{urlencode(params)}"
        return pool.urlopen("GET", url, headers=headers, timeout=60, retries=False).data

    return get


CLIENTS = {"requests": with_requests, "urllib3": with_urllib3}


def attendance(get: Get, airmeet_id: str) -> Iterator[list[dict[str, Any]]]:
    """Pages of an event's attendance."""
    params = {"size": str(PAGE)}
    while True:
        answer = orjson.loads(get(f"/airmeet/{airmeet_id}/attendees", params))
        yield answer["data"]
        if len(answer["data"]) < PAGE:
            return
        params["after"] = str(answer["cursors"]["after"])


def participants(get: Get, airmeet_id: str) -> Iterator[list[dict[str, Any]]]:
    """Pages of an event's participants, their answers to custom fields as JSON text."""
    number = 1
    while True:
        params = {
            "pageNumber": str(number),
            "resultSize": str(PARTICIPANTS_PAGE),
            "sortingKey": "registrationDate",
            "sortingDirection": "ASC",
        }
        answer = orjson.loads(get(f"/airmeet/{airmeet_id}/participants", params))
        for person in answer["participants"]:
            person["user_profile"] = orjson.dumps(person["user_profile"]).decode()
        yield answer["participants"]
        if len(answer["participants"]) < PARTICIPANTS_PAGE:
            return
        number += 1


LISTS = {"attendees": attendance, "participants": participants}


def main() -> None:
    """Load one list of every event."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--client", choices=CLIENTS, required=True)
    parser.add_argument("--list", choices=LISTS, required=True)
    options = parser.parse_args()
    get, pages = CLIENTS[options.client](), LISTS[options.list]
    connection = duckdb.connect(DUCKDB_FILE)
    waiting: list[dict[str, Any]] = []
    for event in orjson.loads(get("/airmeets", {"size": "500"}))["data"]:
        for records in pages(get, event["uid"]):
            waiting += records
            if len(waiting) >= BATCH_ROWS:
                insert(connection, waiting)
                waiting = []
    insert(connection, waiting)


def insert(connection: duckdb.DuckDBPyConnection, records: list[dict[str, Any]]) -> None:
    """Add the records to the only table, as Arrow infers their types."""
    if not records:
        return
    batch = pa.Table.from_pylist(records)
    connection.register("batch", batch)
    connection.execute("CREATE TABLE IF NOT EXISTS records AS FROM batch LIMIT 0")
    connection.execute("INSERT INTO records BY NAME FROM batch")


if __name__ == "__main__":
    main()
