"""Memory: what a run knows of earlier ones. It comes from the destination, with the rows it stands for.

The working folder is empty when this begins, so that dlt takes whatever state the destination has of the
last load that was completed. Where there is none that can be used, because a table of dlt's is gone or a row
cannot be read, nothing is remembered and everything is fetched again.
"""

import json
import logging
from contextlib import suppress
from datetime import UTC, datetime

import dlt
from dlt.common.destination.client import WithStateSync
from dlt.common.schema import Schema
from dlt.extract import DltSource
from dlt.extract.items import TableNameMeta
from dlt.pipeline.exceptions import PipelineStepFailed

from airmeet_source.api.server_clock import TOLERATED, ServerClock
from airmeet_source.extract.unit_states import source_state_of
from airmeet_source.loading.clients import Clients
from airmeet_source.loading.storage import LOADS, STATES, VERSIONS, Storage
from airmeet_source.loading.stored_states import UNREADABLE, StoredStates
from airmeet_source.model.tables import TABLES
from airmeet_source.resources import resource_of

log = logging.getLogger("airmeet_source")


def forget_the_future(clients: Clients, storage: Storage, clock: ServerClock) -> None:
    """Delete what runs remembered whose clocks were ahead. What stays is older than the rows, which is safe.

    To dlt the newest load is the one with the latest time by the clock of its machine. The state of a machine
    that is a year ahead would be the newest for a year, whatever is loaded meanwhile.
    """
    if not storage.has(STATES, LOADS):
        return
    pipeline_name = clients.pipeline.pipeline_name
    with clients.opened() as client:
        states = StoredStates(client)
        newest = states.completed(pipeline_name)[-1:]
        if not newest or not _is_after(newest[0], datetime.now(UTC)):
            return
        now = clock.now()  # it may be this process whose clock is wrong
        if now is not None and _is_after(newest[0], now):
            log.warning(
                "What a run remembered whose clock was ahead (%s) is forgotten and fetched again.",
                datetime.fromtimestamp(float(newest[0]), UTC).isoformat(" ", "minutes"),
            )
            states.delete_after(pipeline_name, str((now + TOLERATED).timestamp()))


def forget_schema(clients: Clients, name: str, storage: Storage) -> None:
    """Delete the versions of a schema that cannot be read: dlt would not replace them by the same one."""
    if storage.has(VERSIONS):
        with clients.opened() as client:
            sql = client.sql_client
            table = sql.make_qualified_table_name(VERSIONS)
            column = sql.escape_column_name("schema_name")
            sql.execute_sql(f"DELETE FROM {table} WHERE {column} = %s", name)  # noqa: S608 - no user's text


def recall(clients: Clients, source: DltSource, storage: Storage) -> bool:
    """Give the pipeline the state and the schema that the destination has. Nothing changes there.

    Returns:
        Whether they could be read.
    """
    pipeline = clients.pipeline
    is_whole = storage.has(STATES, LOADS) and (storage.has(VERSIONS) or VERSIONS not in storage.tables)
    is_readable = not is_whole or _is_synchronised(pipeline)
    schema = _stored_schema(clients, source.name, storage)
    missing = [table for table in _tables_to_know(pipeline, storage) if table not in schema.tables]
    _declare(schema, source, missing)
    if schema.data_table_names() and (missing or not pipeline.schemas.has_schema(source.name)):
        pipeline.schemas.save_schema(schema)
    return is_readable


def _is_synchronised(pipeline: dlt.Pipeline) -> bool:
    try:
        pipeline.sync_destination()
    except PipelineStepFailed as failure:
        if not isinstance(failure.__cause__, UNREADABLE):
            raise
        log.warning("The state in the destination cannot be read: everything is fetched again.")
        return False
    return True


def _stored_schema(clients: Clients, name: str, storage: Storage) -> Schema:
    """The schema that came with the state, else the newest one in the destination, else an empty one."""
    if clients.has_schema():
        return clients.pipeline.schemas[name]
    if storage.has(VERSIONS):
        with suppress(*UNREADABLE), clients.opened() as client:
            assert isinstance(client, WithStateSync)  # noqa: S101 - all SQL destinations
            stored = client.get_stored_schema(name)
            if stored is not None:
                return Schema.from_dict(json.loads(stored.schema))
    return Schema(name)


def _tables_to_know(pipeline: dlt.Pipeline, storage: Storage) -> set[str]:
    """The tables that are there, and those whose rows the state stands for."""
    remembered = source_state_of(pipeline).get("resources", {})
    return {table for table in TABLES if table in storage.tables or resource_of(table) in remembered}


def _declare(schema: Schema, source: DltSource, tables: list[str]) -> None:
    """Add tables as they are declared. The types of undocumented columns are looked up in the destination."""
    for table in tables:
        resource = source.resources.get(resource_of(table))
        if resource is not None:  # another region's, if it is None
            schema.update_table(resource.compute_table_schema(meta=TableNameMeta(table)))


def _is_after(load_id: str, moment: datetime) -> bool:
    """Whether the time of a load, which is its id, is later than a moment."""
    with suppress(ValueError, OverflowError):
        return datetime.fromtimestamp(float(load_id), UTC) > moment + TOLERATED
    return False
