"""What a run did, for programs."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from airmeet_source.errors import RecordingsMissing
from airmeet_source.loading.command_report import CommandReport
from airmeet_source.recordings.recording import Problem


@dataclass(frozen=True, kw_only=True)
class RecordingsReport(CommandReport):
    """What a run did; requests are those to Airmeet, downloads do not count."""

    recordings: Mapping[str, int]  # by what became of them
    bytes: int  # that were copied
    problems: tuple[Problem, ...]

    def raise_on_problems(self) -> None:
        """Fail if a recording is missing.

        Raises:
            RecordingsMissing: some recordings were not copied.
        """
        if self.exit_code == RecordingsMissing.exit_code:
            raise RecordingsMissing(f"Not all recordings are copied: {self.problems[0].message}.")

    def _particulars(self) -> dict[str, Any]:
        return {
            "recordings": dict(self.recordings),
            "bytes": self.bytes,
            "problems": [asdict(problem) for problem in self.problems],
        }
