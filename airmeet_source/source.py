"""The dlt source: one resource per endpoint of the Airmeet API, and the log.

pipeline.run(airmeet())
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import dlt
from dlt.common.configuration.specs import BaseConfiguration
from dlt.extract import DltResource
from dlt.extract.hints import TResourceHints

from airmeet_source.dates import as_utc
from airmeet_source.errors import AirmeetError, UsageError
from airmeet_source.extract.event_list import EventList
from airmeet_source.extract.extraction import Extraction
from airmeet_source.extract.feed import Feed
from airmeet_source.extract.hints import CONTRACT, declaration, table_hints
from airmeet_source.extract.selection import Selection
from airmeet_source.extract.sync_log import SYNC_LOG, Problem, in_words
from airmeet_source.resources import AIRMEETS, EVENT_RESOURCES, resources_of
from airmeet_source.settings import Settings, resolve_settings
from airmeet_source.settings.unknown import warn_of_unknown_settings

log = logging.getLogger("airmeet_source")

_PROBLEMS = "problems"  # the metric of a resource that lists them


@dlt.source(name="airmeet", section="airmeet", spec=BaseConfiguration, schema_contract=CONTRACT)
def airmeet(  # noqa: PLR0913 - every setting has a name of its own
    *,
    events: Iterable[str] = (),
    since: date | str | None = None,
    until: date | str | None = None,
    full_refresh: bool = False,
    wait: bool = True,
    community: str | None = None,
    access_key: str | None = None,
    secret_key: str | None = None,
    region: str | None = None,
    base_url: str | None = None,
    pending_wait: float | None = None,
    pending_timeout: float | None = None,
    max_concurrency: int | None = None,
    request_timeout: float | None = None,
    max_attempts: int | None = None,
    backoff: float | None = None,
    settle_days: float | None = None,
    replay_days: float | None = None,
    reread_hours: float | None = None,
    tail_hours: float | None = None,
    log_days: float | None = None,
    max_response_mb: float | None = None,
    system_certificates: bool | None = None,
    allow_http: bool | None = None,
    include_entry_links: bool | None = None,
    pii: str | None = None,
    pii_salt: str | None = None,
    notify_url: str | None = None,
    notify_after_hours: float | None = None,
) -> list[DltResource]:
    """All of a community's Airmeet data, incrementally.

    A setting that is not given here is taken from dlt's configuration, section ``sources.airmeet``, and
    otherwise has its default.

    Units that failed or are still pending do not fail the run: they stay due, a warning names them, and
    ``problems(pipeline)`` returns them.

    Args:
        events: only these events, by id. Default: all.
        since: only events that end on or after this date; a time without a zone is UTC.
        until: only events that start before this date.
        full_refresh: forget cursors and load everything again; rows are replaced.
        wait: wait for results that Airmeet is still preparing; False leaves them for the next run.
        community: name of the community that the keys belong to. Default: ``default``.
        access_key: of the community; generated in its dashboard under Integrations > API Access Key.
        secret_key: generated with the access key.
        region: ``default``, ``eu``, ``us``, or ``legacy`` for the first version of the API.
        base_url: replaces the region's address.
        pending_wait: seconds between two requests for a result in preparation. Default: 300.
        pending_timeout: seconds until such a unit is left for the next run. Default: 1800.
        max_concurrency: requests in flight. Default: 8.
        request_timeout: seconds to connect, and between two reads. Default: 65.
        max_attempts: attempts per request. Default: 6.
        backoff: seconds of the first pause between them; it doubles each time. Default: 1.
        settle_days: days after the end of an event until attendance, polls … are final. Default: 7.
        replay_days: the same for registrations, UTM parameters, replays and recordings. Default: 90.
        reread_hours: a list that was last read in full longer ago is read in full again. Default: 20.
        tail_hours: what changes slowly (the tail of an event, the programme of one that is weeks away) is not
            asked for again within so many hours. Default: 20.
        log_days: days that ``load()`` keeps rows of sync_log and runs. Default: 90.
        max_response_mb: a larger answer, unpacked, is refused while it is read. Default: 128.
        system_certificates: trust what the operating system trusts; needs the extra ``truststore``.
        allow_http: send the keys over plain HTTP to another machine. Default: False.
        include_entry_links: load ``participants.token``, a personal entry link. Default: False.
        pii: what becomes of personal data: ``keep``, ``hash`` or ``drop``. Default: keep.
        pii_salt: a secret of at least 16 letters, for ``pii="hash"``.
        notify_url: an incoming webhook that ``load()`` tells what went wrong, and when it is well again.
        notify_after_hours: how long something is pending until it does. Default: 24.

    Raises:
        UsageError: a setting is missing or makes no sense.
    """
    warn_of_unknown_settings()
    settings = resolve_settings(
        community=community,
        access_key=access_key,
        secret_key=secret_key,
        region=region,
        base_url=base_url,
        pending_wait=pending_wait,
        pending_timeout=pending_timeout,
        max_concurrency=max_concurrency,
        request_timeout=request_timeout,
        max_attempts=max_attempts,
        backoff=backoff,
        settle_days=settle_days,
        replay_days=replay_days,
        reread_hours=reread_hours,
        tail_hours=tail_hours,
        log_days=log_days,
        max_response_mb=max_response_mb,
        system_certificates=system_certificates,
        allow_http=allow_http,
        include_entry_links=include_entry_links,
        pii=pii,
        pii_salt=pii_salt,
        notify_url=notify_url,
        notify_after_hours=notify_after_hours,
    )
    selection = selection_of(events=events, since=since, until=until, full_refresh=full_refresh, wait=wait)
    return _resources(_Runs(lambda: Extraction(settings, selection), _tell_problems), settings)


@dlt.source(name="airmeet", section="airmeet", spec=BaseConfiguration, schema_contract=CONTRACT)
def airmeet_from(extraction: Extraction, *, row_by_row: bool = True) -> list[DltResource]:
    """The same source over an extraction of the caller's, who can choose, watch and stop it.

    ``row_by_row``: whether the destination can leave rows of a whole list alone that are the same.
    """
    runs = _Runs(lambda: extraction, lambda _: None)
    return _resources(runs, extraction.settings, row_by_row=row_by_row)


def selection_of(
    *,
    events: Iterable[str],
    since: date | str | None,
    until: date | str | None,
    full_refresh: bool,
    wait: bool,
) -> Selection:
    """What a run is asked to load, from the arguments of ``airmeet()`` and ``load()``.

    Raises:
        UsageError: they make no sense.
    """
    begin, end = _moment("since", since), _moment("until", until)
    if begin is not None and end is not None and begin >= end:
        raise UsageError("since must be before until.")
    return Selection(
        airmeet_ids=frozenset(names("events", events)) or None,
        since=begin,
        until=end,
        full_refresh=full_refresh,
        wait=wait,
    )


def _moment(argument: str, given: date | str | None) -> datetime | None:
    try:
        return None if given is None else as_utc(given)
    except UsageError as error:
        raise UsageError(f"{argument}: {error}") from None


def names(argument: str, given: Iterable[str]) -> tuple[str, ...]:
    """Names or ids that an argument lists.

    Raises:
        UsageError: it is a single text, which would be taken for a list of letters.
    """
    if isinstance(given, str):
        raise UsageError(f"{argument} must be a list of texts, not the text {given!r}.")
    return tuple(given)


def problems(pipeline: dlt.Pipeline) -> tuple[Problem, ...]:
    """The units of a pipeline's last ``pipeline.run(airmeet())`` that failed or are still pending."""
    trace = pipeline.last_trace
    if trace is None or trace.last_extract_info is None:
        return ()
    of_resources = (
        metrics.custom_metrics
        for of_load in trace.last_extract_info.metrics.values()
        for step in of_load
        for metrics in step["resource_metrics"].values()
    )
    return tuple(Problem(**problem) for metrics in of_resources for problem in metrics.get(_PROBLEMS, ()))


