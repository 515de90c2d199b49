"""UnitContext: what the rows of one unit need beyond their own record."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from airmeet_source.model.privacy import Privacy
from airmeet_source.spilling import NumberMap


@dataclass
class UnitContext:
    """What the rows of one unit need beyond their own record, and which keys they have taken."""

    airmeet_id: str
    entity_id: str | None
    fetched_at: datetime
    include_entry_links: bool = False
    privacy: Privacy = field(default_factory=Privacy)
    community: str = "default"  # whose keys were used
    skipped: int = 0  # elements of the list that are no record

    @cached_property
    def keys(self) -> NumberMap:
        """How often each key has come up so far, by its hash."""
        return NumberMap()

    @cached_property
    def records(self) -> NumberMap:
        """The records so far, by the hashes of their contents."""
        return NumberMap()

    @cached_property
    def ids(self) -> NumberMap:
        """The ids of the API's own that rows have so far."""
        return NumberMap()

    def restart(self) -> None:
        """Forget the rows so far: the unit is read again."""
        for name in ("keys", "records", "ids"):
            self.__dict__.pop(name, None)
        self.skipped = 0
