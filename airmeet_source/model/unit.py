"""UnitContext: what the rows of one unit need beyond their own record."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from airmeet_source.model.privacy import Privacy


@dataclass
class UnitContext:
    """What the rows of one unit need beyond their own record, and which keys they have taken."""

    airmeet_id: str
    entity_id: str | None
    fetched_at: datetime
    include_entry_links: bool = False
    privacy: Privacy = field(default_factory=Privacy)
    skipped: int = 0  # elements of the list that are no record

    @cached_property
    def seen(self) -> Counter[str]:
        """How often each key has come up so far."""
        return Counter()

    @cached_property
    def ids(self) -> set[int]:
        """The ids of the API's own that rows have so far."""
        return set()

    def restart(self) -> None:
        """Forget the rows so far: the unit is read again."""
        self.seen.clear()
        self.ids.clear()
        self.skipped = 0
