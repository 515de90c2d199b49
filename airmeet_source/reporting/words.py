"""How a report says things to people who are not engineers."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

LISTS = {
    "airmeets": "the list of events",
    "sessions": "the programme",
    "custom_fields": "the registration form",
    "participants": "registrations",
    "registrations": "registrations",
    "event_attendance": "attendance of the event",
    "session_attendance": "attendance of sessions",
    "booths": "booths",
    "booth_attendance": "visits of booths",
    "poll_responses": "answers to polls",
    "questions": "questions asked",
    "tracks": "tracks",
    "utms": "campaigns (UTM)",
    "session_recordings": "recordings",
    "replay_attendance": "replay views",
}
UNKNOWN = "–"  # noqa: RUF001 - as tables have it


def text(value: str | None) -> str:
    """A name or another text."""
    return value or UNKNOWN


def choices(answer: str | None) -> str:
    """An answer; several choices are stored as a JSON list."""
    if answer and answer.startswith("["):
        with suppress(ValueError):
            return ", ".join(map(str, json.loads(answer))) or UNKNOWN
    return text(answer)


def count(value: float | None) -> str:
    """A whole number."""
    return UNKNOWN if value is None else f"{value:,.0f}"


def percent(fraction: float | None) -> str:
    """A fraction of 1."""
    return UNKNOWN if fraction is None else f"{fraction:.0%}"


def minutes(value: float | None) -> str:
    """A duration in minutes."""
    if value is None:
        return UNKNOWN
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"


def day(moment: date | None) -> str:
    """The day of a time, in UTC."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(UTC)
    return UNKNOWN if moment is None else f"{moment.day} {moment:%b %Y}"


def time(moment: datetime | None) -> str:
    """A time, in UTC."""
    return UNKNOWN if moment is None else f"{day(moment)}, {moment.astimezone(UTC):%H:%M} UTC"


def came(row: Mapping[str, Any]) -> str:
    """How many registrants there are, and which share of them attended."""
    rate = row["attendance_rate_of_registrants"]
    return count(row["registrants"]) + ("" if rate is None else f" · {percent(rate)} came")


def people(number: int, one: str = "person", many: str = "people") -> str:
    """A number of people, or of anything else."""
    return f"{number:,} {one if number == 1 else many}"


KINDS: dict[str, Callable[[Any], str]] = {
    "text": text,
    "count": count,
    "percent": percent,
    "minutes": minutes,
    "day": day,
    "time": time,
}
