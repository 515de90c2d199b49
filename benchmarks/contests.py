"""One contestant against one sandbox: run in a fresh folder, measured, its requests and rows counted."""

import json
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from measuring import Measured, measure
from serving import Serving
from turns import Turn

OURS, FLOOR = "airmeet_source", "floor"  # how their names begin
DUCKDB_FILE = "airmeet.duckdb"
_ROOT = Path(__file__).resolve().parent.parent
COMMAND_LINE = _ROOT / "pipelines" / "run.py"
CONTESTANTS = _ROOT / "benchmarks" / "contestants"
ENVIRONMENT = {"PYTHONPATH": str(_ROOT), "RUNTIME__DLTHUB_TELEMETRY": "false"}


@dataclass(frozen=True)
class Entry:
    """One line of a benchmark: who ran, on how much, and what it cost."""

    contestant: str
    events: int
    rows: int
    requests: int
    cost: Measured
    remark: str = ""

    def cpu_per_million_rows(self) -> float:
        """CPU seconds of the whole command, start-up included, as if there were a million rows."""
        return self.cost.cpu / self.rows * 1_000_000


@dataclass(frozen=True)
class Goal:
    """A figure that a benchmark is run for, and what it should be at most."""

    text: str
    value: float
    limit: float
    unit: str

    @property
    def is_met(self) -> bool:
        """Whether the value is within its limit."""
        return self.value <= self.limit


@dataclass(frozen=True)
class Result:
    """What came out of a benchmark.

    ``figure``: which of the report's figures is plotted; ``contest``: the entries with one and the same task,
    if that are not all; ``profile``: lines of cells, headings first, that show where time and memory go;
    ``measured``: of which version, when and on what.
    """

    title: str
    about: str
    entries: Sequence[Entry]
    goals: Sequence[Goal] = ()
    figure: str | None = None
    profile: Sequence[Sequence[str]] = ()
    contest: Sequence[Entry] = ()
    measured: str = ""

    @property
    def plotted(self) -> Sequence[Entry]:
        """The entries that can be compared."""
        return self.contest or self.entries


@contextmanager
def working_folder() -> Iterator[Path]:
    """An empty folder; runs that share it share state and destination."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def run_ours(
    server: Serving,
    folder: Path,
    *arguments: str,
    settings: Mapping[str, object] | None = None,
    program: Path = COMMAND_LINE,
    turn: Turn | None = None,
) -> tuple[Measured, dict[str, Any]]:
    """Run the connector's command line, or a program that runs it; returns its cost and its own report."""
    report = folder / "report.json"
    ours: list[str | Path] = ["--quiet", "--pipelines-dir", folder, "--report", report]
    given = {f"SOURCES__AIRMEET__{name.upper()}": str(value) for name, value in (settings or {}).items()}
    environment = {**ENVIRONMENT, **server.environment, **given}
    cost = measure([sys.executable, program, *ours, *arguments], environment, folder, turn)
    return cost, json.loads(report.read_text(encoding="utf-8"))


def enter_ours(
    server: Serving, events: int, *resources: str, settings: Mapping[str, object] | None = None
) -> Entry:
    """Run the connector once in a fresh folder."""
    before = server.requests()
    with working_folder() as folder:
        cost, report = run_ours(server, folder, "--resources", ",".join(resources), settings=settings)
    return Entry(OURS, events, rows_of(report), server.requests() - before, cost)


def rows_of(report: Mapping[str, Any]) -> int:
    """The rows that a run of ours wrote, its log aside."""
    return sum(count for table, count in report["rows"].items() if table != "sync_log")


@contextmanager
def python_with(*packages: str) -> Iterator[str]:
    """The Python of a virtual environment with the packages; without any, our own.

    Raises:
        subprocess.CalledProcessError: they cannot be installed.
    """
    if not packages:
        yield sys.executable
        return
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = str(Path(folder, "bin", "python"))
        subprocess.run([python, "-m", "pip", "install", "-qq", *packages], check=True)
        yield python


def enter(
    contestant: str,
    server: Serving,
    events: int,
    script: str,
    *arguments: str,
    tables: Sequence[str],
    python: str = sys.executable,
) -> Entry:
    """Run a program of `contestants/` once in a fresh folder, and count the rows of its tables afterwards."""
    before = server.requests()
    with working_folder() as folder:
        command: list[str | Path] = [python, CONTESTANTS / script, *arguments]
        cost = measure(command, {**ENVIRONMENT, **server.environment}, folder)
        with duckdb.connect(str(folder / DUCKDB_FILE), read_only=True) as connection:
            rows = sum(connection.table(table).shape[0] for table in tables)
    return Entry(contestant, events, rows, server.requests() - before, cost)
