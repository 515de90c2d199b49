"""The table recording_files: which copies there are, written as they are made."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import dlt
from dlt.destinations.job_client_impl import SqlJobClientBase

from airmeet_source.loading.failures import opening
from airmeet_source.loading.locking import Hold
from airmeet_source.loading.log_tables import LogTables, Row
from airmeet_source.model.tables import TABLES
from airmeet_source.recordings.naming import Owners, folded
from airmeet_source.recordings.recording import Copy

RECORDING_FILES = TABLES["recording_files"]


class RecordingLog:
    """The rows of all runs, one for each file."""

    def __init__(self, pipeline: dlt.Pipeline, hold: Hold) -> None:
        self._pipeline = pipeline
        self._hold = hold
        self._sizes: dict[str, int] = {}
        self.owners: Owners = {}
        self.rows = 0  # written so far

    def open(self) -> None:
        """Make the dataset and the table, if they do not exist, and read what is there.

        Raises:
            AirmeetError: they cannot be made.
        """
        with opening(), self._tables() as tables:
            tables.make(RECORDING_FILES)
            rows = tables.select(RECORDING_FILES, ("airmeet_id", "session_id", "path", "bytes"))
        self._sizes = {path: size for _, _, path, size in rows}
        self.owners = {folded(path): (airmeet_id, session_id) for airmeet_id, session_id, path, _ in rows}

    def is_complete(self, path: str, size: int | None) -> bool:
        """Whether a file of this size at the place is a whole copy."""
        return size is not None and self._sizes.get(path) == size

    def add(self, copies: Sequence[Copy]) -> None:
        """Write rows in the place of those of the same files."""
        with self._tables() as tables:
            paths = ", ".join(tables.literal(copy.path) for copy in copies)
            tables.delete(RECORDING_FILES, f"path IN ({paths})")
            tables.add(RECORDING_FILES, [_row(copy) for copy in copies])
        self.rows += len(copies)

    @contextmanager
    def _tables(self) -> Iterator[LogTables]:
        with self._hold(), self._pipeline.destination_client() as client:
            assert isinstance(client, SqlJobClientBase)  # noqa: S101 - only those merge by delete-insert
            if not client.is_storage_initialized():
                client.initialize_storage()
            yield LogTables(client)


def _row(copy: Copy) -> Row:
    return {
        "airmeet_id": copy.airmeet_id,
        "session_id": copy.session_id,
        "path": copy.path,
        "bytes": copy.size,
        "sha256": copy.sha256,
        "copied_at": copy.copied_at,
    }
