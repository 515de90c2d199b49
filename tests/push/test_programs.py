"""push() and the dlt destination, for programs."""

from pathlib import Path

import dlt
import pytest
from dlt.common.configuration.container import Container
from dlt.common.pipeline import PipelineContext
from dlt.pipeline.exceptions import PipelineStepFailed

from airmeet_sandbox import Sandbox, World, faults
from airmeet_source import PeopleMissing, UsageError
from airmeet_source.push import attendees, push
from tests.push.conftest import bodies, listed, log

ANN = {"email": "ann@example.com", "first_name": "Ann", "last_name": "Lee", "Company size": "1-10"}
BEA = {**ANN, "email": "bea@example.com", "topics": ["Reporting", "Networking"]}

pytestmark = pytest.mark.usefixtures("keys")


def test_rows_are_sent_and_the_report_tells_of_it(world: World, event: str) -> None:
    report = push(event=event, rows=[ANN, BEA])

    assert (report.status, report.people["added"]) == ("ok", 2)
    report.raise_on_problems()
    assert len(listed(world, event)) == 2
    topics = listed(world, event)["bea@example.com"]["user_profile"][-1]["value"]
    assert topics == ["Reporting", "Networking"]


def test_whoever_is_missing_is_an_error_if_that_is_wanted(sandbox: Sandbox, event: str) -> None:
    sandbox.faults.add(faults.status(400), endpoint="add_attendee", times=1)
    report = push(event=event, rows=[ANN])

    with pytest.raises(PeopleMissing, match="1 refused"):
        report.raise_on_problems()
    with pytest.raises(UsageError, match="one of the three"):
        push(event=event, rows=[ANN], query="SELECT 1")


def test_an_event_is_the_destination_of_a_pipeline(sandbox: Sandbox, world: World, event: str) -> None:
    sandbox.faults.add(faults.status(503), endpoint="add_attendee", times=1)
    pipeline = dlt.pipeline("crm", destination=attendees(event=event), pipelines_dir="crm")

    for _ in range(2):
        pipeline.run([ANN, BEA], table_name="people").raise_on_failed_jobs()
        assert Container()[PipelineContext].pipeline() is pipeline

    assert len(listed(world, event)) == 2
    assert len(bodies(sandbox)) == 3
    assert [outcome for _, outcome in log()] == ["added", "already_there"] * 2


def test_bad_rows_fail_the_load_and_nobody_is_sent(sandbox: Sandbox, event: str) -> None:
    pipeline = dlt.pipeline("crm", destination=attendees(event=event), pipelines_dir="crm")

    with pytest.raises(PipelineStepFailed, match="not an address"):
        pipeline.run([ANN, {**BEA, "email": "bea"}], table_name="people")

    assert bodies(sandbox) == []
    assert not Path("airmeet.duckdb").exists()
