"""sync_log: one row per unit of work, and the tally of a run made of the same facts."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from airmeet_source.api.reading import Outcome
from airmeet_source.fields import Record

_NAMED = 10


@dataclass(frozen=True)
class Problem:
    """A unit that was not loaded although it should have been."""

    resource: str
    airmeet_id: str | None
    entity_id: str | None
    outcome: str
    message: str

    def __str__(self) -> str:
        ids = " ".join(id_ for id_ in (self.airmeet_id, self.entity_id) if id_)
        return f"{self.resource} {ids}".rstrip() + f" {self.outcome}: {self.message}"


def in_words(problems: Sequence[Problem]) -> str:
    """What was not loaded, in one line that names the first few."""
    named = [str(problem) for problem in problems[:_NAMED]]
    more = len(problems) - len(named)
    if more:
        named.append(f"and {more:,} more, see table sync_log")
    return f"Not everything was loaded: {'; '.join(named)}."


@dataclass
class Tally:
    """What a run did so far."""

    rows: Counter[str] = field(default_factory=Counter)  # written, by table
    units: Counter[str] = field(default_factory=Counter)  # ended, by outcome
    problems: list[Problem] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """Take in the end of a unit."""
        self.units[outcome.name] += 1
        if outcome.name in ("failed", "pending"):
            self.problems.append(Problem(*outcome.reading.unit, outcome.name, outcome.error or ""))


def log_row(outcome: Outcome, rows: int) -> Record:
    """The row of ``sync_log`` for the end of a unit."""
    reading = outcome.reading
    return {
        **reading.unit._asdict(),
        "outcome": outcome.name,
        "rows": rows,
        "requests": reading.requests,
        "waited_seconds": round(reading.waited, 3),
        "error": outcome.error,
        "started_at": datetime.fromtimestamp(reading.started_at, UTC).isoformat(),
        "finished_at": datetime.now(UTC).isoformat(),
    }
