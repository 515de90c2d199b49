"""Stopwatch: how long at least one of many things was going on."""


class Stopwatch:
    """Measures the seconds during which there was at least one; ``now`` is a time of a monotonic clock."""

    def __init__(self) -> None:
        self._count = 0
        self._since = 0.0
        self._seconds = 0.0

    def start(self, now: float) -> None:
        """One more is going on."""
        if not self._count:
            self._since = now
        self._count += 1

    def stop(self, now: float) -> None:
        """One of them has ended."""
        self._count -= 1
        if not self._count:
            self._seconds += now - self._since

    def seconds(self, now: float) -> float:
        """The seconds so far."""
        return self._seconds + (now - self._since if self._count else 0.0)
