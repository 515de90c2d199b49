import argparse
import subprocess
import sys

import pytest

from airmeet_source.cli.imports import leave_out_unneeded
from tests.support.cli import Cli

PROGRAM = """
import sys
from airmeet_source.cli.main import program
codes = [program("load", sys.argv[1:], prog="load"), program("status", sys.argv[3:], prog="status")]
assert codes == [0, 0], codes
assert not {"numpy", "pandas"} & set(sys.modules)
"""


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
