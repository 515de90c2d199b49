"""What a run did, for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from airmeet_source.disclosure.printable import escaped
from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.errors import UnitsMissing
from airmeet_source.extract.sync_log import SYNC_LOG, Problem, in_words

Status = Literal["ok", "partial", "failed"]
OUTCOMES = ("loaded", "pending", "not_available", "failed")
_OF_EACH_RUN = ("airmeets", SYNC_LOG)  # tables that every run writes to


@dataclass(frozen=True, kw_only=True)
class Report:
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
    requests: int
    waited_seconds: float  # during which at least one unit waited for a result in preparation
    rows: Mapping[str, int]  # written, by table
    units: Mapping[str, int]  # ended, by outcome: loaded, pending, not_available, failed
    problems: tuple[Problem, ...]  # the units that are pending or failed
    event_names: Mapping[str, str]  # of the events that they belong to, by id
    error: str | None
    loaded_into: str | None  # where the rows are, in words; None if the run failed before it had loaded them

    @property
    def has_news(self) -> bool:
        """Whether the run wrote anything but what it listed and did."""
        return any(count for table, count in self.rows.items() if table not in _OF_EACH_RUN)

    @property
    def seconds(self) -> float:
        """How long the run took."""
        return (self.finished_at - self.started_at).total_seconds()

    def raise_on_problems(self) -> None:
        """Fail if something is missing.

        Raises:
            UnitsMissing: some units failed or are still pending.
        """
        if self.problems:
            raise UnitsMissing(in_words(self.problems))

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
            "waited_seconds": round(self.waited_seconds, 3),
            "rows": dict(self.rows),
            "units": dict(self.units),
            "problems": [_told(problem) for problem in self.problems],
            "error": self.error and without_secrets(self.error),
            "run_id": self.run_id,
        }

    def as_json(self) -> str:
        """The report as JSON text."""
        return escaped(json.dumps(self.as_dict(), indent=2, ensure_ascii=False))


def reports_as_json(exit_code: int, reports: Sequence[Report]) -> str:
    """The reports of several communities as JSON text."""
    content = {"exit_code": exit_code, "communities": [report.as_dict() for report in reports]}
    return escaped(json.dumps(content, indent=2, ensure_ascii=False))


def _told(problem: Problem) -> dict[str, str | None]:
    return {name: value and without_secrets(value) for name, value in asdict(problem).items()}
