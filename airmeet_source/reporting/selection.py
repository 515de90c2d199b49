"""Which events a report is about."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from airmeet_source.reporting.words import day, text

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What somebody chose; what is None or empty leaves nothing out.

    Attributes:
        communities: Names of communities.
        since: Events that end at this time or later.
        until: Events that start before this time.
        events: Ids of events.
    """

    communities: Collection[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    events: Collection[str] = ()

    def of(self, overview: Iterable[Row]) -> list[Row]:
        """The chosen ones of the rows of event_overview, the newest first, those without a start last."""
        return sorted(filter(self._has, overview), key=_newest_first)

    def _has(self, event: Row) -> bool:
        end, start = event["end_time"] or event["start_time"], event["start_time"]
        return (
            (not self.communities or event["community"] in self.communities)
            and (not self.events or event["airmeet_id"] in self.events)
            and (self.since is None or (end is not None and end >= self.since))
            and (self.until is None or (start is not None and start < self.until))
        )


def communities_of(overview: Iterable[Row]) -> Sequence[str]:
    """The communities that there are."""
    return sorted({event["community"] for event in overview if event["community"] is not None})


def _newest_first(event: Row) -> tuple[float, str, str]:
    start = event["start_time"] or datetime.min.replace(tzinfo=UTC)
    return -start.timestamp(), event["event_name"] or "", event["airmeet_id"]


def names_of(overview: Iterable[Row]) -> Mapping[str, str]:
    """The ids of events by name and day, the newest first; those that would be called alike have a number."""
    found: dict[str, str] = {}
    for event in Selection().of(overview):
        name = f"{text(event['event_name'])}, {day(event['start_time'])}"
        alike = sum(other == name or other.startswith(f"{name} (") for other in found)
        found[f"{name} ({alike + 1})" if alike else name] = event["airmeet_id"]
    return found
