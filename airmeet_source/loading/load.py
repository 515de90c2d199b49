"""load(): everything that ``airmeet load`` does, for a script or an orchestrator."""

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Unpack

from airmeet_source.loading.destinations import Target
from airmeet_source.loading.report import Report
from airmeet_source.loading.run import Order, Run, SchemaContract
from airmeet_source.settings import SettingsArguments
from airmeet_source.source import names, selection_of


def load(  # noqa: PLR0913 - independent choices, each with a default
    *,
    destination: str = "duckdb",
    dataset_name: str = "airmeet_data",
    pipeline_name: str | None = None,
    pipelines_dir: str | os.PathLike[str] | None = None,
    resources: Iterable[str] = (),
    exclude: Iterable[str] = (),
    events: Iterable[str] = (),
    since: date | str | None = None,
    until: date | str | None = None,
    full_refresh: bool = False,
    wait: bool = True,
    schema_contract: SchemaContract = "evolve",
    lock_timeout: float = 60.0,
    publish: str | os.PathLike[str] | None = None,
    publish_mode: int | None = None,
    demo: bool = False,
    new_events: bool = False,
    views: bool = True,
    **settings: Unpack[SettingsArguments],
) -> Report:
    """Load everything that is new in Airmeet into a warehouse, as ``airmeet load`` does.

    One run at a time per pipeline and dataset, whatever the machine; rows and state are loaded together in
    packages of bounded size, what an interrupted run left behind is fetched again, and locks are waited for.

    Args:
        destination: ``duckdb``, ``postgres``, ``bigquery`` or any destination of dlt that can replace rows;
            credentials come from dlt's configuration. DuckDB's file is ``airmeet.duckdb`` in the current
            folder unless ``destination.duckdb.credentials`` names another.
        dataset_name: the schema or dataset that holds the tables.
        pipeline_name: dlt's name for the pipeline, which its state is kept under. Default: ``airmeet``, or
            ``airmeet_NAME`` for ``community="NAME"``.
        pipelines_dir: where dlt's working folders are. Default: dlt's own.
        resources: only these resources. Default: all.
        exclude: all but these resources.
        events: only these events, by id. Default: all.
        since: only events that end on or after this date; a time without a zone is UTC.
        until: only events that start before this date.
        full_refresh: forget cursors and load everything again; rows are replaced.
        wait: wait for results that Airmeet is still preparing; False leaves them for the next run.
        schema_contract: a field that the API did not send before becomes a column (``evolve``) or fails the
            run (``freeze``).
        lock_timeout: seconds to wait for another run, a table that is locked, or a DuckDB file that another
            program has open.
        publish: after the load, replace this snapshot of the DuckDB file.
        publish_mode: its permissions, such as ``0o644``. Default: only its owner may read it.
        demo: load made-up events from a sandbox of the API on this machine; no keys are needed.
        new_events: the listed events belong into the dataset although it knows none of them, which otherwise
            is taken for a mistake: for the keys of another community.
        views: renew the views for analysts, in the dataset ``<dataset_name>_views``.
        **settings: any setting of section ``sources.airmeet``, such as ``access_key``, ``secret_key`` or
            ``region``; what is not given comes from dlt's configuration. ``airmeet()`` describes them.

    Returns:
        The report. Its status is ``partial`` if units failed or are still pending; they stay due.
        ``report.raise_on_problems()`` makes an error of that.

    Raises:
        AirmeetError: the run failed; the last good state is kept. Running again does not help against a
            ``UsageError`` or ``KeysRefused``.
    """
    order = Order(
        target=Target(
            destination=destination,
            dataset_name=dataset_name,
            pipelines_dir=pipelines_dir,
        ),
        pipeline_name=pipeline_name,
        selection=selection_of(events=events, since=since, until=until, full_refresh=full_refresh, wait=wait),
        resources=names("resources", resources),
        exclude=names("exclude", exclude),
        schema_contract=schema_contract,
        lock_timeout=lock_timeout,
        publish=None if publish is None else Path(publish),
        publish_mode=publish_mode,
        demo=demo,
        new_events=new_events,
        views=views,
        settings=settings,
    )
    return Run(order).load()
