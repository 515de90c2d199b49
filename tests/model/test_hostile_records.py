"""Whatever the records hold, every one of them ends as a row with all its values, on every destination."""

import json
import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings

from airmeet_sandbox import Sandbox, World
from airmeet_source.model.placing import TableTypes
from airmeet_source.model.tables import TABLES
from airmeet_source.parsing import parse_json
from tests.support.arrow_rows import is_kept
from tests.support.json_values import JSON_VALUES
from tests.support.names import ANY_NAME, NAMES
from tests.support.warehouse import NOW, Rows, Warehouse

KEYS = st.sampled_from(["id", "email", "Email", "user_id", "userId", "name", "newField", "trackOrder", "uid"])
HOSTILE = st.dictionaries(KEYS | ANY_NAME, JSON_VALUES, min_size=1, max_size=8)
ODD: list[dict[str, Any]] = [
    {"email": "a\x00b@c", "name": "\ud83d\ude00 \ud800", "user_id": 10**400, "time_spent": "9" * 10_000},
    {
        "email": None,
        "name": "x" * 1_000_000,
        "time_spent": float("nan"),
        "select": {"from": [1, {"deep": None}]},
    },
    {"NAME": "somebody", "name": "Somebody", "time_spent": True, "": "nothing", "_dlt_load_id": "theirs"},
    {name: number for number, name in enumerate(NAMES)},
]


def load_and_replace(destination: Any, first: list[dict[str, Any]], second: list[dict[str, Any]]) -> None:
    """Load records and then others in their place, twice: fields come, go and change their type."""
    world = World(seed=1, events=0, now=NOW)
    event = world.add_event("Odd", start=NOW, people=0, bare=True)
    with tempfile.TemporaryDirectory() as folder, Sandbox(world) as sandbox:
        sandbox.clock.freeze(NOW)
        warehouse = Warehouse(Path(folder), sandbox, destination=destination)

        def load(records: list[dict[str, Any]]) -> list[Rows]:
            numbered = [{**record, "recordNumber": number} for number, record in enumerate(records)]
            for resource in ("participants", "tracks"):
                world.put(event, resource, numbered)
            assert not warehouse.load("participants", "tracks").log.tally.problems
            participants, tracks = warehouse.rows("participants"), warehouse.rows("tracks")
            assert [participants.total(), tracks.total()] == [len(records)] * 2
            assert lost(warehouse, tracks, numbered) == []
            return [participants, tracks]

        load(first)
        assert load(second) == load(second)
        people = warehouse.query("SELECT count(DISTINCT person_key) FROM participants")
        assert people == [(len(second),)]


def lost(warehouse: Warehouse, tracks: Rows, records: list[dict[str, Any]]) -> list[tuple[str, Any]]:
    """The fields whose values are in no column of their row and not in ``_unparsed``."""
    schema = warehouse.pipeline.default_schema
    known = {name: column["data_type"] for name, column in schema.get_table_columns("tracks").items()}
    types = TableTypes(TABLES["tracks"], known)
    rows = {row["record_number"]: row for row in map(dict, tracks.elements())}
    fields = []
    for record in records:
        row, received = rows[record["recordNumber"]], parse_json(json.dumps(record).encode())
        for field, value in received.items():
            types.add(field)
            if value is not None and not is_kept(field, value, row, types):
                fields.append((field, value))
    return fields


def test_every_hostile_record_is_a_row(destination: Any) -> None:
    load_and_replace(destination, ODD, [{**record, "newField": [1]} for record in ODD])


@settings(
    max_examples=1,
    phases=[Phase.generate],  # shrinking would take minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(first=st.lists(HOSTILE, max_size=6), second=st.lists(HOSTILE, max_size=6))
@pytest.mark.parametrize("destination", ["Postgres"], indirect=True)  # which refuses more than DuckDB
def test_any_record_is_a_row(
    destination: Any, first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    assume(first and second)  # without a record, which is the first example, there is little to lose
    load_and_replace(destination, first, second)
