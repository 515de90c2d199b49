"""The end of a run: a summary for people, and the file of ``--report``."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from airmeet_source.cli.console import plain
from airmeet_source.loading.files import replacing
from airmeet_source.loading.report import OUTCOMES, Report

_LISTED_PROBLEMS = 20


def write_report(path: Path, report: Report, mode: int | None) -> None:
    """Write the report whole or not at all: a scheduler may read it at any time."""
    with replacing(path, mode) as file:
        file.write(f"{report.as_json()}\n".encode())


def print_summary(console: Console, report: Report) -> None:
    """Rows per table, units by outcome, requests and time, for a person."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("table")
    table.add_column("rows written", justify="right")
    for name, count in report.rows.items():
        table.add_row(name, f"{count:,}" if count else "[dim]-[/dim]")
    console.print()
    console.print(table)
    console.print()
    parts = [f"{report.units[outcome]:,} {outcome.replace('_', ' ')}" for outcome in OUTCOMES]
    facts = Table.grid(padding=(0, 2))
    facts.add_row("units", " · ".join(parts))
    facts.add_row("requests", f"{report.requests:,}")
    time = _duration(report.seconds)
    if report.waited_seconds >= 1:
        time += f", {_duration(report.waited_seconds)} of it waiting for Airmeet"
    facts.add_row("time", time)
    facts.add_row("loaded into", plain(report.loaded_into or "-"))
    console.print(facts)
    _print_problems(console, report)


def _print_problems(console: Console, report: Report) -> None:
    """The units that are still pending or failed, the most telling ones if there are many."""
    if not report.problems:
        return
    lines = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("outcome", "resource", "event", "session or booth", "why"):
        lines.add_column(heading, overflow="fold")
    failed_first = sorted(report.problems, key=lambda problem: problem.outcome)
    for problem in failed_first[:_LISTED_PROBLEMS]:
        style = "red" if problem.outcome == "failed" else "yellow"
        lines.add_row(
            f"[{style}]{problem.outcome}[/{style}]",
            problem.resource,
            plain(problem.airmeet_id or "-"),
            plain(problem.entity_id or "-"),
            plain(problem.message),
        )
    console.print()
    console.print(lines)
    if len(report.problems) > _LISTED_PROBLEMS:
        console.print(f"… and {len(report.problems) - _LISTED_PROBLEMS:,} more, see table sync_log")
    console.print("They stay due: the next run takes them up again.")


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
