"""``python -m airmeet_source``: the command ``airmeet``."""

import sys

from airmeet_source.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
