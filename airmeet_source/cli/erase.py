"""``airmeet erase``: people out of the warehouse, and a certificate about it."""

import argparse
import logging
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.console import Console

from airmeet_source.cli.console import consoles, print_lines
from airmeet_source.cli.ending import attempt, conclude
from airmeet_source.cli.environment import prepare
from airmeet_source.cli.log_lines import LogLines
from airmeet_source.cli.options import add_lock_timeout, add_logging, add_publish, add_report, add_target
from airmeet_source.cli.report_file import require_report_and_snapshot
from airmeet_source.cli.shared_options import SharedOptions
from airmeet_source.cli.signals import on_signals
from airmeet_source.errors import Interrupted

if TYPE_CHECKING:  # dlt takes most of a second to import
    from airmeet_source.erase.certificate import Certificate
    from airmeet_source.erase.order import Order
    from airmeet_source.erase.running import Erasure

_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")  # whatever a form may have let through
_UNCONFIRMED = 1


@dataclass(frozen=True, kw_only=True)
class EraseOptions(SharedOptions):
    """The command line, parsed."""

    addresses: list[str]
    dry_run: bool
    mentions: Literal["list", "blank"]
    yes: bool
    publish: Path | None
    publish_mode: int | None
    report: Path | None
    report_mode: int | None
    lock_timeout: float


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of ``airmeet erase``, as --help lists them."""
    parser.add_argument(
        "addresses", nargs="+", type=_address, metavar="EMAIL", help="whose records go; in any case"
    )
    what = parser.add_argument_group("what")
    what.add_argument("--dry-run", action="store_true", help="count what would go, change nothing")
    what.add_argument(
        "--mentions",
        choices=("list", "blank"),
        default="list",
        help="texts of others in which an address stands: list them (default), or blank the address",
    )
    how = parser.add_argument_group("how")
    how.add_argument("--yes", action="store_true", help="do not ask; without a terminal nobody is asked")
    add_publish(how, "replace this snapshot of the DuckDB file as well")
    add_report(how)
    add_lock_timeout(how)
    add_target(parser)
    add_logging(parser.add_argument_group("how it talks"))


def _address(text: str) -> str:
    if not _ADDRESS.fullmatch(text.strip()):
        raise argparse.ArgumentTypeError(f"{text!r} is no e-mail address")
    return text.strip()


def run(parser: argparse.ArgumentParser, parsed: argparse.Namespace) -> int:
    """Run the command; returns the exit code that --help lists."""
    options = EraseOptions(**vars(parsed))
    require_report_and_snapshot(parser, options, options.publish)
    lines = prepare(options)
    from airmeet_source.erase.running import Erasure  # noqa: PLC0415 - dlt takes most of a second to import

    if not (options.dry_run or options.yes) and sys.stdin.isatty() and sys.stdout.isatty():
        looking = Erasure(_order(options, dry_run=True))
        if code := _execute(options, looking.look, looking, lines, is_preview=True):
            return code
        if not _is_confirmed():
            return _UNCONFIRMED
    erasure = Erasure(_order(options, dry_run=options.dry_run))
    return _execute(options, erasure.look if options.dry_run else erasure.run, erasure, lines)


def _order(options: EraseOptions, *, dry_run: bool) -> "Order":
    from airmeet_source.erase.order import Order  # noqa: PLC0415 - see above
    from airmeet_source.loading.destinations import Target  # noqa: PLC0415
    from airmeet_source.settings import SettingsArguments  # noqa: PLC0415

    return Order(
        addresses=tuple(options.addresses),
        mentions=options.mentions,
        dry_run=dry_run,
        target=Target(
            destination=options.destination,
            dataset_name=options.dataset,
            pipelines_dir=options.pipelines_dir,
        ),
        pipeline_name=options.pipeline_name,
        lock_timeout=options.lock_timeout,
        publish=options.publish,
        publish_mode=options.publish_mode,
        report=options.report,
        settings=SettingsArguments(community=options.community) if options.community else SettingsArguments(),
    )


def _is_confirmed() -> bool:
    try:
        answer = input("Take them out for good? [y/N] ")
    except (EOFError, KeyboardInterrupt):
        answer = ""
    if answer.strip().lower() in ("y", "yes"):
        return True
    sys.stdout.write("Nothing was changed.\n")
    return False


def _execute(
    options: EraseOptions,
    perform: "Callable[[], Certificate]",
    erasure: "Erasure",
    lines: LogLines,
    *,
    is_preview: bool = False,
) -> int:
    lines.run_id = erasure.run_id

    def stoppable() -> None:
        with on_signals(_stop):
            perform()

    ended = attempt(stoppable, options.log_level)
    return conclude(
        options,
        lines,
        erasure.certificate(ended.error),
        ended,
        lambda told: _tell_end(options, told, lines),
        is_written=not is_preview,
    )


def _stop(number: int) -> None:
    raise Interrupted(number)


def _tell_end(options: EraseOptions, certificate: "Certificate", lines: LogLines) -> None:
    """The certificate; what --quiet keeps silent about is what is good."""
    is_good = certificate.exit_code == 0
    if options.quiet and is_good:
        return
    if lines.as_json:
        level = logging.INFO if is_good else logging.WARNING
        lines.say(level, f"erase: {certificate.status}", report=certificate.as_dict())
    out: Console = consoles(quiet=False)[0]
    print_lines(out, certificate.as_json())
