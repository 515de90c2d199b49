"""The retry policy: when to pause, when to give up, when to slow down, when to stop asking altogether.

Nothing here sleeps, and nothing knows a thread: the scheduler does what these values say.
"""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Literal

from airmeet_source.api.answers import Failed, Pending

LONGEST_PAUSE = 300.0  # seconds, between two attempts
MOST_FAILURES_IN_A_ROW = 50  # units


@dataclass(frozen=True)
class Pause:
    """Ask for the unit again after so many seconds."""

    seconds: float
    silence: bool = False  # meanwhile nothing at all is asked
    shrink: bool = False  # then for less at a time


@dataclass(frozen=True)
class GiveUp:
    """The unit ends for this run. ``exhausted``: because no attempt got a sensible answer."""

    outcome: Literal["pending", "failed"]
    reason: str
    exhausted: bool = False


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to wait for what; times are in seconds."""

    pending_wait: float
    pending_timeout: float
    max_attempts: int
    backoff: float

    def after_pending(self, answer: Pending, waited: float) -> Pause | GiveUp:
        """What to do about a result that is in preparation, and has been for so many seconds."""
        left = self.pending_timeout - waited
        pause = self.pending_wait if answer.retry_after is None else answer.retry_after
        if left <= 0 or (answer.retry_after is not None and answer.retry_after > left):
            return GiveUp("pending", "Airmeet is still preparing the result")
        return Pause(min(pause, left))

    def after_failure(self, failure: Failed, attempts: int, jitter: float) -> Pause | GiveUp:
        """What to do after so many attempts in a row have failed, this one included.

        ``jitter``, from 0 to 1, spreads the pauses of units that failed together.
        """
        if attempts >= self.max_attempts:
            return GiveUp("failed", f"{failure.reason} (after {attempts} attempts)", exhausted=True)
        pause = min(LONGEST_PAUSE, self.backoff * 2 ** (attempts - 1)) * (0.5 + jitter)
        return Pause(
            max(pause, failure.retry_after or 0.0),
            silence=failure.throttled,
            shrink=failure.overtaxed and attempts > 1,
        )


@dataclass(frozen=True)
class Pace:
    """How many requests may be in flight: halved by each failure, grown back by successes."""

    most: float
    allowed: float

    def slower(self) -> "Pace":
        """The pace after a failure."""
        return replace(self, allowed=max(1.0, self.allowed / 2))

    def faster(self) -> "Pace":
        """The pace after a success."""
        if self.allowed == self.most:
            return self
        return replace(self, allowed=min(self.most, self.allowed + 1 / self.allowed))


@dataclass(frozen=True)
class Trip:
    """Ask for no more of a resource, or (None) for nothing at all."""

    resource: str | None
    reason: str


class Breaker:
    """Counts the units that fail one after another, so that an API that is down is not hammered.

    If all of them belong to one resource, that resource is given up; if several are affected, the run is.
    """

    def __init__(self) -> None:
        self._in_a_row: Counter[str] = Counter()  # by resource
        self._given_up: set[str] = set()

    def success(self) -> None:
        """A unit got a sensible answer."""
        self._in_a_row.clear()

    def failure(self, resource: str, error: str | None) -> Trip | None:
        """No attempt at a unit of the resource got a sensible answer."""
        self._in_a_row[resource] += 1
        fresh = sum(count for name, count in self._in_a_row.items() if name not in self._given_up)
        if fresh < MOST_FAILURES_IN_A_ROW:
            return None
        self._given_up.update(self._in_a_row)
        reason = f"{fresh} units failed one after another, the last one with: {error}"
        return Trip(resource if len(self._in_a_row) == 1 else None, reason)
