"""Looking without loading: --check."""

import time

from rich.console import Console

from airmeet_source.extract.event_list import EventList
from airmeet_source.extract.extraction import Extraction
from airmeet_source.extract.lifecycle import Event
from airmeet_source.loading.opened import Opened
from airmeet_source.loading.rights import prove_writable


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
