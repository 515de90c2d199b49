"""The options of the command line. Imports nothing heavy, so that ``--help`` answers at once."""

import argparse
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from rich_argparse import RichHelpFormatter

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
SCHEMA_CONTRACTS = ("evolve", "freeze")
PROGRESS = ("auto", "bars", "lines", "off")

_EPILOG = """\
exit codes: 0 all loaded · 1 the run failed, the last good state is kept · 2 wrong usage or configuration ·
3 loaded, but some units are still pending or failed (see the last lines and table sync_log)
"""


@dataclass(frozen=True)
class Options:
    """The command line, parsed."""

    destination: str
    dataset: str
    pipeline_name: str
    pipelines_dir: str | None
    resources: tuple[str, ...]
    exclude: tuple[str, ...]
    events: tuple[str, ...]
    since: datetime | None
    until: datetime | None
    full_refresh: bool
    no_wait: bool
    schema_contract: Literal["evolve", "freeze"]
    demo: bool
    check: bool
    plan: bool
    report: Path | None
    publish: Path | None
    lock_timeout: float
    progress: str
    log_level: str
    quiet: bool


def parse(arguments: list[str] | None = None) -> Options:
    """Parse the command line; a mistake ends the program with exit code 2 and a short message."""
    parser = _parser()
    parsed = parser.parse_args(arguments)
    if parsed.resources and parsed.exclude:
        parser.error("--resources and --exclude cannot be used together")
    if parsed.check and parsed.plan:
        parser.error("--check and --plan cannot be used together")
    if parsed.since and parsed.until and parsed.since >= parsed.until:
        parser.error("--since must be before --until")
    for option in ("report", "publish"):
        path: Path | None = getattr(parsed, option)
        if path and path.is_dir():
            parser.error(f"--{option}: {path} is a folder")
        if path and not path.resolve().parent.is_dir():
            parser.error(f"--{option}: the folder {path.resolve().parent} does not exist")
    return Options(**vars(parsed))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python pipelines/run.py",
        description="Load everything that is new in Airmeet into your warehouse.",
        epilog=_EPILOG,
        formatter_class=RichHelpFormatter,
        allow_abbrev=False,
    )
    target = parser.add_argument_group("where to")
    target.add_argument(
        "--destination",
        default="duckdb",
        metavar="NAME",
        help="duckdb (default, file airmeet.duckdb), postgres, bigquery or any dlt destination",
    )
    for option, default in (("--dataset", "airmeet_data"), ("--pipeline-name", "airmeet")):
        target.add_argument(option, type=_name, default=default, metavar="NAME", help="default: %(default)s")
    target.add_argument("--pipelines-dir", metavar="DIR", help="dlt's working folders; default: dlt's own")

    what = parser.add_argument_group("what")
    what.add_argument("--resources", type=_names, default=(), metavar="A,B", help="only these resources")
    what.add_argument("--exclude", type=_names, default=(), metavar="A,B", help="all but these resources")
    what.add_argument("--events", type=_names, default=(), metavar="ID,ID", help="only these events")
    what.add_argument(
        "--since", type=_date, metavar="DATE", help="only events that end on or after DATE (UTC)"
    )
    what.add_argument("--until", type=_date, metavar="DATE", help="only events that start before DATE (UTC)")
    what.add_argument(
        "--full-refresh",
        action="store_true",
        help="forget cursors and load all again; rows are replaced, tables are never empty in between",
    )
    what.add_argument(
        "--no-wait",
        action="store_true",
        help="leave what Airmeet is still preparing for the next run instead of waiting",
    )

    how = parser.add_argument_group("how")
    how.add_argument(
        "--schema-contract",
        choices=SCHEMA_CONTRACTS,
        default="evolve",
        help="a field that the API did not send before: evolve (default) adds a column, freeze fails the run",
    )
    how.add_argument(
        "--demo", action="store_true", help="load made-up events from a sandbox API, no keys needed"
    )
    how.add_argument("--check", action="store_true", help="prove keys, region and destination, load nothing")
    how.add_argument(
        "--plan", action="store_true", help="show what a run would fetch, fetch only the event list"
    )
    how.add_argument("--report", type=Path, metavar="FILE", help="write the run's summary as JSON")

    how.add_argument(
        "--publish",
        type=Path,
        metavar="FILE",
        help="after a run that loaded, replace this read-only snapshot of the DuckDB file for dashboards",
    )
    how.add_argument(
        "--lock-timeout",
        type=_seconds,
        default=60.0,
        metavar="SECONDS",
        help="how long to wait for a DuckDB file that another program has open; default: 60",
    )

    talk = parser.add_argument_group("how it talks")
    talk.add_argument(
        "--progress",
        nargs="?",
        choices=PROGRESS,
        const="bars",
        default="auto",
        help="auto (default): bars on a terminal, plain lines otherwise",
    )
    talk.add_argument(
        "--log-level",
        type=str.upper,
        choices=LOG_LEVELS,
        default="WARNING",
        help="DEBUG also shows the traceback of an error; default: %(default)s",
    )
    talk.add_argument("--quiet", action="store_true", help="print nothing but errors")
    return parser


def _names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise argparse.ArgumentTypeError("names separated by commas are expected")
    return names


def _name(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no name of letters, digits, _ and -")
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds")
    return seconds


def _date(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date such as 2026-05-31") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
