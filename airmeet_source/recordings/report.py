"""What a run did, for programs."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from airmeet_source.disclosure.printable import escaped
from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.errors import RecordingsMissing
from airmeet_source.loading.report import Status
from airmeet_source.recordings.recording import Problem


@dataclass(frozen=True, kw_only=True)
class RecordingsReport:
    """What a run did. ``as_dict()`` is what ``--report`` writes, a contract with schedulers."""

    run_id: str
    status: Status
    exit_code: int
    community: str
    pipeline: str
    destination: str
    dataset: str
    started_at: datetime
    finished_at: datetime
    requests: int  # to Airmeet; downloads do not count
    recordings: Mapping[str, int]  # by what became of them
    bytes: int  # that were copied
    problems: tuple[Problem, ...]
    error: str | None

    def raise_on_problems(self) -> None:
        """Fail if a recording is missing.

        Raises:
            RecordingsMissing: some recordings were not copied.
        """
        if self.exit_code == RecordingsMissing.exit_code:
            raise RecordingsMissing(f"Not all recordings are copied: {self.problems[0].message}.")

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "status": self.status,
            "exit_code": self.exit_code,
            "community": self.community,
            "pipeline": self.pipeline,
            "destination": self.destination,
            "dataset": self.dataset,
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at.isoformat(),
            "seconds": round((self.finished_at - self.started_at).total_seconds(), 3),
            "requests": self.requests,
            "recordings": dict(self.recordings),
            "bytes": self.bytes,
            "problems": [asdict(problem) for problem in self.problems],
            "error": self.error and without_secrets(self.error),
            "run_id": self.run_id,
        }

    def as_json(self) -> str:
        """The report as JSON text."""
        return escaped(json.dumps(self.as_dict(), indent=2, ensure_ascii=False))
