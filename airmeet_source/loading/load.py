"""Extract, normalise and load: the dlt pipeline around an extraction, package by package."""

import logging
from importlib.util import find_spec
from typing import Any

import dlt
import pyarrow as pa
from dlt.common.destination import Destination
from dlt.common.destination.exceptions import UnknownDestinationModule
from dlt.common.exceptions import MissingDependencyException
from dlt.extract import DltSource
from dlt.pipeline.exceptions import PipelineStepFailed

from airmeet_source.cli.options import Options
from airmeet_source.errors import UsageError
from airmeet_source.extract.extraction import Extraction
from airmeet_source.extract.hints import CONTRACT, FROZEN_CONTRACT
from airmeet_source.extract.sync_log import SYNC_LOG
from airmeet_source.extract.unit_states import UnitStates
from airmeet_source.loading.duckdb_memory import DuckDbMemory, limited_credentials
from airmeet_source.loading.leftovers import clear_leftovers
from airmeet_source.loading.locking import Hold
from airmeet_source.resources import RESOURCES, resources_of
from airmeet_source.source import airmeet_from

log = logging.getLogger("airmeet_source")

DUCKDB_FILE = "airmeet.duckdb"
OUR_EXTRAS = ("postgres", "bigquery", "ducklake")
CONTRACTS = {"evolve": CONTRACT, "freeze": FROZEN_CONTRACT}

# without transactions a merge is not atomic there: a failed INSERT would leave its DELETE done
_TRANSACTIONAL = ("duckdb", "ducklake", "bigquery")


def build_pipeline(options: Options) -> dlt.Pipeline:
    """The dlt pipeline that the options describe.

    Raises:
        UsageError: there is no such destination, or a package for it is missing.
    """
    try:
        pipeline = dlt.pipeline(
            pipeline_name=options.pipeline_name,
            destination=_destination(options.destination),
            dataset_name=options.dataset,
            pipelines_dir=options.pipelines_dir,  # type: ignore[arg-type] # None is dlt's own default
        )
        _ = pipeline.destination.client_class  # imports the driver, which otherwise would be missed later
    except UnknownDestinationModule:
        raise UsageError(
            f"Unknown destination {options.destination!r}: use duckdb, postgres, bigquery or another "
            "destination of dlt."
        ) from None
    except (MissingDependencyException, ModuleNotFoundError):
        raise _not_installed(options.destination) from None
    if options.destination == "postgres" and find_spec("adbc_driver_postgresql") is None:
        raise _not_installed(options.destination)
    strategies = pipeline.destination.capabilities().supported_merge_strategies or ()
    if "delete-insert" not in strategies:
        raise UsageError(
            f"The destination {options.destination!r} cannot replace the rows of an event (of dlt's merge "
            f"strategies it has {', '.join(strategies) or 'none'}, not delete-insert): rows would be lost or "
            "doubled.\nUse ducklake for files in a folder or bucket, or a database."
        )
    return pipeline


def _not_installed(destination: str) -> UsageError:
    packages = f'-e ".[{destination}]"' if destination in OUR_EXTRAS else f'"dlt[{destination}]"'
    return UsageError(
        f"The destination {destination!r} needs packages that are not installed: pip install {packages}"
    )


def _destination(name: str) -> Any:
    arguments: dict[str, Any] = {"supports_transactions": True} if name in _TRANSACTIONAL else {}
    places = ("destination.duckdb.credentials", "destination.credentials")
    if name == "duckdb" and all(dlt.secrets.get(place) is None for place in places):
        arguments["credentials"] = limited_credentials(DUCKDB_FILE)
    return Destination.from_reference(name, **arguments)


def select(extraction: Extraction, options: Options) -> DltSource:
    """The source with the resources that the options ask for; the sync log always belongs to it.

    Raises:
        UsageError: there is no such resource, or not in this region.
    """
    offered = resources_of(extraction.settings.api)
    missing = sorted({*options.resources, *options.exclude} - set(offered))
    unknown = [name for name in missing if name not in RESOURCES]
    if unknown:
        raise UsageError(f"Unknown resource {', '.join(unknown)}: use {', '.join(offered)}.")
    if missing:
        raise UsageError(
            f"Region {extraction.settings.region} does not have {', '.join(missing)}: "
            f"its resources are {', '.join(offered)}."
        )
    chosen = [
        name
        for name in offered
        if (not options.resources or name in options.resources) and name not in options.exclude
    ]
    if not chosen:
        raise UsageError("No resource is left to load.")
    source = airmeet_from(extraction).with_resources(*chosen, SYNC_LOG)
    source.schema_contract = CONTRACTS[options.schema_contract]
    return source


def drop_unfinished_packages(pipeline: dlt.Pipeline) -> None:
    """Undo what an interrupted run left: its rows are fetched again, state and rows stay together.

    A package that is taken up again in the middle of its load can stage a file twice.
    """
    if pipeline.has_pending_data:
        log.warning("The last run was interrupted while it loaded; what it had fetched is fetched again.")
        pipeline.abort_packages()


def load(pipeline: dlt.Pipeline, source: DltSource, extraction: Extraction, hold: Hold) -> None:
    """Load package after package until the extraction is finished.

    ``hold`` is entered for each load: the destination is free for others while we fetch and wait.
    """
    memory = DuckDbMemory(pipeline)
    while True:
        pipeline.extract(source)
        pipeline.normalize()
        pa.default_memory_pool().release_unused()  # the destination is about to need memory
        memory.give(extraction.package.size)
        _load_package(pipeline, memory, hold)
        if extraction.is_finished():
            return


def _load_package(pipeline: dlt.Pipeline, memory: DuckDbMemory, hold: Hold) -> None:
    while True:
        try:
            with hold():
                pipeline.load().raise_on_failed_jobs()
                clear_leftovers(pipeline)
        except PipelineStepFailed as failure:
            # unlike after a kill, dlt let all jobs end: what is done stays, what failed is tried again
            if not memory.give_more(failure):
                raise
        else:
            return


def resource_states(pipeline: dlt.Pipeline) -> dict[str, Any]:
    """What the pipeline's state knows of each resource's units, by resource."""
    resources = pipeline.state.get("sources", {}).get("airmeet", {}).get("resources", {})
    return {name: UnitStates(state) for name, state in resources.items()}
