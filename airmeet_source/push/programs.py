"""Push for programs: a function, and a dlt destination."""

import logging
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, Unpack

import dlt
import pyarrow as pa
from dlt.common.destination.exceptions import DestinationTerminalException, DestinationTransientException
from dlt.common.schema import TTableSchema

from airmeet_source.api.writing import Action
from airmeet_source.errors import AirmeetError, KeysRefused, UsageError
from airmeet_source.fields import JSON
from airmeet_source.loading.destinations import Target
from airmeet_source.push.files import from_arrow
from airmeet_source.push.order import Order
from airmeet_source.push.query import Query
from airmeet_source.push.report import PushReport
from airmeet_source.push.running import Push
from airmeet_source.push.sheet import Sheet, numbered
from airmeet_source.settings import SettingsArguments

log = logging.getLogger("airmeet_source")

_ONE_BATCH = 1_000_000_000  # rows: whatever dlt has of a table is checked before any of it is sent


def push(  # noqa: PLR0913 - independent choices, each with a default
    *,
    event: str,
    file: str | os.PathLike[str] | None = None,
    query: str | None = None,
    rows: Iterable[Mapping[str, JSON]] | None = None,
    action: Action = "register",
    send_invites: bool = False,
    dry_run: bool = False,
    skip_bad: bool = False,
    entry_links: str | os.PathLike[str] | None = None,
    destination: str = "duckdb",
    dataset_name: str = "airmeet_data",
    pipeline_name: str | None = None,
    lock_timeout: float = 60.0,
    demo: bool = False,
    **settings: Unpack[SettingsArguments],
) -> PushReport:
    """Add people to an event, as ``airmeet push`` does.

    Args:
        event: the id of the event.
        file: CSV, JSON lines or Parquet with people.
        query: finds people in the destination, in its own SQL.
        rows: people as dicts, instead of a file or a query.
        action: ``register``, ``authorise`` (only let them in) or ``revoke``.
        send_invites: have Airmeet mail invitations.
        dry_run: check everything, send nothing; the report's ``preview`` says what would be sent.
        skip_bad: send the good rows although others are bad.
        entry_links: a file that addresses and personal entry links are added to.
        destination: where ``push_log`` is, and where the query finds people.
        dataset_name: the schema or dataset there.
        pipeline_name: whose lock keeps other runs away. Default: that of ``load()``.
        lock_timeout: seconds to wait for another run, or for a DuckDB file that another program has open.
        demo: push into a made-up event on this machine; no keys are needed.
        **settings: any setting of section ``sources.airmeet``.

    Returns:
        The report; ``report.raise_on_problems()`` makes an error of people who are not in.

    Raises:
        AirmeetError: it failed. After a ``UsageError`` nothing was sent.
    """
    given = [source for source in (file, query, rows) if source is not None]
    if len(given) != 1:
        raise UsageError("push() needs a file, a query or rows: one of the three.")
    people = Query(sql=query) if query is not None else _sheet(rows) if rows is not None else Path(file or "")
    order = Order(
        event=event,
        people=people,
        action=action,
        invites=send_invites,
        dry_run=dry_run,
        skip_bad=skip_bad,
        target=Target(destination=destination, dataset_name=dataset_name),
        pipeline_name=pipeline_name,
        lock_timeout=lock_timeout,
        entry_links=None if entry_links is None else Path(entry_links),
        demo=demo,
        settings=settings,
    )
    return Push(order).run()


def _sheet(rows: Iterable[Mapping[str, JSON]]) -> Sheet:
    listed = list(rows)
    return numbered([*dict.fromkeys(column for row in listed for column in row)], listed)


def attendees(  # noqa: PLR0913 - as above
    *,
    event: str,
    action: Action = "register",
    send_invites: bool = False,
    skip_bad: bool = False,
    destination: str = "duckdb",
    dataset_name: str = "airmeet_data",
    pipeline_name: str | None = None,
    lock_timeout: float = 60.0,
    **settings: Unpack[SettingsArguments],
) -> Any:
    """An event as the destination of a pipeline.

    ``dlt.pipeline("crm", destination=attendees(event="…")).run(rows)`` adds people: the rows of each table,
    with the columns of ``airmeet push``. All rows of a load are checked before any is sent, and nobody is
    sent twice, also if dlt tries again. dlt keeps the rows in the pipeline's working folder unless
    ``load.delete_completed_jobs`` is set.

    Args:
        event: the id of the event.
        action: ``register``, ``authorise`` (only let them in) or ``revoke``.
        send_invites: have Airmeet mail invitations.
        skip_bad: send the good rows although others are bad.
        destination: where ``push_log`` is: not the destination of the pipeline, but a warehouse.
        dataset_name: the schema or dataset there.
        pipeline_name: whose lock keeps other runs away. Default: that of ``load()``.
        lock_timeout: seconds to wait for another run, or for a DuckDB file that another program has open.
        **settings: any setting of section ``sources.airmeet``.

    Raises:
        DestinationTerminalException: in the load, if rows are bad, or people were refused.
        DestinationTransientException: in the load, if it may work when dlt tries again.
    """
    order = Order(
        event=event,
        people=None,
        action=action,
        invites=send_invites,
        skip_bad=skip_bad,
        target=Target(destination=destination, dataset_name=dataset_name),
        pipeline_name=pipeline_name,
        lock_timeout=lock_timeout,
        settings=settings,
    )

    def send(items: Any, _table: TTableSchema) -> None:
        is_arrow = isinstance(items, pa.RecordBatch)
        sheet = from_arrow(pa.Table.from_batches([items])) if is_arrow else _sheet(items)
        # dlt's own context of this thread belongs to the pipeline that is loading
        with ThreadPoolExecutor(1) as thread:
            thread.submit(_send, order, sheet).result()

    return dlt.destination(
        send, batch_size=_ONE_BATCH, name="attendees", max_parallel_load_jobs=1, naming_convention="direct"
    )


def _send(order: Order, sheet: Sheet) -> None:
    run = Push(replace(order, people=sheet))
    try:
        report = run.run()
    except (UsageError, KeysRefused) as error:
        told = "; ".join(f"row {p.line}, {p.column}: {p.why}" for p in run.report(error).problems[:3])
        raise DestinationTerminalException(f"{error} {told}".strip()) from None
    except AirmeetError as error:
        raise DestinationTransientException(str(error)) from None
    people = report.people
    if people["failed"] or people["not_sent"]:
        raise DestinationTransientException(f"{people['failed'] + people['not_sent']} people are not in yet")
    if people["refused"]:
        why = "; ".join(unsent.message for unsent in report.unsent[:3])
        raise DestinationTerminalException(f"{people['refused']} people were refused: {why}")
    if people["left_out"]:
        log.warning("%d rows are bad and were left out.", people["left_out"])
