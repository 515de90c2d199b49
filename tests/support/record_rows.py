"""The rows that API records become, as the connector makes them and as the destination gets them."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from airmeet_source.model.arrow import arrow_table
from airmeet_source.model.placing import TableTypes
from airmeet_source.model.tables import TABLES
from airmeet_source.model.unit import UnitContext
from airmeet_source.resources import RESOURCES

FETCHED_AT = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)

Tables = dict[str, list[dict[str, Any]]]


def is_record(element: Any) -> bool:
    """Whether an element of a list is one; others are left out before rows are made."""
    return isinstance(element, dict)


def rows_of(endpoint: str, *records: Any, entity_id: str | None = "x1", links: bool = False) -> Tables:
    """The rows of one unit's records, by table."""
    unit = UnitContext("e1", entity_id, FETCHED_AT, include_entry_links=links)
    tables: Tables = defaultdict(list)
    for record in filter(is_record, records):
        for table, row in RESOURCES[endpoint].rows(record, unit):
            tables[table].append(row)
    return tables


def loaded(endpoint: str, *records: Any, links: bool = False) -> Tables:
    """The rows as they come to the destination, without nulls."""
    return {
        name: [
            {column: value for column, value in row.items() if value is not None}
            for row in arrow_table(rows, TableTypes(TABLES[name])).to_pylist()
        ]
        for name, rows in rows_of(endpoint, *records, links=links).items()
    }
