"""The pipeline and its destination: built so that a reload replaces rows, and in one step where it can."""

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dlt
from dlt.common.configuration.specs.base_configuration import is_hint_not_resolvable
from dlt.common.destination import Destination
from dlt.common.destination.exceptions import UnknownDestinationModule
from dlt.common.exceptions import MissingDependencyException
from dlt.common.pipeline import get_dlt_pipelines_dir

from airmeet_source.errors import NotInstalled, UsageError
from airmeet_source.loading.duckdb import duckdb_file, is_duckdb, limited_credentials
from airmeet_source.loading.postgres import JOBS, credentials
from airmeet_source.loading.traces import DiscreetTraces
from airmeet_source.spelling import did_you_mean

DUCKDB_FILE = "airmeet.duckdb"
OUR_EXTRAS = ("postgres", "bigquery", "ducklake")

# without transactions a merge is not atomic there: a failed INSERT would leave its DELETE done
_TRANSACTIONAL = ("duckdb", "ducklake", "bigquery")
_MERGE_STRATEGY, _MERGE_STRATEGY_BY_ROW = "delete-insert", "cdc"

_LONGEST_NAME = 63  # bytes, in Postgres
_LONGEST_DATASET = 40  # characters of it, before "_staging_" and a digest
_PIPELINE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_UNCHANGED = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a pipeline loads to; names and meanings are dlt's."""

    destination: str = "duckdb"
    dataset_name: str = "airmeet_data"
    pipeline_name: str = "airmeet"
    pipelines_dir: str | os.PathLike[str] | None = None

    @property
    def working_folder(self) -> Path:
        """The folder that dlt works in."""
        return Path(self.pipelines_dir or get_dlt_pipelines_dir(), self.pipeline_name)


def require_pipeline_name(target: Target) -> None:
    """Refuse a name that dlt cannot call a schema by, or a folder.

    Raises:
        UsageError: it is one.
    """
    if not _PIPELINE_NAME.fullmatch(target.pipeline_name):
        raise UsageError(
            f"{target.pipeline_name!r} cannot be the name of a pipeline: dlt needs letters, digits and _, "
            "a letter first, and no more than 64 of them."
        )


def build_pipeline(target: Target) -> dlt.Pipeline:
    """The dlt pipeline of a target.

    Raises:
        UsageError: there is no such destination, it cannot do what is needed, or a package is missing.
    """
    try:
        pipeline = dlt.pipeline(
            pipeline_name=target.pipeline_name,
            destination=_destination(target),
            dataset_name=target.dataset_name,
            pipelines_dir=str(target.working_folder.parent),
            progress=DiscreetTraces(),
        )
        _ = pipeline.destination.client_class  # imports the driver, which otherwise would be missed later
    except UnknownDestinationModule:
        raise UsageError(
            f"Unknown destination {target.destination!r}"
            f"{did_you_mean(target.destination, dlt.destinations.__all__)}\n"
            "Use duckdb, postgres, bigquery or another destination of dlt."
        ) from None
    except (MissingDependencyException, ModuleNotFoundError):
        raise _not_installed(target.destination) from None
    if target.destination == "postgres" and find_spec("adbc_driver_postgresql") is None:
        raise _not_installed(target.destination)
    _require_merge_strategy(pipeline, target.destination)
    _resolve_from_here(pipeline)
    resolve_once(pipeline)
    return pipeline


def resolve_once(pipeline: dlt.Pipeline) -> None:
    """Fix what the configuration says of the destination, credentials included.

    dlt otherwise looks everything up again for each client, of which there are several for every table.
    """
    found = pipeline.destination_client().config
    fields = found.get_resolvable_fields()
    looked_up = {name for name, hint in fields.items() if not is_hint_not_resolvable(hint)}
    looked_up.discard("destination_name")  # it would change dlt's state
    pipeline.destination.config_params.update({name: found[name] for name in looked_up})


def merges_row_by_row(pipeline: dlt.Pipeline) -> bool:
    """Whether the destination can leave rows of a whole list alone that are the same as before."""
    return _MERGE_STRATEGY_BY_ROW in _merge_strategies(pipeline)


def place(pipeline: dlt.Pipeline) -> str:
    """Where the rows of a pipeline are, for people."""
    name = pipeline.destination.destination_name or ""
    file = f" file {duckdb_file(pipeline)}" if is_duckdb(pipeline) else ""
    return f"{name}{file}, dataset {pipeline.dataset_name}"


def staging_dataset_name(dataset_name: str, pipeline_name: str) -> str:
    """The dataset that a pipeline's rows go through, which is its own: another one would empty its tables.

    That of the default pipeline has the name that dlt would give it.
    """
    is_default = pipeline_name == Target.pipeline_name
    name = f"{dataset_name}_staging" if is_default else f"{dataset_name}_staging_{pipeline_name}"
    # dlt or the database would change any other name, and two pipelines might share what comes of it
    if len(name) <= _LONGEST_NAME and (is_default or _UNCHANGED.fullmatch(name)):
        return name
    digest = hashlib.blake2b(f"{dataset_name}/{pipeline_name}".encode(), digest_size=5).hexdigest()
    return f"{dataset_name[:_LONGEST_DATASET]}_staging_{digest}"


def _destination(target: Target) -> Any:
    name = target.destination
    arguments: dict[str, Any] = {"supports_transactions": True} if name in _TRANSACTIONAL else {}
    arguments["staging_dataset_name_layout"] = staging_dataset_name(target.dataset_name, target.pipeline_name)
    places = ("destination.duckdb.credentials", "destination.credentials")
    if name == "duckdb" and all(dlt.secrets.get(place) is None for place in places):
        arguments["credentials"] = limited_credentials(Path.cwd() / DUCKDB_FILE)
    if name == "postgres":
        arguments |= {"credentials": credentials(), "max_parallel_load_jobs": JOBS}
    return Destination.from_reference(name, **arguments)


def _not_installed(destination: str) -> NotInstalled:
    package = f"airmeet-source[{destination}]" if destination in OUR_EXTRAS else f"dlt[{destination}]"
    return NotInstalled(f"The destination {destination!r}", package)


def _require_merge_strategy(pipeline: dlt.Pipeline, destination: str) -> None:
    strategies = _merge_strategies(pipeline)
    if _MERGE_STRATEGY not in strategies:
        raise UsageError(
            f"The destination {destination!r} cannot replace the rows of an event (of dlt's merge strategies "
            f"it has {', '.join(strategies) or 'none'}, not {_MERGE_STRATEGY}): rows would be lost or "
            "doubled.\nUse ducklake for files in a folder or bucket, or a database."
        )


def _merge_strategies(pipeline: dlt.Pipeline) -> Sequence[str]:
    return pipeline.destination.capabilities().supported_merge_strategies or ()


def _resolve_from_here(pipeline: dlt.Pipeline) -> None:
    """Have relative paths of the configuration mean this run's folder.

    dlt remembers in which folder the pipeline first ran, and would load into the files there.
    """
    parameters = pipeline.destination.config_params
    if "local_dir" in parameters:
        parameters["local_dir"] = str(Path(dlt.current.run_context().local_dir).absolute())
