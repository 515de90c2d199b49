"""Recognition: whether a dataset was loaded with the same community's events, and in the same way."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import dlt
from dlt.destinations.job_client_impl import SqlJobClientBase

from airmeet_source.errors import UsageError
from airmeet_source.extract.origin import pii_of
from airmeet_source.extract.sync_log import SYNC_LOG
from airmeet_source.extract.unit_states import source_state_of
from airmeet_source.loading.clients import Clients
from airmeet_source.loading.locking import Hold
from airmeet_source.loading.storage import LOADS, STATES, Storage
from airmeet_source.loading.stored_states import StoredStates
from airmeet_source.model.columns import AIRMEET_ID
from airmeet_source.model.tables.log import COMMUNITY
from airmeet_source.resources import AIRMEETS
from airmeet_source.settings import Settings

State = Mapping[str, Any]

_ELSEWHERE = "Choose another --dataset and --pipeline-name"
_MIXED = """\
Dataset {dataset} of pipeline {pipeline} holds {present} events, and you are about to load {wanted} ones.
{elsewhere}{way_out}"""
_OTHER_COMMUNITY = """\
Pipeline {pipeline} has loaded community {before} into dataset {dataset}, and you are about to load {now}.
Leave --pipeline-name out, so that each community has a pipeline of its own."""
_OTHER_PII = """\
Dataset {dataset} of pipeline {pipeline} was loaded with {before}, and you are about to load it with {now}: \
people could no longer be told apart.
Set back what was changed. Or load everything again: {elsewhere}."""
_STRANGERS = """\
The keys list {count:,} event(s). Dataset {dataset} of pipeline {pipeline} knows none of them, and no event \
that it knows is listed any more: are they the keys of another community? Nothing was loaded.
{elsewhere} for them. If it is the same community, and all of its old events are archived: --new-events."""


def refuse_other_ways(
    pipeline: dlt.Pipeline, others: Iterable[State], settings: Settings, *, demo: bool
) -> None:
    """Let nobody mix made-up events with real ones, or people with and without names.

    Args:
        pipeline: that is about to load.
        others: what the other pipelines of the dataset remember.
        settings: with which it loads.
        demo: made-up events.

    Raises:
        UsageError: that is about to happen.
    """
    own = source_state_of(pipeline)
    _refuse_mixing(pipeline, [own], demo=demo)
    _refuse_another_community(pipeline, own, settings)
    _refuse_other_pii(pipeline, [own, *others], settings)


def refuse_other_ways_of_all(
    clients: Clients, storage: Storage, settings: Settings, *, demo: bool | None
) -> None:
    """The same for a run that remembers nothing of its own: whatever pipeline has loaded into the dataset.

    Where ``demo`` is None, it does not matter whether events are made up.

    Raises:
        UsageError: that is about to happen.
    """
    states = stored_states(clients, storage)
    if demo is not None:
        _refuse_mixing(clients.pipeline, states, demo=demo)
    _refuse_other_pii(clients.pipeline, states, settings)


def _refuse_mixing(pipeline: dlt.Pipeline, states: Iterable[State], *, demo: bool) -> None:
    if any(state and state.get("demo", False) is not demo for state in states):
        present, wanted = ("real", "the demo's") if demo else ("the demo's", "real")
        way_out = "." if demo else ", or delete what the demo loaded: the DuckDB file, or the dataset."
        raise UsageError(_MIXED.format(present=present, wanted=wanted, way_out=way_out, **_place(pipeline)))


def _refuse_another_community(pipeline: dlt.Pipeline, state: State, settings: Settings) -> None:
    before = state.get("community", settings.community)
    if before != settings.community:
        raise UsageError(_OTHER_COMMUNITY.format(before=before, now=settings.community, **_place(pipeline)))


def _refuse_other_pii(pipeline: dlt.Pipeline, states: Iterable[State], settings: Settings) -> None:
    now, forms = pii_of(settings), [state.get("pii") for state in states]
    before = next((form for form in forms if form not in (None, now)), None)
    if before is not None:
        old, new = before.split()[0], settings.pii
        if old == new:
            old, new = "one pii_salt", "another"
        else:
            old, new = f"pii = {old}", f"pii = {new}"
        raise UsageError(_OTHER_PII.format(before=old, now=new, **_place(pipeline)))


def _place(pipeline: dlt.Pipeline) -> dict[str, str]:
    return {"dataset": pipeline.dataset_name, "pipeline": pipeline.pipeline_name, "elsewhere": _ELSEWHERE}


def stored_states(clients: Clients, storage: Storage, but: str = "") -> list[State]:
    """What the dataset's pipelines remember, but one of them."""
    if not storage.has(STATES, LOADS):
        return []
    with clients.opened() as client:
        states = StoredStates(client).of_others(but)
    return [state.get("sources", {}).get("airmeet", {}) for state in states]


class Acquaintance:
    """The events that a pipeline's dataset is known to hold."""

    def __init__(self, clients: Clients, community: str, storage: Storage, hold: Hold) -> None:
        self._clients = clients
        self._pipeline = clients.pipeline
        self._community = community
        self._storage = storage
        self._hold = hold
        self._remembered = set(source_state_of(clients.pipeline).get("listed", []))

    def recognise(self, listed: Collection[str]) -> None:
        """Look for an event that is listed and known; the destination is asked only if the state knows none.

        Raises:
            UsageError: there is none, although events are known and events are listed.
        """
        if not listed or not self._remembered.isdisjoint(listed):
            return
        with self._hold(), self._clients.opened() as client:
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

    def _is_new(self, client: SqlJobClientBase) -> bool:
        """Whether the dataset is that of other pipelines, and this one begins to load into it as well."""
        pipelines = StoredStates(client).pipelines() if self._storage.has(STATES) else set()
        return bool(pipelines) and self._pipeline.pipeline_name not in pipelines

    def _stored(self, client: SqlJobClientBase) -> set[str]:
        """The events of the community that rows in the destination are about."""
        sql, known = client.sql_client, set()
        for name in (AIRMEETS.name, SYNC_LOG):
            if {AIRMEET_ID.name, COMMUNITY.name} <= self._storage.tables.get(name, {}).keys():
                table = sql.make_qualified_table_name(name)
                event, community = map(sql.escape_column_name, (AIRMEET_ID.name, COMMUNITY.name))
                rows = sql.execute_sql(
                    f"SELECT DISTINCT {event} FROM {table} WHERE {community} = %s",  # noqa: S608 - our own names
                    self._community,
                )
                known |= {str(airmeet_id) for (airmeet_id,) in rows or () if airmeet_id is not None}
        return known
