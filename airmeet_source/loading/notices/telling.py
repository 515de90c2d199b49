"""When somebody is told of a run, and of what. What goes wrong here is a line of the log, nothing else."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from dlt.destinations.job_client_impl import SqlJobClientBase

from airmeet_source.disclosure.words import of_server
from airmeet_source.errors import AirmeetError
from airmeet_source.loading.catalogues import catalogue_of
from airmeet_source.loading.clients import Clients
from airmeet_source.loading.destinations import Target
from airmeet_source.loading.locking import Hold
from airmeet_source.loading.log_tables import LogTables
from airmeet_source.loading.notices.concerns import RUN, of_run, of_units
from airmeet_source.loading.notices.memory import Told, keys_of, read_told, write_told
from airmeet_source.loading.notices.message import News, message
from airmeet_source.loading.notices.webhook import post
from airmeet_source.loading.report import Report
from airmeet_source.loading.unreached import forget, note, unreached
from airmeet_source.model.tables import TABLES
from airmeet_source.settings import Settings, SettingsArguments, notify_url_of

log = logging.getLogger("airmeet_source")

_RUNS, _CHANGES = TABLES["runs"], TABLES["schema_changes"]
_OF_A_CHANGE = ("run_id", "changed_at", "table_name", "column_name")
_BY_HAND = 130  # the exit code of a run that somebody stopped at the keyboard, and knows of
_LATER = "Nobody was told how the run ended; the next run tries again: %s"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A run that has ended."""

    report: Report
    error: AirmeetError | None
    target: Target


def tell_of_run(ended: Ended, clients: Clients, hold: Hold, settings: Settings) -> None:
    """Tell what has changed with a run that is entered in the destination."""
    if settings.notify_url and ended.report.exit_code != _BY_HAND:
        try:
            with hold(), clients.opened() as client:
                before = _before(ended, client)
                news, after = _compared(ended, before, clients, settings)
            if news and not _is_delivered(settings.notify_url, ended.report, news):
                return
            if after != before:
                with hold(), clients.opened() as client:
                    write_told(LogTables(client), ended.report.pipeline, after)
        except Exception as error:  # noqa: BLE001 - any driver's own, or a lock of somebody else's
            log.warning(_LATER, of_server(str(error)) or type(error).__name__)
            return
    forget(ended.target)


def tell_of_unreached(ended: Ended, arguments: SettingsArguments) -> None:
    """Tell of a run that did not get to the destination, and note that it did not."""
    before = unreached(ended.target)
    told = before.told if before else ()
    bad = [concern for concern in of_run(ended.error) if concern.key not in told]
    try:
        notify_url = notify_url_of(**arguments) if bad and ended.report.exit_code != _BY_HAND else ""
    except Exception as error:  # noqa: BLE001 - of a configuration that cannot be read, which the run tells
        log.debug("The setting notify_url cannot be read: %s", type(error).__name__)
        notify_url = ""
    if notify_url and _is_delivered(notify_url, ended.report, News(bad=bad)):
        told = (*told, *(concern.key for concern in bad))
    note(ended.target, ended.report, told)


def _before(ended: Ended, client: SqlJobClientBase) -> Told:
    """What was told, also of runs that did not get to the destination."""
    told = read_told(LogTables(client), ended.report.pipeline)
    elsewhere = unreached(ended.target)
    if elsewhere is None or not elsewhere.told:
        return told
    of_runs = told.keys.get(RUN, frozenset()) | frozenset(elsewhere.told)
    return replace(told, keys={**told.keys, RUN: of_runs})


def _compared(ended: Ended, before: Told, clients: Clients, settings: Settings) -> tuple[News, Told]:
    """What is news, and what will have been told with it."""
    concerns = [*of_run(ended.error)]
    with clients.opened() as client:
        catalogue = catalogue_of(client, clients.pipeline.destination.destination_type)
        if catalogue is not None:
            patience = timedelta(hours=settings.notify_after_hours)
            concerns += of_units(catalogue, settings.community, patience, datetime.now(UTC))
        columns = [*_new_columns(LogTables(client), ended.report, before)]
    now = keys_of(concerns)
    news = News(
        bad=[each for each in concerns if each.key not in before.keys.get(each.subject, ())],
        columns=columns,
        well=[subject for subject in before.keys if subject not in now],
    )
    return news, Told(keys=now, columns_until=_until(news, ended.report, before))


def _until(news: News, report: Report, before: Told) -> datetime:
    return report.finished_at if news.columns or before.columns_until is None else before.columns_until


def _new_columns(logs: LogTables, report: Report, before: Told) -> Iterator[str]:
    """Columns that runs of the pipeline have added since such were told, but not its very first rows."""
    if not logs.columns(_CHANGES):
        return
    runs = logs.select(_RUNS, ("run_id", "pipeline", "command"))
    ours = {run for run, pipeline, command in runs if (pipeline, command) == (report.pipeline, "load")}
    until = before.columns_until
    if until is None:
        ours &= {report.run_id} if len(ours) > 1 else set()
    for run, changed_at, table, column in logs.select(_CHANGES, _OF_A_CHANGE):
        if run in ours and (until is None or changed_at > until):
            yield f"{table}.{column}"


def _is_delivered(url: str, report: Report, news: News) -> bool:
    failure = post(url, message(news, report))
    if failure:
        log.warning(_LATER, failure)
    return not failure
