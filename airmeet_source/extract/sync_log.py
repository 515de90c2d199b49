"""sync_log: one row per unit of work, and the tally of a run made of the same facts."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from airmeet_source.api.reading import Outcome
from airmeet_source.disclosure.printable import printable
from airmeet_source.disclosure.secrets import HIDDEN, without_secrets
from airmeet_source.extract.package import LoadPackage
from airmeet_source.fields import Record

SYNC_LOG = "sync_log"
_DETAILS = re.compile(r": | \(|\n")
_NAMED_KINDS, _NAMED_UNITS = 5, 3  # in one line


@dataclass(frozen=True)
class Problem:
    """A unit that was not loaded although it should have been."""

    resource: str
    airmeet_id: str | None
    entity_id: str | None
    outcome: str
    message: str

    @property
    def ids(self) -> tuple[str, ...]:
        """Which unit of the resource it is."""
        return tuple(printable(id_) for id_ in (self.airmeet_id, self.entity_id) if id_)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Problems that are one and the same but for the unit."""

    resource: str
    outcome: str
    message: str
    problems: Sequence[Problem]

    def __str__(self) -> str:
        return printable(f"{self.resource}: {len(self.problems):,} {self.outcome}, {self.message}")


def kinds_of(problems: Iterable[Problem]) -> list[Kind]:
    """Problems by kind: what failed first, then the most frequent."""
    found: dict[tuple[str, str, str], list[Problem]] = defaultdict(list)
    for problem in problems:
        found[problem.resource, problem.outcome, gist(_without_ids(problem))].append(problem)
    kinds = [
        Kind(resource=resource, outcome=outcome, message=_common(of_kind) or said, problems=of_kind)
        for (resource, outcome, said), of_kind in found.items()
    ]
    return sorted(kinds, key=lambda kind: (kind.outcome, -len(kind.problems), kind.resource))


def gist(message: str) -> str:
    """The beginning of a message, which is ours, without the words, places and ids that follow."""
    return _DETAILS.split(message.strip())[0]


def _common(problems: Sequence[Problem]) -> str | None:
    """The message that all of them have."""
    messages = {_without_ids(problem) for problem in problems}
    return messages.pop() if len(messages) == 1 else None


def _without_ids(problem: Problem) -> str:
    message = problem.message
    for id_ in (problem.airmeet_id, problem.entity_id):
        message = re.sub(rf"(?<!\w){re.escape(id_)}(?!\w)", HIDDEN, message) if id_ else message
    return message


def in_words(problems: Sequence[Problem]) -> str:
    """What was not loaded, in one line that names the first few."""
    kinds = kinds_of(problems)
    told = [_in_words(kind) for kind in kinds[:_NAMED_KINDS]]
    if len(kinds) > _NAMED_KINDS:
        told.append(f"and {len(kinds) - _NAMED_KINDS:,} more kinds of problems, see table sync_log")
    return f"Not everything was loaded: {'; '.join(told)}."


def _in_words(kind: Kind) -> str:
    units = [" ".join(problem.ids) for problem in kind.problems[:_NAMED_UNITS] if problem.ids]
    if len(kind.problems) > _NAMED_UNITS:
        units.append(f"and {len(kind.problems) - _NAMED_UNITS:,} more")
    return f"{kind} ({', '.join(units)})" if units else str(kind)


@dataclass
class Tally:
    """What a run has done so far."""

    planned: int = 0  # the event list among them
    records: int = 0  # read
    units: Counter[str] = field(default_factory=Counter)  # ended, by outcome
    problems: list[Problem] = field(default_factory=list)

    def count(self, outcome: Outcome) -> None:
        """Take in the end of a unit."""
        self.units[outcome.name] += 1
        if outcome.name in ("failed", "pending"):
            said = without_secrets(outcome.error or "")
            self.problems.append(Problem(*outcome.reading.unit, outcome.name, said))


class SyncLog:
    """What is told of a run's units: rows of the table, and the tally."""

    def __init__(self, package: LoadPackage, run_id: str, community: str) -> None:
        self._package = package
        self._of_run = {"run_id": run_id, "community": community}
        self._rows: list[Record] = []
        self.tally = Tally()

    def enter(
        self, outcome: Outcome, rows: int, skipped: int = 0, *, written: bool = False, final: bool = False
    ) -> None:
        """Enter the end of a unit.

        Args:
            outcome: how it ended.
            rows: how many there were.
            skipped: how many elements of its list were no record.
            written: whether the destination is about to have them, because they are not the same as before.
            final: whether it will not be asked for again.
        """
        about_it = {"written": written, "final": final}
        row = {**_log_row(outcome, rows, skipped), **self._of_run, **about_it}
        self._rows.append(row)
        self.tally.count(outcome)

    def rows(self) -> Iterator[Any]:
        """The generator of resource ``sync_log``: goes on until the other resources have ended."""
        yield None
        while self._package.is_open() and not self._package.abandoned:
            yield None
        batches = self._package.batches(SYNC_LOG)
        batches.extend(self._rows)
        self._rows.clear()
        yield from self._package.add(SYNC_LOG, batches)


def _log_row(outcome: Outcome, rows: int, skipped: int) -> Record:
    reading = outcome.reading
    return {
        **reading.unit._asdict(),
        "outcome": outcome.name,
        "rows": rows,
        "skipped": skipped,
        "requests": reading.requests,
        "waited_seconds": round(reading.waited, 3),
        "error": outcome.error and without_secrets(outcome.error),
        "started_at": datetime.fromtimestamp(reading.started_at, UTC).isoformat(),
        "finished_at": datetime.now(UTC).isoformat(),
    }
