"""Extract, normalise and load, package by package."""

import logging
from collections.abc import Callable

import pyarrow as pa
from dlt.extract import DltSource
from dlt.pipeline.exceptions import PipelineStepFailed

from airmeet_source.errors import Overtaken
from airmeet_source.extract.extraction import Extraction
from airmeet_source.loading.clients import Clients
from airmeet_source.loading.duckdb import DuckDbMemory
from airmeet_source.loading.leftovers import clear_leftovers, drop_unloaded
from airmeet_source.loading.locking import Locks

log = logging.getLogger("airmeet_source")


def load_packages(
    clients: Clients,
    source: DltSource,
    extraction: Extraction,
    locks: Locks,
    require_no_news: Callable[[], None],
) -> None:
    """Load package after package until the extraction is finished.

    The destination may be ours still after the last one: whatever follows without a pause goes on with it.

    Args:
        clients: of the pipeline.
        source: what fills the packages.
        extraction: the run over the API.
        locks: of the destination, which is free for others while we fetch and wait.
        require_no_news: makes sure, before each load, that others have not changed what it is based on.

    Raises:
        Overtaken: they have. The package is dropped.
    """
    pipeline = clients.pipeline
    memory = DuckDbMemory(pipeline)
    while True:
        pipeline.extract(source)
        pipeline.normalize()
        pa.default_memory_pool().release_unused()  # the destination is about to need memory
        memory.give(extraction.package.size)
        try:
            _load_package(clients, memory, locks, require_no_news)
        except Overtaken:
            drop_unloaded(pipeline)
            raise
        extraction.package.loaded += 1
        log.info("A package is loaded; %s rows so far.", f"{sum(extraction.package.rows.values()):,}")
        if extraction.is_finished():
            return
        locks.let_go()


def _load_package(
    clients: Clients, memory: DuckDbMemory, locks: Locks, require_no_news: Callable[[], None]
) -> None:
    while True:
        try:
            with locks.keep():
                require_no_news()
                clients.pipeline.load().raise_on_failed_jobs()
                clear_leftovers(clients)
        except PipelineStepFailed as failure:
            # unlike after a kill, dlt let all jobs end: what is done stays, what failed is tried again
            if not memory.give_more(failure):
                raise
        else:
            return
