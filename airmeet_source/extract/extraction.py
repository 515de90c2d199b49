"""Extraction: one run over the API - what it asks for, with what it asks, and when it ends."""

import logging
import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import uuid4

from airmeet_source.api.reading import Reading, Unit
from airmeet_source.api.scheduler import Scheduler
from airmeet_source.errors import AirmeetError, UsageError
from airmeet_source.extract.asking import client_of, patience_of
from airmeet_source.extract.children import Children
from airmeet_source.extract.erased import Erased
from airmeet_source.extract.lifecycle import Event, utc_now
from airmeet_source.extract.origin import pii_of, sample
from airmeet_source.extract.package import Checkpoint, LoadPackage
from airmeet_source.extract.selection import Selection, require_listed
from airmeet_source.extract.sync_log import Problem, SyncLog
from airmeet_source.extract.unit_states import source_state
from airmeet_source.fields import JSON
from airmeet_source.model.tables import TABLES
from airmeet_source.resources import AIRMEETS, Resource
from airmeet_source.settings import Settings

log = logging.getLogger("airmeet_source")

_CLOCK_IS_WRONG = (
    "The clock of this machine is {off} {how} Airmeet's: please set it. Airmeet's time is used, and nothing "
    "is settled in this run; it stays due."
)
# so long after its last load a community counts as gone, and others take over the events that they list, too
GONE = timedelta(days=7)
_SHARED = "%d of the %d listed event(s) belong to other communities of the dataset, which load them."


