"""Opened: what a run works with, and how it begins from what the destination has."""

from dataclasses import dataclass

import dlt
from dlt.extract import DltSource

from airmeet_source.extract.extraction import Extraction
from airmeet_source.extract.hints import fill_plainly
from airmeet_source.loading.clients import Clients
from airmeet_source.loading.damage import Damage
from airmeet_source.loading.erasing.states import take_over
from airmeet_source.loading.holdings import forget_what_is_gone
from airmeet_source.loading.locking import Locks
from airmeet_source.loading.memory import forget_schema, forget_the_future, recall
from airmeet_source.loading.neighbours import Neighbours
from airmeet_source.loading.recognition import Acquaintance, refuse_other_ways, stored_states
from airmeet_source.loading.repair import damage_of, make_due, mend, mend_bookkeeping
from airmeet_source.loading.storage import Storage, has_database, read_storage


@dataclass(frozen=True, kw_only=True)
class Opened:
    """What a run works with, once its settings and its destination make sense."""

    extraction: Extraction
    source: DltSource
    clients: Clients
    locks: Locks
    takes_new_events: bool

    @property
    def pipeline(self) -> dlt.Pipeline:
        """The pipeline."""
        return self.clients.pipeline

    @property
    def neighbours(self) -> Neighbours:
        """The other communities of the dataset."""
        return Neighbours(self.clients, self.extraction)

    def look(self) -> None:
        """Begin from what is complete in the destination, where nothing changes.

        Raises:
            UsageError: what the dataset holds must not be mixed with what is about to be loaded.
        """
        if not has_database(self.pipeline):
            return
        with self.locks.hold():
            storage = read_storage(self.clients)
            recall(self.clients, self.source, storage)
            self._compare(storage)

    def begin(self) -> None:
        """Begin from what is complete in the destination; what is damaged there is mended.

        Raises:
            UsageError: what the dataset holds must not be mixed with what is about to be loaded.
        """
        with self.locks.hold():
            storage = mend_bookkeeping(self.clients, read_storage(self.clients))
            forget_the_future(self.clients, storage, self.extraction.client.server_clock)
            if not recall(self.clients, self.source, storage):
                forget_schema(self.clients, self.source.name, storage)
            with self.clients.opened():
                mend(self.clients, storage, self._compare(storage))
        fill_plainly(self.source, self.clients.tables())

    def _compare(self, storage: Storage) -> list[Damage]:
        """Compare what is to be loaded with what is remembered, and that with what the destination has."""
        extraction = self.extraction
        others = stored_states(self.clients, storage, but=self.pipeline.pipeline_name)
        refuse_other_ways(self.pipeline, others, extraction.settings, demo=extraction.demo)
        take_over(self.pipeline, others)
        if not self.takes_new_events:
            extraction.recognise = Acquaintance(
                self.clients, extraction.settings.community, storage, self.locks.hold
            ).recognise
        extraction.elsewhere = self.neighbours.events(storage.tables)
        extraction.package.stored = storage.tables
        damages = damage_of(self.clients, storage)
        make_due(self.pipeline, damages)
        forget_what_is_gone(self.clients, storage)
        extraction.believes_digests = True
        return damages
