"""What a report consists of: parts with a few words, charts and a table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from airmeet_source.reporting.charts import Drawing
from airmeet_source.reporting.selection import Row

Kind = Literal["text", "count", "percent", "minutes", "day", "time"]
MOST_BARS = 10
LONGEST_TABLE = 100  # rows; more than that nobody reads on a page


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table: its heading, the field of the rows, and how that is written."""

    heading: str
    field: str
    kind: Kind = "count"


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table; it scrolls inside itself where it is too wide."""

    columns: Sequence[Column]
    rows: Sequence[Row]

    @property
    def shown(self) -> Sequence[Row]:
        """The rows that fit."""
        return self.rows[:LONGEST_TABLE]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One part of a report.

    Attributes:
        name: What links and tests call it.
        lead: One or two sentences: what is counted, and how.
        nothing: What is said instead of charts and table, if there are none.
    """

    name: str
    title: str
    lead: str
    charts: Sequence[Drawing] = ()
    table: Table | None = None
    nothing: str

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return not self.charts and (self.table is None or not self.table.rows)


def bars(rows: Sequence[Row], told: Callable[[Row], str], **fields: str) -> list[Row]:
    """The first rows as charts take them: which of their fields is what, and what stands at the right."""
    return [
        {**{name: row[field] for name, field in fields.items()}, "told": told(row)}
        for row in rows[:MOST_BARS]
    ]


def first_ones(rows: Sequence[Row]) -> str:
    """Words about the rows that a chart has no bars for."""
    return f" The chart has the first {MOST_BARS} of {len(rows):,}." if len(rows) > MOST_BARS else ""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One large number."""

    name: str
    value: str
    label: str
    note: str = ""
