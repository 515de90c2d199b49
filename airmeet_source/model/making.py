"""How rows are made of records: by a function of one record, or of a whole page if its records are alike."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from airmeet_source.fields import JSON, Record
from airmeet_source.model.block import Block, block_of
from airmeet_source.model.columns import UNPARSED
from airmeet_source.model.keys import take_numbers, with_ids, with_number
from airmeet_source.model.unit import UnitContext

Rows = Iterator[tuple[str, Record]]
RowMaker = Callable[[Record, UnitContext], Rows]


class ManyAtOnce(ABC):
    """Makes rows of a record, and of many records that are alike without an object for each row."""

    @abstractmethod
    def __call__(self, record: Record, unit: UnitContext) -> Rows:
        """The rows of a record."""

    @abstractmethod
    def at_once(self, records: list[Record], unit: UnitContext) -> Mapping[str, list[Record] | Block] | None:
        """The same rows of many records, or None if any of them needs a look of its own."""


@dataclass(frozen=True, kw_only=True)
class NumberedRows(ManyAtOnce):
    """Makes one row of each record, which has a number of its own.

    ``entity``: the column for the id of the session or booth.
    """

    table: str
    entity: str | None = None

    def __call__(self, record: Record, unit: UnitContext) -> Rows:
        """The row of a record."""
        yield self.table, with_number(with_ids(record, **self._ids(unit)), unit)

    def at_once(self, records: list[Record], unit: UnitContext) -> Mapping[str, Block] | None:
        """The same rows of many records, or None if any of them needs a look of its own."""
        block, ids = block_of(records), self._ids(unit)
        if block is None or not block.columns.keys().isdisjoint((*ids, UNPARSED)):
            return None
        is_numbered = take_numbers(block.columns.get("id", ()), unit)
        return {self.table: block.beside(ids)} if is_numbered else None

    def _ids(self, unit: UnitContext) -> dict[str, JSON]:
        ids: dict[str, JSON] = {"airmeet_id": unit.airmeet_id}
        return ids if self.entity is None else {**ids, self.entity: unit.entity_id}


def made_of(records: list[Record], make: RowMaker, unit: UnitContext) -> Mapping[str, list[Record] | Block]:
    """The rows of a page, by table."""
    if isinstance(make, ManyAtOnce) and (made := make.at_once(records, unit)) is not None:
        return made
    rows: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        for table, row in make(record, unit):
            rows[table].append(row)
    return rows
