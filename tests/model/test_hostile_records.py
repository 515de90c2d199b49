"""Whatever the records hold, every one of them ends as a row, on every destination."""

import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from airmeet_sandbox import Sandbox, World
from tests.support.json_values import JSON_VALUES, TEXTS
from tests.support.warehouse import NOW, Warehouse

KEYS = st.sampled_from(
    [
        "id",
        "email",
        "Email",
        "user_id",
        "userId",
        "name",
        "time_spent",
        "time_stamp",
        "newField",
        "order",
        "_unparsed",
    ]
)
HOSTILE = st.dictionaries(KEYS | TEXTS, JSON_VALUES, min_size=1, max_size=5)
ODD: list[dict[str, Any]] = [
    {"email": "a\x00b@c", "name": "\ud83d\ude00 \ud800", "user_id": 10**400, "time_spent": "9" * 10_000},
    {
        "email": None,
        "name": "x" * 1_000_000,
        "time_spent": float("nan"),
        "select": {"from": [1, {"deep": None}]},
    },
    {"NAME": "somebody", "name": "Somebody", "time_spent": True, "": "nothing", "_dlt_load_id": "theirs"},
]


def load_twice(destination: Any, first: list[dict[str, Any]], second: list[dict[str, Any]]) -> None:
    """Load records and then others in their place: fields come, go and change their type."""
    world = World(seed=1, events=0, now=NOW)
    event = world.add_event("Odd", start=NOW, people=0, bare=True)
    with tempfile.TemporaryDirectory() as folder, Sandbox(world) as sandbox:
        sandbox.clock.freeze(NOW)
        warehouse = Warehouse(Path(folder), sandbox, destination=destination)
        for records in (first, second):
            world.put(event, "participants", records)
            world.put(event, "tracks", records)
            run = warehouse.load("participants", "tracks")
            assert not run.log.tally.problems
            for table in ("participants", "tracks"):
                assert sum(warehouse.rows(table).values()) == len(records), table
        people = warehouse.query("SELECT count(DISTINCT person_key) FROM participants")
        assert people == [(len(second),)]


def test_every_hostile_record_is_a_row(destination: Any) -> None:
    load_twice(destination, ODD, [{**record, "newField": [1]} for record in ODD])


@settings(
    max_examples=3,
    phases=[Phase.generate],  # shrinking would take minutes
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(first=st.lists(HOSTILE, max_size=6), second=st.lists(HOSTILE, max_size=6))
@pytest.mark.parametrize("destination", ["DuckDB", "Postgres"], indirect=True)
def test_any_record_is_a_row(
    destination: Any, first: list[dict[str, Any]], second: list[dict[str, Any]]
) -> None:
    load_twice(destination, first, second)
