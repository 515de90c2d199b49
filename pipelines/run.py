"""Load everything that is new in Airmeet into a warehouse: ``airmeet load``, for schedulers."""

import sys

from airmeet_source.cli.main import program

if __name__ == "__main__":
    sys.exit(program("load", sys.argv[1:], prog="python pipelines/run.py"))
