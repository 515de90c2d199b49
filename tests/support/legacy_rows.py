"""The registrations of the first version of the API: as it shows them, and as they are stored."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from airmeet_sandbox import Sandbox, World
from tests.support.warehouse import Warehouse

COLUMNS = "email, name, city, country, organisation, designation, registration_date"
FIELDS = ("email", "name", "city", "country", "organisation", "Designation", "registrationDate")


def shown(world: World, event: str) -> Counter[tuple[Any, ...]]:
    """The registrations as the API shows them, typed as the columns are."""
    rows = [[record[field] for field in FIELDS] for record in world.records("registrations", event)]
    return Counter((*texts, datetime.fromisoformat(date)) for *texts, date in rows)


def stored(warehouse: Warehouse, event: str) -> Counter[tuple[Any, ...]]:
    """The registrations as they are in the table."""
    rows = warehouse.query(f"SELECT {COLUMNS} FROM registrations WHERE airmeet_id = '{event}'")
    return Counter((*texts, moment.astimezone(UTC)) for *texts, moment in rows)


def pages_asked(sandbox: Sandbox, event: str) -> list[str | None]:
    """The cursors that were sent for an event, in order."""
    requests = [request for request in sandbox.requests.to("registrations") if event in request.path]
    assert {request.query["size"] for request in requests} == {"500"}
    return [request.query.get("after") for request in requests]
