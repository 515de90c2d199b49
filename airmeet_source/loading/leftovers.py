"""What dlt keeps of loads that are done, and nothing reads: it would grow with each load package."""

import logging
import shutil
from pathlib import Path

import dlt
from dlt.common.destination.exceptions import DestinationException

from airmeet_source.disclosure.words import of_server
from airmeet_source.loading.clients import Clients
from airmeet_source.loading.stored_states import StoredStates

log = logging.getLogger("airmeet_source")

KEPT = 3  # the newest of each kind


def clear_leftovers(clients: Clients) -> None:
    """Delete all but the newest states and files of load packages; if that fails, it is done next time."""
    pipeline = clients.pipeline
    try:
        _forget_old_states(clients)
    except DestinationException as error:  # the rows are loaded all the same
        log.info("Old versions of the state stay in the destination for now: %s", of_server(str(error)))
    for load_id in sorted(pipeline.list_completed_load_packages())[:-KEPT]:
        shutil.rmtree(Path(pipeline.working_dir, "load", "loaded", load_id), ignore_errors=True)


def drop_unloaded(pipeline: dlt.Pipeline) -> None:
    """Delete packages that nothing was loaded of; dlt's own way would write to the destination."""
    for load_id in pipeline.list_normalized_load_packages():
        shutil.rmtree(Path(pipeline.working_dir, "load", "normalized", load_id))


def _forget_old_states(clients: Clients) -> None:
    """Delete them from the destination, where dlt reads the one of the newest load that was completed.

    For a hundred thousand events each takes megabytes, and DuckDB rewrites them together whenever it takes
    new rows over into its file: fifty need more memory than it has, and new rows stay in its log for good.
    """
    pipeline_name = clients.pipeline.pipeline_name
    with clients.opened() as client:
        states = StoredStates(client)
        newest = states.completed(pipeline_name)[-KEPT:]
        if len(newest) == KEPT:
            states.delete_before(pipeline_name, newest[0])
