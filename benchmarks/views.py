"""Measure how long DuckDB takes for all rows of each view: ``python benchmarks/views.py [--rows N]``."""

import argparse
import time

import duckdb

from airmeet_source.model.table import Table
from airmeet_source.model.tables import TABLES
from airmeet_source.views.building import Place, query_of
from airmeet_source.views.declarations import VIEWS
from airmeet_source.views.weights import FIRST_WEIGHTS, WEIGHTS

TYPES = {
    "text": "VARCHAR",
    "bigint": "BIGINT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "timestamp": "TIMESTAMPTZ",
}
EVENTS, STAYS = 200, 5  # rows of one person at one event
NOW = "TIMESTAMPTZ '2026-06-01 12:00:00+00'"
# every tenth row has no user id, every third address is written in another way, every 50th row has none
ATTENDANCE = f"""
    SELECT 'e' || (n // {STAYS} % {EVENTS}) AS airmeet_id, n AS id, 's' || (n % 7) AS session_id,
        {NOW} AS time_stamp,
        CASE WHEN n % 10 > 0 THEN 'u' || (n // {STAYS}) END AS user_id,
        CASE WHEN n % 50 > 0 THEN if(n % 3 = 0, ' U', 'u') || (n // {STAYS}) || '@example.com' END AS email,
        'Name ' || (n // {STAYS}) AS name, n * 7919 % 3600000 AS time_spent
    FROM range({{rows}}) AS numbers (n)
"""
PEOPLE = f"""
    SELECT 'e' || (n % {EVENTS}) AS airmeet_id, 'k' || n AS person_key, {NOW} AS registration_date,
        CASE WHEN n % 4 > 0 THEN 'u' || n END AS user_id, 'u' || n || '@example.com' AS email,
        'Name ' || n AS name, 'Organisation ' || (n % 999) AS organisation, 'Registered User' AS user_type
    FROM range({{rows}} // {STAYS}) AS numbers (n)
"""
EVENT_LIST = f"""
    SELECT 'e' || n AS airmeet_id, 'Event ' || n AS name, 'FINISHED' AS status, {NOW} AS start_time
    FROM range({EVENTS}) AS numbers (n)
"""


def make_tables(connection: duckdb.DuckDBPyConnection, rows: int) -> Place:
    """Tables with so many rows of event attendance, and the views on them."""
    connection.execute("CREATE SCHEMA data; CREATE SCHEMA data_views")
    place = Place(dialect="duckdb", catalogue=None, dataset="data", views_dataset="data_views")
    for table in (*TABLES.values(), WEIGHTS):
        connection.execute(f"CREATE TABLE {place.full_name(table.name)} ({_columns(table)})")
    filled = {
        "event_attendance": ATTENDANCE,
        "participants": PEOPLE,
        "airmeets": EVENT_LIST,
        "session_attendance": f"{ATTENDANCE} WHERE n % 4 = 0",
    }
    for name, query in filled.items():
        columns = "* EXCLUDE session_id" if name == "event_attendance" else "*"
        source = query.format(rows=rows)
        connection.execute(f"INSERT INTO data.{name} BY NAME SELECT {columns} FROM ({source})")
    connection.executemany(
        f"INSERT INTO {place.full_name(WEIGHTS.name)} VALUES (?, ?)", [*FIRST_WEIGHTS.items()]
    )
    for view in VIEWS:
        connection.execute(f"CREATE VIEW {place.full_name(view)} AS {query_of(view, place)}")
    return place


def _columns(table: Table) -> str:
    return ", ".join(f'"{column.name}" {TYPES[column.data_type]}' for column in table.columns)


def main() -> None:
    """Make the tables, and time every view."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of event_attendance")
    rows = parser.parse_args().rows
    with duckdb.connect() as connection:
        place = make_tables(connection, rows)
        for view in VIEWS:
            began, used = time.monotonic(), time.process_time()
            connection.execute(f"CREATE TEMP TABLE seen_{view} AS FROM {place.full_name(view)}")
            [(count,)] = connection.execute(f"SELECT count(*) FROM seen_{view}").fetchall()
            wall, cpu = time.monotonic() - began, time.process_time() - used
            print(f"{view:24}{count:>10,} rows{wall:8.2f} s{cpu:8.2f} s of CPU")


if __name__ == "__main__":
    main()
