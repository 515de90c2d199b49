"""The tables of a sandbox's world, as a load of all of it leaves them, but for the log."""

from collections import defaultdict
from typing import Any

from airmeet_sandbox import World
from airmeet_source.model.arrow import arrow_table
from airmeet_source.model.placing import TableTypes
from airmeet_source.model.tables import TABLES
from airmeet_source.model.unit import UnitContext
from airmeet_source.resources import RESOURCES
from tests.support.asked_for import children_of
from tests.views.people import Row


def tables_of(world: World) -> dict[str, list[Row]]:
    """The rows of all tables."""
    made: dict[str, list[Row]] = defaultdict(list)
    for name, resource in RESOURCES.items():
        for event in [""] if name == "airmeets" else world.events():
            for child in children_of(world, name, event):
                unit = UnitContext(event, child, world.clock.now())
                for record in _records(world, name, event, child):
                    for table, row in resource.rows(record, unit):
                        made[table].append(row)
    return {name: arrow_table(rows, TableTypes(TABLES[name])).to_pylist() for name, rows in made.items()}


def _records(world: World, name: str, event: str, child: str | None) -> list[Any]:
    if name == "registrations":  # of the first version of the API
        return []
    records = world.records(name, event or None, child)
    return [{"sessions": records}] if name == "sessions" else records
