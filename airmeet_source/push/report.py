"""What a push did, for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from airmeet_source.api.writing import Action
from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.errors import PeopleMissing
from airmeet_source.fields import Record
from airmeet_source.loading.command_report import CommandReport
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
class PushReport(CommandReport):
    """What a push did."""

    airmeet_id: str
    action: Action
    people: Mapping[str, int]  # by outcome, and those who were left out or not sent
    problems: tuple[Problem, ...]  # of the rows
    unsent: tuple[Unsent, ...]
    preview: Preview | None

    def raise_on_problems(self) -> None:
        """Fail if somebody is missing.

        Raises:
            PeopleMissing: some people were refused, failed or left out.
        """
        if self.exit_code == PeopleMissing.exit_code:
            missing = ("refused", "failed", "left_out", "not_sent")
            told = [f"{self.people[name]} {name.replace('_', ' ')}" for name in missing if self.people[name]]
            raise PeopleMissing(f"Not everybody is in: {', '.join(told)}.")

    def _particulars(self) -> dict[str, Any]:
        return {
            "airmeet_id": self.airmeet_id,
            "action": self.action,
            "people": dict(self.people),
            "problems": [_told(asdict(problem), "of_sheet") for problem in self.problems],
            "unsent": [_told({**asdict(unsent), "lines": list(unsent.lines)}) for unsent in self.unsent],
        }


def _told(fields: dict[str, Any], *but: str) -> dict[str, Any]:
    return {
        name: without_secrets(value) if isinstance(value, str) else value
        for name, value in fields.items()
        if name not in but
    }
