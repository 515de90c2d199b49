"""A run on the command line: what it shows, how it is stopped, how it ends."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from airmeet_source.cli.check import check
from airmeet_source.cli.console import consoles
from airmeet_source.cli.ending import Ended, attempt, conclude
from airmeet_source.cli.load_options import LoadOptions
from airmeet_source.cli.log_lines import LogLines
from airmeet_source.cli.plan import plan
from airmeet_source.cli.problems import print_problems
from airmeet_source.cli.progress import shown
from airmeet_source.cli.report import log_report, print_summary
from airmeet_source.cli.signals import stopping_cleanly
from airmeet_source.extract.extraction import Extraction
from airmeet_source.loading.destinations import Target
from airmeet_source.loading.report import Report
from airmeet_source.loading.run import Order, Run
from airmeet_source.settings import SettingsArguments
from airmeet_source.source import selection_of


def execute(options: LoadOptions, lines: LogLines) -> int:
    """Load, check or plan, and tell how it went; returns the exit code."""
    run = Run(order_of(options))
    lines.run_id = run.run_id
    if options.demo and not lines.as_json:
        out, _ = consoles(quiet=options.quiet)
        out.print("[cyan]Demo:[/cyan] made-up events from a sandbox of the Airmeet API on this machine.")
    ended = attempt_run(run, options, partial(shown, "off" if options.quiet else options.progress, lines))
    return conclude(options, lines, run.report(ended.error), ended, partial(_tell_end, options, lines))


def attempt_run(
    run: Run, options: LoadOptions, show: Callable[[Extraction], AbstractContextManager[object]]
) -> Ended:
    """Load, check or plan; returns what went wrong, and where, if that is to be told.

    Args:
        run: the run.
        options: what it is for.
        show: entered while a load is under way.
    """
    return attempt(lambda: _perform(run, options, show), options.log_level)


def _tell_end(options: LoadOptions, lines: LogLines, report: Report) -> None:
    """How a run ended; what --quiet keeps silent about is what is good."""
    if lines.as_json:
        log_report(lines, report, quiet=options.quiet)
    elif report.loaded_into is not None:
        print_summary(consoles(quiet=options.quiet)[0], report)
        print_problems(consoles(quiet=False)[0], report)


def order_of(options: LoadOptions) -> Order:
    """What the command line asks for."""
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


def _perform(
    run: Run, options: LoadOptions, show: Callable[[Extraction], AbstractContextManager[object]]
) -> None:
    @contextmanager
    def watched(extraction: Extraction) -> Iterator[None]:
        with stopping_cleanly(extraction), show(extraction):
            yield

    out, _ = consoles(quiet=options.quiet)
    if options.check:
        with run.opened() as opened:
            check(out, opened)
    elif options.plan:
        with run.opened() as opened:
            plan(out, opened)
    else:
        run.load(watched)
