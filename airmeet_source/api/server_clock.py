"""ServerClock: what time it is by Airmeet's clock, and how far this process's clock is off."""

import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

TOLERATED = timedelta(hours=1)  # a difference that harms nothing: events and re-reads are planned by the day
_LONGEST_DATE = 100  # characters
_PATIENCE = 60.0  # seconds to wait for the first answer


class ServerClock:
    """Set by the ``Date`` of the first answer; safe to use from many threads."""

    def __init__(self) -> None:
        self._has_answer = threading.Event()
        self._is_known = False
        self._difference = timedelta(0)  # to be added to this process's time

    def set_by(self, headers: Mapping[str, str]) -> None:
        """Take over the time of an answer that has just come, if it is the first one."""
        if self._has_answer.is_set():
            return
        told = http_date(headers.get("Date", ""))
        if told is not None:
            self._difference, self._is_known = told - datetime.now(UTC), True
        self._has_answer.set()

    def now(self, patience: float = _PATIENCE) -> datetime | None:
        """The time, when the first answer has come; None if none comes, or if it does not tell."""
        self._has_answer.wait(patience)
        return datetime.now(UTC) + self._difference if self._is_known else None

    @property
    def correction(self) -> timedelta:
        """What has to be added to this process's time; nothing if the difference is small or not known."""
        return self._difference if abs(self._difference) > TOLERATED else timedelta(0)


def http_date(value: str) -> datetime | None:
    """The moment that a header names; None if it is no date."""
    if len(value) > _LONGEST_DATE:
        return None
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    # "-0000": UTC of a server that does not know its zone
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
