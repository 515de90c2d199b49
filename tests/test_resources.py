"""RESOURCES: the declarations agree with each other and with the tables."""

import re

import pytest

from airmeet_source.api.regions import Api
from airmeet_source.model.table import Reload
from airmeet_source.model.tables import TABLES
from airmeet_source.resources import AIRMEETS, RESOURCES, Resource, resources_of

EACH_RESOURCE = pytest.mark.parametrize("resource", RESOURCES.values(), ids=lambda resource: resource.name)


@EACH_RESOURCE
def test_a_resource_is_named_after_the_first_of_its_tables(resource: Resource) -> None:
    assert resource.name == resource.tables[0]
    assert RESOURCES[resource.name] is resource


def test_no_table_is_filled_by_two_resources() -> None:
    filled = [table for resource in RESOURCES.values() for table in resource.tables]

    assert len(filled) == len(set(filled))


@EACH_RESOURCE
def test_rows_behind_a_cursor_replace_those_of_the_same_key_and_whole_lists_all_of_the_event(
    resource: Resource,
) -> None:
    by_key = resource.endpoint.keeps_cursor or resource is AIRMEETS

    assert {TABLES[name].reload for name in resource.tables} == {Reload.BY_KEY if by_key else Reload.BY_EVENT}


@EACH_RESOURCE
def test_a_path_asks_only_for_ids_that_its_units_have(resource: Resource) -> None:
    assert resource.endpoint.path.startswith("/")
    wanted = set(re.findall(r"{(\w+)}", resource.endpoint.path))

    assert wanted <= {"airmeet_id", "entity_id"}
    assert ("entity_id" in wanted) == (resource.parent is not None)


@EACH_RESOURCE
def test_a_parent_is_a_resource_that_names_its_children(resource: Resource) -> None:
    assert resource.parent is None or RESOURCES[resource.parent].endpoint.children is not None


def test_a_refusal_of_these_may_be_a_matter_of_the_plan() -> None:
    gated = {name for name, resource in RESOURCES.items() if resource.endpoint.plan_gated}

    assert gated >= {"booths", "booth_attendance", "tracks", "session_recordings", "custom_fields"}


def test_the_legacy_api_has_the_event_list_and_registrations_and_the_current_one_all_else() -> None:
    current, legacy = (set(resources_of(api)) for api in (Api.CURRENT, Api.LEGACY))

    assert legacy == {"airmeets", "registrations"}
    assert current == (set(RESOURCES) - legacy) | {"airmeets"}


@EACH_RESOURCE
def test_a_child_and_its_parent_are_in_the_same_versions_of_the_api(resource: Resource) -> None:
    assert resource.apis
    assert resource.parent is None or resource.apis == RESOURCES[resource.parent].apis
