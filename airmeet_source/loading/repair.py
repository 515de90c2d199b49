"""Repair: tables and columns of ours that somebody dropped, renamed or changed come back.

What filled them is due again. That is written down in the destination before anything is made there: after a
crash in between, the next run finds the damage, or that the rows are due.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import dlt
from dlt.destinations.job_client_impl import SqlJobClientBase, SqlJobClientWithStagingDataset

from airmeet_source.loading.clients import Clients
from airmeet_source.loading.damage import Damage, find_damage, is_staging_stale
from airmeet_source.loading.storage import BOOKKEEPING, STATES, Storage
from airmeet_source.loading.stored_states import StoredStates
from airmeet_source.resources import RESOURCES, resource_of

log = logging.getLogger("airmeet_source")

_LONGEST_NAME = 63  # characters, on Postgres


def mend_bookkeeping(clients: Clients, storage: Storage) -> Storage:
    """Drop those of dlt's own tables that lack a column: dlt makes them anew. Returns what is left."""
    broken = [name for name in BOOKKEEPING if name in storage.tables and not storage.has(name)]
    if broken:
        with clients.opened() as client:
            client.sql_client.drop_tables(*broken)
        log.warning("Repaired: dlt's own table(s) %s lacked columns and are made anew.", ", ".join(broken))
    return storage.without(broken)


def damage_of(clients: Clients, storage: Storage) -> list[Damage]:
    """What is wrong with tables that were loaded before."""
    if not storage.tables or not clients.has_schema():
        return []
    return list(find_damage(clients.client(), storage))


def make_due(pipeline: dlt.Pipeline, damages: Iterable[Damage]) -> None:
    """Have this run fetch again what fills the damaged tables."""
    resources = _resources(damages)
    if resources:
        with pipeline.managed_state() as state:
            _forget(state, resources)


def mend(clients: Clients, storage: Storage, damages: list[Damage]) -> None:
    """Make anew what is damaged or gone, of dlt's own tables and of the staging tables as well."""
    with clients.opened() as client:
        if clients.has_schema() and storage.tables:  # otherwise dlt is about to make everything
            if damages and storage.has(STATES):
                StoredStates(client).change(partial(_forget, resources=_resources(damages)))
            for damage in damages:
                _tell(damage, {} if damage.is_gone else _mend_table(client, damage, storage))
            _make_tables(client, damages, storage)
        if isinstance(client, SqlJobClientWithStagingDataset) and is_staging_stale(client, storage):
            with client.with_staging_dataset():
                client.drop_tables(*storage.staging, delete_schema=False)
            log.warning("Repaired: the staging tables were not as they had been left; they are made anew.")


def _resources(damages: Iterable[Damage]) -> set[str]:
    return {resource_of(damage.table) for damage in damages}


def _forget(state: Any, resources: Collection[str]) -> bool:
    """Forget what a state has of resources; whether it had anything."""
    remembered = state.get("sources", {}).get("airmeet", {}).get("resources", {})
    known = [name for name in resources if name in remembered]
    for name in known:
        del remembered[name]
    return bool(known)


def _make_tables(client: SqlJobClientBase, damages: list[Damage], storage: Storage) -> None:
    gone = [damage.table for damage in damages if damage.is_gone or damage.is_without_key]
    absent = [name for name in BOOKKEEPING if name not in storage.tables]
    if gone or absent:
        ours = [name for name in BOOKKEEPING if name in client.schema.tables]
        client.update_stored_schema(only_tables=[*gone, *ours], force=True)
    if absent:
        log.warning("Repaired: dlt's own table(s) %s were gone.", ", ".join(absent))


def _mend_table(client: SqlJobClientBase, damage: Damage, storage: Storage) -> dict[str, str]:
    """Add the columns that are missing; what has another form now is kept. Returns its new names."""
    sql = client.sql_client
    alter = f"ALTER TABLE {sql.make_qualified_table_name(damage.table)}"
    if damage.is_without_key:
        kept = _kept_names([damage.table])
        sql.execute_sql(f"{alter} RENAME TO {sql.escape_column_name(kept[damage.table])}")
    else:
        kept = _kept_names(damage.retyped)
        for name, kept_name in kept.items():
            old, new = sql.escape_column_name(name), sql.escape_column_name(kept_name)
            sql.execute_sql(f"{alter} RENAME COLUMN {old} TO {new}")
        for name in _mandatory_strays(client, damage.table, storage):
            sql.execute_sql(
                f"{alter} ALTER COLUMN {sql.escape_column_name(kept.get(name, name))} DROP NOT NULL"
            )
        for definition in _definitions(client, damage):
            sql.execute_sql(f"{alter} ADD COLUMN {definition}")
    return kept


def _tell(damage: Damage, kept: Mapping[str, str]) -> None:
    log.warning(
        "Repaired: %s.%s%s",
        damage,
        f" What was there is kept as {', '.join(kept.values())}." if kept else "",
        " Its rows are fetched again." if resource_of(damage.table) in RESOURCES else "",
    )


def _kept_names(names: Iterable[str]) -> dict[str, str]:
    """Names that nobody uses, and that readers take for dlt's business."""
    time = f"{datetime.now(UTC):%Y%m%d%H%M%S}"
    return {name: f"_dlt_kept_{time}_{count}_{name}"[:_LONGEST_NAME] for count, name in enumerate(names)}


def _mandatory_strays(client: SqlJobClientBase, table: str, storage: Storage) -> list[str]:
    """Columns that no new row will fill, and that demand a value: those that were ours under another name."""
    known = client.schema.get_table_columns(table)
    return [
        name
        for name, column in storage.tables[table].items()
        if not column.get("nullable", True)
        and (name not in known or known[name]["data_type"] != column["data_type"])
    ]


def _definitions(client: SqlJobClientBase, damage: Damage) -> Iterator[str]:
    """The missing columns in SQL; null in the rows that are there."""
    table = client.prepare_load_table(damage.table)
    for name in (*damage.missing, *damage.retyped):
        data_type = client.type_mapper.to_destination_type(table["columns"][name], table)
        yield f"{client.sql_client.escape_column_name(name)} {data_type}"
