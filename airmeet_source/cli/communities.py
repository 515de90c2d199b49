"""Several communities on the command line: what is shown of them, one report and one exit code."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack

from rich.live import Live
from rich.table import Table

from airmeet_source.cli.community import Ended, Said
from airmeet_source.cli.console import consoles, plain, print_lines
from airmeet_source.cli.failures import in_full
from airmeet_source.cli.load_options import LoadOptions
from airmeet_source.cli.log_lines import LogLines, tell_error
from airmeet_source.cli.problems import print_problems
from airmeet_source.cli.report import log_report, print_communities
from airmeet_source.cli.report_file import written
from airmeet_source.cli.side_by_side import SideBySide
from airmeet_source.communities import configured, require_keys_of_their_own, require_name
from airmeet_source.errors import AirmeetError, UsageError
from airmeet_source.loading.failures import in_our_words
from airmeet_source.loading.report import Report, reports_as_json

_ALL = ("all",)
_WORST_FIRST = (1, 2, 3)
_NONE = """\
No community is configured. Give each its keys in .dlt/secrets.toml, [sources.airmeet.communities.NAME], or as
SOURCES__AIRMEET__COMMUNITIES__NAME__ACCESS_KEY and __SECRET_KEY."""


def execute_all(options: LoadOptions, lines: LogLines) -> int:
    """Load, check or plan several communities; returns the worst exit code."""
    try:
        with in_our_words():
            names = _chosen(options)
    except AirmeetError as error:
        tell_error(lines, in_full(error))
        return error.exit_code
    side_by_side = SideBySide(options, names, _kind(options, lines))
    ends = _shown(side_by_side, lines)
    reports = [end.report for end in ends]
    exit_code = worst(report.exit_code for report in reports)
    if side_by_side.stopped_by is not None:
        exit_code = 128 + side_by_side.stopped_by
    is_taken = not all(end.may_be_written for end in ends)
    unwritten = None if is_taken else written(options, reports_as_json(exit_code, reports))
    _tell_ends(options, lines, reports)
    if unwritten is not None:
        tell_error(lines, unwritten)
        return exit_code or 1
    return exit_code


def worst(exit_codes: Iterable[int]) -> int:
    """The exit code of several runs: that of one that was stopped, else 1 before 2 before 3."""
    found = set(exit_codes)
    stopped = max(found - {0, *_WORST_FIRST}, default=0)
    return stopped or next((code for code in _WORST_FIRST if code in found), 0)


def _chosen(options: LoadOptions) -> list[str]:
    names = configured() if options.communities == _ALL else [*dict.fromkeys(options.communities)]
    if not names:
        raise UsageError(_NONE)
    for name in names:
        require_name(name)
    if not options.demo:
        require_keys_of_their_own(names)
    return names


def _kind(options: LoadOptions, lines: LogLines) -> str:
    if options.quiet:
        return "off"
    if options.progress == "auto":
        return "bars" if lines.console.is_terminal and not lines.as_json else "lines"
    return options.progress


def _shown(side_by_side: SideBySide, lines: LogLines) -> list[Ended]:
    """Carry all runs out while a table shows them, on a terminal, or lines with their names."""
    width = max(map(len, side_by_side.names))
    out, _ = consoles(quiet=False)  # they know what they may say

    def say(name: str, said: Said) -> None:
        of = "" if lines.as_json else f"{name:{width}}  "
        print_lines(lines.console if said.is_error else out, f"{of}{said.text}")

    with ExitStack() as stack:
        live = None
        if side_by_side.kind == "bars":
            live = stack.enter_context(Live(console=lines.console, transient=True, auto_refresh=False))

        def show() -> None:
            if live is not None:
                live.update(_table(side_by_side), refresh=True)

        return side_by_side.carry_out(say, show)


def _table(side_by_side: SideBySide) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("community")
    table.add_column("")
    for name in side_by_side.names:
        run = side_by_side.runs.get(name)
        if run is None:
            told = "waits for its turn"
        else:
            told = run.underway if run.end is None else run.end.report.status
        table.add_row(plain(name), plain(told))
    return table


def _tell_ends(options: LoadOptions, lines: LogLines, reports: Sequence[Report]) -> None:
    """How they ended; what --quiet keeps silent about is what is good."""
    if options.check or options.plan:
        return
    if lines.as_json:
        for report in reports:
            lines.run_id, lines.community = report.run_id, report.community
            log_report(lines, report, quiet=options.quiet)
        return
    print_communities(consoles(quiet=options.quiet)[0], reports)
    out, _ = consoles(quiet=False)
    for report in reports:
        if report.problems:
            out.print()
            out.print(plain(report.community), style="bold")
            print_problems(out, report)
