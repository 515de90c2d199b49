"""Block: records that are alike, column by column, so that no object is made for each of their rows."""

from collections.abc import Mapping

from airmeet_source.fields import JSON, Record

_MOST_TIMES = 2  # the fields of a record: a block has room in each row for those of all others


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
    """The records as a block, if their fields are about the same; one that is missing is null."""
    shapes = dict.fromkeys(map(tuple, records))
    fields = dict.fromkeys(name for shape in shapes for name in shape)
    if not shapes or len(fields) > _MOST_TIMES * max(map(len, shapes)):
        return None
    return Block({name: [record.get(name) for record in records] for name in fields})
