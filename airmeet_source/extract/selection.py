"""Selection: what a run is asked to load."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from airmeet_source.errors import UsageError
from airmeet_source.extract.lifecycle import Event


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What a run is asked to load; the default is everything that is due."""

    airmeet_ids: frozenset[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    full_refresh: bool = False
    wait: bool = True

    def includes(self, event: Event) -> bool:
        """Whether the event is asked for. Events without the times in question are."""
        if self.airmeet_ids is not None and event.airmeet_id not in self.airmeet_ids:
            return False
        end = event.end or event.start
        if self.since is not None and end is not None and end < self.since:
            return False
        return self.until is None or event.start is None or event.start < self.until


def require_listed(airmeet_ids: Iterable[str], listed: Collection[str]) -> None:
    """Refuse events that are asked for and that the event list does not have.

    Raises:
        UsageError: there are such.
    """
    unknown = sorted(set(airmeet_ids) - set(listed))
    if unknown:
        raise UsageError(f"Not in the event list (archived, or another community's?): {', '.join(unknown)}")
