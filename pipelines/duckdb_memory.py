"""How much memory DuckDB takes: what a load package needs, and no more."""

import dlt
from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials

MEGABYTE = 1_000_000
MEMORY_TO_CLOSE = 64 * MEGABYTE
_LEAST_TO_MERGE = 128 * MEGABYTE


def memory_to_merge(package_size: int) -> int:
    """Bytes that DuckDB is given to merge a load package of so many bytes of Arrow data.

    What it pins to replace rows that exist already grows with their number; it cannot put that on the disk
    and fails without enough of it. It was measured to be about 50 MB and twice the package.
    """
    return max(_LEAST_TO_MERGE, 48 * MEGABYTE + 3 * package_size)


def limit_duckdb(pipeline: dlt.Pipeline, limit: int) -> None:
    """Limit the memory, in bytes, of DuckDB's later connections to the default file.

    Left alone, DuckDB keeps what it has read of the file until most of the machine's memory is full. Who
    names a file of their own has their own settings, or DuckDB's.
    """
    credentials = pipeline.destination.config_params.get("credentials")
    if isinstance(credentials, DuckDbCredentials):
        credentials.global_config = {"memory_limit": f"{limit // MEGABYTE}MB"}
