"""TABLES: the data model. What there is to say about a table is declared here and nowhere else."""

from airmeet_source.model.table import Table
from airmeet_source.model.tables import engagement, events, log, people

SUBJECTS = (events, people, engagement, log)
TABLES: dict[str, Table] = {table.name: table for subject in SUBJECTS for table in subject.TABLES}
