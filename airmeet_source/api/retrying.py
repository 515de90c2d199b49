"""The retry policy: when to pause, when to give up, when to slow down, when to stop asking altogether.

Nothing here sleeps, and nothing knows a thread: the scheduler does what these values say.
"""

from dataclasses import dataclass, replace
from typing import Literal

from airmeet_source.api.answers import Failed, Pending

LONGEST_PAUSE = 300.0  # seconds, between two attempts
MOST_FAILURES_IN_A_ROW = 50  # units
_SUSPICIOUS = 10  # failures in a row


@dataclass(frozen=True)
class Pause:
    """Ask for the unit again after so many seconds."""

    seconds: float
    silence: bool = False  # meanwhile nothing at all is asked
    shrink: bool = False  # then for less at a time


@dataclass(frozen=True)
class GiveUp:
    """The unit ends for this run. ``everything``: and so does everything else, asking is not wanted."""

    outcome: Literal["pending", "failed"]
    reason: str
    everything: bool = False


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
        wait = failure.retry_after or 0.0
        if wait > self.pending_timeout:
            why = (
                f"not to be asked again for {wait:g} s; this run waits for {self.pending_timeout:g} s at most"
            )
            return GiveUp("failed", f"{failure.reason} ({why})", everything=failure.throttled)
        if attempts >= self.max_attempts:
            return GiveUp("failed", f"{failure.reason} (after {attempts} attempts)")
        pause = min(LONGEST_PAUSE, self.backoff * 2 ** (attempts - 1)) * (0.5 + jitter)
        return Pause(max(pause, wait), silence=failure.throttled, shrink=failure.overtaxed and attempts > 1)


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
    """Counts what fails in a row, in the order of asking.

    The order of ending would not do: what fails is tried again, so it ends last and all together, also when
    everything in between was answered. So every request has a number, and a unit that failed for good stands
    where its failing began.

    A resource of which too many units fail in a row is given up. If they belong to several resources, the API
    is down, with two exceptions: others are untouched and have not failed yet, so they are asked for first;
    or hardly any of those that fail has ever given an answer while others have, so only these are down.
    """

    def __init__(self) -> None:
        self._answered: dict[str, int] = {}  # resource -> its last request with a sensible answer
        self._failed: dict[str, int] = {}  # resource -> its last request that failed
        self._exhausted: dict[str, list[int]] = {}  # resource -> where its units began to fail
        self._given_up: set[str] = set()
        self._last_answered = -1
        self._failures = 0  # requests, since the last sensible answer

    @property
    def suspects(self) -> bool:
        """Whether so much fails in a row that other resources should be tried."""
        return self._failures >= _SUSPICIOUS

    def answered(self, resource: str, request: int) -> None:
        """A request got a sensible answer."""
        self._answered[resource] = max(request, self._answered.get(resource, -1))
        self._last_answered = max(request, self._last_answered)
        self._failures = 0

    def failed(self, resource: str, request: int) -> None:
        """A request got none."""
        self._failed[resource] = max(request, self._failed.get(resource, -1))
        self._failures += 1

    def exhausted(self, resource: str, since: int, error: str, untouched: set[str]) -> Trip | None:
        """No attempt at a unit got a sensible answer, beginning with a request.

        ``untouched``: the resources with units that were never asked for.
        """
        last = self._answered.get(resource, -1)
        own = [began for began in (*self._exhausted.get(resource, ()), since) if began > last]
        self._exhausted[resource] = own
        in_a_row = {
            name: sum(began > self._last_answered for began in units)
            for name, units in self._exhausted.items()
        }
        total = sum(in_a_row.values())
        reason = f"{max(total, len(own))} units failed one after another, the last one with: {error}"
        if total >= MOST_FAILURES_IN_A_ROW and self._is_down(in_a_row, untouched):
            return Trip(None, reason)
        if len(own) >= MOST_FAILURES_IN_A_ROW and resource not in self._given_up:
            self._given_up.add(resource)
            return Trip(resource, reason)
        return None

    def _is_down(self, in_a_row: dict[str, int], untouched: set[str]) -> bool:
        failing = {name for name, number in in_a_row.items() if number}
        untried = {name for name in untouched if self._failed.get(name, -1) <= self._last_answered}
        if len(failing) == 1 or untried - self._given_up:
            return False
        used_to_answer = sum(in_a_row[name] for name in failing & self._answered.keys())
        return not self._answered or used_to_answer >= _SUSPICIOUS
