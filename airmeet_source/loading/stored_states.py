"""The states that dlt keeps in the destination: a row for each load that changed a pipeline's state."""

import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from dlt.common.destination.client import JobClientBase
from dlt.common.versioned_state import compress_state, decompress_state
from dlt.destinations.job_client_impl import SqlJobClientBase
from dlt.pipeline.state_sync import bump_pipeline_state_version_if_modified

# what decoding, unpacking and reading a damaged state or schema raises
UNREADABLE = (ValueError, zlib.error, KeyError, TypeError, AttributeError)

_COLUMNS = ("pipeline_name", "_dlt_load_id", "state", "version", "version_hash", "load_id", "status")


class StoredStates:
    """The rows of dlt's state table; the client is open."""

    def __init__(self, client: JobClientBase) -> None:
        assert isinstance(client, SqlJobClientBase)  # noqa: S101 - only those merge by delete-insert
        self._sql = client.sql_client
        self._states = self._sql.make_qualified_table_name(client.schema.state_table_name)
        self._loads = self._sql.make_qualified_table_name(client.schema.loads_table_name)
        names = map(self._sql.escape_column_name, _COLUMNS)
        self._name, self._written_by, self._state, self._version, self._hash, self._load, self._status = names

    def pipelines(self) -> set[str]:
        """The pipelines that have a state."""
        return {str(name) for (name,) in self._rows(f"SELECT DISTINCT {self._name} FROM {self._states}")}  # noqa: S608 - no user's text, here and below

    def completed(self, pipeline_name: str) -> list[str]:
        """The ids of the completed loads that changed a pipeline's state, oldest first."""
        completed = f"SELECT {self._load} FROM {self._loads} WHERE {self._status} = 0"  # noqa: S608
        usable = (
            f"SELECT {self._written_by} FROM {self._states} "  # noqa: S608
            f"WHERE {self._name} = %s AND {self._written_by} IN ({completed})"
        )
        return sorted(str(load_id) for (load_id,) in self._rows(usable, pipeline_name))

    def of_others(self, pipeline_name: str) -> list[dict[str, Any]]:
        """The state of each other pipeline of the dataset, as of its newest completed load."""
        completed = f"SELECT {self._load} FROM {self._loads} WHERE {self._status} = 0"  # noqa: S608
        usable = (
            f"SELECT {self._name}, {self._written_by}, {self._state} FROM {self._states} "  # noqa: S608
            f"WHERE {self._name} <> %s AND {self._written_by} IN ({completed})"
        )
        newest = {name: text for name, _, text in sorted(self._rows(usable, pipeline_name))}
        found: list[dict[str, Any]] = []
        for text in newest.values():
            with suppress(*UNREADABLE):  # nothing can be told of it, as if it were not there
                found.append(dict(decompress_state(text)))
        return found

    def delete_before(self, pipeline_name: str, load_id: str) -> None:
        """Delete a pipeline's states that are older than the one of a load."""
        older = f"DELETE FROM {self._states} WHERE {self._name} = %s AND {self._written_by} < %s"  # noqa: S608
        self._sql.execute_sql(older, pipeline_name, load_id)

    def delete_after(self, pipeline_name: str, load_id: str) -> None:
        """Delete a pipeline's states that are newer than a load would be."""
        newer = f"DELETE FROM {self._states} WHERE {self._name} = %s AND {self._written_by} > %s"  # noqa: S608
        self._sql.execute_sql(newer, pipeline_name, load_id)

    def change(self, change: Callable[[dict[str, Any]], bool]) -> None:
        """Change the states of all pipelines; ``change`` alters one in place and says whether it did."""
        everything = f"SELECT {self._name}, {self._written_by}, {self._state} FROM {self._states}"  # noqa: S608
        update = (
            f"UPDATE {self._states} SET {self._state} = %s, {self._version} = %s, {self._hash} = %s "  # noqa: S608
            f"WHERE {self._name} = %s AND {self._written_by} = %s"
        )
        for pipeline_name, load_id, text in self._rows(everything):
            state: dict[str, Any] = {}
            with suppress(*UNREADABLE):  # then nobody believes it anyway
                state = decompress_state(text)
            if change(state):
                version, version_hash, _ = bump_pipeline_state_version_if_modified(state)  # type: ignore[arg-type]
                packed = compress_state(state)  # type: ignore[arg-type]
                self._sql.execute_sql(update, packed, version, version_hash, pipeline_name, load_id)

    def _rows(self, sql: str, *arguments: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._sql.execute_sql(sql, *arguments) or ()]
