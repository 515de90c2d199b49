"""What the report of every command holds."""

import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from airmeet_source.disclosure.printable import escaped
from airmeet_source.disclosure.secrets import without_secrets

Status = Literal["ok", "partial", "failed"]


@dataclass(frozen=True, kw_only=True)
class CommandReport(ABC):
    """What a command did. ``as_dict()`` is what ``--report`` writes, a contract with schedulers."""

    run_id: str
    status: Status
    exit_code: int
    community: str
    pipeline: str
    destination: str
    dataset: str
    started_at: datetime
    finished_at: datetime
    requests: int  # to Airmeet
    error: str | None

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.finished_at - self.started_at).total_seconds()

    @abstractmethod
    def _particulars(self) -> dict[str, Any]:
        """What only this command reports, as JSON has it."""

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
            "seconds": round(self.seconds, 3),
            "requests": self.requests,
            **self._particulars(),
            "error": self.error and without_secrets(self.error),
            "run_id": self.run_id,
        }

    def as_json(self) -> str:
        """The report as JSON text."""
        return as_json(self.as_dict())


def as_json(content: dict[str, Any]) -> str:
    """What a file of ours and a terminal may hold."""
    return escaped(json.dumps(content, indent=2, ensure_ascii=False))
