"""``airmeet load``: load everything that is new in Airmeet into a warehouse."""

import gc
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from airmeet_source.cli.options import Options, parse

if TYPE_CHECKING:
    from rich.console import Console

    from airmeet_source.extract.extraction import Extraction
    from airmeet_source.loading.run import Order, Run


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code that the README lists."""
    options = parse(arguments)
    _prepare(options)

    from airmeet_source.cli.console import consoles, print_error  # noqa: PLC0415 - dlt takes a second to import, --help should not
    from airmeet_source.cli.failures import as_error, in_full  # noqa: PLC0415
    from airmeet_source.cli.report import print_summary, write_report  # noqa: PLC0415
    from airmeet_source.errors import AirmeetError  # noqa: PLC0415
    from airmeet_source.loading.run import Run  # noqa: PLC0415

    out, err = consoles(quiet=options.quiet)
    run = Run(_order(options))
    error = None
    try:
        _execute(run, options, out, err)
    except (AirmeetError, KeyboardInterrupt) as raised:
        error = as_error(raised)
        if options.log_level == "DEBUG":
            err.print_exception()
    report = run.report(error)
    if report.loaded_into is not None:
        print_summary(out, report)
    if error is not None:
        print_error(err, in_full(error))
    exit_code = report.exit_code
    if options.report:
        try:
            write_report(options.report, report)
        except OSError as failure:
            exit_code = exit_code or 1
            print_error(err, f"The report cannot be written to {options.report}: {failure.strerror}")
    return exit_code


def _prepare(options: Options) -> None:
    """Set up dlt, before it is imported, to behave in any working directory, without configuration files."""
    os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
    # rows are Parquet wherever the destination takes it; dlt's state, which is not, is compressed already
    os.environ.setdefault("DATA_WRITER__DISABLE_COMPRESSION", "true")
    # our handler lets a load finish and then stops; dlt's would drop the package, or swallow the signal
    os.environ["RUNTIME__INTERCEPT_SIGNALS"] = "false"
    # dlt logs the traceback of each failed job; unless INFO or DEBUG is asked for, our last line has to do
    talkative = options.log_level in ("INFO", "DEBUG")
    os.environ["RUNTIME__LOG_LEVEL"] = options.log_level if talkative else "CRITICAL"
    level = "ERROR" if options.quiet else options.log_level
    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=level)


def _order(options: Options) -> "Order":
    from airmeet_source.loading.destinations import Target  # noqa: PLC0415
    from airmeet_source.loading.run import Order  # noqa: PLC0415
    from airmeet_source.source import selection_of  # noqa: PLC0415

    return Order(
        target=Target(
            destination=options.destination,
            dataset_name=options.dataset,
            pipeline_name=options.pipeline_name,
            pipelines_dir=options.pipelines_dir,
        ),
        selection=selection_of(
            events=options.events,
            since=options.since,
            until=options.until,
            full_refresh=options.full_refresh,
            wait=not options.no_wait,
        ),
        resources=options.resources,
        exclude=options.exclude,
        schema_contract=options.schema_contract,
        lock_timeout=options.lock_timeout,
        publish=options.publish,
        demo=options.demo,
    )


def _execute(run: "Run", options: Options, out: "Console", err: "Console") -> None:
    from airmeet_source.cli.inspection import check, plan  # noqa: PLC0415
    from airmeet_source.cli.progress import shown  # noqa: PLC0415
    from airmeet_source.cli.signals import stopping_cleanly  # noqa: PLC0415
    from airmeet_source.loading.locking import only_run  # noqa: PLC0415

    @contextmanager
    def watched(extraction: "Extraction") -> Iterator[None]:
        kind = "off" if options.quiet else options.progress
        with stopping_cleanly(extraction), shown(kind, err, extraction):
            yield

    if options.demo:
        out.print("[cyan]Demo:[/cyan] made-up events from a sandbox of the Airmeet API on this machine.")
    if options.check:
        with run.opened() as opened:
            check(out, opened)
    elif options.plan:
        with run.opened() as opened, only_run(opened.pipeline):
            plan(out, opened)
    else:
        run.load(watched)


def run() -> int:
    """The command line as a program of its own, which ends with the exit code returned here."""
    exit_code = main()
    gc.freeze()  # or the interpreter, as it ends, searches all that was imported for garbage
    return exit_code
