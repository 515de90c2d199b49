"""``airmeet push``: people of a file or a query into an event."""

import argparse
import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from airmeet_source.cli.console import consoles, plain, print_lines
from airmeet_source.cli.ending import attempt, conclude
from airmeet_source.cli.environment import prepare
from airmeet_source.cli.log_lines import LogLines
from airmeet_source.cli.options import add_lock_timeout, add_logging, add_report, add_target
from airmeet_source.cli.report_file import require_file
from airmeet_source.cli.shared_options import SharedOptions
from airmeet_source.cli.signals import stopping_cleanly
from airmeet_source.loading.files import is_same_file

if TYPE_CHECKING:  # dlt takes most of a second to import
    from airmeet_source.extract.connection import Connection
    from airmeet_source.push.order import Order
    from airmeet_source.push.report import Preview, PushReport
    from airmeet_source.push.running import Push
    from airmeet_source.push.sheet import Problem
    from airmeet_source.push.tally import Tally

_LISTED = 20  # problems, or lines of one reason
_WOULD_BE = {"register": "registered", "authorise": "let in", "revoke": "revoked"}


@dataclass(frozen=True, kw_only=True)
class PushOptions(SharedOptions):
    """The command line, parsed."""

    file: Path | None
    query: str | None
    event: str | None
    action: Literal["register", "authorise", "revoke"]
    send_invites: bool
    dry_run: bool
    skip_bad: bool
    entry_links: Path | None
    report: Path | None
    report_mode: int | None
    lock_timeout: float
    demo: bool


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of ``airmeet push``, as --help lists them."""
    parser.add_argument("file", nargs="?", type=Path, metavar="FILE", help="CSV, JSON lines or Parquet")
    what = parser.add_argument_group("what")
    what.add_argument("--event", metavar="ID", help="the event that people are added to")
    what.add_argument(
        "--query", metavar="SQL", help="people whom a query finds in the destination, instead of a file"
    )
    actions = what.add_mutually_exclusive_group()
    for action, meaning in (
        ("register", "register them (default)"),
        ("authorise", "only let them in: they register themselves"),
        ("revoke", "take their access away; only addresses are needed"),
    ):
        actions.add_argument(
            f"--{action}", dest="action", action="store_const", const=action, default="register", help=meaning
        )
    what.add_argument(
        "--send-invites", action="store_true", help="have Airmeet mail invitations; otherwise nobody gets one"
    )
    _add_manner(parser.add_argument_group("how"))
    add_target(parser)
    add_logging(parser.add_argument_group("how it talks"))


def _add_manner(how: argparse._ArgumentGroup) -> None:
    how.add_argument("--dry-run", action="store_true", help="check everything and show it, send nothing")
    how.add_argument("--skip-bad", action="store_true", help="send the good rows although others are bad")
    how.add_argument(
        "--entry-links",
        type=Path,
        metavar="FILE",
        help="add addresses and personal entry links to a file that only you can read",
    )
    add_report(how)
    add_lock_timeout(how)
    how.add_argument(
        "--demo", action="store_true", help="push into a made-up event of a sandbox API, no keys needed"
    )


def run(parser: argparse.ArgumentParser, parsed: argparse.Namespace) -> int:
    """Run the command; returns the exit code that --help lists."""
    options = PushOptions(**vars(parsed))
    _require_consistent(parser, options)
    lines = prepare(options)
    from airmeet_source.push.running import Push  # noqa: PLC0415 - dlt takes most of a second to import

    return _execute(options, Push(_order(options)), lines)


def _require_consistent(parser: argparse.ArgumentParser, options: PushOptions) -> None:
    if options.event is None and not options.demo:
        parser.error("--event is needed: the id of the event that people are added to")
    if options.file is not None and options.query is not None:
        parser.error("FILE and --query cannot be used together")
    if options.file is None and options.query is None and not options.demo:
        parser.error("a FILE with people is needed, or --query")
    if options.send_invites and options.action == "revoke":
        parser.error("--send-invites and --revoke cannot be used together")
    _require_files(parser, options)


def _require_files(parser: argparse.ArgumentParser, options: PushOptions) -> None:
    """Refuse to write where something else is, or nothing can be."""
    for option, path in (("--report", options.report), ("--entry-links", options.entry_links)):
        if path:
            require_file(parser, option, path)
        if path and options.file and is_same_file(path, options.file):
            parser.error(f"{option} must name another file than the one with the people")
    if options.report and options.entry_links and is_same_file(options.report, options.entry_links):
        parser.error("--report and --entry-links must be two files")


def _order(options: PushOptions) -> "Order":
    from airmeet_source.loading.destinations import Target  # noqa: PLC0415 - see above
    from airmeet_source.push.order import Order  # noqa: PLC0415
    from airmeet_source.push.query import Query  # noqa: PLC0415
    from airmeet_source.settings import SettingsArguments  # noqa: PLC0415

    return Order(
        event=options.event,
        people=options.file if options.query is None else Query(sql=options.query),
        action=options.action,
        invites=options.send_invites,
        dry_run=options.dry_run,
        skip_bad=options.skip_bad,
        target=Target(destination=options.destination, dataset_name=options.dataset),
        pipeline_name=options.pipeline_name,
        lock_timeout=options.lock_timeout,
        entry_links=options.entry_links,
        report=options.report,
        demo=options.demo,
        settings=SettingsArguments(community=options.community) if options.community else SettingsArguments(),
    )


def _execute(options: PushOptions, push: "Push", lines: LogLines) -> int:
    lines.run_id = push.run_id

    @contextmanager
    def watched(connection: "Connection", push: "Push") -> Iterator[None]:
        is_silent = options.quiet or lines.as_json
        with stopping_cleanly(connection), _shown(lines.console, push, silent=is_silent):
            yield

    ended = attempt(lambda: push.run(watched), options.log_level)
    report = push.report(ended.error)
    return conclude(options, lines, report, ended, lambda told: _tell_end(options, told, lines))


def _tell_end(options: PushOptions, report: "PushReport", lines: LogLines) -> None:
    """How it ended; what --quiet keeps silent about is what is good."""
    is_good = report.exit_code == 0
    if not lines.as_json:
        out, _ = consoles(quiet=options.quiet and is_good)
        _print(out, report, dry=options.dry_run)
        return
    for problem in report.problems:  # without its value: logs travel
        lines.say(logging.WARNING, f"{_place(problem)}: {problem.why}")
    if not (options.quiet and is_good):
        content = report.as_dict()
        del content["problems"]
        lines.say(logging.INFO if is_good else logging.WARNING, f"push: {report.status}", report=content)


@contextmanager
def _shown(console: Console, push: "Push", *, silent: bool) -> Iterator[None]:
    """A bar on a terminal, nothing elsewhere: who is in is in push_log at any time."""
    if silent or not console.is_terminal:
        yield
        return
    columns = (TextColumn("people"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        push.tally.watch = _follow(progress, progress.add_task("people", total=None))
        yield


def _follow(progress: Progress, task: TaskID) -> "Callable[[Tally], None]":
    def follow(tally: "Tally") -> None:
        progress.update(task, completed=tally.known, total=tally.known + tally.to_come)

    return follow


# -- for people ----------------------------------------------------------------------------------


def _print(console: Console, report: "PushReport", *, dry: bool) -> None:
    _print_problems(console, report.problems)
    if report.preview is not None and dry:
        _print_preview(console, report, report.preview)
        return
    parts = [f"{count:,} {name.replace('_', ' ')}" for name, count in report.people.items() if count]
    if parts:
        console.print(" · ".join(parts), highlight=False)
    for unsent in report.unsent:
        what = f"{unsent.outcome}, {_lines(unsent.lines)}: {unsent.message}"
        console.print(plain(what), soft_wrap=True)
    if not parts and report.error is None:
        console.print("Nobody is in the file.")


def _print_problems(console: Console, problems: "Sequence[Problem]") -> None:
    for problem in problems[:_LISTED]:
        value = f" {problem.value!r}" if problem.value is not None else ""
        console.print(plain(f"{_place(problem)}:{value} {problem.why}"), soft_wrap=True, highlight=False)
    if len(problems) > _LISTED:
        console.print(f"… and {len(problems) - _LISTED:,} more; --report FILE has all of them")


def _place(problem: "Problem") -> str:
    line = "" if problem.line is None else f"line {problem.line}"
    return ", ".join(filter(None, (line, problem.column)))


def _print_preview(console: Console, report: "PushReport", preview: "Preview") -> None:
    console.print(
        f"Dry run: {preview.to_send:,} would be {_WOULD_BE[report.action]}, "
        f"{preview.already_there:,} are there already, {report.people['left_out']:,} would be left out."
    )
    if preview.first_request is not None:
        console.print(plain(f"The first request: {preview.first_request}"), soft_wrap=True)
    if preview.first is not None:
        print_lines(console, json.dumps(preview.first, indent=2, ensure_ascii=False))


def _lines(lines: Sequence[int]) -> str:
    named = ", ".join(map(str, lines[:_LISTED]))
    more = f" and {len(lines) - _LISTED:,} more" if len(lines) > _LISTED else ""
    return f"line {named}" if len(lines) == 1 else f"lines {named}{more}"
