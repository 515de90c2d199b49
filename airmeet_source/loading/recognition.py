"""Recognition: whether a dataset was loaded with the same community's events, and in the same way."""

from collections.abc import Collection

import dlt
from dlt.common.destination.client import JobClientBase
from dlt.destinations.job_client_impl import SqlJobClientBase

from airmeet_source.errors import UsageError
from airmeet_source.extract.origin import pii_of
from airmeet_source.extract.sync_log import SYNC_LOG
from airmeet_source.extract.unit_states import source_state_of
from airmeet_source.loading.locking import Hold
from airmeet_source.loading.storage import LOADS, STATES, Storage
from airmeet_source.loading.stored_states import StoredStates
from airmeet_source.model.columns import AIRMEET_ID
from airmeet_source.resources import AIRMEETS
from airmeet_source.settings import Settings

_ELSEWHERE = "Choose another --dataset and --pipeline-name"
_MIXED = """\
Dataset {dataset} of pipeline {pipeline} holds {present} events, and you are about to load {wanted} ones.
{elsewhere}{way_out}"""
_OTHER_PII = """\
Dataset {dataset} of pipeline {pipeline} was loaded with {before}, and you are about to load it with {now}: \
people could no longer be told apart.
Set back what was changed. Or load everything again: {elsewhere}."""
_STRANGERS = """\
The keys list {count:,} event(s). Dataset {dataset} of pipeline {pipeline} knows none of them, and no event \
that it knows is listed any more: are they the keys of another community? Nothing was loaded.
{elsewhere} for them. If it is the same community, and all of its old events are archived: --new-events."""


def refuse_other_ways(pipeline: dlt.Pipeline, storage: Storage, settings: Settings, *, demo: bool) -> None:
    """Let nobody mix made-up events with real ones, or people with and without names.

    Raises:
        UsageError: that is about to happen.
    """
    state = source_state_of(pipeline)
    place = {"dataset": pipeline.dataset_name, "pipeline": pipeline.pipeline_name, "elsewhere": _ELSEWHERE}
    if state and state.get("demo", False) is not demo:
        present, wanted = ("real", "the demo's") if demo else ("the demo's", "real")
        way_out = "." if demo else ", or delete what the demo loaded: the DuckDB file, or the dataset."
        raise UsageError(_MIXED.format(present=present, wanted=wanted, way_out=way_out, **place))
    now = pii_of(settings)
    before = next((form for form in _forms(pipeline, storage) if form not in (None, now)), None)
    if before is not None:
        old, new = before.split()[0], settings.pii
        if old == new:
            old, new = "one pii_salt", "another"
        else:
            old, new = f"pii = {old}", f"pii = {new}"
        raise UsageError(_OTHER_PII.format(before=old, now=new, **place))


def _forms(pipeline: dlt.Pipeline, storage: Storage) -> list[str | None]:
    """What became of personal data in the dataset, by this pipeline and by the others that load into it."""
    states = [source_state_of(pipeline)]
    if storage.has(STATES, LOADS):
        with pipeline.destination_client() as client:
            others = StoredStates(client).of_others(pipeline.pipeline_name)
        states += [state.get("sources", {}).get("airmeet", {}) for state in others]
    return [state.get("pii") for state in states]


class Acquaintance:
    """The events that a pipeline's dataset is known to hold."""

    def __init__(self, pipeline: dlt.Pipeline, storage: Storage, hold: Hold) -> None:
        self._pipeline = pipeline
        self._storage = storage
        self._hold = hold
        self._remembered = set(source_state_of(pipeline).get("listed", []))

    def recognise(self, listed: Collection[str]) -> None:
        """Look for an event that is listed and known; the destination is asked only if the state knows none.

        Raises:
            UsageError: there is none, although events are known and events are listed.
        """
        if not listed or not self._remembered.isdisjoint(listed):
            return
        with self._hold(), self._pipeline.destination_client() as client:
            if self._is_new(client):
                return
            known = self._remembered | self._stored(client)
        if known and known.isdisjoint(listed):
            pipeline = self._pipeline
            raise UsageError(
                _STRANGERS.format(
                    count=len(listed),
                    dataset=pipeline.dataset_name,
                    pipeline=pipeline.pipeline_name,
                    elsewhere=_ELSEWHERE,
                )
            )

    def _is_new(self, client: JobClientBase) -> bool:
        """Whether the dataset is that of other pipelines, and this one begins to load into it as well."""
        pipelines = StoredStates(client).pipelines() if self._storage.has(STATES) else set()
        return bool(pipelines) and self._pipeline.pipeline_name not in pipelines

    def _stored(self, client: JobClientBase) -> set[str]:
        """The events that rows in the destination are about."""
        assert isinstance(client, SqlJobClientBase)  # noqa: S101 - only those merge by delete-insert
        sql, known = client.sql_client, set()
        for name in (AIRMEETS.name, SYNC_LOG):
            if AIRMEET_ID.name in self._storage.tables.get(name, {}):
                table, column = sql.make_qualified_table_name(name), sql.escape_column_name(AIRMEET_ID.name)
                rows = sql.execute_sql(f"SELECT DISTINCT {column} FROM {table}") or ()  # noqa: S608
                known |= {str(airmeet_id) for (airmeet_id,) in rows if airmeet_id is not None}
        return known
