"""The results as a table, as raw figures and as a plot."""

import importlib.metadata
import json
import os
import platform
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl
import psutil
from contests import FLOOR, OURS, Entry, Goal, Result

mpl.use("svg")
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.transforms import blended_transform_factory

PACKAGES = ("dlt", "duckdb", "pyarrow", "requests", "urllib3", "orjson")
FIGURES: dict[str, tuple[Callable[[Entry], float], str]] = {  # with the unit
    "CPU seconds per 1 M rows": (Entry.cpu_per_million_rows, "s"),
    "CPU seconds": (lambda entry: entry.cost.cpu, "s"),
    "wall time in seconds per event": (lambda entry: entry.cost.wall / entry.events, "s"),
    "peak memory in MB": (lambda entry: entry.cost.peak / 1e6, "MB"),
}
_HOW = """\
Each contestant is a process of its own and loads from the sandbox, another process on the same machine, into
a DuckDB file. CPU is user and system time, memory the largest resident memory, both of the contestant's whole
process tree, start of Python included. Rows are those found in the tables afterwards."""
_OVERLAP = (
    "CPU is the whole process's, that of plan and state dlt's thread's; these two are part of other steps"
)
_COLUMNS = ("", "events", "rows", "requests", "CPU s", "wall s", "peak MB", "CPU s per 1 M rows", "")
_ENOUGH_ROWS = 100_000  # for what a million of them would cost
_OURS_COLOUR, _OTHERS_COLOUR = "#2a78d6", "#b9b8b3"
_FLOORS = "Hatched: floors, bare loops that do nothing but fetch and insert. They are no contestants."


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    versions = {name: importlib.metadata.version(name) for name in PACKAGES if _is_installed(name)}
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GiB",
        "system": platform.platform(aliased=True, terse=True),
        "python": platform.python_version(),
        **versions,
    }


def circumstances() -> str:
    """Of which version a benchmark was measured, when and on what: others may be of another day."""
    facts, root = machine(), Path(__file__).resolve().parent
    command = ["git", "-C", str(root), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(command, capture_output=True, text=True, check=False)
    version = f"at commit {commit.stdout.strip()} " if commit.stdout else ""
    return f"Measured {version}on {facts['date']}, with DuckDB {facts['duckdb']} on {facts['processor']}."


def _is_installed(name: str) -> bool:
    return bool(list(importlib.metadata.distributions(name=name)))


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor()


def markdown(results: Mapping[str, Result], *, quick: bool) -> str:
    """All results for a reader."""
    command = "python benchmarks/run.py" + " --quick" * quick
    parts = [f"# Benchmarks\n\nWritten by `{command}`. {_HOW}"]
    if quick:
        parts.append(
            "**Small sizes, to see that everything works: the start weighs too much for the goals.**"
        )
    facts = "\n".join(f"| {name} | {value} |" for name, value in machine().items())
    parts.append(f"| machine | |\n|---|---|\n{facts}")
    parts.append("![The results](results.svg)")
    parts += [section(result) for result in results.values()]
    return "\n\n".join(parts) + "\n"


def section(result: Result) -> str:
    """One benchmark for a reader."""
    table = _table([_COLUMNS, ("---",) + ("---:",) * 7 + ("---",), *map(_row, result.entries)])
    goals = "\n".join(f"- {_goal(goal)}" for goal in result.goals)
    about = f"{result.about} ({result.measured})" if result.measured else result.about
    parts = [f"## {result.title}", about, table, goals]
    if result.profile:
        headings, *rows = result.profile
        parts += [f"Where it goes ({_OVERLAP}):", _table([headings, ["---:"] * len(headings), *rows])]
    return "\n\n".join(part for part in parts if part)


def _table(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(entry: Entry) -> tuple[str, ...]:
    cost = entry.cost
    counts = (f"{count:,}" if count else "" for count in (entry.events, entry.rows, entry.requests))
    per_million = f"{entry.cpu_per_million_rows():.1f}" if entry.rows >= _ENOUGH_ROWS else ""
    seconds = (f"{cost.cpu:.1f}", f"{cost.wall:.1f}")
    return (entry.contestant, *counts, *seconds, f"{cost.peak / 1e6:.0f}", per_million, entry.remark)


def _goal(goal: Goal) -> str:
    verdict = "met" if goal.is_met else "**missed**"
    return f"{goal.text}: {goal.value:.3g} {goal.unit}, goal at most {goal.limit:.3g} {goal.unit}: {verdict}"


def raw(results: Mapping[str, Result], *, quick: bool) -> dict[str, Any]:
    """Every figure for a program."""
    return {
        "quick": quick,
        "machine": machine(),
        "benchmarks": {name: asdict(result) for name, result in results.items()},
    }


def plot(results: Mapping[str, Result], path: Path) -> None:
    """A panel of bars for each benchmark that names a figure."""
    shown = [result for result in results.values() if result.figure]
    if not shown:
        return
    heights = [1 + len(result.plotted) for result in shown]
    figure, panels = plt.subplots(
        len(shown), squeeze=False, figsize=(9, 0.42 * sum(heights) + 0.5), height_ratios=heights
    )
    for axes, result in zip(panels[:, 0], shown, strict=True):
        _panel(axes, result)
    figure.text(0.01, 0.005, _FLOORS, fontsize="small")
    figure.tight_layout(rect=(0, 0.02, 1, 1))
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def _panel(axes: Axes, result: Result) -> None:
    value, unit = FIGURES[result.figure or ""]
    names = [f"{entry.contestant}, {_size(entry, result.figure or '')}" for entry in result.plotted]
    colours = [
        _OURS_COLOUR if entry.contestant.startswith(OURS) else _OTHERS_COLOUR for entry in result.plotted
    ]
    bars = axes.barh(range(len(names)), [value(entry) for entry in result.plotted], color=colours)
    for bar, entry in zip(bars, result.plotted, strict=True):
        if entry.contestant.startswith(FLOOR):
            bar.set(hatch="////", facecolor="white", edgecolor=_OTHERS_COLOUR)
    axes.bar_label(bars, fmt=lambda number: f"{number:,.3g} {unit}", padding=3)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.margins(x=0.12)
    # from the edge of the picture, or a long one would be cut off
    left = blended_transform_factory(axes.figure.transFigure, axes.transAxes)
    title = f"{result.title}: {result.figure}"
    axes.text(0.01, 1, title, transform=left, fontsize="medium", fontweight="bold", va="bottom")
    axes.spines[["top", "right"]].set_visible(False)


def _size(entry: Entry, figure: str) -> str:
    """How much it was, in what the figure goes by."""
    if "per event" in figure or not entry.rows:
        return f"{entry.events:,} events"
    return f"{entry.rows:,} rows"


def write(results: Mapping[str, Result], folder: Path, *, quick: bool) -> None:
    """Write results.md, results.json and results.svg."""
    (folder / "results.md").write_text(markdown(results, quick=quick), encoding="utf-8")
    content = json.dumps(raw(results, quick=quick), indent=2, ensure_ascii=False)
    (folder / "results.json").write_text(content + "\n", encoding="utf-8")
    plot(results, folder / "results.svg")
