"""Looking without loading: --check and --plan."""

import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from rich.console import Console
from rich.table import Table

from airmeet_source.extract.event_list import EventList
from airmeet_source.extract.extraction import Extraction
from airmeet_source.extract.lifecycle import Event, due
from airmeet_source.extract.unit_states import EventState, UnitStates
from airmeet_source.loading.rights import prove_writable
from airmeet_source.loading.run import Opened, unit_states
from airmeet_source.resources import EVENT_RESOURCES


def read_event_list(extraction: Extraction) -> list[Event]:
    """Fetch the event list and nothing else."""
    event_list = EventList(extraction)
    while not event_list.is_read():
        time.sleep(0.02)
    return extraction.events or []


def check(console: Console, run: Opened) -> None:
    """Prove keys, region and destination.

    Raises:
        AirmeetError: what is wrong, and what to do.
    """
    settings, pipeline = run.extraction.settings, run.pipeline
    console.print(f"Airmeet      {settings.url}, region {settings.region}", highlight=False)
    run.extraction.ask_for_events()
    found = prove_writable(pipeline, run.locks.hold)  # who may not read the tables is told so here
    run.look()
    events = read_event_list(run.extraction)
    console.print(f"             the keys are good, {len(events):,} events are listed", highlight=False)
    console.print(f"destination  {pipeline.destination.destination_name}, dataset {pipeline.dataset_name}")
    console.print(f"             reachable, the dataset {found}")


def plan(console: Console, run: Opened) -> None:
    """Show what a run would fetch; asks for nothing but the event list."""
    extraction, resources = run.extraction, run.source.selected_resources
    extraction.ask_for_events()  # it comes while the destination is looked at
    run.look()
    states = unit_states(run.pipeline)
    events = read_event_list(extraction)
    now = extraction.clock()
    phases = Counter(event.phase(now, extraction.settings) for event in events)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("resource", "in full", "from the cursor", "not due"):
        table.add_column(heading, justify="left" if heading == "resource" else "right")
    for name in EVENT_RESOURCES:
        if name in resources:
            counts = _due_counts(name, events, states.get(name) or UnitStates({}), now, extraction)
            table.add_row(name, *(f"{counts[kind]:,}" for kind in ("full", "cursor", "none")))
    told = ", ".join(f"{count:,} {phase}" for phase, count in phases.items()) or "none"
    console.print(f"events: {told}", highlight=False)
    console.print("what is due, counted in events:")
    console.print(table)
    children = [name for name, resource in EVENT_RESOURCES.items() if resource.parent and name in resources]
    if children:
        console.print(f"One unit per session or booth of these events: {', '.join(children)}.")


def _due_counts(
    name: str, events: list[Event], states: Mapping[str, EventState], now: datetime, extraction: Extraction
) -> Counter[str]:
    counts: Counter[str] = Counter()
    for event in events:
        state = None if extraction.selection.full_refresh else states.get(event.airmeet_id)
        read = due(EVENT_RESOURCES[name], event, None, state, now, extraction.settings)
        counts["none" if read is None else "full" if read.after is None else "cursor"] += 1
    return counts
