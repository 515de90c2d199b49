"""Neighbours: the other communities of a dataset - which events are theirs, and what they load meanwhile.

An event can be on the lists of several communities. It belongs to the one that loaded it first, for as long
as that one lists it: the others leave it alone, so that its rows are loaded once and have one owner.

Runs of several communities go on side by side, and only their loads take turns. What a run decided when it
began may no longer hold when its first rows are about to be loaded: then it begins again.
"""

from collections.abc import Mapping
from datetime import datetime

from dlt.common.schema.typing import TTableSchemaColumns
from dlt.common.time import ensure_datetime
from dlt.destinations.job_client_impl import SqlJobClientBase
from sqlglot import exp

from airmeet_source.errors import Overtaken
from airmeet_source.extract.extraction import Extraction
from airmeet_source.loading.clients import Clients
from airmeet_source.loading.storage import Columns, read_tables
from airmeet_source.loading.undeclared import undeclared_columns
from airmeet_source.resources import AIRMEETS

_NEEDED = {"airmeet_id", "community", "last_listed_at"}
_EVENTS = """
SELECT {airmeet_id}, newest FROM (
    SELECT {airmeet_id}, {community}, {last_listed_at},
        MAX({last_listed_at}) OVER (PARTITION BY {community}) AS newest
    FROM {airmeets}
) AS events
WHERE {community} <> {ours} AND {last_listed_at} = newest
"""
_TAKEN = "Another community has begun to load {count:,} event(s) that this one lists as well"
_RETYPED = "Another community has added the column {column} to table {table}, with the type {theirs}"


class Neighbours:
    """The other communities of a run's dataset."""

    def __init__(self, clients: Clients, extraction: Extraction) -> None:
        self._clients = clients
        self._extraction = extraction

    def events(self, tables: Columns) -> dict[str, datetime]:
        """The events that belong to them, by id, and when they were last listed."""
        if not tables.get(AIRMEETS.name, {}).keys() >= _NEEDED:
            return {}
        with self._clients.opened() as client:
            rows = client.sql_client.execute_sql(self._query(client)) or ()
        return {str(airmeet_id): ensure_datetime(newest) for airmeet_id, newest in rows}

    def _query(self, client: SqlJobClientBase) -> str:
        dialect = str(client.capabilities.sqlglot_dialect)
        return _EVENTS.format(
            **{name: client.sql_client.escape_column_name(name) for name in _NEEDED},
            airmeets=client.sql_client.make_qualified_table_name(AIRMEETS.name),
            ours=exp.convert(self._extraction.settings.community).sql(dialect),
        )

    def require_no_news(self) -> None:
        """Make sure that a package still fits, right before it is loaded.

        Raises:
            Overtaken: it does not.
        """
        package = self._extraction.package
        new_columns = [
            (table, column, hints["data_type"])
            for table, column, hints in undeclared_columns(self._clients.client().schema)
            if column not in package.stored.get(table, {})
        ]
        names = {table for table, _, _ in new_columns}
        if not package.loaded:
            names.add(AIRMEETS.name)
        if not names:
            return
        with self._clients.opened():
            tables = read_tables(self._clients, names)
            if not package.loaded:
                self._require_ours(tables)
        for table, column, ours in new_columns:
            theirs = _type_of(column, tables.get(table, {}))
            if theirs not in (None, ours):
                raise Overtaken(_RETYPED.format(column=column, table=table, theirs=theirs))

    def _require_ours(self, tables: Columns) -> None:
        self._extraction.elsewhere = self.events(tables)
        taken = [
            airmeet_id for airmeet_id in self._extraction.listed if self._extraction.is_elsewhere(airmeet_id)
        ]
        if taken:
            raise Overtaken(_TAKEN.format(count=len(taken)))


def _type_of(column: str, columns: TTableSchemaColumns | Mapping[str, object]) -> str | None:
    hints = columns.get(column)
    return str(hints["data_type"]) if isinstance(hints, dict) else None