class Extraction:
    """One run over the API. It outlives the load packages that the run consists of."""

    def __init__(
        self,
        settings: Settings,
        selection: Selection | None = None,
        clock: Callable[[], datetime] = utc_now,
        checkpoint: Checkpoint | None = None,
        *,
        demo: bool = False,
        run_id: str = "",
    ) -> None:
        self.settings = settings
        self.selection = selection or Selection()
        self._clock = clock
        self.demo = demo
        self.client = client_of(settings, settings.max_concurrency)
        patience = patience_of(settings, wait=self.selection.wait)
        self.scheduler = Scheduler(self.client.ask, settings.max_concurrency, patience)
        self.package = LoadPackage(settings, checkpoint)
        self.log = SyncLog(self.package, run_id or uuid4().hex, settings.community)
        self.children = Children()
        self.events: list[Event] | None = None  # the selected ones, once the event list is read
        self.recognise: Callable[[Collection[str]], None] = lambda _: None  # raises if the list is not ours
        self._remembers = False  # how soon results were ready
        self.believes_digests = False  # whether the destination still has the rows that the state tells of
        self.elsewhere: Mapping[str, datetime] = {}  # when other communities last listed their events
        self.shared: list[Event] = []  # those of them that are listed here as well
        self.listed: AbstractSet[str] = frozenset()  # ids of the others
        self._sample: list[str] = []  # of all that are listed
        self.planned: set[str] = set()  # resources whose units are planned
        self.error: AirmeetError | None = None  # why it ends early
        self._asked_for_events = False
        self._unfinished: set[str] = set()  # resources that have not delivered everything

    # -- the run ---------------------------------------------------------------------------------

    def ask_for_events(self) -> None:
        """Have the event list read, if it is not yet; what comes waits until somebody takes it over."""
        if not self._asked_for_events:
            self._asked_for_events = True
            self.log.tally.planned += 1
            self.scheduler.submit(
                Reading(unit=Unit(AIRMEETS.name), endpoint=AIRMEETS.endpoint, deliver_to=AIRMEETS.name)
            )

    def take_events(self, listed: dict[str, Event]) -> None:
        """The event list is read to its end.

        Raises:
            UsageError: it is another community's, or an event that is asked for is not in it.
        """
        self.recognise(listed.keys())
        self.shared = [event for event in listed.values() if self.is_elsewhere(event.airmeet_id)]
        self.listed = listed.keys() - {event.airmeet_id for event in self.shared}
        self._require_listed(self.selection.airmeet_ids or frozenset())
        if self.shared:
            level = logging.INFO if self.listed else logging.WARNING
            log.log(level, _SHARED, len(self.shared), len(listed))
        self.events = [
            event
            for event in listed.values()
            if event.airmeet_id in self.listed and self.selection.includes(event)
        ]
        log.info(
            "Airmeet lists %s events; %s of them are asked about.",
            f"{len(listed):,}",
            f"{len(self.events):,}",
        )
        self._sample = sample(listed)
        self._set_clock()

    def _require_listed(self, airmeet_ids: Collection[str]) -> None:
        shared = {event.airmeet_id for event in self.shared}
        require_listed(airmeet_ids, self.listed | shared)
        theirs = sorted(shared.intersection(airmeet_ids))
        if theirs:
            raise UsageError(
                f"Another community of the dataset loads what this one lists as well: {', '.join(theirs)}"
            )

    def is_elsewhere(self, airmeet_id: str) -> bool:
        """Whether an event belongs to another community, which lists it and is still loaded."""
        listed_at = self.elsewhere.get(airmeet_id)
        return listed_at is not None and self.clock() - listed_at < GONE

    @cached_property
    def erased(self) -> Erased:
        """Who is kept out; first asked for while a package is being extracted."""
        return Erased(source_state().get("erased", {}), self.settings.privacy)

    def left_of(self, records: list[JSON], resource: Resource) -> list[JSON]:
        """Records of a resource without what is about people who were erased."""
        if not self.erased:
            return records
        return self.erased.left(records, are_of_people=TABLES[resource.tables[0]].about_people)

    def names_of(self, problems: Iterable[Problem]) -> dict[str, str]:
        """The names of the events that problems are about, by id."""
        about = {problem.airmeet_id for problem in problems}
        return {event.airmeet_id: event.name for event in self.events or () if event.airmeet_id in about}

    def _set_clock(self) -> None:
        off = self.client.server_clock.correction
        if off:
            log.warning(
                _CLOCK_IS_WRONG.format(off=abs(off), how="behind" if off > timedelta(0) else "ahead of")
            )
            self.settings = replace(self.settings, settle_days=math.inf, replay_days=math.inf)

    def clock(self) -> datetime:
        """The time; Airmeet's, if this process's clock is wrong."""
        return self._clock() + self.client.server_clock.correction

    def close(self) -> None:
        """Stop asking; for the end of a run and for its interruption."""
        self.scheduler.close()
        self.client.close()

    def end_early(self, error: AirmeetError) -> None:
        """Ask for nothing more; what is complete is loaded."""
        log.error("The run ends early: %s", error)
        self.error = error
        self.close()

    def is_stopped(self) -> bool:
        """Whether the run ends early; what is complete stays.

        Raises:
            Exception: a thread broke, and there is nothing to load or the error is none of ours.
        """
        if self.error is not None:
            return True
        if not self.scheduler.closed:
            return False
        broken = self.scheduler.broken
        if broken is not None and (self.events is None or not isinstance(broken, AirmeetError)):
            raise broken
        if broken is not None:
            self.end_early(broken)
        return True

    def is_finished(self) -> bool:
        """Whether there is nothing left to extract: one more load package would be empty.

        Raises:
            Exception: see :meth:`is_stopped`.
        """
        return self.events is not None and (self.is_stopped() or not self._unfinished)

    # -- its load packages -----------------------------------------------------------------------

    @property
    def extracting(self) -> bool:
        """Whether a load package is being filled; otherwise dlt normalises and loads one."""
        return self.package.is_open() or self.events is None

    def enter_package(self, resource: str) -> None:
        """A resource's generator starts to fill the current load package."""
        self.package.enter(resource)
        self._unfinished.add(resource)

    def leave_package(self, resource: str, *, finished: bool = True) -> None:
        """A resource's generator has delivered what it has for the current load package."""
        self.package.leave(resource)
        if finished:
            self._unfinished.discard(resource)
        if self.is_finished():
            self.close()

    def abandon(self) -> None:
        """The package is given up, and the run cannot go on without what was taken over for it."""
        self.package.abandon()
        self.close()

    def log_rows(self) -> Iterator[Any]:
        """The generator of resource ``sync_log``, which takes part in every load package."""
        state = source_state()
        state["community"], state["demo"] = self.settings.community, self.demo
        state["pii"] = pii_of(self.settings)
        probing = self.scheduler.probing
        if not self._remembers:
            self._remembers, probing.ready_after = True, state.get("ready_after")
        yield from self.log.rows()
        if probing.ready_after is None:
            state.pop("ready_after", None)
        else:
            state["ready_after"] = probing.ready_after
        if self._sample:
            state["listed"] = self._sample
        if self.erased:
            state["erased"] = self.erased.as_state()
