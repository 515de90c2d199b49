"""TABLES: the declarations keep what BI relies on and agree with each other."""

import re

import pytest
from dlt.common.normalizers.naming.snake_case import NamingConvention

from airmeet_source.fields import squash
from airmeet_source.model.columns import ENTRY_LINK
from airmeet_source.model.table import Reload, Table, all_columns
from airmeet_source.model.tables import TABLES
from airmeet_source.model.values import CONVERTERS
from airmeet_source.settings import Settings

EACH_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)


# -- the contract with BI ------------------------------------------------------------------------


def test_participants_have_no_entry_link_unless_switched_on() -> None:
    participants = TABLES["participants"]

    assert ENTRY_LINK.name not in participants.column_names
    assert participants.with_entry_link().column_names == (*participants.column_names, ENTRY_LINK.name)
    assert Settings().include_entry_links is False


@EACH_TABLE
def test_times_are_timestamps_and_say_utc(table: Table) -> None:
    for column in table.columns:
        is_time = column.name.endswith(("_time", "_at", "_date", "_stamp"))
        assert (column.data_type == "timestamp") == is_time, column.name
        assert "UTC" in column.description or not is_time


@pytest.mark.parametrize(
    ("column", "unit"),
    [
        ("time_spent", "milliseconds"),
        ("duration", "minutes"),
        ("duration_viewed", "minutes"),
        ("waited_seconds", "seconds"),
    ],
)
def test_a_quantity_says_its_unit(column: str, unit: str) -> None:
    found = [c for table in TABLES.values() for c in table.columns if c.name == column]

    assert found
    assert all(re.search(rf"\b{unit}\b", declared.description, re.IGNORECASE) for declared in found)


@pytest.mark.parametrize(
    "name", sorted({name for table in TABLES.values() for name in table.key if name.endswith("_id")})
)
def test_an_id_means_the_same_thing_in_every_table(name: str) -> None:
    found = [c for table in TABLES.values() for c in table.columns if c.name == name]

    assert {(column.data_type, column.description) for column in found} == {("text", found[0].description)}


# -- tables --------------------------------------------------------------------------------------


@EACH_TABLE
def test_everything_is_described(table: Table) -> None:
    assert table.description[:1].isupper()
    for column in all_columns(table):
        assert len(column.description) > 3, column.name
        assert column.data_type in CONVERTERS


@EACH_TABLE
def test_names_are_unique_and_as_dlt_writes_them(table: Table) -> None:
    name = NamingConvention().normalize_identifier

    assert len(set(table.column_names)) == len(table.column_names)
    assert [name(column) for column in (table.name, *table.column_names)] == [table.name, *table.column_names]


@EACH_TABLE
def test_no_two_columns_claim_the_same_field(table: Table) -> None:
    own = [squash(column.name) for column in table.columns]
    others = [squash(name) for column in table.columns for name in column.api_names]

    assert len(set(own + others)) == len(own + others)


@EACH_TABLE
def test_keys_are_columns_and_start_with_the_event(table: Table) -> None:
    assert set(table.key) <= set(table.column_names)
    if table.reload is not Reload.APPEND:
        assert table.key[0] == "airmeet_id"


@EACH_TABLE
def test_rows_refer_to_a_row_of_their_parent_by_its_whole_key(table: Table) -> None:
    if table.parent is None:
        assert table.name == "airmeets" or table.reload is Reload.APPEND
        return
    parent = TABLES[table.parent.table]
    key = {column.name: column.data_type for column in parent.columns if column.name in table.parent.key}

    assert table.parent.key == parent.key
    assert {c.name: c.data_type for c in table.columns if c.name in table.parent.key} == key


@EACH_TABLE
def test_a_table_is_divided_by_one_of_its_times(table: Table) -> None:
    times = {column.name for column in table.columns if column.data_type == "timestamp"}

    assert table.partition is None or table.partition in times


@EACH_TABLE
def test_a_table_with_addresses_of_people_is_about_people(table: Table) -> None:
    assert table.about_people or not {"email", "person_key"} & set(table.column_names)
