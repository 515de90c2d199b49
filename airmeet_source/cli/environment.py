"""What has to be set up before dlt is imported."""

import logging
import os

from airmeet_source.cli.log_lines import LogLines
from airmeet_source.cli.options import SharedOptions


def prepare(options: SharedOptions) -> None:
    """Have dlt behave in any working directory, also without configuration files."""
    os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
    # dlt logs the traceback of each failed job; unless INFO or DEBUG is asked for, our last line has to do
    talkative = options.log_level in ("INFO", "DEBUG")
    os.environ["RUNTIME__LOG_LEVEL"] = options.log_level if talkative else "CRITICAL"
    level = "ERROR" if options.quiet else options.log_level
    lines = LogLines()
    logging.basicConfig(handlers=[lines], level=level)
    logging.getLogger("dlt").handlers = [lines]  # dlt takes the one that is there
