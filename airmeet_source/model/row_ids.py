"""RowIds: what tells the rows of an event apart, also where Airmeet tells them apart by nothing.

An id is made of the values of its row. So a reload of the list finds the rows that are the same as before,
and leaves them alone.
"""

from base64 import b64encode
from hashlib import blake2b

import pyarrow as pa
import pyarrow.compute as pc

from airmeet_source.model.columns import DELETED, LOAD_ID, PERSON_KEY, ROW_ID
from airmeet_source.model.signed import unsigned
from airmeet_source.model.table import Table
from airmeet_source.spilling import NumberMap

# twelve characters as text: DuckDB keeps so many beside the row. Ids that meet by chance are counted like
# equal rows
_BYTES = 9
_CHARACTERS = 12
_BETWEEN = "\x00"  # no text holds it, see `storable`


class RowIds:
    """The ids of rows in a table. All that may be equal, so all of an event, come through the same object."""

    def __init__(self, table: Table) -> None:
        volatile = {column.name for column in table.columns if column.volatile}
        self._left_out = frozenset({DELETED, LOAD_ID, ROW_ID, *volatile})
        # rows of two people differ, so nothing has to be kept of them, and there may be very many
        self._is_of_people = PERSON_KEY.name in table.key
        self._copies = NumberMap()

    def put_into(self, rows: pa.Table) -> pa.Table:
        """The rows with their ids; equal ones are numbered."""
        ids = self._numbered(_hashes(self._texts(rows)))
        place = rows.schema.get_field_index(ROW_ID)
        return rows.set_column(place, rows.schema.field(place), pa.array(ids, pa.string()))

    def _texts(self, rows: pa.Table) -> pa.ChunkedArray:
        """A text of each row, which only equal rows share: the names of its columns and their values."""
        parts = []
        for name in sorted(set(rows.column_names) - self._left_out):
            column = rows.column(name)
            if column.null_count < len(column):
                parts.append(pc.binary_join_element_wise(name, _lasting(column), _BETWEEN))
        return pc.binary_join_element_wise(*parts, _BETWEEN, null_handling="skip")

    def _numbered(self, ids: list[str]) -> list[str]:
        copies = NumberMap() if self._is_of_people else self._copies
        if self._is_of_people and len(set(ids)) == len(ids):
            return ids
        numbers = [copies.count(hash(row_id)) for row_id in ids]
        return [
            row_id if number == 1 else f"{row_id}#{number}"
            for row_id, number in zip(ids, numbers, strict=True)
        ]


def _lasting(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The values as texts, without what is made anew for each answer."""
    if pa.types.is_timestamp(column.type):
        return column.cast(pa.int64()).cast(pa.string())
    if not pa.types.is_string(column.type):
        return column.cast(pa.string())
    if not pc.any(pc.match_like(column, "%://%?%")).as_py():
        return column
    return pa.chunked_array([[text and unsigned(text) for text in column.to_pylist()]], pa.string())


def _hashes(texts: pa.ChunkedArray) -> list[str]:
    digests = [blake2b(text, digest_size=_BYTES).digest() for text in texts.cast(pa.binary()).to_pylist()]
    joined = b64encode(b"".join(digests)).decode()
    return [joined[start : start + _CHARACTERS] for start in range(0, len(joined), _CHARACTERS)]
