"""The sandbox's clock, and the ways in which Airmeet writes a time."""

import threading
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

MINUTE = 60.0
HOUR = 3600.0
DAY = 86400.0


class SandboxClock:
    """A clock that can be moved and stopped; it ticks with real time unless it is frozen."""

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._offset = 0.0
        self._frozen: float | None = None
        if start is not None:
            self.set(start)

    def timestamp(self) -> float:
        """The time as seconds since 1970."""
        with self._lock:
            return time.time() + self._offset if self._frozen is None else self._frozen

    def now(self) -> datetime:
        """The time, aware and in UTC."""
        return datetime.fromtimestamp(self.timestamp(), UTC)

    def advance(self, by: timedelta) -> None:
        """Move the clock forward (or back, though the world is not built to run backwards)."""
        with self._lock:
            self._offset += by.total_seconds()
            if self._frozen is not None:
                self._frozen += by.total_seconds()

    def set(self, to: datetime) -> None:
        """Move the clock to a time."""
        with self._lock:
            self._offset = to.timestamp() - time.time()
            if self._frozen is not None:
                self._frozen = to.timestamp()

    def freeze(self, at: datetime | None = None) -> None:
        """Stop the clock where it is, or at a time."""
        moment = self.timestamp() if at is None else at.timestamp()
        with self._lock:
            self._frozen = moment

    def unfreeze(self) -> None:
        """Let the clock tick again, from where it stands."""
        with self._lock:
            if self._frozen is not None:
                self._offset = self._frozen - time.time()
                self._frozen = None


_TWO_DIGITS = tuple(f"{number:02d}" for number in range(100))


@lru_cache(maxsize=10_000)
def _minute(number: int, separator: str) -> str:
    """`2021-10-14T07:30:`. Rows come in bulk; writing the calendar anew for each of them would be slow."""
    year, month, day, hour, minute = time.gmtime(number * 60)[:5]
    return f"{year}{separator}{month:02d}{separator}{day:02d}T{hour:02d}:{minute:02d}:"


def iso_ms(timestamp: float) -> str:
    """`2021-10-14T07:30:00.000Z`."""
    milliseconds = int(timestamp * 1000)
    second = milliseconds // 1000
    return f"{_minute(second // 60, '-')}{_TWO_DIGITS[second % 60]}.{milliseconds % 1000:03d}Z"


def iso(timestamp: float) -> str:
    """`2021-10-14T07:30:00Z`."""
    return f"{datetime.fromtimestamp(timestamp, UTC):%Y-%m-%dT%H:%M:%SZ}"


def colons(timestamp: float) -> str:
    """`2021:12:25T12:20:56.00Z`, the form of attendance, polls and questions."""
    hundredths = int(timestamp * 100)
    second = hundredths // 100
    return f"{_minute(second // 60, ':')}{_TWO_DIGITS[second % 60]}.{_TWO_DIGITS[hundredths % 100]}Z"


def epoch_ms(timestamp: float) -> int:
    """Milliseconds since 1970."""
    return int(timestamp * 1000)
