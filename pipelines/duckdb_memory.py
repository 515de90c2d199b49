"""How much memory DuckDB takes of the default file: what a load package needs, and no more."""

import logging

import dlt
from dlt.destinations.exceptions import DestinationConnectionError
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

log = logging.getLogger("airmeet_source")

_MEGABYTE = 1_000_000
_TO_MERGE = 128 * _MEGABYTE  # at least
_TO_CLOSE = 64 * _MEGABYTE


def limited_credentials(file: str) -> DuckDbCredentials:
    """Credentials of a DuckDB file with a limit.

    Without one, DuckDB keeps what it has read of the file until most of the machine's memory is full.
    """
    return DuckDbCredentials(file, global_config=_config(_TO_MERGE))


def give_memory(pipeline: dlt.Pipeline, package_size: int) -> None:
    """Have the limit follow the bytes of Arrow data of the load package that comes next.

    What DuckDB pins to replace rows that exist already grows with their number; it cannot put that on the
    disk and fails without enough of it. With two threads it was measured to be at most 60 MB and twice the
    package. Who names a file of their own has their own settings, or DuckDB's.
    """
    _limit(pipeline, max(_TO_MERGE, 48 * _MEGABYTE + 3 * package_size))


def let_go(pipeline: dlt.Pipeline) -> None:
    """Have DuckDB forget what the load has read of the file; to close it takes memory beyond the limit."""
    if _limit(pipeline, _TO_CLOSE):
        try:
            with pipeline.sql_client():  # which sets it, for all connections to the file
                pass
        except DestinationConnectionError as error:  # it is still needed: the rows are loaded all the same
            log.info("DuckDB keeps its memory until the file is closed: %s", error)
        _limit(pipeline, _TO_MERGE)


def _limit(pipeline: dlt.Pipeline, limit: int) -> bool:
    credentials = pipeline.destination.config_params.get("credentials")
    if not isinstance(credentials, DuckDbCredentials):
        return False
    credentials.global_config = _config(limit)
    return True


def _config(limit: int) -> dict[str, str]:
    return {"memory_limit": f"{limit // _MEGABYTE}MB", "threads": "2"}
