"""What a table is made of: everything that is declared about one, whoever needs it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from airmeet_source.model.columns import DELETED_COLUMN, LOAD_ID_COLUMN, ROW_ID_COLUMN, Column


class Reload(Enum):
    """What happens to the rows that a table already holds when newer ones arrive."""

    BY_KEY = "newer rows replace rows with the same key"
    BY_EVENT = "a reload replaces all rows of the event"
    APPEND = "rows are added"


@dataclass(frozen=True, kw_only=True)
class Parent:
    """The table that another table's rows belong to, and its key, which both tables have."""

    table: str
    key: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """One destination table.

    Attributes:
        key: What identifies a row to a reader.
        parent: What its rows belong to; None for the list of events and for logs.
        repeats: Whether several rows may have the same key, because Airmeet tells them apart by nothing.
        partition: The time by whose months BigQuery divides the table.
        about_people: Whether a row is about a person, so that a field nobody knows may be personal, too.
        entry_link: A column that is loaded only if the settings ask for it.
    """

    name: str
    description: str
    key: tuple[str, ...]
    reload: Reload
    columns: tuple[Column, ...]
    parent: Parent | None = None
    repeats: bool = False
    partition: str | None = None
    about_people: bool = False
    entry_link: Column | None = None

    def with_entry_link(self) -> "Table":
        """The table as it is where entry links are loaded."""
        return self if self.entry_link is None else replace(self, columns=(*self.columns, self.entry_link))

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the declared columns, in order."""
        return tuple(column.name for column in self.columns)


def all_columns(table: Table) -> Iterable[Column]:
    """The declared columns, and those that the connector itself adds to the table."""
    yield from table.columns
    if table.reload is not Reload.APPEND:
        yield DELETED_COLUMN
    if table.reload is Reload.BY_EVENT:
        yield ROW_ID_COLUMN
    yield LOAD_ID_COLUMN
