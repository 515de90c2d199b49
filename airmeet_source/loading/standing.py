"""Standing: how a dataset stands, asked of nothing but the destination."""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from tempfile import TemporaryDirectory
from typing import Any

import dlt
from dlt.destinations.job_client_impl import SqlJobClientBase

from airmeet_source.errors import UsageError
from airmeet_source.loading.analysts import place_of
from airmeet_source.loading.catalogues import Catalogue, catalogue_of
from airmeet_source.loading.configuration import our_configuration
from airmeet_source.loading.destinations import Target, build_pipeline
from airmeet_source.loading.duckdb import held, is_duckdb
from airmeet_source.loading.failures import in_our_words, opening
from airmeet_source.loading.storage import has_database
from airmeet_source.model.tables import TABLES
from airmeet_source.views.building import query_of
from airmeet_source.views.declarations import DATA_STATUS

Row = Mapping[str, Any]

KEPT = timedelta(days=60)  # after the end of an event Airmeet removes its recordings, as far as is known
_PATIENCE = 60.0  # seconds for another program to close a DuckDB file
AT_RISK = timedelta(days=14)  # before that
_COPIES = "recording_files"
_PROBLEMS = ("failed", "pending")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a dataset stands.

    Attributes:
        last_run: The newest run of `load`; None if it is not known.
        last_good_run: The newest one that was ok or partial.
        units: The rows of data_status.
        problems: Those of them that are pending or failed, of events that are not archived.
        recordings_at_risk: Recordings that will soon be gone and were not copied.
    """

    last_run: Row | None
    last_good_run: Row | None
    units: Sequence[Row]
    problems: Sequence[Row]
    recordings_at_risk: Sequence[Row]

    def exit_code(self, max_age: timedelta | None, now: datetime) -> int:
        """3 if something is wrong, or older than it may be."""
        failed = self.last_run is not None and self.last_run["status"] == "failed"
        good = self.last_good_run
        is_old = max_age is not None and (good is None or now - good["finished_at"] > max_age)
        return 3 if failed or self.problems or is_old else 0


def standing_of(target: Target, airmeet_id: str | None = None) -> Standing | None:
    """How a dataset stands; None before the first load.

    Args:
        target: where it is.
        airmeet_id: only units and recordings of this event.

    Raises:
        UsageError: the destination is another one than DuckDB, Postgres and BigQuery.
        AirmeetError: it cannot be looked at.
    """
    with in_our_words(), our_configuration(), TemporaryDirectory() as folder:
        pipeline = build_pipeline(replace(target, pipelines_dir=folder))
        if not has_database(pipeline):
            return None
        alone = held(pipeline, _PATIENCE) if is_duckdb(pipeline) else nullcontext()
        with alone, opening():
            return _standing(pipeline, airmeet_id)


def _standing(pipeline: dlt.Pipeline, airmeet_id: str | None) -> Standing | None:
    with pipeline.destination_client() as client:
        assert isinstance(client, SqlJobClientBase)  # noqa: S101 - only those merge by delete-insert
        catalogue = catalogue_of(client, pipeline.destination.destination_type)
        if catalogue is None:
            raise UsageError("The status is read from DuckDB, Postgres and BigQuery only.")
        if not client.is_storage_initialized():
            return None
        stored = catalogue.columns(catalogue.dataset, [*TABLES])
        return _read(catalogue, stored, airmeet_id) if "sync_log" in stored else None


def _read(catalogue: Catalogue, stored: Mapping[str, Sequence[str]], airmeet_id: str | None) -> Standing:
    place = place_of(catalogue, stored)
    now = datetime.now(UTC)
    events = {event["airmeet_id"]: event for event in catalogue.rows(query_of("events", place))}
    columns = [column.name for column in DATA_STATUS.columns]
    units = [
        {name: unit[name] for name in columns}
        for unit in catalogue.rows(query_of(DATA_STATUS.name, place))
        if airmeet_id is None or unit["airmeet_id"] == airmeet_id
    ]
    archived = {name for name, event in events.items() if event["is_archived"]}
    runs = _runs(catalogue) if "runs" in stored else []
    good = [run for run in runs if run["status"] in ("ok", "partial")]
    return Standing(
        last_run=runs[0] if runs else None,
        last_good_run=good[0] if good else None,
        units=units,
        problems=[u for u in units if u["state"] in _PROBLEMS and u["airmeet_id"] not in archived],
        recordings_at_risk=_at_risk(catalogue, stored, events, now, airmeet_id),
    )


def _runs(catalogue: Catalogue) -> Sequence[Row]:
    """The runs of `load`, the newest first."""
    names = ", ".join(TABLES["runs"].column_names)
    return catalogue.rows(
        f"SELECT {names} FROM {_name(catalogue, 'runs')} WHERE command = 'load' ORDER BY finished_at DESC"  # noqa: S608 - our own names, here and below
    )


def _name(catalogue: Catalogue, table: str) -> str:
    return catalogue.full_name(catalogue.dataset, table)


def _at_risk(
    catalogue: Catalogue,
    stored: Mapping[str, Sequence[str]],
    events: Mapping[str, Row],
    now: datetime,
    airmeet_id: str | None,
) -> list[Row]:
    """Recordings that Airmeet will soon have removed, and that were not copied."""
    if "session_recordings" not in stored:
        return []
    keys = "airmeet_id, session_id"
    copied = (
        {tuple(row.values()) for row in catalogue.rows(f"SELECT {keys} FROM {_name(catalogue, _COPIES)}")}  # noqa: S608
        if _COPIES in catalogue.columns(catalogue.dataset, [_COPIES])
        else set()
    )
    found = []
    for row in catalogue.rows(f"SELECT {keys}, session_name FROM {_name(catalogue, 'session_recordings')}"):  # noqa: S608
        end = events.get(row["airmeet_id"], {}).get("end_time")
        gone_at = None if end is None else end + KEPT
        is_soon = gone_at is not None and now < gone_at <= now + AT_RISK
        is_asked_for = airmeet_id is None or row["airmeet_id"] == airmeet_id
        if is_soon and is_asked_for and (row["airmeet_id"], row["session_id"]) not in copied:
            found.append({**row, "event_name": events[row["airmeet_id"]]["event_name"], "gone_at": gone_at})
    return sorted(found, key=lambda row: (row["gone_at"], row["airmeet_id"], row["session_id"] or ""))
