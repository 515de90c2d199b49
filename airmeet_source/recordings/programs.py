"""Recordings for programs: a function that does all that the command does."""

import os
from collections.abc import Iterable
from datetime import date
from typing import Unpack

from airmeet_source.loading.destinations import Target
from airmeet_source.recordings.order import Order
from airmeet_source.recordings.report import RecordingsReport
from airmeet_source.recordings.running import Mirror
from airmeet_source.settings import SettingsArguments
from airmeet_source.source import selection_of


def copy_recordings(  # noqa: PLR0913 - independent choices, each with a default
    *,
    to: str | os.PathLike[str],
    events: Iterable[str] = (),
    since: date | str | None = None,
    until: date | str | None = None,
    destination: str = "duckdb",
    dataset_name: str = "airmeet_data",
    pipeline_name: str | None = None,
    lock_timeout: float = 60.0,
    demo: bool = False,
    **settings: Unpack[SettingsArguments],
) -> RecordingsReport:
    """Copy recordings to a folder or a bucket, as ``airmeet recordings`` does.

    Args:
        to: a folder, or any address that fsspec can write to, such as ``s3://bucket/folder``.
        events: only these events, by id. Default: all that may still have recordings.
        since: only events that end on or after this date; a time without a zone is UTC.
        until: only events that start before this date.
        destination: where the table recording_files is.
        dataset_name: the schema or dataset there.
        pipeline_name: copies of the same name are not made at the same time. Default: that of ``load()``.
        lock_timeout: seconds to wait for another run, or for a DuckDB file that another program has open.
        demo: copy made-up recordings; no keys are needed.
        **settings: any setting of section ``sources.airmeet``.

    Returns:
        The report; ``report.raise_on_problems()`` makes an error of recordings that were not copied.

    Raises:
        AirmeetError: it failed. What was copied is whole.
    """
    order = Order(
        to=os.fspath(to),
        selection=selection_of(events=events, since=since, until=until, full_refresh=False, wait=True),
        target=Target(destination=destination, dataset_name=dataset_name),
        pipeline_name=pipeline_name,
        lock_timeout=lock_timeout,
        demo=demo,
        settings=settings,
    )
    return Mirror(order).run()
