"""The table of leases: a row says which run of a pipeline may load into the dataset, and until when."""

from dataclasses import dataclass
from datetime import UTC, datetime

import dlt
from dlt.common.data_types import TDataType
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.time import ensure_datetime
from dlt.destinations.exceptions import DatabaseException, DatabaseUndefinedRelation
from dlt.destinations.sql_client import SqlClientBase

LEASES = "_airmeet_leases"

_COLUMNS: dict[str, TDataType] = {"pipeline_name": "text", "holder": "text", "held_until": "bigint"}


@dataclass(frozen=True)
class Lease:
    """Who may load."""

    holder: str
    until: int  # seconds since 1970, by the destination's clock

    def is_over(self, now: int) -> bool:
        """Whether anybody may take it."""
        return self.until <= now

    def __str__(self) -> str:
        until = datetime.fromtimestamp(self.until, UTC)
        return f"{self.holder}, until {until:%Y-%m-%d %H:%M:%S} UTC at least"


FREE = Lease("", 0)


class LeaseTable:
    """The leases of one pipeline, in plain SQL that every warehouse understands.

    A warehouse need not know keys. So a row is changed only if it is as it was read, which warehouses do one
    after the other; and there may be two rows, if two first runs made theirs at the same moment.
    """

    def __init__(self, pipeline: dlt.Pipeline) -> None:
        self._client = pipeline.sql_client()
        self._pipeline_name = pipeline.pipeline_name
        self._types = pipeline.destination.capabilities().get_type_mapper()

    def read(self) -> tuple[int, list[Lease]]:
        """The destination's time, in seconds since 1970, and the leases."""
        with self._client as client:
            try:
                return self._read(client)
            except DatabaseUndefinedRelation:
                try:
                    self._create(client)
                except DatabaseException:  # another run has made it meanwhile, or we may not: it will be told
                    return self._read(client)
                return self._read(client)

    def add(self) -> None:
        """Make the pipeline's row."""
        with self._client as client:
            values = (self._pipeline_name, FREE.holder, FREE.until)
            client.execute_sql(f"INSERT INTO {_table(client)} VALUES (%s, %s, %s)", *values)  # noqa: S608 - no user's text

    def change(self, before: Lease, after: Lease) -> None:
        """Put one lease in the place of another, if that is still there."""
        with self._client as client:
            name, holder, until = _names(client)
            client.execute_sql(
                f"UPDATE {_table(client)} SET {holder} = %s, {until} = %s "  # noqa: S608
                f"WHERE {name} = %s AND {holder} = %s AND {until} = %s",
                *(after.holder, after.until, self._pipeline_name, before.holder, before.until),
            )

    def _read(self, client: SqlClientBase[object]) -> tuple[int, list[Lease]]:
        name, holder, until = _names(client)
        rows = client.execute_sql(
            f"SELECT clock.moment, leases.{holder}, leases.{until} "  # noqa: S608
            f"FROM (SELECT CURRENT_TIMESTAMP AS moment) AS clock "
            f"LEFT JOIN {_table(client)} AS leases ON leases.{name} = %s",
            self._pipeline_name,
        )
        rows = list(rows or ())
        leases = [Lease(str(holder), int(until)) for _, holder, until in rows if holder is not None]
        return int(ensure_datetime(rows[0][0]).timestamp()), leases

    def _create(self, client: SqlClientBase[object]) -> None:
        if not client.has_dataset():
            client.create_dataset()
        table: PreparedTableSchema = {"name": LEASES, "columns": {}}
        types = (
            self._types.to_destination_type({"name": name, "data_type": kind}, table)
            for name, kind in _COLUMNS.items()
        )
        columns = ", ".join(f"{name} {kind}" for name, kind in zip(_names(client), types, strict=True))
        client.execute_sql(f"CREATE TABLE {_table(client)} ({columns})")


def _table(client: SqlClientBase[object]) -> str:
    return client.make_qualified_table_name(LEASES)


def _names(client: SqlClientBase[object]) -> list[str]:
    return [client.escape_column_name(name) for name in _COLUMNS]
