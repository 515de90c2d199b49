"""What is taken out of tables is what is kept out of them: the same rule for records and for rows."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from dlt.destinations.job_client_impl import SqlJobClientBase
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airmeet_source.extract.erased import Erased
from airmeet_source.fields import Record
from airmeet_source.loading.destinations import Target, build_pipeline
from airmeet_source.loading.erasing.people import People
from airmeet_source.loading.erasing.taking_out import Findings, TakingOut
from airmeet_source.model.arrow import arrow_table
from airmeet_source.model.placing import TableTypes
from airmeet_source.model.privacy import Mode, Privacy
from airmeet_source.model.tables import TABLES
from airmeet_source.model.unit import UnitContext
from airmeet_source.resources import RESOURCES
from tests.support.warehouse import NOW

SALT = "a long secret salt"
LISTS = {  # and how each writes who it is about
    "participants": ("email", "user_id"),
    "registrations": ("email", None),
    "event_attendance": ("email", "userId"),
    "poll_responses": ("E-Mail", "user_id"),
    "utms": ("email", None),
    "replay_attendance": ("email", "user_id"),
}
PEOPLE = ("ada@x.example", "Bob.B@x.example", "éva@ünï.example", "a'b%_c@x.example", "not.ada@x.example")
SPELLINGS = (str, str.upper, str.title, lambda text: f"  {text}\t")
FILLED = [table for name in LISTS for table in RESOURCES[name].tables]
Lists = dict[str, list[Record]]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlJobClientBase]:
    """A DuckDB file with an empty table for each list."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("taking_out"))
        built = build_pipeline(Target(pipelines_dir=str(Path.cwd() / "pipelines")))
        with built.destination_client() as opened:
            assert isinstance(opened, SqlJobClientBase)
            opened.initialize_storage()
            yield opened


def person(draw: Any) -> tuple[str | None, str | None]:
    number = draw(st.integers(0, len(PEOPLE) - 1))
    email = draw(st.sampled_from(SPELLINGS))(PEOPLE[number])
    shown = draw(st.sampled_from(["both", "email", "user_id"]))
    return (None if shown == "user_id" else email), (None if shown == "email" else f"user-of-many-{number}")


@st.composite
def lists(draw: Any, privacy: Privacy) -> Lists:
    """Records of some people in some lists, each under its address, its user id or both."""
    found: Lists = {}
    for name, (email_field, id_field) in LISTS.items():
        records = found[name] = []
        for number in range(draw(st.integers(0, 3))):
            email, user_id = person(draw)
            record: Record = {"id": number + 1, "name": draw(st.sampled_from(["A", "B"]))}
            record[email_field] = email
            if id_field:
                record[id_field] = user_id
            # a hash of a whole list, or a key made of a whole record, stays until it is read again
            if privacy.keeps and (email or (user_id and id_field)):
                guests = [{"email": PEOPLE[0], "name": "A"}, {"email": "q@x"}]
                record["guests"] = draw(st.sampled_from([None, guests]))
            if name == "poll_responses":
                record["polls"] = [{"question": "Who?", "answer": draw(st.sampled_from(["Me", PEOPLE[0]]))}]
            records.append(record)
    return found


def tables(lists: Lists, privacy: Privacy) -> dict[str, pa.Table]:
    """The rows that a load makes of records."""
    made: dict[str, list[Record]] = {}
    for name, records in lists.items():
        unit = UnitContext("event-1", None, NOW, privacy=privacy)
        for record in records:
            for table, row in RESOURCES[name].rows(record, unit):
                made.setdefault(table, []).append(row)
    return {name: arrow_table(rows, TableTypes(TABLES[name], privacy=privacy)) for name, rows in made.items()}


def put(client: SqlJobClientBase, rows: dict[str, pa.Table]) -> None:
    connection = client.sql_client.native_connection
    for name in FILLED:
        connection.execute(f"DROP TABLE IF EXISTS airmeet_data.{name}")
    for name, table in rows.items():
        connection.register("given", table)
        connection.execute(f"CREATE TABLE airmeet_data.{name} AS SELECT * FROM given")


def got(client: SqlJobClientBase, names: Iterable[str]) -> dict[str, list[str]]:
    found = {}
    for name in names:
        rows = client.sql_client.native_connection.execute(f"SELECT * FROM airmeet_data.{name}")
        found[name] = told(rows.to_arrow_table().to_pylist())
    return {name: rows for name, rows in found.items() if rows}


def told(rows: list[Record]) -> list[str]:
    return sorted(
        str({name: str(value) for name, value in sorted(row.items()) if value is not None and name != "id"})
        for row in rows
    )


def without_them(lists: Lists, addresses: list[str], privacy: Privacy) -> Lists:
    """What is left of the records, once everything that shows them has been read."""
    erased = Erased({}, privacy)
    erased.add(People(privacy, addresses).identifiers)
    while True:
        before = erased.as_state()
        left = {
            name: erased.left(records, are_of_people=TABLES[RESOURCES[name].tables[0]].about_people)
            for name, records in lists.items()
        }
        if erased.as_state() == before:
            return left


@pytest.mark.parametrize("mode", ["keep", "hash"])
def test_taking_out_of_tables_leaves_what_keeping_out_of_records_leaves(
    client: SqlJobClientBase, mode: Mode
) -> None:
    privacy = Privacy(mode, SALT)

    @settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
    @given(lists(privacy), st.sets(st.sampled_from(PEOPLE), min_size=1, max_size=2))
    def check(lists: Lists, addresses: set[str]) -> None:
        rows = tables(lists, privacy)
        put(client, rows)
        people = People(privacy, [address.upper() for address in addresses])
        taking_out = TakingOut(client, people, [])
        findings: Findings = taking_out.look()
        taking_out.take(findings)

        left = tables(without_them(lists, sorted(addresses), privacy), privacy)
        assert got(client, rows) == {name: told(table.to_pylist()) for name, table in left.items()}

    check()
