import argparse
import subprocess
import sys

import pytest

from airmeet_source.cli.imports import leave_out_unneeded
from tests.support.cli import Cli

PROGRAM = """
import gc
import sys
from airmeet_source.cli.main import program
codes = [program("load", sys.argv[1:], prog="load"), program("status", sys.argv[3:], prog="status")]
assert codes == [0, 0], codes
assert not {"numpy", "pandas"} & set(sys.modules)
assert gc.isenabled() and gc.get_freeze_count() > 100_000
"""

HELP = """
import sys
known = set(sys.modules)
from airmeet_source.cli.main import program
try:
    program("load", ["--help"], prog="load")
finally:
    print(*set(sys.modules) - known, file=sys.stderr)
"""
# by a run, by a log, an error or a secret
NOT_NEEDED = {
    *("dlt", "duckdb", "pyarrow", "requests", "rich.progress"),
    *("difflib", "html", "json", "logging", "traceback"),
    *(f"airmeet_source.cli.{name}" for name in ("console", "log_lines", "report_file", "shared_options")),
    *(f"airmeet_source.disclosure.{name}" for name in ("exceptions", "records", "words")),
    *("airmeet_source.loading", "airmeet_source.resources"),
}


def test_help_imports_nothing_that_it_does_without() -> None:
    told = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True)
    imported = set(told.stderr.split())
    assert "airmeet_source.cli.load_arguments" in imported
    assert not imported & NOT_NEEDED


def test_a_program_imports_neither_pandas_nor_numpy(cli: Cli) -> None:
    cli("--help")  # which sets up what a run needs
    words = ["--resources", "airmeets", "--pipelines-dir", "pipelines"]
    subprocess.run([sys.executable, "-c", PROGRAM, *words], check=True)


@pytest.mark.parametrize("destination", ["bigquery", "databricks"])
def test_drivers_of_other_destinations_find_them(destination: str, monkeypatch: pytest.MonkeyPatch) -> None:
    finders = list(sys.meta_path)
    monkeypatch.setattr(sys, "meta_path", list(finders))
    leave_out_unneeded(argparse.Namespace(destination=destination))
    assert sys.meta_path == finders
