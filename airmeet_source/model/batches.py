"""Rows on their way from the answers to the load package, in tables that are worth handing over."""

import pyarrow as pa

from airmeet_source.fields import Record
from airmeet_source.model.arrow import arrow_table, tombstones, with_load_id
from airmeet_source.model.placing import TableTypes

BATCH_ROWS = 5_000
BATCH_FIELDS = 500_000  # of all rows together: where a record has thousands, rows are typed earlier
BATCH_BYTES = 16_000_000
NO_EVENT = ""  # no event has this id


class TableBatches:
    """Rows of one table on their way into Arrow tables of about :data:`BATCH_ROWS` rows."""

    def __init__(self, types: TableTypes) -> None:
        self._types = types
        self._rows: list[Record] = []
        self._tables: list[pa.Table] = []
        self._deleted: list[str] = []  # events
        self._fields = 0  # of the rows
        self._bytes = 0  # of the tables
        self.count = 0

    def extend(self, rows: list[Record]) -> None:
        """Take over rows."""
        self._rows += rows
        self._fields += sum(map(len, rows))
        self.count += len(rows)
        if len(self._rows) >= BATCH_ROWS or self._fields >= BATCH_FIELDS:
            self._type_rows()

    def delete_event(self, airmeet_id: str) -> None:
        """Replace the rows of an event by none."""
        self._deleted.append(airmeet_id)

    def create_table(self) -> None:
        """Let the table come into being before it has a row, so that queries work.

        A batch without rows would do, but for Postgres: the ADBC driver takes no empty parquet file.
        """
        self.delete_event(NO_EVENT)

    def absorb(self, other: "TableBatches") -> None:
        """Take over the rows of another batch of the same table."""
        self._tables.extend(other._tables)  # noqa: SLF001 - its own kind
        self._bytes += other._bytes  # noqa: SLF001
        self._deleted.extend(other._deleted)  # noqa: SLF001
        self.extend(other._rows)  # noqa: SLF001
        self.count += sum(table.num_rows for table in other._tables)  # noqa: SLF001

    @property
    def is_full(self) -> bool:
        """Whether it is worth a yield: each costs dlt about a millisecond."""
        rows = sum(table.num_rows for table in self._tables) + len(self._deleted)
        return bool(rows >= BATCH_ROWS or self._bytes >= BATCH_BYTES)

    def take(self, load_id: str) -> pa.Table | None:
        """All rows so far as one table, which belongs to a load package from now on."""
        if self._rows:
            self._type_rows()
        if self._deleted:
            self._tables.append(tombstones(self._deleted, self._types))
        tables, self._tables, self._deleted = self._tables, [], []
        self._bytes = self.count = 0
        if not tables:
            return None
        return with_load_id(pa.concat_tables(tables, promote_options="default"), load_id)

    def _type_rows(self) -> None:
        table = arrow_table(self._rows, self._types)
        self._tables.append(table)
        self._bytes += table.nbytes
        self._rows, self._fields = [], 0
