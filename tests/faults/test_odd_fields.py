"""Fields of any name and number: every record is a row, and no field costs another one its column."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from airmeet_sandbox import Sandbox
from airmeet_source.model.naming import column_name
from airmeet_source.model.placing import MOST_UNDOCUMENTED
from airmeet_source.model.table import all_columns
from airmeet_source.model.tables import TABLES
from tests.support.names import GROUPS, HOMELESS
from tests.support.small_blocks import use_blocks_of_the_size_that_users_have
from tests.support.warehouse import Warehouse

DECLARED = {column.name for column in all_columns(TABLES["tracks"])}
BOTH = pytest.mark.parametrize("destination", ["DuckDB", "Postgres"], indirect=True)

Load = Callable[..., dict[str, dict[str, Any]]]


@pytest.fixture(autouse=True)
def _blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    use_blocks_of_the_size_that_users_have(monkeypatch)


@pytest.fixture
def load(sandbox: Sandbox, tmp_path: Path, destination: Any) -> Load:
    """Load these records as the tracks of an event and return the rows by track."""
    event = sandbox.world.event_in("live")
    warehouse = Warehouse(tmp_path, sandbox, destination=destination)

    def load_tracks(*records: dict[str, Any]) -> dict[str, dict[str, Any]]:
        sandbox.world.put(event, "tracks", [{"uid": f"t{n}", **record} for n, record in enumerate(records)])
        assert not warehouse.load("airmeets", "tracks").log.tally.problems
        rows = (dict(row) for row in warehouse.rows("tracks").elements())
        return {row["track_id"]: row for row in rows if row["airmeet_id"] == event}

    return load_tracks


def unparsed(row: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(row.get("_unparsed") or "{}"))


@BOTH
def test_each_field_has_a_column_of_its_own_in_any_run(load: Load) -> None:
    apart = [{group[-1]: f"value of {group[0][:9]!r}"} for group in GROUPS]
    homeless = {name: f"value of {name!r}" for name in HOMELESS if name != "_unparsed"}
    together = {field: value for record in apart for field, value in record.items()} | homeless

    first = load(*apart[::2])
    second = load(together, *apart)
    third = load(together, *apart[::-1])

    assert len(first) == len(apart[::2])
    for rows in (second, third):
        row = rows["t0"]
        for group in GROUPS:
            assert row[column_name(group[-1])] == f"value of {group[0][:9]!r}"
        assert unparsed(row) == homeless
        assert len(rows) == 1 + len(apart)
        assert all(unparsed(row) == {} for track, row in rows.items() if track != "t0")
    assert second["t0"] == third["t0"]


@pytest.mark.parametrize("destination", ["Postgres"], indirect=True)  # whose names are the shortest
def test_a_type_that_changes_under_a_long_name_is_kept_unparsed(load: Load) -> None:
    field = "q" * 70
    column = column_name(field)

    assert load({field: 1})["t0"][column] == 1
    rows = load({field: "n/a"}, {field.upper(): 2}, {field + "q": "another"})

    assert unparsed(rows["t0"]) == {column: "n/a"}
    assert rows["t1"][column] == 2
    assert rows["t2"][column_name(field + "q")] == "another"


@pytest.mark.parametrize("destination", ["Postgres"], indirect=True)
@pytest.mark.parametrize("values", [(7, 2**60), ("v1", "x" * 23)], ids=["numbers", "texts"])
def test_the_surplus_of_very_many_fields_is_kept_unparsed(load: Load, values: tuple[Any, ...]) -> None:
    records = [dict.fromkeys((f"p{number:04}" for number in range(1_700)), value) for value in values]

    first, second = (load(*records, {"name": "Other"}) for _ in range(2))

    assert first == second
    for track, record in enumerate(records):
        row = first[f"t{track}"]
        columns = row.keys() - DECLARED - {"_unparsed"}
        assert len(columns) <= MOST_UNDOCUMENTED
        assert {name: row[name] for name in columns} | unparsed(row) == record
    assert first["t2"]["name"] == "Other"
