"""A run consists of load packages: what one leaves open the next goes on with, and nothing is forgotten."""

import time
from typing import Any

import pytest
from dlt.pipeline.exceptions import PipelineStepFailed

from airmeet_sandbox import Sandbox
from airmeet_source import AirmeetError
from airmeet_source.api import scheduler
from airmeet_source.api.reading import Message, Reading
from airmeet_source.extract.package import Checkpoint
from airmeet_source.extract.selection import Selection
from airmeet_source.extract.unit_states import unit_states
from airmeet_source.model import batches
from airmeet_source.source import airmeet_from
from tests.support.warehouse import NewWarehouse, Warehouse, assert_same


def states(warehouse: Warehouse) -> dict[str, Any]:
    """What the pipeline's state knows of each resource's units."""
    pipeline = warehouse.pipeline
    pipeline.sync_destination()
    return {name: dict(units) for name, units in unit_states(pipeline).items()}


def test_units_are_submitted_a_few_at_a_time_and_none_is_forgotten(
    warehouse: Warehouse, another_warehouse: NewWarehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backfill's units are very many: only those whose turn is near need memory for being read."""
    resources = ("airmeets", "sessions", "participants", "session_attendance", "utms")
    whole = another_warehouse()
    whole.load(*resources)
    monkeypatch.setattr(scheduler, "_UNTOUCHED_UNITS", 2)
    untouched = []
    submit = scheduler.Scheduler.submit

    def watched(self: scheduler.Scheduler, reading: Reading) -> None:
        submit(self, reading)
        untouched.append(self._queue.untouched_of(reading.deliver_to))

    monkeypatch.setattr(scheduler.Scheduler, "submit", watched)
    run = warehouse.load(*resources, checkpoint=Checkpoint(seconds=0.2))
    assert len(warehouse.query("SELECT DISTINCT _dlt_load_id FROM sync_log")) > 1
    assert max(untouched) <= 2
    assert run.log.tally.planned == run.log.tally.units.total()
    assert_same(warehouse.tables(), whole.tables())


def test_a_stop_between_two_packages_moves_no_state_without_its_rows(
    sandbox: Sandbox, warehouse: Warehouse, another_warehouse: NewWarehouse
) -> None:
    """The generators of the next package take over what came meanwhile, and only add to the state."""
    half = frozenset(sandbox.world.events()[::2])
    warehouse.load("poll_responses", "session_attendance", selection=Selection(airmeet_ids=half))
    extraction = warehouse.extraction(checkpoint=Checkpoint(seconds=0.0))
    source = airmeet_from(extraction).with_resources("poll_responses", "session_attendance", "sync_log")
    warehouse.pipeline.run(source)
    before = states(warehouse)
    assert before
    assert not extraction.is_finished()
    while not extraction.scheduler._mailbox.weight:
        time.sleep(0.001)
    extraction.end_early(AirmeetError("the test stops it"))
    warehouse.pipeline.run(source)
    after = states(warehouse)
    assert all(set(after[name]) >= set(before[name]) for name in before)
    whole = another_warehouse()
    for each in (warehouse, whole):
        each.load("poll_responses", "session_attendance")
    assert_same(warehouse.tables(), whole.tables())


def test_lists_that_end_together_do_not_all_go_into_one_package(
    sandbox: Sandbox, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Eight lists of 20,000 people did, and DuckDB had to have 900 MB for them."""
    monkeypatch.setattr(batches, "BATCH_ROWS", 1)
    take = scheduler.Scheduler.take

    def patiently(self: scheduler.Scheduler, resource: str) -> list[Message]:
        while self._queue.is_ready() or self._in_flight:
            time.sleep(0.001)
        return take(self, resource)

    monkeypatch.setattr(scheduler.Scheduler, "take", patiently)
    three = frozenset(sandbox.world.events()[:3])
    run = warehouse.load(
        "participants", selection=Selection(airmeet_ids=three), checkpoint=Checkpoint(size=1)
    )
    lists = warehouse.query("SELECT count(DISTINCT airmeet_id) FROM participants GROUP BY _dlt_load_id")
    assert [number for (number,) in lists] == [1, 1, 1]
    assert run.log.tally.units == {"loaded": 3}


def test_a_run_that_was_given_up_does_not_go_on(warehouse: Warehouse) -> None:
    source = airmeet_from(warehouse.extraction()).with_resources("tracks")
    warehouse.pipeline.run(source.add_limit(1))
    with pytest.raises(PipelineStepFailed, match="begin a new one"):
        warehouse.pipeline.run(source)
