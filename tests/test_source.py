"""The source in somebody else's pipeline: ``pipeline.run(airmeet())`` without our configuration."""

from collections.abc import Iterator
from datetime import date, datetime
from inspect import signature
from pathlib import Path
from pydoc import render_doc
from typing import Any

import dlt
import pytest
from dlt.extract.exceptions import ResourcesNotFoundError
from dlt.extract.items import TableNameMeta

from airmeet_sandbox import Sandbox, World, faults
from airmeet_source import UsageError, airmeet, problems
from airmeet_source.api.regions import REGIONS
from airmeet_source.extract.hints import fill_plainly
from airmeet_source.model.columns import ENTRY_LINK
from airmeet_source.model.table import Table, all_columns
from airmeet_source.model.tables import TABLES
from airmeet_source.resources import resources_of
from tests.support.warehouse import QUICK


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """Events of today: the source has no clock to set but the machine's."""
    with Sandbox(World(seed=7, events=12, people=6)) as running:
        yield running


def tables_of(region: str) -> list[Table]:
    """The tables that a region's resources fill, and the log."""
    filled = [table for resource in resources_of(REGIONS[region].api).values() for table in resource.tables]
    return [TABLES[name] for name in (*filled, "sync_log")]


@pytest.fixture
def pipeline(tmp_path: Path) -> dlt.Pipeline:
    """A pipeline with nothing but dlt's defaults."""
    return dlt.pipeline(
        "somebody_elses",
        destination=dlt.destinations.duckdb(str(tmp_path / "theirs.duckdb")),
        dataset_name="events",
        pipelines_dir=str(tmp_path / "pipelines"),
    )


@pytest.fixture
def keys(sandbox: Sandbox) -> dict[str, Any]:
    """Arguments that lead to the sandbox."""
    return {
        "access_key": sandbox.access_key,
        "secret_key": sandbox.secret_key,
        "base_url": sandbox.base_url,
        **QUICK,
    }


@pytest.mark.parametrize("region", REGIONS)
def test_there_is_one_resource_per_endpoint_of_the_region_and_the_log(
    keys: dict[str, Any], region: str
) -> None:
    offered = resources_of(REGIONS[region].api)
    assert set(airmeet(**keys, region=region).resources) == {*offered, "sync_log"}


def test_a_resource_that_the_region_lacks_is_refused_with_those_that_it_has(keys: dict[str, Any]) -> None:
    with pytest.raises(ResourcesNotFoundError, match=r"tracks.*registrations"):
        airmeet(**keys, region="legacy").with_resources("airmeets", "tracks")


def rows_of_no_load(pipeline: dlt.Pipeline, table: Table) -> Any:
    """The count of a table's rows whose load is not known."""
    no_load = "_dlt_load_id IS NULL OR _dlt_load_id NOT IN (SELECT load_id FROM _dlt_loads)"
    with pipeline.sql_client() as client:
        return client.execute_sql(f'SELECT count(*) FROM "{table.name}" WHERE {no_load}')


@pytest.mark.parametrize("region", ["default", "legacy"])
def test_types_and_descriptions_are_those_of_the_data_model_and_every_row_names_its_load(
    pipeline: dlt.Pipeline, keys: dict[str, Any], sandbox: Sandbox, region: str
) -> None:
    """Also those of tables without rows."""
    event = sandbox.world.event_in("just_finished")
    sandbox.world.put(event, "booths", [])
    address = sandbox.legacy_base_url if region == "legacy" else sandbox.base_url
    pipeline.run(airmeet(**{**keys, "region": region, "base_url": address}, events=[event]))
    schema = pipeline.default_schema
    for table in tables_of(region):
        columns = schema.get_table_columns(table.name)
        assert schema.get_table(table.name)["description"] == table.description
        for column in all_columns(table):
            assert columns[column.name]["data_type"] == column.data_type, (table.name, column.name)
        undescribed = [name for name, column in columns.items() if not column.get("description")]
        assert not undescribed, (table.name, undescribed)
        assert rows_of_no_load(pipeline, table) == [(0,)], table.name
    with pipeline.sql_client() as client:
        for table in tables_of(region):
            if table.name.startswith("booth"):
                assert client.execute_sql(f"SELECT count(*) FROM {table.name}") == [(0,)]


