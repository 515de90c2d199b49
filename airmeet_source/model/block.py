"""Block: records that are alike, column by column, so that no object is made for each of their rows."""

from collections.abc import Mapping

from airmeet_source.fields import JSON, Record


class Block:
    """Rows that all have the same fields.

    ``columns`` has the values of each field, of the first row first.
    """

    def __init__(self, columns: dict[str, list[JSON]]) -> None:
        self.columns = columns

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def rows(self) -> list[Record]:
        """The rows one by one."""
        return [
            dict(zip(self.columns, values, strict=True))
            for values in zip(*self.columns.values(), strict=True)
        ]

    def is_like(self, other: "Block") -> bool:
        """Whether the rows of another one have the same fields."""
        return self.columns.keys() == other.columns.keys()

    def add(self, other: "Block") -> None:
        """Put rows with the same fields behind these."""
        for name, values in other.columns.items():
            self.columns[name] += values

    def beside(self, shared: Mapping[str, JSON]) -> "Block":
        """The rows with fields that have the same value in each."""
        return Block({**self.columns, **{name: [value] * len(self) for name, value in shared.items()}})


def block_of(records: list[Record]) -> Block | None:
    """The records as a block, if all have the same fields."""
    if len(set(map(len, records))) != 1:
        return None
    try:
        return Block({name: [record[name] for record in records] for name in records[0]})
    except KeyError:
        return None
