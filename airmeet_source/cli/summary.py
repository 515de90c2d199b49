"""The end of a run: a summary for people and a report for programs."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from airmeet_source.cli.options import Options
from airmeet_source.extract.extraction import Extraction
from airmeet_source.model.tables import TABLES

OUTCOMES = ("loaded", "pending", "not_available", "failed")
_STATUS = {0: "ok", 3: "partial"}
_LISTED_PROBLEMS = 20


@dataclass
class Run:
    """The facts of one run, from its start on."""

    options: Options
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    exit_code: int = 1
    error: str | None = None
    extraction: Extraction | None = None

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return (datetime.now(UTC) - self.started_at).total_seconds()


def report(run: Run) -> dict[str, Any]:
    """The report of ``--report``; its shape is a contract with schedulers."""
    extraction = run.extraction
    tally = extraction.log.tally if extraction else None
    rows = extraction.package.rows if extraction else {}
    return {
        "status": _STATUS.get(run.exit_code, "failed"),
        "exit_code": run.exit_code,
        "pipeline": run.options.pipeline_name,
        "destination": run.options.destination,
        "dataset": run.options.dataset,
        "started_at": run.started_at.isoformat(),
        "finished_at": datetime.now(UTC).isoformat(),
        "seconds": round(run.seconds, 3),
        "requests": extraction.client.requests if extraction else 0,
        "waited_seconds": round(extraction.scheduler.waited(), 3) if extraction else 0.0,
        "rows": {table: rows[table] for table in TABLES if table in rows},
        "units": {outcome: tally.units[outcome] if tally else 0 for outcome in OUTCOMES},
        "problems": [asdict(problem) for problem in tally.problems] if tally else [],
        "error": run.error,
    }


def write_report(path: Path, content: Mapping[str, Any]) -> None:
    """Write the report whole or not at all: a scheduler may read it at any time."""
    draft = path.with_name(path.name + ".part")
    draft.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(path)


def print_summary(console: Console, content: Mapping[str, Any], where: str) -> None:
    """Rows per table, units by outcome, requests and time, for a person."""
    rows: Mapping[str, int] = content["rows"]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("table")
    table.add_column("rows written", justify="right")
    for name, count in rows.items():
        table.add_row(name, f"{count:,}" if count else "[dim]-[/dim]")
    console.print()
    console.print(table)
    console.print()
    units: Mapping[str, int] = content["units"]
    parts = [f"{units[outcome]:,} {outcome.replace('_', ' ')}" for outcome in OUTCOMES]
    facts = Table.grid(padding=(0, 2))
    facts.add_row("units", " · ".join(parts))
    facts.add_row("requests", f"{content['requests']:,}")
    waited = content["waited_seconds"]
    facts.add_row(
        "time",
        _duration(content["seconds"]) + (f", {_duration(waited)} of it waiting for Airmeet" * (waited >= 1)),
    )
    facts.add_row("loaded into", escape(where))
    console.print(facts)
    print_problems(console, content)


def print_problems(console: Console, content: Mapping[str, Any]) -> None:
    """The units that are still pending or failed, the most telling ones if there are many."""
    problems: list[dict[str, Any]] = content["problems"]
    if not problems:
        return
    lines = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("outcome", "resource", "event", "session or booth", "why"):
        lines.add_column(heading, overflow="fold")
    failed_first = sorted(problems, key=lambda problem: problem["outcome"])
    for problem in failed_first[:_LISTED_PROBLEMS]:
        style = "red" if problem["outcome"] == "failed" else "yellow"
        lines.add_row(
            f"[{style}]{problem['outcome']}[/{style}]",
            problem["resource"],
            escape(problem["airmeet_id"] or "-"),
            escape(problem["entity_id"] or "-"),
            escape(problem["message"]),
        )
    console.print()
    console.print(lines)
    if len(problems) > _LISTED_PROBLEMS:
        console.print(f"… and {len(problems) - _LISTED_PROBLEMS:,} more, see table sync_log")
    console.print("They stay due: the next run takes them up again.")


def print_note(console: Console, message: str) -> None:
    """Something the user should know while the run goes on, on standard error."""
    console.print(message, markup=False, highlight=False, soft_wrap=True)


def print_error(console: Console, message: str) -> None:
    """An error, short, on standard error."""
    console.print("[bold red]error:[/bold red] ", end="")
    console.print(message, markup=False, highlight=False, soft_wrap=True)


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
