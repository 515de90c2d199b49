"""Load everything that is new in Airmeet into a warehouse. ``python pipelines/run.py --help`` tells more."""

import sys

from airmeet_source.cli.load import run

if __name__ == "__main__":
    sys.exit(run())
