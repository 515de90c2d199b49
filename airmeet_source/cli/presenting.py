"""What ``airmeet report`` does: it writes a page, or serves the app until it is stopped."""

import os
import sys
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

from airmeet_source.cli.console import consoles
from airmeet_source.cli.event_report import EventReportOptions
from airmeet_source.cli.failures import in_full
from airmeet_source.cli.log_lines import LogLines, tell_error
from airmeet_source.cli.targets import target_of
from airmeet_source.errors import AirmeetError, NotInstalled
from airmeet_source.loading.files import replacing

_PACKAGES = ("altair", "jinja2", "marimo", "vl_convert")


def write_page(options: EventReportOptions, file: Path, lines: LogLines) -> int:
    """Write the report as a page; returns the exit code."""
    out, _ = consoles(quiet=options.quiet)
    try:
        _require_packages()
        from airmeet_source.reporting.figures import read_figures  # noqa: PLC0415 - they need the extra `report`
        from airmeet_source.reporting.selection import Selection  # noqa: PLC0415
        from airmeet_source.reporting.writing import page  # noqa: PLC0415

        selection = Selection(
            communities=(options.community,) if options.community else (),
            events=options.events,
            since=options.since,
            until=options.until,
        )
        html = page(read_figures(target_of(options), selection))
    except AirmeetError as error:
        tell_error(lines, in_full(error))
        return error.exit_code
    try:
        with replacing(file) as stream:
            stream.write(html.encode())
    except OSError as failure:
        tell_error(lines, f"The report cannot be written to {file}: {failure.strerror or failure}")
        return 1
    out.print(f"The report is in {file}.", highlight=False, soft_wrap=True)
    return 0


def open_app(options: EventReportOptions, lines: LogLines) -> int:
    """Become marimo's server of the app, on this machine until Ctrl-C; returns the exit code if that fails.

    Its address has a key in it, so that other accounts of the machine see nothing.
    """
    try:
        _require_packages()
    except AirmeetError as error:
        tell_error(lines, in_full(error))
        return error.exit_code
    return _serve(options)


def _serve(options: EventReportOptions) -> NoReturn:
    server = ["--token", *(["--port", str(options.port)] if options.port else [])]
    if options.no_browser:
        server.append("--headless")
    target = target_of(options)
    where = ["--destination", target.destination, "--dataset", target.dataset_name]
    where += ["--pipeline-name", target.pipeline_name]
    if options.community:
        where += ["--community", options.community]
    app = str(files("airmeet_source.reporting") / "app.py")
    program = [sys.executable, "-m", "marimo", "run", app, *server, "--", *where]
    os.execv(program[0], program)  # noqa: S606 - Python, marimo and options that were parsed


def _require_packages() -> None:
    if any(find_spec(name) is None for name in _PACKAGES):
        raise NotInstalled("The report", "airmeet-source[report]")
