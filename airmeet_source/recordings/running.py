"""Running: the recordings of one event after another are listed, and copied if they are not there yet."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import dlt

from airmeet_source.api.regions import Api
from airmeet_source.communities import DEFAULT
from airmeet_source.disclosure.secrets import without_secrets
from airmeet_source.errors import AirmeetError, LookUpFailed, UsageError
from airmeet_source.extract.connection import Connection, connect, stoppable
from airmeet_source.extract.crew import Crew
from airmeet_source.loading.command_report import Status
from airmeet_source.loading.configuration import our_configuration
from airmeet_source.loading.configured import read_configuration
from airmeet_source.loading.demo import demo
from airmeet_source.loading.failures import in_our_words
from airmeet_source.loading.files import private_files
from airmeet_source.loading.locking import Locks
from airmeet_source.loading.log_tables import Row
from airmeet_source.loading.run_log import run_row
from airmeet_source.loading.side_runs import opened_beside, side_run
from airmeet_source.recordings.copying import Copier, Watch
from airmeet_source.recordings.downloads import Downloads
from airmeet_source.recordings.listing import Lists
from airmeet_source.recordings.log import RecordingLog
from airmeet_source.recordings.naming import folded, folder_of, with_paths
from airmeet_source.recordings.order import Order
from airmeet_source.recordings.place import Place, place_of
from airmeet_source.recordings.recording import Copy, Problem, Recording, Result
from airmeet_source.recordings.report import RecordingsReport
from airmeet_source.recordings.tally import Tally
from airmeet_source.settings import Settings, resolve_settings

_MOST_DOWNLOADS = 3  # at a time
_STATUS: dict[int, Status] = {0: "ok", 3: "partial"}
_NONE_IN_LEGACY = "The first version of the API has no recordings: choose another region."

Stopper = Callable[[Connection], AbstractContextManager[object]]


class Unwatched:
    """Follows nothing."""

    def begin(self, recording: Recording) -> None:
        """A download begins."""

    def follow(self, recording: Recording, length: int, size: int | None) -> None:
        """So many bytes are there."""

    def end(self, recording: Recording) -> None:
        """It is over."""


class Mirror:
    """One run, from its start on."""

    def __init__(self, order: Order) -> None:
        self._order = order
        self._community = order.settings.get("community") or DEFAULT
        self._target = order.target
        self.run_id = uuid4().hex
        self._started_at = datetime.now(UTC)
        self._connection: Connection | None = None
        self._log: RecordingLog | None = None
        self.tally = Tally()

    def run(self, watch: Watch | None = None, stopper: Stopper = lambda _: nullcontext()) -> RecordingsReport:
        """Copy what is not there yet.

        Args:
            watch: follows the downloads.
            stopper: entered while it is under way, to stop it.

        Raises:
            AirmeetError: it failed or was stopped. What was copied is whole and written down.
        """
        order = self._order
        with in_our_words():
            self._community, self._target = read_configuration(
                order.settings, order.target, order.pipeline_name
            )
            place = place_of(order.to)
        with in_our_words(), private_files(), our_configuration(), ExitStack() as stack:
            given = (
                stack.enter_context(demo(order.settings, self._community)) if order.demo else order.settings
            )
            settings = resolve_settings(**given)
            if settings.api is Api.LEGACY:
                raise UsageError(_NONE_IN_LEGACY)
            # loads need not wait for downloads: nothing but another run like this one does
            beside = replace(self._target, pipeline_name=f"{self._target.pipeline_name}_recordings")
            opened = opened_beside(beside, order.lock_timeout, {"--report": order.report})
            pipeline, locks = stack.enter_context(opened)
            place.prepare()
            connection = self._connection = connect(settings)
            stack.callback(connection.close)
            stack.enter_context(stopper(connection))
            with side_run(pipeline, locks, settings, self._run_row, demo=order.demo):
                self._run(settings, pipeline, locks, place, watch or Unwatched())
        return self.report()

    def _run(
        self, settings: Settings, pipeline: dlt.Pipeline, locks: Locks, place: Place, watch: Watch
    ) -> None:
        connection = self._connection
        assert connection is not None  # noqa: S101 - it was made
        log = self._log = RecordingLog(pipeline, locks.hold)
        log.open()
        lists = Lists(connection)
        with stoppable(connection):
            events = lists.events(self._order.selection)
        downloads = Downloads(
            _MOST_DOWNLOADS, settings.request_timeout, system_certificates=settings.system_certificates
        )
        copier = Copier(connection, lists, downloads, place, watch)
        todo = self._missing([event.airmeet_id for event in events], lists, place, log)

        def copied(found: Recording | Problem) -> Result:
            return copier.copy(found) if isinstance(found, Recording) else found

        crew: Crew[Recording | Problem, Result] = Crew(
            connection, copied, _failure, things="recordings", deed="while recordings were copied"
        )
        unwritten: list[Copy] = []
        try:
            for results in crew.results(todo, _MOST_DOWNLOADS):
                self.tally.count(results)
                copies = [result for result in results if isinstance(result, Copy)]
                unwritten = _written([*unwritten, *copies], log, connection)
        finally:
            connection.end_early(connection.error)  # whatever ended it, the threads end as well
            downloads.close()
        if connection.error is not None:
            raise connection.error

    def _missing(
        self, airmeet_ids: list[str], lists: Lists, place: Place, log: RecordingLog
    ) -> Iterator[Recording | Problem]:
        """The recordings that are not at the place yet, with links as fresh as can be."""
        owners = dict(log.owners)
        for airmeet_id in airmeet_ids:
            try:
                recordings = list(with_paths(lists.recordings(airmeet_id), owners))
                place.sweep(folder_of(airmeet_id))
                sizes = place.sizes(folder_of(airmeet_id)) if recordings else {}
            except LookUpFailed as error:
                yield Problem(airmeet_id=airmeet_id, message=f"the recordings cannot be listed: {error}")
                continue
            except OSError as error:
                why = without_secrets(f"the copies so far cannot be listed: {error.strerror or error}")
                yield Problem(airmeet_id=airmeet_id, message=why)
                continue
            missing = [each for each in recordings if not log.is_complete(each.path, sizes.get(each.path))]
            owners.update((folded(each.path), (airmeet_id, each.session_id)) for each in recordings)
            self.tally.list(recordings, len(recordings) - len(missing))
            yield from missing

    def _run_row(self, error: AirmeetError | None) -> Row:
        return run_row(self.report(error), "recordings", self._log.rows if self._log else 0)

    def report(self, error: AirmeetError | None = None) -> RecordingsReport:
        """What the run did so far; ``error`` is what ended it."""
        tally = self.tally
        exit_code = error.exit_code if error else 0 if tally.is_complete else 3
        return RecordingsReport(
            run_id=self.run_id,
            status="failed" if error else _STATUS[exit_code],
            exit_code=exit_code,
            community=self._community,
            pipeline=self._target.pipeline_name,
            destination=self._target.destination,
            dataset=self._target.dataset_name,
            started_at=self._started_at,
            finished_at=datetime.now(UTC),
            requests=self._connection.client.requests if self._connection else 0,
            recordings=tally.recordings(),
            bytes=tally.bytes,
            problems=tuple(tally.problems),
            error=str(error) if error else None,
        )


def _failure(result: Result) -> str | None:
    return result.message if isinstance(result, Problem) else None


def _written(copies: list[Copy], log: RecordingLog, connection: Connection) -> list[Copy]:
    """Write copies down; returns those that are still to be written down.

    If that fails nothing else is copied, and what is under way is written down with another attempt.
    """
    if not copies:
        return []
    try:
        with in_our_words():
            log.add(copies)
    except AirmeetError as error:
        connection.end_early(error)
        return copies
    return []
