"""What is written down of runs beside their rows: how each ended, and which columns came with it."""

import logging
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import Any, cast

import dlt
from dlt.common.destination.typing import PreparedTableSchema
from dlt.common.schema.typing import TSchemaTables
from dlt.common.schema.utils import new_table
from dlt.destinations.job_client_impl import SqlJobClientBase
from sqlglot import exp

from airmeet_source.disclosure.words import of_server
from airmeet_source.extract.hints import column_schema
from airmeet_source.loading.locking import Hold
from airmeet_source.loading.report import Report
from airmeet_source.loading.storage import has_database
from airmeet_source.model.columns import UNPARSED
from airmeet_source.model.table import Table, all_columns
from airmeet_source.model.tables import TABLES

log = logging.getLogger("airmeet_source")

RUNS, SCHEMA_CHANGES, SYNC_LOG = TABLES["runs"], TABLES["schema_changes"], TABLES["sync_log"]
Row = Mapping[str, Any]

# what a row of sync_log must be older than to be of no account for its unit: the newest row stays, the newest
# `loaded` one, and the pending and failed ones since the last that was neither
_LATER_ONES = """
SELECT 1 FROM (
    SELECT resource, coalesce(airmeet_id, '') AS event, coalesce(entity_id, '') AS entity,
        CASE WHEN airmeet_id IS NULL THEN coalesce(community, '') ELSE '' END AS lister,
        max(finished_at) AS newest,
        max(CASE WHEN outcome = 'loaded' THEN finished_at END) AS newest_loaded,
        max(CASE WHEN outcome NOT IN ('pending', 'failed') THEN finished_at END) AS newest_good
    FROM {log} GROUP BY 1, 2, 3, 4
) AS unit
WHERE unit.resource = sync_log.resource AND unit.event = coalesce(sync_log.airmeet_id, '')
    AND unit.entity = coalesce(sync_log.entity_id, '')
    AND unit.lister = CASE WHEN sync_log.airmeet_id IS NULL THEN coalesce(sync_log.community, '') ELSE '' END
    AND sync_log.finished_at < unit.newest
    AND (sync_log.outcome <> 'loaded' OR sync_log.finished_at < unit.newest_loaded)
    AND (sync_log.outcome NOT IN ('pending', 'failed') OR sync_log.finished_at < unit.newest_good)
"""


def enter_run(pipeline: dlt.Pipeline, hold: Hold, report: Report, log_days: float) -> None:
    """Enter a run that has ended, and the columns that it added; delete what is older than ``log_days``.

    If that cannot be done, the run is what it is.
    """
    if not has_database(pipeline):
        return
    try:
        with hold(), pipeline.destination_client() as client:
            assert isinstance(client, SqlJobClientBase)  # noqa: S101 - only those merge by delete-insert
            if client.is_storage_initialized():
                logs = _Logs(client)
                logs.add(RUNS, [_run_row(report)])
                logs.add(SCHEMA_CHANGES, list(_new_columns(pipeline, report, logs.known_changes())))
                logs.forget(datetime.now(UTC) - timedelta(days=log_days))
    except Exception as error:  # noqa: BLE001 - any driver's own, or a lock of somebody else's
        log.warning("The run is not in the table runs: %s", of_server(str(error)) or type(error).__name__)


def _run_row(report: Report) -> Row:
    told = report.as_dict()
    same = ("run_id", "community", "pipeline", "status", "exit_code", "requests", "error")
    return {
        **{name: told[name] for name in same},
        **report.units,
        "command": "load",
        "version": version("airmeet-source"),
        "started_at": report.started_at,
        "finished_at": report.finished_at,
        "rows": sum(report.rows.values()),
        "waited_seconds": told["waited_seconds"],
    }


def _new_columns(pipeline: dlt.Pipeline, report: Report, known: set[tuple[str, str]]) -> Iterator[Row]:
    """The columns of the schema that nobody declared, and that are not entered yet."""
    tables: TSchemaTables = pipeline.default_schema.tables if pipeline.default_schema_name else {}
    for name in TABLES.keys() & tables.keys():
        declared = {column.name for column in all_columns(TABLES[name].with_entry_link())} | {UNPARSED}
        for column, hints in pipeline.default_schema.get_table_columns(name).items():
            if column not in declared and (name, column) not in known:
                yield {
                    "run_id": report.run_id,
                    "changed_at": report.finished_at,
                    "table_name": name,
                    "column_name": column,
                    "data_type": hints["data_type"],
                }


class _Logs:
    """The tables in the destination; dlt does not know of those that it does not fill."""

    def __init__(self, client: SqlJobClientBase) -> None:
        self._client = client
        self._sql = client.sql_client
        self._dialect = str(client.capabilities.sqlglot_dialect)

    def add(self, table: Table, rows: Collection[Row]) -> None:
        """Add rows to a table, which is made if it does not exist."""
        if not rows:
            return
        self._make(table)
        names = ", ".join(map(self._sql.escape_column_name, table.column_names))
        values = ", ".join(
            f"({', '.join(self._literal(row.get(name)) for name in table.column_names)})" for row in rows
        )
        self._sql.execute_sql(f"INSERT INTO {self._name(table)} ({names}) VALUES {values}")  # noqa: S608 - literals

    def known_changes(self) -> set[tuple[str, str]]:
        """Tables and columns in the table schema_changes."""
        if not self._columns(SCHEMA_CHANGES):
            return set()
        names = ", ".join(map(self._sql.escape_column_name, SCHEMA_CHANGES.key))
        rows = self._sql.execute_sql(f"SELECT {names} FROM {self._name(SCHEMA_CHANGES)}")  # noqa: S608 - our names
        return {(str(table), str(column)) for table, column in rows or ()}

    def forget(self, before: datetime) -> None:
        """Delete old rows, but of each unit those by which its state is known."""
        too_old = f"finished_at < {self._literal(before)}"
        self._sql.execute_sql(f"DELETE FROM {self._name(RUNS)} WHERE {too_old}")  # noqa: S608 - literals, as below
        if self._columns(SYNC_LOG):
            name = self._name(SYNC_LOG)
            newer = _LATER_ONES.format(log=name)
            self._sql.execute_sql(f"DELETE FROM {name} WHERE {too_old} AND EXISTS ({newer})")  # noqa: S608

    def _make(self, table: Table) -> None:
        stored = self._columns(table)
        columns = {column.name: column_schema(column) for column in all_columns(table)}
        schema = cast(PreparedTableSchema, new_table(table.name, columns=list(columns.values())))
        types = self._client.type_mapper
        definitions = [
            f"{self._sql.escape_column_name(name)} {types.to_destination_type(column, schema)}"
            for name, column in columns.items()
            if name not in stored
        ]
        name = self._name(table)
        if not stored:
            self._sql.execute_sql(f"CREATE TABLE IF NOT EXISTS {name} ({', '.join(definitions)})")
            return
        for definition in definitions:
            self._sql.execute_sql(f"ALTER TABLE {name} ADD COLUMN {definition}")

    def _columns(self, table: Table) -> Collection[str]:
        [(_, columns)] = self._client.get_storage_tables([table.name])
        return columns

    def _name(self, table: Table) -> str:
        return self._sql.make_qualified_table_name(table.name)

    def _literal(self, value: object) -> str:
        if isinstance(value, datetime):
            return exp.cast(exp.Literal.string(value.isoformat()), "timestamptz").sql(self._dialect)
        return exp.convert(value).sql(self._dialect)
