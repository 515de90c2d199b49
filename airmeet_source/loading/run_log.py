"""What is written down of runs beside their rows: how each ended, and which columns came with it."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

from dlt.common.schema import Schema

from airmeet_source.disclosure.words import of_server
from airmeet_source.loading.clients import Clients
from airmeet_source.loading.command_report import CommandReport
from airmeet_source.loading.locking import Hold
from airmeet_source.loading.log_tables import LogTables, Row
from airmeet_source.loading.storage import has_database
from airmeet_source.loading.undeclared import undeclared_columns
from airmeet_source.model.tables import TABLES

log = logging.getLogger("airmeet_source")

RUNS, SCHEMA_CHANGES, SYNC_LOG = TABLES["runs"], TABLES["schema_changes"], TABLES["sync_log"]

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


def enter_run(clients: Clients, hold: Hold, run: Row, log_days: float) -> bool:
    """Enter a run that has ended, and the columns that it added; delete what is older than ``log_days``.

    If that cannot be done, the run is what it is.

    Args:
        clients: of the pipeline that the run belongs to.
        hold: to have the destination to ourselves.
        run: its row in the table runs.
        log_days: rows that are older go.

    Returns:
        Whether it is entered.
    """
    if not has_database(clients.pipeline):
        return False
    try:
        with hold(), clients.opened() as client:
            if not client.is_storage_initialized():
                return False
            logs = LogTables(client)
            logs.add(RUNS, [run])
            logs.add(SCHEMA_CHANGES, list(_new_columns(client.schema, run, _known_changes(logs))))
            _forget(logs, datetime.now(UTC) - timedelta(days=log_days))
    except Exception as error:  # noqa: BLE001 - any driver's own, or a lock of somebody else's
        log.warning("The run is not in the table runs: %s", of_server(str(error)) or type(error).__name__)
        return False
    return True


def run_row(report: CommandReport, command: str, rows: int, **more: object) -> Row:
    """The row of a run in the table runs; ``rows``: written, over all tables."""
    told = report.as_dict()
    same = ("run_id", "community", "pipeline", "status", "exit_code", "requests", "error")
    return {
        **{name: told[name] for name in same},
        **more,
        "command": command,
        "version": version("airmeet-source"),
        "started_at": report.started_at,
        "finished_at": report.finished_at,
        "rows": rows,
    }


def _new_columns(schema: Schema, run: Row, known: set[tuple[str, str]]) -> Iterator[Row]:
    """The columns of the schema that nobody declared, and that are not entered yet."""
    for name, column, hints in undeclared_columns(schema):
        if (name, column) not in known:
            yield {
                "run_id": run["run_id"],
                "changed_at": run["finished_at"],
                "table_name": name,
                "column_name": column,
                "data_type": hints["data_type"],
            }


def _known_changes(logs: LogTables) -> set[tuple[str, str]]:
    """Tables and columns in the table schema_changes."""
    if not logs.columns(SCHEMA_CHANGES):
        return set()
    return {(str(table), str(column)) for table, column in logs.select(SCHEMA_CHANGES, SCHEMA_CHANGES.key)}


def _forget(logs: LogTables, before: datetime) -> None:
    """Delete old rows, but of each unit those by which its state is known."""
    too_old = f"finished_at < {logs.literal(before)}"
    logs.delete(RUNS, too_old)
    if logs.columns(SYNC_LOG):
        newer = _LATER_ONES.format(log=logs.name(SYNC_LOG))
        logs.delete(SYNC_LOG, f"{too_old} AND EXISTS ({newer})")
