"""Can the destination be written to? Tried for real; what is missing is named."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import dlt
from dlt.common.configuration.exceptions import ConfigurationException
from dlt.common.schema.typing import LOADS_TABLE_NAME, PIPELINE_STATE_TABLE_NAME, VERSION_TABLE_NAME
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.destinations.sql_client import SqlClientBase

from airmeet_source.disclosure.words import of_server
from airmeet_source.errors import AirmeetError, Unreachable, UsageError
from airmeet_source.loading.duckdb import duckdb_file, is_duckdb
from airmeet_source.loading.locking import Hold
from airmeet_source.loading.postgres import is_postgres, require_connections, require_rights
from airmeet_source.model.tables import TABLES

_PROBE = "airmeet_check"
_OF_DLT = (LOADS_TABLE_NAME, PIPELINE_STATE_TABLE_NAME, VERSION_TABLE_NAME)


@dataclass(frozen=True)
class Rights:
    """What a destination calls the rights that a load needs."""

    create_dataset: str
    create_table: str


_RIGHTS = {
    "postgres": Rights(
        "GRANT CREATE ON DATABASE … TO …, or let an administrator create this schema for you",
        "GRANT USAGE, CREATE ON SCHEMA {dataset} TO …",
    ),
    "bigquery": Rights(
        "the role BigQuery Data Editor on the project, or let an administrator create this dataset for you",
        "the role BigQuery Data Editor on the dataset, and BigQuery Job User on the project",
    ),
}
_ANY = Rights("the right to create schemas", "the right to create tables there")


def prove_writable(pipeline: dlt.Pipeline, hold: Hold) -> str:
    """Create and drop a table in each dataset that a load writes to; a dataset that is new is dropped, too.

    Returns:
        What a run will find, in words.

    Raises:
        UsageError: a right is missing.
        Unreachable: nobody answers, or not in a way that the driver understands.
        FileInUse: another program has the DuckDB file open.
    """
    file = duckdb_file(pipeline) if is_duckdb(pipeline) else None
    is_new_file = file is not None and not file.exists()
    try:
        with hold(), _reached(pipeline) as client:
            rights = _RIGHTS.get(str(pipeline.destination.destination_name), _ANY)
            existed = _prove_dataset(pipeline, client.sql_client, rights)
            with client.sql_client.with_staging_dataset():
                _prove_dataset(pipeline, client.sql_client, rights)
            if is_postgres(pipeline):
                require_connections(pipeline, already=2)  # this one, and the one with the locks
    finally:
        if file is not None and is_new_file:
            file.unlink(missing_ok=True)
    return "exists and can be written to" if existed else "can be created by the first run"


@contextmanager
def _reached(pipeline: dlt.Pipeline) -> Iterator[SqlJobClientBase]:
    try:
        with pipeline.destination_client() as client:
            assert isinstance(client, SqlJobClientBase)  # noqa: S101 - only those merge by delete-insert
            client.is_storage_initialized()
            yield client
    except (AirmeetError, ConfigurationException):
        raise
    except Exception as error:  # noqa: BLE001 - any driver's own error, told in its own words
        raise Unreachable(f"The destination cannot be reached: {of_server(str(error))}") from None


def _prove_dataset(pipeline: dlt.Pipeline, client: SqlClientBase[Any], rights: Rights) -> bool:
    """Whether the dataset exists."""
    dataset = client.dataset_name
    exists = client.has_dataset()
    if not exists:
        with _allowed(f"create the dataset {dataset}", rights.create_dataset):
            client.create_dataset()
    try:
        with _allowed(f"create tables in the dataset {dataset}", rights.create_table.format(dataset=dataset)):
            table = client.make_qualified_table_name(_PROBE)
            client.execute_sql(f"CREATE TABLE {table} (probe INTEGER)")
            client.execute_sql(f"DROP TABLE {table}")
        if is_postgres(pipeline):
            require_rights(client, [*TABLES, *_OF_DLT])
    finally:
        if not exists:
            client.drop_dataset()
    return exists


@contextmanager
def _allowed(what: str, right: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - any driver's own error, told in its own words
        raise UsageError(
            f"The destination does not let us {what}: {of_server(str(error))}\nWhat is missing: {right}."
        ) from None
