"""What a push did, for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from airmeet_source.api.writing import Action
from airmeet_source.disclosure.printable import escaped
from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.errors import PeopleMissing
from airmeet_source.fields import Record
from airmeet_source.loading.report import Status
from airmeet_source.push.sending import Outcome
from airmeet_source.push.sheet import Problem


@dataclass(frozen=True, kw_only=True)
class Unsent:
    """People who were refused or failed for one reason."""

    outcome: Outcome
    status: int | None
    message: str
    lines: Sequence[int]


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would be sent: of a dry run, or before anything is."""

    to_send: int
    already_there: int
    first: Record | None  # the body of the first request, or what it names
    first_request: str | None  # method and path


@dataclass(frozen=True, kw_only=True)
class PushReport:
    """What a push did. ``as_dict()`` is what ``--report`` writes, a contract with schedulers."""

    run_id: str
    status: Status
    exit_code: int
    community: str
    pipeline: str
    destination: str
    dataset: str
    airmeet_id: str
    action: Action
    started_at: datetime
    finished_at: datetime
    requests: int
    people: Mapping[str, int]  # by outcome, and those who were left out or not sent
    problems: tuple[Problem, ...]  # of the rows
    unsent: tuple[Unsent, ...]
    preview: Preview | None
    error: str | None

    def raise_on_problems(self) -> None:
        """Fail if somebody is missing.

        Raises:
            PeopleMissing: some people were refused, failed or left out.
        """
        if self.exit_code == PeopleMissing.exit_code:
            missing = ("refused", "failed", "left_out", "not_sent")
            told = [f"{self.people[name]} {name.replace('_', ' ')}" for name in missing if self.people[name]]
            raise PeopleMissing(f"Not everybody is in: {', '.join(told)}.")

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it."""
        return {
            "status": self.status,
            "exit_code": self.exit_code,
            "community": self.community,
            "pipeline": self.pipeline,
            "destination": self.destination,
            "dataset": self.dataset,
            "airmeet_id": self.airmeet_id,
            "action": self.action,
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at.isoformat(),
            "seconds": round((self.finished_at - self.started_at).total_seconds(), 3),
            "requests": self.requests,
            "people": dict(self.people),
            "problems": [_told(asdict(problem), "of_sheet") for problem in self.problems],
            "unsent": [_told({**asdict(unsent), "lines": list(unsent.lines)}) for unsent in self.unsent],
            "error": self.error and without_secrets(self.error),
            "run_id": self.run_id,
        }

    def as_json(self) -> str:
        """The report as JSON text."""
        return escaped(json.dumps(self.as_dict(), indent=2, ensure_ascii=False))


def _told(fields: dict[str, Any], *but: str) -> dict[str, Any]:
    return {
        name: without_secrets(value) if isinstance(value, str) else value
        for name, value in fields.items()
        if name not in but
    }
