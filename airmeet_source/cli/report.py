"""The end of a run: a summary for people, and lines for a log."""

import logging
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from airmeet_source.cli.console import plain
from airmeet_source.cli.log_lines import LogLines
from airmeet_source.extract.sync_log import kinds_of
from airmeet_source.loading.report import OUTCOMES, Report


def print_communities(console: Console, reports: Sequence[Report]) -> None:
    """A line for each community."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column("community", overflow="fold")
    table.add_column("result", no_wrap=True)
    outcomes = (outcome.replace("_", "\n") for outcome in OUTCOMES)
    for heading in (*outcomes, "rows\nwritten", "requests", "time"):
        table.add_column(heading, justify="right", no_wrap=True)
    for report in reports:
        counts = (report.units[outcome] for outcome in OUTCOMES)
        numbers = (*counts, sum(report.rows.values()), report.requests)
        style = {"ok": "green", "partial": "yellow"}.get(report.status, "red")
        table.add_row(
            plain(report.community),
            f"[{style}]{report.status}[/{style}]",
            *(f"{number:,}" for number in numbers),
            _duration(report.seconds),
        )
    console.print(table)


def print_summary(console: Console, report: Report) -> None:
    """Rows per table, units by outcome, requests and time, for a person."""
    if not report.has_news and not report.problems:
        console.print(in_a_line(report), soft_wrap=True, highlight=False)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("table")
    table.add_column("rows written", justify="right")
    for name, count in report.rows.items():
        table.add_row(name, f"{count:,}" if count else "[dim]-[/dim]")
    console.print()
    console.print(table)
    console.print()
    parts = [f"{report.units[outcome]:,} {outcome.replace('_', ' ')}" for outcome in OUTCOMES]
    facts = {
        "units": " · ".join(parts),
        "requests": f"{report.requests:,}",
        "time": _time(report),
        "ended": f"{report.finished_at:%Y-%m-%d %H:%M:%S} UTC",
        "loaded into": report.loaded_into or "-",
    }
    for name, fact in facts.items():
        console.print(f"{name:<13}", plain(fact), sep="", soft_wrap=True, highlight=False)


def in_a_line(report: Report) -> str:
    """What a run did, as short as it can be said."""
    written = sum(report.rows.values())
    read = report.units["loaded"] + report.units["not_available"]
    news = f"{written:,} rows written" if report.has_news else "Nothing new"
    lists = "1 list" if read == 1 else f"{read:,} lists"
    return f"{news}: {lists}, {report.requests:,} requests, {_time(report)}"


def log_report(lines: LogLines, report: Report, *, quiet: bool) -> None:
    """A line for each unit that is pending or failed, and one for the run."""
    for kind in kinds_of(report.problems):
        for problem in kind.problems:
            unit = {
                name: getattr(problem, name) for name in ("resource", "airmeet_id", "entity_id", "outcome")
            }
            lines.say(logging.WARNING, f"{problem.resource} {problem.outcome}: {problem.message}", unit=unit)
    if report.loaded_into is not None and not quiet:
        told = ("status", "exit_code", "rows", "units", "requests", "seconds", "waited_seconds")
        content = report.as_dict()
        lines.say(logging.INFO, in_a_line(report), report={name: content[name] for name in told})


def _time(report: Report) -> str:
    time = _duration(report.seconds)
    if report.waited_seconds >= 1:
        time += f", {_duration(report.waited_seconds)} of it waiting for Airmeet"
    return time


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
