"""RowIds: what tells the rows of an event apart, also where Airmeet tells them apart by nothing.

An id is made of the values of its row. So a reload of the list finds the rows that are the same as before,
and leaves them alone.
"""

from collections import defaultdict

from airmeet_source.extract.digest import lasting
from airmeet_source.fields import Record, squash
from airmeet_source.model.block import Block
from airmeet_source.model.columns import PERSON_KEY
from airmeet_source.model.privacy import Privacy
from airmeet_source.model.table import Reload
from airmeet_source.model.tables import TABLES
from airmeet_source.resources import Resource
from airmeet_source.spilling import NumberMap

_LENGTH = 16  # hexadecimal digits; ids that meet by chance are counted like equal rows


class RowIds:
    """The ids of one unit's rows, by table."""

    def __init__(self, resource: Resource, privacy: Privacy) -> None:
        self._volatile = frozenset(map(squash, resource.volatile))
        self._privacy = privacy
        self._copies: defaultdict[str, NumberMap] = defaultdict(NumberMap)

    def of(self, table: str, rows: list[Record] | Block) -> list[str]:
        """The ids of all rows that some records have in a table, if it needs any; equal rows are numbered."""
        if isinstance(rows, Block) or TABLES[table].reload is not Reload.BY_EVENT:
            return []
        # rows of two people differ, so nothing has to be kept of them, and there may be very many
        is_of_person = PERSON_KEY.name in TABLES[table].key
        copies = NumberMap() if is_of_person else self._copies[table]
        ids = []
        for row in rows:
            text = lasting(row, self._volatile).decode()
            row_id = self._privacy.digest(text)[:_LENGTH]
            number = copies.count(hash(row_id))
            ids.append(row_id if number == 1 else f"{row_id}#{number}")
        return ids

    def restart(self) -> None:
        """Forget the rows so far: the unit is read again."""
        self._copies.clear()
