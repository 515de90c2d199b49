"""Sheets: rows of people as a file, a query or a pipeline has them, before anybody has looked at them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from airmeet_source.fields import JSON


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that is wrong with what is to be sent, and what to do about it.

    Attributes:
        line: The physical line of the file, or the number of the row; None if it is about no row.
        column: As the sheet has it.
        value: As the sheet has it, shortened.
        why: What is wrong, and what to do.
        of_sheet: Whether it is wrong with all rows, so that none can be sent.
    """

    line: int | None
    column: str | None
    value: str | None
    why: str
    of_sheet: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row: its cells by the names of their columns."""

    line: int
    cells: Mapping[str, JSON]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """All rows.

    Attributes:
        columns: The names of the columns, in order; what a row lacks is empty.
        rows: In order.
        header: The line with the names; None if there is no such line.
        free: Whether each row has names of its own, as JSON lines have.
        separates: Whether several values stand in one text, with ``|`` between them.
        problems: Rows that could not be read.
    """

    columns: tuple[str, ...]
    rows: Sequence[Row]
    header: int | None = None
    free: bool = False
    separates: bool = False
    problems: tuple[Problem, ...] = ()


def numbered(columns: Sequence[str], rows: Sequence[Mapping[str, JSON]]) -> Sheet:
    """The sheet of rows that have numbers but no lines."""
    return Sheet(
        columns=tuple(columns),
        rows=[Row(line=number, cells=cells) for number, cells in enumerate(rows, 1)],
    )
