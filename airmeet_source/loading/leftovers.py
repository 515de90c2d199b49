"""What dlt keeps of loads that are done, and nothing reads: it would grow with each load package."""

import logging
import shutil
from pathlib import Path

import dlt
from dlt.common.destination.exceptions import DestinationException

log = logging.getLogger("airmeet_source")

KEPT = 3  # the newest of each kind


def clear_leftovers(pipeline: dlt.Pipeline) -> None:
    """Delete all but the newest states and files of load packages; if that fails, it is done next time."""
    try:
        _forget_old_states(pipeline)
    except DestinationException as error:  # the rows are loaded all the same
        log.info("Old versions of the state stay in the destination for now: %s", error)
    for load_id in sorted(pipeline.list_completed_load_packages())[:-KEPT]:
        shutil.rmtree(Path(pipeline.working_dir, "load", "loaded", load_id), ignore_errors=True)


def _forget_old_states(pipeline: dlt.Pipeline) -> None:
    """Delete them from the destination, where dlt reads the one of the newest load that was completed.

    For a hundred thousand events each takes megabytes, and DuckDB rewrites them together whenever it takes
    new rows over into its file: fifty need more memory than it has, and new rows stay in its log for good.
    """
    schema = pipeline.default_schema
    ours = pipeline.pipeline_name
    with pipeline.sql_client() as client:
        states = client.make_qualified_table_name(schema.state_table_name)
        loads = client.make_qualified_table_name(schema.loads_table_name)
        columns = ("pipeline_name", "_dlt_load_id", "load_id", "status")
        name, written_by, load_id, status = map(client.escape_column_name, columns)
        completed = f"SELECT {load_id} FROM {loads} WHERE {status} = 0"  # noqa: S608 - no user's text
        usable = f"SELECT {written_by} FROM {states} WHERE {name} = %s AND {written_by} IN ({completed})"  # noqa: S608
        newest = sorted(str(row[0]) for row in client.execute_sql(usable, ours) or ())[-KEPT:]
        if len(newest) == KEPT:
            older = f"DELETE FROM {states} WHERE {name} = %s AND {written_by} < %s"  # noqa: S608
            client.execute_sql(older, ours, newest[0])
