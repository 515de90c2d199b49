"""Options that several commands have in common, as ``--help`` lists them."""

import argparse
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from airmeet_source.dates import as_utc
from airmeet_source.errors import UsageError
from airmeet_source.spelling import did_you_mean

LOG_LEVELS = ("TRACE", "DEBUG", "INFO", "WARNING", "ERROR")
LOG_FORMATS = ("text", "json")


def add_target(parser: argparse.ArgumentParser) -> None:
    """Where to load to."""
    group = parser.add_argument_group("where to")
    group.add_argument(
        "--destination",
        default="duckdb",
        metavar="NAME",
        help="duckdb (default, file airmeet.duckdb), postgres, bigquery or any dlt destination",
    )
    group.add_argument(
        "--dataset", type=name, default="airmeet_data", metavar="NAME", help="default: %(default)s"
    )
    group.add_argument(
        "--community", type=name, metavar="NAME", help="one of several communities, by its name"
    )
    group.add_argument(
        "--pipeline-name",
        type=name,
        metavar="NAME",
        help="default: airmeet, or airmeet_NAME with --community NAME",
    )
    group.add_argument("--pipelines-dir", metavar="DIR", help="dlt's working folders; default: dlt's own")


def add_events(group: argparse._ArgumentGroup) -> None:
    """Which events."""
    group.add_argument("--events", type=names, default=(), metavar="ID,ID", help="only these events")
    group.add_argument(
        "--since", type=moment, metavar="DATE", help="only events that end on or after DATE (UTC)"
    )
    group.add_argument(
        "--until", type=moment, metavar="DATE", help="only events that start before DATE (UTC)"
    )


def add_lock_timeout(group: argparse._ArgumentGroup) -> None:
    """How long to wait for others."""
    group.add_argument(
        "--lock-timeout",
        type=seconds,
        default=60.0,
        metavar="SECONDS",
        help="how long to wait for another run, a locked table or an open DuckDB file; default: 60",
    )


def add_logging(group: argparse._ArgumentGroup) -> None:
    """How much to say."""
    group.add_argument(
        "--log-level",
        type=str.upper,
        choices=LOG_LEVELS,
        default="WARNING",
        help="DEBUG also shows an error's traceback, TRACE what dlt and urllib3 log; default: %(default)s",
    )
    group.add_argument(
        "--log-format",
        choices=LOG_FORMATS,
        default="text",
        help="json: each line on standard error is an object",
    )
    group.add_argument("--quiet", action="store_true", help="print only what ends with exit code 1, 2 or 3")


def add_report(group: argparse._ArgumentGroup) -> None:
    """Where to write a report."""
    group.add_argument("--report", type=Path, metavar="FILE", help="write the run's summary as JSON")
    group.add_argument(
        "--report-mode", type=permissions, metavar="MODE", help="its permissions, such as 644; default: 600"
    )


def add_publish(group: argparse._ArgumentGroup, what: str) -> None:
    """Where to put a snapshot; ``what`` is done with it."""
    group.add_argument("--publish", type=Path, metavar="FILE", help=what)
    group.add_argument(
        "--publish-mode", type=permissions, metavar="MODE", help="its permissions, such as 644; default: 600"
    )


# -- types of arguments --------------------------------------------------------------------------


def names(text: str) -> tuple[str, ...]:
    """Names that commas separate."""
    found = tuple(name.strip() for name in text.split(",") if name.strip())
    if not found:
        raise argparse.ArgumentTypeError("names separated by commas are expected")
    return found


def require_known(what: str, found: Iterable[str], known: Iterable[str]) -> None:
    """Refuse names that there are not."""
    there_are = list(known)
    for each in found:
        if each not in there_are:
            hint = did_you_mean(each, there_are) or f"; there are {', '.join(there_are)}"
            raise argparse.ArgumentTypeError(f"unknown {what} {each}{hint}")


def name(text: str) -> str:
    """A name that every destination accepts."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no name of letters, digits, _ and -")
    return text


def moment(text: str) -> datetime:
    """A day or a time."""
    try:
        return as_utc(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def permissions(text: str) -> int:
    """The permissions of a file, as chmod takes them."""
    if not re.fullmatch("0?[0-7]{3}", text) or not int(text, 8) & 0o400:
        raise argparse.ArgumentTypeError(f"{text!r} is no mode such as 600 or 644")
    return int(text, 8)


def count(text: str) -> int:
    """A number of things, at least one."""
    if not re.fullmatch("[1-9][0-9]{0,5}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number from 1")
    return int(text)


def seconds(text: str) -> float:
    """A duration."""
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return number


def hours(text: str) -> timedelta:
    """A duration in hours, also in fractions of one."""
    try:
        return timedelta(hours=seconds(text))
    except (argparse.ArgumentTypeError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of hours") from None
