"""What a view is made of: everything that is declared about one, except its SQL."""

from dataclasses import dataclass
from typing import Literal

from airmeet_source.model.values import DataType

ViewType = DataType | Literal["date"]


@dataclass(frozen=True, kw_only=True)
class ViewColumn:
    """One column: its type and what it means (units included)."""

    name: str
    data_type: ViewType
    description: str


@dataclass(frozen=True, kw_only=True)
class View:
    """One view. Its SQL is in the file of the same name.

    Attributes:
        key: What identifies a row to a reader.
        nullable: Those columns of the key that may be null.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[ViewColumn, ...]
    nullable: tuple[str, ...] = ()


def text(name: str, description: str) -> ViewColumn:
    """A text column."""
    return ViewColumn(name=name, data_type="text", description=description)


def number(name: str, description: str) -> ViewColumn:
    """A column of whole numbers."""
    return ViewColumn(name=name, data_type="bigint", description=description)


def fraction(name: str, description: str) -> ViewColumn:
    """A column of numbers with fractions."""
    return ViewColumn(name=name, data_type="double", description=description)


def flag(name: str, description: str) -> ViewColumn:
    """A column of true and false."""
    return ViewColumn(name=name, data_type="bool", description=description)


def time(name: str, description: str) -> ViewColumn:
    """A column of times."""
    return ViewColumn(name=name, data_type="timestamp", description=f"{description} (UTC)")


def day(name: str, description: str) -> ViewColumn:
    """A column of days."""
    return ViewColumn(name=name, data_type="date", description=f"{description} (UTC)")
