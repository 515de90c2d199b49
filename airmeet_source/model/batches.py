"""Rows on their way from the answers to the load package, in tables that are worth handing over."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from airmeet_source.fields import Record
from airmeet_source.model.arrow import arrow_table, tombstones, with_load_id
from airmeet_source.model.block import Block
from airmeet_source.model.placing import TableTypes
from airmeet_source.model.row_ids import RowIds
from airmeet_source.model.spool import Room, Spool
from airmeet_source.model.table import Reload

BATCH_ROWS = 5_000
BATCH_FIELDS = 500_000  # of all rows together: where a record has thousands, rows are typed earlier
BATCH_BYTES = 16_000_000
UNTYPED_BYTES = 2_000_000  # of answers: as objects their rows take many times that, and many lists wait
NO_EVENT = ""  # no event has this id


class TableBatches:
    """Rows of one table on their way into Arrow tables of about :data:`BATCH_ROWS` rows.

    ``folder``: where there is room for rows that are too many for the memory, the ``room`` that others share.
    """

    def __init__(self, types: TableTypes, folder: Path | None = None, room: Room | None = None) -> None:
        self._types = types
        self._block: Block | None = None  # rows that are alike; there are either these or others
        self._rows: list[Record] = []
        self._ids = _row_ids(types)
        self._tables = Spool(folder, room)
        self._deleted: list[str] = []  # events
        self._fields = 0  # of the rows
        self._bytes = 0  # of the answers that the rows come from
        self.count = 0

    def extend(self, rows: list[Record] | Block, size: int = 0) -> None:
        """Take over rows; ``size``: bytes of the answer that they are of."""
        if isinstance(rows, Block):
            self._add_block(rows)
            self._fields += len(rows) * len(rows.columns)
        else:
            self._add_rows(rows)
            self._fields += sum(map(len, rows))
        self._bytes += size
        self.count += len(rows)
        is_full = len(self._block or self._rows) >= BATCH_ROWS
        if is_full or self._fields >= BATCH_FIELDS or self._bytes >= UNTYPED_BYTES:
            self._type_rows()

    def _add_block(self, block: Block) -> None:
        if self._block is not None and self._block.is_like(block):
            self._block.add(block)
        elif self._block is None and not self._rows:
            self._block = block
        else:
            self._add_rows(block.rows())

    def _add_rows(self, rows: list[Record]) -> None:
        if self._block is not None:
            self._rows, self._block = self._block.rows(), None
        self._rows += rows

    def delete_event(self, airmeet_id: str) -> None:
        """Replace the rows of an event by none."""
        self._deleted.append(airmeet_id)

    def create_table(self) -> None:
        """Let the table come into being before it has a row, so that queries work.

        A batch without rows would do, but for Postgres: the ADBC driver takes no empty parquet file.
        """
        self.delete_event(NO_EVENT)

    def absorb(self, other: "TableBatches") -> None:
        """Take over the rows of another batch of the same table, which has all rows of an event."""
        if other._tables.rows:  # noqa: SLF001 - its own kind
            other._type_rows()  # noqa: SLF001 - equal rows are numbered there
        self.count += other._tables.rows  # noqa: SLF001
        self._tables.absorb(other._tables)  # noqa: SLF001
        self._deleted.extend(other._deleted)  # noqa: SLF001
        self.extend(other._block or other._rows, other._bytes)  # noqa: SLF001

    @property
    def is_full(self) -> bool:
        """Whether it is worth a yield: each costs dlt about a millisecond."""
        rows = self._tables.rows + len(self._deleted)
        return rows >= BATCH_ROWS or self._tables.size >= BATCH_BYTES

    def take(self, load_id: str) -> Iterator[pa.Table]:
        """All rows so far as a few tables, which belong to a load package from now on."""
        self._type_rows()
        if self._deleted:
            self._tables.add(tombstones(self._deleted, self._types))
        self._deleted, self.count = [], 0
        self._ids = _row_ids(self._types)
        for table in self._tables.take():
            yield with_load_id(table, load_id)

    def _type_rows(self) -> None:
        rows = self._block or self._rows
        if rows:
            table = arrow_table(rows, self._types)
            self._tables.add(table if self._ids is None else self._ids.put_into(table))
        self._block, self._rows = None, []
        self._fields = self._bytes = 0


def _row_ids(types: TableTypes) -> RowIds | None:
    """Ids for the rows of a table, if it needs any."""
    return RowIds(types.table) if types.table.reload is Reload.BY_EVENT else None
