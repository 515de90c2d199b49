"""Holdings: whether the destination still has the rows that the state tells of.

What did not change is not written again, so rows that somebody deleted would never come back. Units that lack
all of their rows in a table are forgotten before anything is asked for, and so they are read in full.
"""

import logging
from collections.abc import Iterator, MutableMapping
from typing import Any, NamedTuple, cast

from dlt.destinations.sql_client import SqlClientBase

from airmeet_source.extract.unit_states import EventState, ResourceState, UnitState
from airmeet_source.loading.clients import Clients
from airmeet_source.loading.storage import Storage
from airmeet_source.model.columns import AIRMEET_ID
from airmeet_source.model.tables import TABLES
from airmeet_source.resources import RESOURCES, resource_of

log = logging.getLogger("airmeet_source")

_BILLED = "bigquery"  # for what a query reads, but not for the number of rows


class _Holding(NamedTuple):
    """That a table has rows of a unit."""

    table: str
    airmeet_id: str = ""
    entity_id: str = ""  # of the session or booth, if it is a unit of one


def forget_what_is_gone(clients: Clients, storage: Storage) -> None:
    """Forget the units whose rows are gone from a table."""
    pipeline = clients.pipeline
    told = set(_told(pipeline.state))
    tables = sorted({holding.table for holding in told} & storage.tables.keys())
    if not tables:
        return
    is_billed = pipeline.destination.destination_type.endswith(_BILLED)
    with clients.opened() as client:
        held = (_not_empty if is_billed else _held)(client.sql_client, tables)
    gone = {holding for holding in told if (_Holding(holding.table) if is_billed else holding) not in held}
    if gone:
        with pipeline.managed_state() as state:
            for holding in gone:
                _forget(_resources_of(state), holding)
        log.warning(
            "Rows were gone from %s: they are fetched again.",
            ", ".join(sorted({held.table for held in gone})),
        )


def _resources_of(state: Any) -> MutableMapping[str, ResourceState]:
    resources = state.get("sources", {}).get("airmeet", {}).get("resources", {})
    return cast(MutableMapping[str, ResourceState], resources)


def _told(state: Any) -> Iterator[_Holding]:
    """What the state tells of the tables."""
    for resource_state in _resources_of(state).values():
        for airmeet_id, event in resource_state.get("events", {}).items():
            for entity_id, unit in _units(event):
                if "read_at" in unit:
                    yield from (_Holding(table, airmeet_id, entity_id) for table in unit.get("tables", ()))


def _units(event: EventState) -> Iterator[tuple[str, UnitState]]:
    if "children" in event:
        yield from event["children"].items()
    else:
        yield "", event


def _forget(resources: MutableMapping[str, ResourceState], gone: _Holding) -> None:
    events = resources[resource_of(gone.table)]["events"]
    event = events.get(gone.airmeet_id)
    if event is not None and "children" in event:
        event["children"].pop(gone.entity_id, None)
    else:
        events.pop(gone.airmeet_id, None)


def _held(client: SqlClientBase[Any], tables: list[str]) -> set[_Holding]:
    """What the tables hold."""

    def holdings(table: str) -> str:
        name = client.make_qualified_table_name(table)
        event = client.escape_column_name(AIRMEET_ID.name)
        parent = TABLES[table].parent
        is_of_child = RESOURCES[resource_of(table)].parent is not None and parent is not None
        entity = client.escape_column_name(parent.key[-1]) if parent and is_of_child else "''"
        return f"SELECT DISTINCT '{table}' AS held, {event} AS event, {entity} AS entity FROM {name}"  # noqa: S608 - our own names

    return {_Holding(*row) for row in client.execute_sql(" UNION ALL ".join(map(holdings, tables))) or ()}


def _not_empty(client: SqlClientBase[Any], tables: list[str]) -> set[_Holding]:
    """Those of the tables that have any row."""
    counts = (
        f"SELECT '{table}' AS held, count(*) AS rows_held FROM {client.make_qualified_table_name(table)}"  # noqa: S608 - our own names
        for table in tables
    )
    rows = client.execute_sql(" UNION ALL ".join(counts)) or ()
    return {_Holding(str(table)) for table, count in rows if count}
