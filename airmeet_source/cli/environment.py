"""What has to be set up before dlt is imported."""

import logging
import os

from airmeet_source.cli.console import consoles
from airmeet_source.cli.log_lines import LogLines
from airmeet_source.cli.shared_options import SharedOptions


def prepare(options: SharedOptions) -> LogLines:
    """Have dlt behave in any working directory, also without configuration files; returns the log."""
    os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
    everything = options.log_level == "TRACE"
    # dlt logs the traceback of each failed job: our last line has to do
    os.environ["RUNTIME__LOG_LEVEL"] = "DEBUG" if everything else "CRITICAL"
    _, err = consoles(quiet=options.quiet)
    lines = LogLines(err, as_json=options.log_format == "json", everything=everything)
    level = "ERROR" if options.quiet else "DEBUG" if everything else options.log_level
    logging.basicConfig(handlers=[lines], level=level)
    logging.getLogger("dlt").handlers = [lines]  # dlt takes the one that is there
    return lines
