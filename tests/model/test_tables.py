"""Tables and resources: the declarations keep the contract with BI and agree with each other."""

import re

import pytest
from dlt.common.normalizers.naming.snake_case import NamingConvention

from airmeet_source.api.paging import Single
from airmeet_source.api.regions import Api
from airmeet_source.fields import squash
from airmeet_source.model.table import Reload, Table, all_columns
from airmeet_source.model.tables import TABLES
from airmeet_source.model.values import CONVERTERS
from airmeet_source.resources import RESOURCES, Resource, resources_of
from airmeet_source.settings import Settings

PERSON = "user_id email name"
# the table of the contract: table, columns of the key, columns beyond it (with the type where it says one)
CONTRACT = {
    "airmeets": ("airmeet_id", "name status timezone start_time end_time last_listed_at"),
    "airmeet_details": ("airmeet_id", ""),
    "sessions": ("airmeet_id session_id", "name start_time status duration summary type"),
    "session_people": ("airmeet_id session_id role person_id", ""),
    "custom_fields": (
        "airmeet_id field_id",
        "label name is_required field_type input_type mapped_from",
    ),
    "custom_field_options": ("airmeet_id field_id code", "display_value"),
    "participants": (
        "airmeet_id person_key",
        f"{PERSON} city country organisation designation registration_date profile_url user_type invite_sent",
    ),
    "participant_custom_fields": ("airmeet_id person_key field_id", "email value"),
    "event_attendance": ("airmeet_id id", f"{PERSON} time_stamp time_spent:bigint"),
    "session_attendance": ("airmeet_id session_id id", f"{PERSON} time_stamp time_spent:bigint"),
    "booths": ("airmeet_id booth_id", "name order:bigint short_description"),
    "booth_exhibitors": ("airmeet_id booth_id email", ""),
    "booth_tags": ("airmeet_id booth_id tag", ""),
    "booth_attendance": (
        "airmeet_id booth_id id",
        f"{PERSON} interested_in_being_contacted visits time_stamp time_spent:bigint",
    ),
    "poll_responses": ("airmeet_id question", f"{PERSON} session_id answer time_stamp"),
    "questions": ("airmeet_id question", f"{PERSON} session_id upvote_count:bigint time_stamp"),
    "tracks": ("airmeet_id track_id", "name description track_order color_code"),
    "track_sessions": ("airmeet_id track_id session_id", ""),
    "utms": ("airmeet_id id", "email utm_source utm_medium utm_campaign utm_term utm_content"),
    "session_recordings": (
        "airmeet_id session_id",
        "session_name download_link link_fetched_at link_expires_at",
    ),
    "replay_attendance": ("airmeet_id id", f"session_id {PERSON} duration_viewed:double"),
    "registrations": (
        "airmeet_id person_key",
        "email name city country organisation designation registration_date",
    ),
    "sync_log": (
        "",
        "resource airmeet_id entity_id outcome rows requests waited_seconds error started_at finished_at",
    ),
}
# what the API no longer has leaves these tables
WHOLE_LISTS = {
    *("sessions", "airmeet_details", "session_people", "participants", "participant_custom_fields"),
    *("booths", "booth_exhibitors", "booth_tags", "tracks", "track_sessions", "custom_fields"),
    *("custom_field_options", "session_recordings", "poll_responses", "questions", "registrations"),
}
EACH_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
EACH_RESOURCE = pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda resource: resource.name)


# -- the contract --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CONTRACT)
def test_a_table_has_the_key_and_the_columns_of_the_contract(name: str) -> None:
    assert name in TABLES
    types = {column.name: column.data_type for column in TABLES[name].columns}
    key, columns = CONTRACT[name]

    assert set(key.split()) <= set(TABLES[name].key)
    for column, _, data_type in (text.partition(":") for text in (key + " " + columns).split()):
        assert column in types
        assert types[column] == (data_type or types[column])


def test_there_is_no_table_that_the_contract_does_not_know() -> None:
    assert set(TABLES) <= set(CONTRACT)


def test_participants_have_no_entry_link_unless_switched_on() -> None:
    assert "token" not in TABLES["participants"].column_names
    assert Settings().include_entry_links is False


def test_whole_lists_replace_an_events_rows_and_cursor_lists_the_rows_of_the_same_key() -> None:
    assert {name for name, table in TABLES.items() if table.reload is Reload.BY_EVENT} == WHOLE_LISTS
    for resource in RESOURCES.values():
        if resource.endpoint.keeps_cursor:
            assert {TABLES[name].reload for name in resource.tables} == {Reload.BY_KEY}


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


@pytest.mark.parametrize("name", ["airmeet_id", "session_id", "booth_id", "track_id", "field_id"])
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


# -- resources -----------------------------------------------------------------------------------


@EACH_RESOURCE
def test_a_resource_fills_tables_that_exist_and_is_named_after_the_first(resource: Resource) -> None:
    assert set(resource.tables) <= set(TABLES)
    assert resource.name == resource.tables[0]
    assert RESOURCES[resource.name] is resource


def test_every_table_is_filled_by_exactly_one_resource_and_the_log_by_none() -> None:
    filled = [table for resource in RESOURCES.values() for table in resource.tables]

    assert sorted(filled) == sorted(set(TABLES) - {"sync_log"})


@EACH_RESOURCE
def test_a_path_asks_only_for_ids_that_its_units_have(resource: Resource) -> None:
    assert resource.endpoint.path.startswith("/")
    wanted = set(re.findall(r"{(\w+)}", resource.endpoint.path))

    assert wanted <= {"airmeet_id", "entity_id"}
    assert ("entity_id" in wanted) == (resource.parent is not None)


@EACH_RESOURCE
def test_a_parent_is_a_resource_that_names_its_children(resource: Resource) -> None:
    assert resource.parent is None or RESOURCES[resource.parent].endpoint.children is not None


@EACH_RESOURCE
def test_a_list_in_pages_has_a_page_size_that_the_api_allows(resource: Resource) -> None:
    largest = {"airmeets": 500, "registrations": 500, "participants": 1000}.get(resource.name, 50)
    paging = resource.endpoint.paging

    assert isinstance(paging, Single) or paging.size == largest


def test_the_asynchronous_endpoints_are_those_that_answer_202() -> None:
    assert {name for name, resource in RESOURCES.items() if resource.endpoint.asynchronous} == {
        "event_attendance",
        "session_attendance",
        "booth_attendance",
        "utms",
        "replay_attendance",
    }


def test_the_legacy_api_has_the_event_list_and_registrations_and_the_current_one_all_else() -> None:
    assert list(resources_of(Api.LEGACY)) == ["airmeets", "registrations"]
    assert set(RESOURCES) - set(resources_of(Api.CURRENT)) == {"registrations"}


@EACH_RESOURCE
def test_a_child_and_its_parent_are_in_the_same_versions_of_the_api(resource: Resource) -> None:
    assert resource.apis
    assert resource.parent is None or resource.apis == RESOURCES[resource.parent].apis


def test_the_plan_decides_about_the_resources_of_the_contract() -> None:
    assert {name for name, resource in RESOURCES.items() if resource.endpoint.plan_gated} == {
        "booths",
        "booth_attendance",
        "tracks",
        "session_recordings",
        "custom_fields",
    }