def test_rows_are_compared_only_in_tables_that_are_there(keys: dict[str, Any]) -> None:
    source = airmeet(**keys)
    before = source.resources["booths"].compute_table_schema(meta=TableNameMeta("booths"))
    fill_plainly(source, {"booths"})
    booths, tags, utms = (
        source.resources[resource].compute_table_schema(meta=TableNameMeta(table))
        for resource, table in (("booths", "booths"), ("booths", "booth_tags"), ("utms", "utms"))
    )
    assert before == booths
    assert booths["x-merge-strategy"] == "cdc"  # type: ignore[typeddict-item]
    assert tags["x-merge-strategy"] == utms["x-merge-strategy"] == "delete-insert"  # type: ignore[typeddict-item]
    assert not tags["columns"]["_dlt_row_id"].get("primary_key")
    assert tags["columns"]["airmeet_id"]["merge_key"]
    assert utms["columns"]["id"]["primary_key"]


def test_an_entry_link_is_described_as_what_it_is_from_the_first_load_on(
    pipeline: dlt.Pipeline, keys: dict[str, Any]
) -> None:
    pipeline.run(airmeet(**keys, include_entry_links=True).with_resources("airmeets", "participants"))
    token = pipeline.default_schema.get_table_columns("participants")["token"]

    assert token["description"] == ENTRY_LINK.description


def test_the_same_source_can_be_run_again(
    pipeline: dlt.Pipeline, keys: dict[str, Any], sandbox: Sandbox
) -> None:
    source = airmeet(**keys).with_resources("airmeets")
    pipeline.run(source)
    sandbox.world.add_event("One more")
    pipeline.run(source)
    with pipeline.sql_client() as client:
        assert client.execute_sql("SELECT count(*) FROM airmeets WHERE name = 'One more'") == [(1,)]


def test_a_source_that_failed_can_be_run_again(
    pipeline: dlt.Pipeline, keys: dict[str, Any], sandbox: Sandbox
) -> None:
    source = airmeet(**keys).with_resources("airmeets", "tracks")
    rule = sandbox.faults.add(faults.status(500), endpoint="airmeets")
    with pytest.raises(Exception, match="event list cannot be read"):
        pipeline.run(source)
    sandbox.faults.remove(rule)
    pipeline.run(source)
    with pipeline.sql_client() as client:
        assert client.execute_sql("SELECT count(*) > 0 FROM tracks") == [(True,)]


def test_a_limit_loses_no_row_for_good(
    pipeline: dlt.Pipeline, keys: dict[str, Any], sandbox: Sandbox
) -> None:
    """What every dlt user tries first; dlt closes the generators early and commits the package."""
    pipeline.run(airmeet(**keys).with_resources("sessions", "participants").add_limit(1))
    checked = ("airmeets", "sessions", "participants", "sync_log")
    pipeline.run(airmeet(**keys).with_resources(*checked).add_limit(1))
    pipeline.run(airmeet(**keys).with_resources(*checked))
    expected = sum(len(sandbox.world.records("participants", event)) for event in sandbox.world.events())
    with pipeline.sql_client() as client:
        assert client.execute_sql("SELECT count(*) FROM participants") == [(expected,)]
        assert client.execute_sql("SELECT count(DISTINCT airmeet_id) FROM airmeet_details") == [
            (len(sandbox.world.events()),)
        ]
        answers = client.execute_sql("SELECT count(DISTINCT airmeet_id) FROM participant_custom_fields")
        assert answers == client.execute_sql(
            "SELECT count(DISTINCT airmeet_id) FROM participants WHERE airmeet_id IN "
            "(SELECT airmeet_id FROM participant_custom_fields)"
        )


def test_help_shows_every_argument() -> None:
    shown = render_doc(airmeet)
    described = {name for name in signature(airmeet).parameters if f"\n        {name}: " in shown}
    assert described == set(signature(airmeet).parameters)


