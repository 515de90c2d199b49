"""What a run did, for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.errors import UnitsMissing
from airmeet_source.extract.sync_log import SYNC_LOG, Problem, in_words
from airmeet_source.loading.command_report import CommandReport, as_json

OUTCOMES = ("loaded", "pending", "not_available", "failed")
_OF_EACH_RUN = ("airmeets", SYNC_LOG)  # tables that every run writes to


@dataclass(frozen=True, kw_only=True)
class Report(CommandReport):
    """What a run did."""

    waited_seconds: float  # during which at least one unit waited for a result in preparation
    rows: Mapping[str, int]  # written, by table
    units: Mapping[str, int]  # ended, by outcome: loaded, pending, not_available, failed
    problems: tuple[Problem, ...]  # the units that are pending or failed
    event_names: Mapping[str, str]  # of the events that they belong to, by id
    loaded_into: str | None  # where the rows are, in words; None if the run failed before it had loaded them

    @property
    def has_news(self) -> bool:
        """Whether the run wrote anything but what it listed and did."""
        return any(count for table, count in self.rows.items() if table not in _OF_EACH_RUN)

    def raise_on_problems(self) -> None:
        """Fail if something is missing.

        Raises:
            UnitsMissing: some units failed or are still pending.
        """
        if self.problems:
            raise UnitsMissing(in_words(self.problems))

    def _particulars(self) -> dict[str, Any]:
        return {
            "waited_seconds": round(self.waited_seconds, 3),
            "rows": dict(self.rows),
            "units": dict(self.units),
            "problems": [_told(problem) for problem in self.problems],
        }


def reports_as_json(exit_code: int, reports: Sequence[Report]) -> str:
    """The reports of several communities as JSON text."""
    return as_json({"exit_code": exit_code, "communities": [report.as_dict() for report in reports]})


def _told(problem: Problem) -> dict[str, str | None]:
    return {name: value and without_secrets(value) for name, value in asdict(problem).items()}