def _tell_problems(extraction: Extraction) -> None:
    """Name what was not loaded: nobody else does, and dlt takes the run for a good one."""
    found = [*extraction.log.tally.problems]
    if extraction.error is not None:
        early = f"The run ended early: {extraction.error}"
        found.append(Problem("airmeet", None, None, "failed", early))
    dlt.current.resource_metrics()[_PROBLEMS] = [asdict(problem) for problem in found]
    if found:
        log.warning("%s They stay due: the next run takes them up again.", in_words(found))


class _Runs:
    """The generators of the run that is under way; asked after its end, they begin a new one."""

    def __init__(
        self, new_extraction: Callable[[], Extraction], when_over: Callable[[Extraction], None]
    ) -> None:
        self._new_extraction = new_extraction
        self._when_over = when_over
        self._over = False
        self._extraction: Extraction | None = None
        self._generators: dict[str, Callable[[], Iterator[Any]]] = {}

    def rows(self, resource: str) -> Iterator[Any]:
        """The rows of a resource in the current load package."""
        if self._extraction is None or self._extraction.is_finished() or self._extraction.package.abandoned:
            self._begin()
        extraction = self._extraction
        assert extraction is not None  # noqa: S101 - it was begun
        dlt.current.resource_metrics().pop(_PROBLEMS, None)  # of an earlier run of the same source
        try:
            yield from self._generators[resource]()
        except BaseException:
            extraction.abandon()
            raise
        if extraction.is_finished() and not extraction.extracting and not self._over:
            self._over = True
            self._when_over(extraction)

    def _begin(self) -> None:
        extraction = self._new_extraction()
        if extraction is self._extraction:
            # the caller's own: its generators know what the packages so far hold, new ones would not
            if extraction.package.abandoned:
                raise AirmeetError("This extraction was given up while it was loaded; begin a new one.")
            return
        self._extraction = extraction
        self._over = False
        event_list = EventList(extraction)
        self._generators = {AIRMEETS.name: event_list.rows, SYNC_LOG: extraction.log_rows}
        for resource in EVENT_RESOURCES.values():
            self._generators[resource.name] = Feed(extraction, event_list, resource).rows


def _resources(runs: _Runs, settings: Settings, *, row_by_row: bool = True) -> list[DltResource]:
    """One resource per endpoint that the region's API has, and the sync log."""
    filled = {resource.name: resource.tables for resource in resources_of(settings.api).values()}
    filled[SYNC_LOG] = (SYNC_LOG,)
    hints = {
        name: [table_hints(declaration(table, settings), row_by_row=row_by_row) for table in tables]
        for name, tables in filled.items()
    }
    return [_resource(runs, name, of_tables) for name, of_tables in hints.items()]


def _resource(runs: _Runs, name: str, hints: list[TResourceHints]) -> DltResource:
    def rows() -> Iterator[Any]:
        yield from runs.rows(name)

    resource: DltResource = dlt.resource(rows, name=name, write_disposition="merge", file_format="parquet")
    for of_table in hints:
        resource.merge_hints(of_table, create_table_variant=True)
    return resource
