"""Sweeping up: rows of erased people that are there all the same go.

That may be after a command was killed, or when a load has read more of somebody: rows that show nothing but a
user id are known to be theirs only once another list shows their address beside it.
"""

import logging

from airmeet_source.extract.erased import Erased
from airmeet_source.extract.unit_states import source_state_of
from airmeet_source.loading.clients import Clients
from airmeet_source.loading.duckdb import is_duckdb
from airmeet_source.loading.erasing.rewriting import rewrite
from airmeet_source.loading.erasing.states import pipelines_of, tell_all
from airmeet_source.loading.erasing.taking_out import TakingOut, still_shown
from airmeet_source.loading.locking import Locks
from airmeet_source.model.privacy import Privacy

log = logging.getLogger("airmeet_source")


def sweep_up(clients: Clients, locks: Locks, privacy: Privacy) -> None:
    """Take out the rows of erased people, if the state says that there may be any.

    Raises:
        LoadFailed: they cannot be taken out; the next run tries again.
    """
    pipeline = clients.pipeline
    state = source_state_of(pipeline).get("erased", {})
    if not state.get("unswept"):
        return
    erased = Erased(state, privacy)
    with locks.hold():
        if _taken_out(clients, erased, privacy):
            log.info("Rows of people who were erased came to light, and are gone.")
            if is_duckdb(pipeline):
                rewrite(pipeline)  # last, and with nothing of ours open but what holds the file
    locks.let_go()  # of the old file: a new one may be in its place


def _taken_out(clients: Clients, erased: Erased, privacy: Privacy) -> bool:
    """Whether there were rows of theirs; they are gone, and the state says so."""
    with clients.opened() as client:
        people = still_shown(client, erased, privacy)
        pipelines = {*pipelines_of(clients), clients.pipeline.pipeline_name}
        taking_out = TakingOut(client, people, pipelines)
        findings = taking_out.look()
        if findings:
            erased.add(people.identifiers)
            tell_all(clients, erased.as_state(), findings.events)
            taking_out.take(findings)
        erased.unswept = False
        tell_all(clients, erased.as_state())
        return bool(findings)
