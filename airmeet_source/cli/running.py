"""A run on the command line: what it shows, how it is stopped, how it ends."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from airmeet_source.cli.console import consoles, print_error, print_lines
from airmeet_source.cli.failures import as_error, in_full
from airmeet_source.cli.inspection import check, plan
from airmeet_source.cli.load_options import LoadOptions
from airmeet_source.cli.progress import shown
from airmeet_source.cli.report import print_summary, write_report
from airmeet_source.cli.signals import stopping_cleanly
from airmeet_source.disclosure.exceptions import traced
from airmeet_source.errors import AirmeetError, FileTaken
from airmeet_source.extract.extraction import Extraction
from airmeet_source.loading.destinations import Target
from airmeet_source.loading.report import Report
from airmeet_source.loading.run import Order, Run
from airmeet_source.settings import SettingsArguments
from airmeet_source.source import selection_of


def execute(options: LoadOptions) -> int:
    """Load, check or plan, and tell how it went; returns the exit code."""
    out, err = consoles(quiet=options.quiet)
    run = Run(_order(options))
    error = None
    try:
        _perform(run, options, out, err)
    except (AirmeetError, KeyboardInterrupt) as raised:
        error = as_error(raised)
        if options.log_level == "DEBUG":
            print_lines(err, traced(raised))
    report = run.report(error)
    unwritten = None if isinstance(error, FileTaken) else _write(options, report)
    if report.loaded_into is not None:
        print_summary(out, report)
    if error is not None:
        print_error(err, in_full(error))
    if unwritten is not None:
        print_error(err, f"The report cannot be written to {options.report}: {unwritten}")
        return report.exit_code or 1
    return report.exit_code


def _write(options: LoadOptions, report: Report) -> str | None:
    """Write the report before anything is printed; returns why that is not possible."""
    if options.report is not None:
        try:
            write_report(options.report, report, options.report_mode)
        except OSError as failure:
            return failure.strerror or str(failure)
    return None


def _order(options: LoadOptions) -> Order:
    return Order(
        target=Target(
            destination=options.destination,
            dataset_name=options.dataset,
            pipelines_dir=options.pipelines_dir,
        ),
        pipeline_name=options.pipeline_name,
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
        publish_mode=options.publish_mode,
        report=options.report,
        demo=options.demo,
        new_events=options.new_events,
        views=not options.no_views,
        settings=SettingsArguments(community=options.community) if options.community else SettingsArguments(),
    )


def _perform(run: Run, options: LoadOptions, out: Console, err: Console) -> None:
    @contextmanager
    def watched(extraction: Extraction) -> Iterator[None]:
        kind = "off" if options.quiet else options.progress
        with stopping_cleanly(extraction), shown(kind, err, extraction):
            yield

    if options.demo:
        out.print("[cyan]Demo:[/cyan] made-up events from a sandbox of the Airmeet API on this machine.")
    if options.check:
        with run.opened() as opened:
            check(out, opened)
    elif options.plan:
        with run.opened() as opened:
            plan(out, opened)
    else:
        run.load(watched)
