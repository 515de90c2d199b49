"""TABLES: the data model. What there is to say about a table is declared here and nowhere else."""

from airmeet_source.model.table import Table
from airmeet_source.model.tables import engagement, events, log, people

TABLES: dict[str, Table] = {
    table.name: table for room in (events, people, engagement, log) for table in room.TABLES
}
