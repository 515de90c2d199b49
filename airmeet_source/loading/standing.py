"""Standing: how a dataset stands, asked of the destination; Airmeet is not asked."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from airmeet_source.loading.analysts import place_of
from airmeet_source.loading.catalogues import Catalogue
from airmeet_source.loading.destinations import Target
from airmeet_source.loading.looking import looking_at
from airmeet_source.loading.unreached import Unreached, unreached_runs
from airmeet_source.model.tables import TABLES
from airmeet_source.views.building import query_of
from airmeet_source.views.declarations import DATA_STATUS

Row = Mapping[str, Any]

KEPT = timedelta(days=60)  # after the end of an event Airmeet removes its recordings, as far as is known
AT_RISK = timedelta(days=14)  # before that
_LATELY = timedelta(days=7)
_COPIES = "recording_files"
_PROBLEMS = ("failed", "pending")


@dataclass(frozen=True, kw_only=True)
class Latest:
    """The newest run of `load` of a community, and the newest one that was ok or partial."""

    run: Row
    good: Row | None

    def is_wrong(self, max_age: timedelta | None, now: datetime) -> bool:
        """Whether the newest run failed, or the newest good one is too long ago."""
        is_old = max_age is not None and (self.good is None or now - self.good["finished_at"] > max_age)
        return self.run["status"] == "failed" or is_old


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a dataset stands.

    Attributes:
        latest: The latest runs of each community, the newest first; none if they are not known.
        units: The rows of data_status.
        problems: Those of them that are pending or failed, of events that are not archived.
        open_units: The same one by one, also those of single sessions and booths.
        archived: Events that Airmeet ceased to list lately.
        unreached: Runs since then that did not get to the destination.
        recordings_at_risk: Recordings that will soon be gone and were not copied.
    """

    latest: Sequence[Latest]
    units: Sequence[Row]
    problems: Sequence[Row]
    open_units: Sequence[Row]
    archived: Sequence[Row]
    unreached: Sequence[Unreached]
    recordings_at_risk: Sequence[Row]

    def exit_code(self, max_age: timedelta | None, now: datetime) -> int:
        """3 if something is wrong, or older than it may be."""
        is_unknown = max_age is not None and not self.latest
        is_wrong = any(latest.is_wrong(max_age, now) for latest in self.latest)
        return 3 if self.problems or self.unreached or is_unknown or is_wrong else 0


def standing_of(
    target: Target, airmeet_id: str | None = None, community: str | None = None
) -> Standing | None:
    """How a dataset stands; None before the first load.

    Args:
        target: where it is.
        airmeet_id: only units and recordings of this event.
        community: only runs, units and recordings of this community.

    Raises:
        UsageError: the destination is another one than DuckDB, Postgres and BigQuery.
        AirmeetError: it cannot be looked at.
    """
    with looking_at(target, "The status") as catalogue:
        if catalogue is None:
            return None
        stored = catalogue.columns(catalogue.dataset, [*TABLES])
        if "sync_log" not in stored:
            return None
        found = _read(catalogue, stored, airmeet_id, community)
        is_empty = community is not None and not found.latest and not found.units
        if is_empty and airmeet_id is None:
            return None
    return replace(found, unreached=_since(found.latest, unreached_runs(target, community)))


def _since(latest: Sequence[Latest], unreached: Iterable[Unreached]) -> list[Unreached]:
    """Those that are newer than the newest run that got to the destination."""
    newest = {each.run["pipeline"]: each.run["finished_at"] for each in reversed(latest)}
    return [
        runs for runs in unreached if runs.newest > newest.get(runs.pipeline, runs.first - timedelta(days=1))
    ]


def _read(
    catalogue: Catalogue, stored: Mapping[str, Sequence[str]], airmeet_id: str | None, community: str | None
) -> Standing:
    place = place_of(catalogue, stored)
    now = datetime.now(UTC)
    events = {
        event["airmeet_id"]: event
        for event in catalogue.rows(query_of("events", place))
        if community in (None, event["community"])
    }
    columns = [column.name for column in DATA_STATUS.columns]
    units = [
        {name: unit[name] for name in columns}
        for unit in catalogue.rows(query_of(DATA_STATUS.name, place))
        if airmeet_id in (None, unit["airmeet_id"]) and community in (None, unit["community"])
    ]
    archived = {name: event for name, event in events.items() if event["is_archived"]}
    runs = _runs(catalogue) if "runs" in stored else []
    return Standing(
        latest=_latest(run for run in runs if community in (None, run["community"])),
        units=units,
        problems=[u for u in units if u["state"] in _PROBLEMS and u["airmeet_id"] not in archived],
        open_units=[
            unit
            for unit in catalogue.rows(query_of("open_units", place))
            if airmeet_id in (None, unit["airmeet_id"]) and community in (None, unit["community"])
        ],
        archived=[
            event
            for name, event in archived.items()
            if airmeet_id in (None, name) and now - event["last_listed_at"] < _LATELY
        ],
        unreached=(),
        recordings_at_risk=_at_risk(catalogue, stored, events, now, airmeet_id),
    )


def _runs(catalogue: Catalogue) -> Sequence[Row]:
    """The runs of `load`, the newest first."""
    names = ", ".join(TABLES["runs"].column_names)
    return catalogue.rows(
        f"SELECT {names} FROM {_name(catalogue, 'runs')} WHERE command = 'load' ORDER BY finished_at DESC"  # noqa: S608 - our own names, here and below
    )


def _latest(runs: Iterable[Row]) -> list[Latest]:
    """The latest ones of each community; ``runs`` has the newest first."""
    newest: dict[str, Row] = {}
    good: dict[str, Row] = {}
    for run in runs:
        newest.setdefault(run["community"], run)
        if run["status"] in ("ok", "partial"):
            good.setdefault(run["community"], run)
    return [Latest(run=run, good=good.get(name)) for name, run in newest.items()]


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
    copied: Counter[tuple[Any, ...]] = Counter()  # a session may have several
    if _COPIES in stored:
        copies = catalogue.rows(f"SELECT {keys} FROM {_name(catalogue, _COPIES)}")  # noqa: S608
        copied.update(tuple(row.values()) for row in copies)
    found = []
    for row in catalogue.rows(f"SELECT {keys}, session_name FROM {_name(catalogue, 'session_recordings')}"):  # noqa: S608
        end = events.get(row["airmeet_id"], {}).get("end_time")
        gone_at = None if end is None else end + KEPT
        is_soon = gone_at is not None and now < gone_at <= now + AT_RISK
        if not is_soon or airmeet_id not in (None, row["airmeet_id"]):
            continue
        session = row["airmeet_id"], row["session_id"]
        copied[session] -= 1
        if copied[session] < 0:
            found.append({**row, "event_name": events[row["airmeet_id"]]["event_name"], "gone_at": gone_at})
    return sorted(found, key=lambda row: (row["gone_at"], row["airmeet_id"], row["session_id"] or ""))
