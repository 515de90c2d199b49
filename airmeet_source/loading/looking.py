"""Looking: reading a dataset without being in the way of who loads into it."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from tempfile import TemporaryDirectory

from dlt.destinations.job_client_impl import SqlJobClientBase

from airmeet_source.errors import UsageError
from airmeet_source.loading.catalogues import Catalogue, catalogue_of
from airmeet_source.loading.configuration import our_configuration
from airmeet_source.loading.destinations import Target, build_pipeline
from airmeet_source.loading.duckdb import held, is_duckdb, read_only
from airmeet_source.loading.failures import in_our_words, opening
from airmeet_source.loading.storage import has_database

_PATIENCE = 60.0  # seconds for another program to close a DuckDB file


@contextmanager
def looking_at(target: Target, what: str) -> Iterator[Catalogue | None]:
    """The catalogue of a dataset; None before the first load.

    A DuckDB file is open for as long as the context lasts and no longer, and only for reading.

    Args:
        target: where it is.
        what: is to be read, for messages.

    Raises:
        UsageError: the destination is another one than DuckDB, Postgres and BigQuery.
        AirmeetError: it cannot be looked at.
    """
    with in_our_words(), our_configuration(), TemporaryDirectory() as folder:
        pipeline = build_pipeline(replace(target, pipelines_dir=folder))
        if not has_database(pipeline):
            yield None
            return
        if is_duckdb(pipeline):
            read_only(pipeline)
        alone = held(pipeline.sql_client(), _PATIENCE) if is_duckdb(pipeline) else nullcontext()
        with alone, opening(), pipeline.destination_client() as client:
            assert isinstance(client, SqlJobClientBase)  # noqa: S101 - only those merge by delete-insert
            catalogue = catalogue_of(client, pipeline.destination.destination_type)
            if catalogue is None:
                raise UsageError(f"{what} is read from DuckDB, Postgres and BigQuery only.")
            yield catalogue if client.is_storage_initialized() else None
