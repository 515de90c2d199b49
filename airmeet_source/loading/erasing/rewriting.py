"""The DuckDB file: deleted rows stay in its free blocks until it is written anew."""

import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import dlt
from dlt.common.destination.exceptions import DestinationException

from airmeet_source.disclosure.words import of_server
from airmeet_source.errors import LoadFailed
from airmeet_source.loading.duckdb import duckdb_file

_DATABASE = "SELECT database_name, tags FROM duckdb_databases() WHERE database_name = current_database()"
_UNWRITTEN = (
    "The DuckDB file {file} cannot be written anew: {why}.\nThe rows are deleted, but their bytes are still "
    "in its free blocks. Mend the cause and run the same command again."
)


def rewrite(pipeline: dlt.Pipeline) -> None:
    """Put a new file with all that there is in the place of the old one, in one step.

    The caller holds the old one, which nobody else can open before the new one is in its place.

    Raises:
        LoadFailed: it cannot be written.
    """
    file = duckdb_file(pipeline).resolve()
    try:
        with TemporaryDirectory(dir=file.parent, prefix=".airmeet-") as folder:
            fresh = Path(folder, "fresh.duckdb")
            with pipeline.sql_client() as client:
                client.execute_sql("CHECKPOINT")
                [(database, tags)] = client.execute_sql(_DATABASE) or ()
                version = tags["storage_version"].rstrip("+")
                client.execute_sql(f"ATTACH '{_quoted(fresh)}' AS fresh (STORAGE_VERSION '{version}')")
                client.execute_sql(f'COPY FROM DATABASE "{database}" TO fresh')
                client.execute_sql("DETACH fresh")
            fresh.chmod(stat.S_IMODE(file.stat().st_mode))
            fresh.replace(file)
    except OSError as error:
        raise LoadFailed(_UNWRITTEN.format(file=file, why=error.strerror or type(error).__name__)) from None
    except DestinationException as error:
        raise LoadFailed(_UNWRITTEN.format(file=file, why=of_server(str(error)))) from None


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