def test_arguments_choose_what_is_loaded(
    pipeline: dlt.Pipeline, keys: dict[str, Any], sandbox: Sandbox
) -> None:
    event, another = sandbox.world.events()[:2]
    pipeline.run(airmeet(**keys, events=[event]).with_resources("airmeets", "tracks"))
    with pipeline.sql_client() as client:
        assert client.execute_sql("SELECT DISTINCT airmeet_id FROM tracks") == [(event,)]
    pipeline.run(airmeet(**keys, since="2100-01-01").with_resources("airmeets", "tracks"))
    pipeline.run(airmeet(**keys, until=date(1970, 1, 1)).with_resources("airmeets", "tracks"))
    with pipeline.sql_client() as client:
        assert client.execute_sql("SELECT DISTINCT airmeet_id FROM tracks") == [(event,)]
    sandbox.clear_requests()
    pipeline.run(airmeet(**keys, events=[another], full_refresh=True).with_resources("tracks"))
    assert {request.endpoint for request in sandbox.requests} == {"auth", "airmeets", "tracks"}


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"events": "E1"}, "events must be a list of texts"),
        ({"since": "yesterday"}, "since: 'yesterday' is no date"),
        ({"since": "2026-02-01", "until": datetime(2026, 1, 1)}, "since must be before until"),  # noqa: DTZ001
    ],
)
def test_arguments_that_make_no_sense_are_refused(
    keys: dict[str, Any], arguments: dict[str, Any], why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        airmeet(**keys, **arguments)


class TestProblems:
    def test_what_failed_or_is_pending_is_named_in_a_warning_and_can_be_asked_for(
        self,
        pipeline: dlt.Pipeline,
        keys: dict[str, Any],
        sandbox: Sandbox,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        event = sandbox.world.event_in("just_finished")
        sandbox.prepare_seconds = 1e9
        rule = sandbox.faults.add(faults.status(500, message="Out of coffee"), endpoint="tracks", path=event)
        source = airmeet(**keys, events=[event], wait=False).with_resources("tracks", "utms", "booths")
        pipeline.run(source)
        found = {problem.resource: problem for problem in problems(pipeline)}
        assert {name: problem.outcome for name, problem in found.items()} == {
            "tracks": "failed",
            "utms": "pending",
        }
        assert {problem.airmeet_id for problem in found.values()} == {event}
        assert "Out of coffee" in found["tracks"].message
        [warning] = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
        assert "tracks: 1 failed, HTTP 500" in warning
        assert event in warning
        assert "utms: 1 pending, " in warning
        sandbox.faults.remove(rule)
        sandbox.prepare_seconds = 0
        pipeline.run(source)
        assert problems(pipeline) == ()

    def test_a_run_that_ended_early_is_one(
        self, pipeline: dlt.Pipeline, keys: dict[str, Any], sandbox: Sandbox
    ) -> None:
        def revoke(_: Any) -> bool:
            sandbox.revoke_keys()
            return False

        sandbox.faults.add(faults.status(401), endpoint="tracks", when=revoke)
        pipeline.run(airmeet(**keys).with_resources("airmeets", "tracks"))
        assert "refuses the keys" in problems(pipeline)[-1].message

    def test_a_pipeline_that_did_not_run_has_none(self, pipeline: dlt.Pipeline) -> None:
        assert problems(pipeline) == ()


def test_without_keys_the_error_says_what_to_set() -> None:
    with pytest.raises(UsageError, match="SOURCES__AIRMEET__ACCESS_KEY"):
        airmeet()


def test_keys_of_other_programs_in_the_environment_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACCESS_KEY", "somebody-elses")
    monkeypatch.setenv("SECRET_KEY", "somebody-elses")
    with pytest.raises(UsageError, match="No Airmeet keys"):
        airmeet()


def test_new_fields_become_described_columns(
    pipeline: dlt.Pipeline, keys: dict[str, Any], sandbox: Sandbox
) -> None:
    event = sandbox.world.events()[0]
    pipeline.run(airmeet(**keys).with_resources("tracks"))
    tracks = sandbox.world.records("tracks", event)
    news = {"roomNumber": 7, "isOpen": True, "rating": 4.5, "mood": "good", "sponsor": {"name": "Indigo"}}
    sandbox.world.put(event, "tracks", [{**track, **news} for track in tracks])
    pipeline.run(airmeet(**keys).with_resources("tracks"))
    columns = pipeline.default_schema.get_table_columns("tracks")
    found = {
        name: columns[name]["data_type"] for name in ("room_number", "is_open", "rating", "mood", "sponsor")
    }
    assert found == {
        "room_number": "bigint",
        "is_open": "bool",
        "rating": "double",
        "mood": "text",
        "sponsor": "text",
    }
    assert all("description" in columns[name] for name in found)
    with pipeline.sql_client() as client:
        rows = client.execute_sql(
            "SELECT DISTINCT room_number, sponsor FROM tracks WHERE room_number IS NOT NULL"
        )
    assert rows == [(7, '{"name": "Indigo"}')]


def test_a_value_that_does_not_fit_is_kept_unparsed(
    pipeline: dlt.Pipeline, keys: dict[str, Any], sandbox: Sandbox
) -> None:
    event = sandbox.world.event_in("just_finished")
    sandbox.world.add_attendance("event_attendance", event, time_spent="a while", time_stamp="at noon")
    pipeline.run(airmeet(**keys).with_resources("event_attendance"))
    with pipeline.sql_client() as client:
        rows = client.execute_sql(
            "SELECT time_spent, time_stamp, _unparsed FROM event_attendance WHERE _unparsed IS NOT NULL"
        )
    assert rows == [(None, None, '{"time_spent": "a while", "time_stamp": "at noon"}')]
