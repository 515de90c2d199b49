"""Searching: the rows of a dataset that show somebody, and what is to be done about each."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from airmeet_source.fields import Record
from airmeet_source.loading.erasing.people import People
from airmeet_source.loading.erasing.tables import Condition, StoredTable, StoredTables
from airmeet_source.model.columns import AIRMEET_ID
from airmeet_source.model.keeping_out import KeepingOut
from airmeet_source.model.mentions import pattern_of


@dataclass(frozen=True, kw_only=True)
class Mention:
    """A row of somebody else that has an address in a text."""

    table: str
    column: str
    airmeet_id: str | None


@dataclass(kw_only=True)
class Found:
    """What is theirs in one table."""

    table: StoredTable
    rows: int = 0  # that go
    values: int = 0  # of other rows that objects about them go from
    deletions: set[Condition] = field(default_factory=set)
    changes: list[tuple[Condition, Mapping[str, str | None]]] = field(default_factory=list)
    mentions: Counter[Mention] = field(default_factory=Counter)
    events: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.deletions or self.changes)


def search(tables: StoredTables, people: People, *, blanks: bool = False) -> list[Found]:
    """What is theirs in the tables of a dataset.

    Args:
        tables: where.
        people: whom for; they become more by what is found beside them, and then it is to be asked again.
        blanks: mentions are to be blanked.
    """
    rule, listed, traces = people.rule(blanks=blanks), pattern_of(people.addresses), people.traces()
    found: list[Found] = []
    for table in tables.all():
        found.append(Found(table=table))
        for row, count in tables.rows_with(table, traces):
            left = rule.left(row, is_of_person=table.is_of_people)
            _take_in(found[-1], row, left, count, rule)
            people.add(rule.identifiers(row) if left is None else rule.inside(row))
            if left is not None:
                found[-1].mentions.update(_mentions(table, row if blanks else left, listed, count))
    return found


def _take_in(found: Found, row: Record, left: Record | None, count: int, rule: KeepingOut) -> None:
    if left is None:
        found.rows += count
        found.deletions.add(_condition(rule, row))
    elif changed := {name: left[name] for name in row if left[name] != row[name]}:
        found.values += count * len(changed)
        found.changes.append((tuple(row.items()), changed))
    if left is not row and isinstance(row.get(AIRMEET_ID.name), str):
        found.events.add(row[AIRMEET_ID.name])


def _condition(rule: KeepingOut, row: Record) -> Condition:
    """What holds for a row of theirs, and for no row of anybody else."""
    decisive = rule.decisive(row)
    return tuple(row.items()) if decisive is None else ((decisive, row[decisive]),)


def _mentions(
    table: StoredTable, row: Record, listed: re.Pattern[str] | None, count: int
) -> Mapping[Mention, int]:
    if listed is None:
        return {}
    event = row.get(AIRMEET_ID.name)
    texts = {name: text for name, text in row.items() if isinstance(text, str)}
    return {
        Mention(table=table.name, column=name, airmeet_id=event): count
        for name, text in texts.items()
        if listed.search(text)
    }
