"""The client by which dlt reaches the destination, one for all that a run does there itself."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import dlt
from dlt.destinations.job_client_impl import SqlJobClientBase

_SCHEMA = "airmeet"  # the name of the source


class Clients:
    """Makes no more clients than it must: for each one, dlt reads the schema from its file and checks it."""

    def __init__(self, pipeline: dlt.Pipeline) -> None:
        self.pipeline = pipeline
        self._made: SqlJobClientBase | None = None
        self._is_with_schema = False
        self._is_open = False

    def has_schema(self) -> bool:
        """Whether the pipeline has the schema: from the destination, or from what it has extracted."""
        return bool(self.pipeline.schemas.has_schema(_SCHEMA))

    def tables(self) -> Collection[str]:
        """The tables of that schema."""
        return self.pipeline.schemas[_SCHEMA].tables if self.has_schema() else ()

    def client(self) -> SqlJobClientBase:
        """The client. Its schema is the pipeline's own, which changes in place; an empty one before that."""
        has_schema = self.has_schema()
        if self._made is None or has_schema != self._is_with_schema:
            made = self.pipeline.destination_client(_SCHEMA if has_schema else "")
            assert isinstance(made, SqlJobClientBase)  # noqa: S101 - only those merge by delete-insert
            self._made, self._is_with_schema = made, has_schema
        return self._made

    @contextmanager
    def opened(self) -> Iterator[SqlJobClientBase]:
        """The client with its connection, which is closed when the outermost of such contexts ends."""
        if self._is_open and self._made is not None:
            yield self._made
            return
        with self.client() as client:
            self._is_open = True
            try:
                yield client
            finally:
                self._is_open = False
