"""``airmeet status``: how the data stands, asked of nothing but the destination."""

import argparse
from dataclasses import dataclass
from datetime import timedelta

from airmeet_source.cli.environment import prepare
from airmeet_source.cli.imports import staying
from airmeet_source.cli.options import add_logging, add_target, hours
from airmeet_source.cli.shared_options import SharedOptions


@dataclass(frozen=True, kw_only=True)
class StatusOptions(SharedOptions):
    """The command line, parsed."""

    json: bool
    max_age: timedelta | None
    event: str | None


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of ``airmeet status``, as --help lists them."""
    add_target(parser)
    what = parser.add_argument_group("what")
    what.add_argument("--event", metavar="ID", help="only this event")
    what.add_argument(
        "--max-age",
        type=hours,
        metavar="HOURS",
        help="exit code 3 if the newest run that was ok or partial is older",
    )
    talk = parser.add_argument_group("how it talks")
    talk.add_argument("--json", action="store_true", help="print JSON for monitors, and nothing else")
    add_logging(talk)


def run(_parser: argparse.ArgumentParser, parsed: argparse.Namespace) -> int:
    """Run the command; returns the exit code."""
    options = StatusOptions(**vars(parsed))
    lines = prepare(options)
    with staying():
        from airmeet_source.cli.standing import tell  # noqa: PLC0415 - dlt takes most of a second to import

    return tell(options, lines)
