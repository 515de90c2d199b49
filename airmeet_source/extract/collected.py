"""A unit on its way: why it is read, what has come of it so far, and whether that is what it held before."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from airmeet_source.api.children import Child
from airmeet_source.extract.digest import Digest
from airmeet_source.extract.lifecycle import Content, Due, Event
from airmeet_source.model.batches import TableBatches
from airmeet_source.model.unit import UnitContext
from airmeet_source.resources import Resource


class Planned(NamedTuple):
    """A unit that is due. A backfill has very many, so they are made into more when their turn is near."""

    resource: Resource  # the feed's own, or its parent where nothing but the children's ids is wanted
    event: Event
    entity_id: str | None
    due: Due


@dataclass(slots=True)
class Collected:
    """What has come of a unit so far."""

    planned: Planned
    context: UnitContext
    known: Content | None = None  # what it held when it was last read, if that can be compared
    digest: Digest | None = None  # of what it holds now, if a later run may compare
    buffers: dict[str, TableBatches] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)
    family: list[Child] = field(default_factory=list)
    rows: int = 0

    @property
    def waits(self) -> bool:
        """Whether its rows wait until it is read to its end.

        A whole list counts only then, and one that may turn out to be unchanged is not written before. Other
        rows replace older ones by key, and can go at once.
        """
        return self._is_compared or not self.planned.resource.endpoint.keeps_cursor

    @property
    def _is_compared(self) -> bool:
        return self.known is not None and self.planned.due.after is None

    def sum_up(self, records: list[Any]) -> int:
        """Take records into the digest; returns how many of them complete what the table holds anyway.

        Where rows are replaced by key, only what follows has to be written: new records come at the end.
        """
        if self.digest is None:
            return 0
        is_by_key = self.planned.resource.endpoint.keeps_cursor
        known = self.known.digest if self.known and self._is_compared and is_by_key else None
        return self.digest.add(records, known)

    @property
    def content(self) -> Content | None:
        """What was read so far."""
        if self.digest is None:
            return None
        tables = self.tables.union(self.known.tables if self.known and self.planned.due.after else ())
        return Content(
            digest=str(self.digest),
            tables=[table for table in self.planned.resource.tables if table in tables],
        )

    @property
    def is_unchanged(self) -> bool:
        """Whether the unit holds what it held when it was last read."""
        return self.known is not None and self.content == self.known

    def restart(self) -> None:
        """Forget what was read so far."""
        self.buffers.clear()
        self.tables.clear()
        self.family.clear()
        self.rows = 0
        self.context.restart()
        if self.digest is not None:
            self.digest.restart()
