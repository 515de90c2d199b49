"""The table push_log: what became of each person, written as it is known."""

from collections.abc import Sequence

import dlt
from dlt.destinations.job_client_impl import SqlJobClientBase

from airmeet_source.api.writing import Action
from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.loading.failures import opening
from airmeet_source.loading.locking import Hold
from airmeet_source.loading.log_tables import LogTables, Row
from airmeet_source.model.privacy import Privacy
from airmeet_source.model.tables import TABLES
from airmeet_source.push.sending import Result

PUSH_LOG = TABLES["push_log"]


class PushLog:
    """The rows of one run; no plain address is written where addresses are hashed or dropped."""

    def __init__(
        self, pipeline: dlt.Pipeline, hold: Hold, privacy: Privacy, *, run_id: str, airmeet_id: str
    ) -> None:
        self._pipeline = pipeline
        self._hold = hold
        self._privacy = privacy
        self._run_id = run_id
        self._airmeet_id = airmeet_id
        self.rows = 0  # so far

    def open(self) -> None:
        """Make the dataset and the table, if they do not exist, which proves that rows can be written.

        Raises:
            AirmeetError: they cannot be made.
        """
        with self._hold(), opening(), self._pipeline.destination_client() as client:
            assert isinstance(client, SqlJobClientBase)  # noqa: S101 - only those merge by delete-insert
            if not client.is_storage_initialized():
                client.initialize_storage()
            LogTables(client).make(PUSH_LOG)

    def add(self, results: Sequence[Result], action: Action) -> None:
        """Write rows."""
        with self._hold(), self._pipeline.destination_client() as client:
            assert isinstance(client, SqlJobClientBase)  # noqa: S101 - only those merge by delete-insert
            LogTables(client).add(PUSH_LOG, [self._row(result, action) for result in results])
        self.rows += len(results)

    def _row(self, result: Result, action: Action) -> Row:
        email = result.person.email
        return {
            "run_id": self._run_id,
            "airmeet_id": self._airmeet_id,
            "email": email if self._privacy.keeps else self._privacy.protect(email),
            "action": action,
            "outcome": result.outcome,
            "status": result.status,
            "message": result.message and without_secrets(result.message),
            "sent_at": result.at,
        }
