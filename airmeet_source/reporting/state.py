"""How complete the data of a report is, in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from airmeet_source.reporting import words
from airmeet_source.reporting.figures import Figures
from airmeet_source.reporting.selection import Row

_NAMED = 5  # events of each list that is missing
_WHY = {"pending": "Airmeet is still preparing it.", "failed": "It could not be read"}


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A list that is missing, of one or more events."""

    what: str
    where: str
    since: str
    why: str


@dataclass(frozen=True, kw_only=True)
class State:
    """How complete the data is.

    Attributes:
        headline: The answer in one sentence.
        gaps: What is missing.
        notes: What may still change.
        loaded: When anything was last loaded.
    """

    headline: str
    gaps: Sequence[Gap]
    notes: Sequence[str]
    loaded: str


def state_of(figures: Figures) -> State:
    """How complete the figures are."""
    kinds: dict[tuple[str, str], list[Row]] = {}
    for problem in figures.problems:
        kinds.setdefault((problem["resource"], problem["state"]), []).append(problem)
    gaps = [_gap(resource, state, rows) for (resource, state), rows in sorted(kinds.items())]
    missing = words.people(len(figures.problems), "list is", "lists are")
    return State(
        headline=f"{missing} still missing: some numbers below may be too low."
        if gaps
        else "Nothing is missing: everything that Airmeet has is in the numbers below.",
        gaps=gaps,
        notes=_notes(figures),
        loaded=words.time(figures.last_loaded_at),
    )


def _gap(resource: str, state: str, rows: Sequence[Row]) -> Gap:
    names = [words.text(row["event_name"]) for row in rows if row["airmeet_id"]]
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    times: list[datetime] = [row["since"] for row in rows if row["since"]]
    error = next((row["error"] for row in rows if row["error"]), None)
    tries = max(row["tries"] or 0 for row in rows)
    what = words.LISTS.get(resource, resource)
    why = _WHY[state] if state == "pending" or not error else f"{_WHY[state]}: {error}"
    return Gap(
        what=what[:1].upper() + what[1:],
        where=f"{', '.join(names[:_NAMED])}{more}",
        since=f"since {words.time(min(times, default=None))}, {words.people(tries, 'try', 'tries')}",
        why=why,
    )


def _notes(figures: Figures) -> list[str]:
    notes = []
    ahead = [event for event in figures.events if not event["is_over"]]
    growing = [event for event in figures.events if event["is_over"] and event["data_state"] == "current"]
    archived = [event for event in figures.events if event["is_archived"]]
    if ahead:
        notes.append(f"{words.people(len(ahead), 'event is', 'events are')} not over yet.")
    if growing:
        notes.append(
            f"{words.people(len(growing), 'event is', 'events are')} over, but late rows may still come: "
            "replay views, for example."
        )
    if archived:
        notes.append(
            f"{words.people(len(archived), 'event is', 'events are')} no longer listed by Airmeet: "
            "the numbers stay as they were."
        )
    return notes
