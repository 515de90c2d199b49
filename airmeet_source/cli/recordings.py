"""``airmeet recordings``: copies of recordings in a folder or a bucket."""

import argparse
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.filesize import decimal
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.table import Column

from airmeet_source.cli.console import consoles, plain
from airmeet_source.cli.ending import attempt, conclude
from airmeet_source.cli.environment import prepare
from airmeet_source.cli.log_lines import LogLines
from airmeet_source.cli.options import (
    add_events,
    add_lock_timeout,
    add_logging,
    add_report,
    add_target,
)
from airmeet_source.cli.report_file import require_report_file
from airmeet_source.cli.shared_options import SharedOptions
from airmeet_source.cli.signals import stopping_cleanly
from airmeet_source.disclosure.printable import printable

if TYPE_CHECKING:  # dlt takes most of a second to import
    from airmeet_source.recordings.order import Order
    from airmeet_source.recordings.recording import Problem, Recording
    from airmeet_source.recordings.report import RecordingsReport
    from airmeet_source.recordings.running import Mirror

_LISTED = 20  # problems


@dataclass(frozen=True, kw_only=True)
class RecordingsOptions(SharedOptions):
    """The command line, parsed."""

    to: str
    events: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    report: Path | None
    report_mode: int | None
    lock_timeout: float
    demo: bool


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of ``airmeet recordings``, as --help lists them."""
    what = parser.add_argument_group("what")
    what.add_argument(
        "--to",
        required=True,
        metavar="PLACE",
        help="a folder, or any address that fsspec can write to, such as s3://bucket/folder",
    )
    add_events(what)
    how = parser.add_argument_group("how")
    add_report(how)
    add_lock_timeout(how)
    how.add_argument("--demo", action="store_true", help="copy made-up recordings, no keys needed")
    add_target(parser)
    add_logging(parser.add_argument_group("how it talks"))


def run(parser: argparse.ArgumentParser, parsed: argparse.Namespace) -> int:
    """Run the command; returns the exit code that --help lists."""
    options = RecordingsOptions(**vars(parsed))
    require_report_file(parser, options)
    lines = prepare(options)
    from airmeet_source.errors import UsageError  # noqa: PLC0415
    from airmeet_source.recordings.running import Mirror  # noqa: PLC0415 - dlt takes most of a second to import

    try:
        order = _order(options)
    except UsageError as error:
        parser.error(str(error))
    return _execute(options, Mirror(order), lines)


def _order(options: RecordingsOptions) -> "Order":
    from airmeet_source.loading.destinations import Target  # noqa: PLC0415 - see above
    from airmeet_source.recordings.order import Order  # noqa: PLC0415
    from airmeet_source.settings import SettingsArguments  # noqa: PLC0415
    from airmeet_source.source import selection_of  # noqa: PLC0415

    return Order(
        to=options.to,
        selection=selection_of(
            events=options.events, since=options.since, until=options.until, full_refresh=False, wait=True
        ),
        target=Target(destination=options.destination, dataset_name=options.dataset),
        pipeline_name=options.pipeline_name,
        lock_timeout=options.lock_timeout,
        report=options.report,
        demo=options.demo,
        settings=SettingsArguments(community=options.community) if options.community else SettingsArguments(),
    )


def _execute(options: RecordingsOptions, mirror: "Mirror", lines: LogLines) -> int:
    lines.run_id = mirror.run_id

    def perform() -> None:
        with _bars(lines.console, silent=options.quiet or lines.as_json) as bars:
            mirror.run(bars, stopping_cleanly)

    ended = attempt(perform, options.log_level)
    report = mirror.report(ended.error)
    return conclude(options, lines, report, ended, lambda told: _tell_end(options, told, lines))


def _tell_end(options: RecordingsOptions, report: "RecordingsReport", lines: LogLines) -> None:
    """How it ended; what --quiet keeps silent about is what is good."""
    is_good = report.exit_code == 0
    if not lines.as_json:
        out, _ = consoles(quiet=options.quiet and is_good)
        _print(out, report)
    elif not (options.quiet and is_good):
        level = logging.INFO if is_good else logging.WARNING
        lines.say(level, f"recordings: {report.status}", report=report.as_dict())


def _print(console: Console, report: "RecordingsReport") -> None:
    for problem in report.problems[:_LISTED]:
        console.print(plain(f"{_place(problem)}: {problem.message}"), soft_wrap=True, highlight=False)
    if len(report.problems) > _LISTED:
        console.print(f"… and {len(report.problems) - _LISTED:,} more; --report FILE has all of them")
    parts = [f"{count:,} {name.replace('_', ' ')}" for name, count in report.recordings.items() if count]
    if report.bytes:
        parts.append(decimal(report.bytes))
    if parts:
        console.print(" · ".join(parts), highlight=False)
    elif report.error is None and not report.problems:
        console.print("There are no recordings.")


def _place(problem: "Problem") -> str:
    return problem.path or f"event {problem.airmeet_id}"


class _Bars:
    """A bar for each file that is being copied."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def begin(self, recording: "Recording") -> None:
        """A download begins."""
        name = printable(recording.path.rpartition("/")[2])
        self._tasks[recording.path] = self._progress.add_task(name.replace("[", "\\["), total=None)

    def follow(self, recording: "Recording", length: int, size: int | None) -> None:
        """So many bytes are there."""
        self._progress.update(self._tasks[recording.path], completed=length, total=size)

    def end(self, recording: "Recording") -> None:
        """It is over."""
        self._progress.remove_task(self._tasks.pop(recording.path))


@contextmanager
def _bars(console: Console, *, silent: bool) -> Iterator[_Bars | None]:
    """Bars on a terminal, nothing elsewhere: what is copied is in recording_files at any time."""
    if silent or not console.is_terminal:
        yield None
        return
    columns = (
        TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, expand=True) as progress:
        yield _Bars(progress)
