"""``airmeet report``: what the events brought, in an app or on a page of its own."""

import argparse
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from airmeet_source.cli.environment import prepare
from airmeet_source.cli.options import add_events, add_logging, add_target
from airmeet_source.cli.shared_options import SharedOptions
from airmeet_source.loading.files import is_database


@dataclass(frozen=True, kw_only=True)
class EventReportOptions(SharedOptions):
    """The command line, parsed."""

    html: Path | None
    events: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    port: int | None
    no_browser: bool


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of ``airmeet report``, as --help lists them."""
    add_target(parser)
    page = parser.add_argument_group("a page instead of the app")
    page.add_argument(
        "--html", type=Path, metavar="FILE", help="write one page that needs no server and no network"
    )
    add_events(page)
    app = parser.add_argument_group("the app")
    app.add_argument("--port", type=int, metavar="PORT", help="of this machine; default: a free one")
    app.add_argument("--no-browser", action="store_true", help="only print the address, open nothing")
    add_logging(parser.add_argument_group("how it talks"))


def run(parser: argparse.ArgumentParser, parsed: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    options = EventReportOptions(**vars(parsed))
    if options.html is None and (options.events or options.since or options.until):
        parser.error("--events, --since and --until go with --html; the app has choosers for them")
    if options.html and options.html.is_dir():
        parser.error(f"--html: {options.html} is a folder")
    if options.html and is_database(options.html):
        parser.error(f"--html: {options.html} is a database, or belongs to one")
    lines = prepare(options)
    from airmeet_source.cli.presenting import open_app, write_page  # noqa: PLC0415 - dlt takes long to import

    return write_page(options, options.html, lines) if options.html else open_app(options, lines)
