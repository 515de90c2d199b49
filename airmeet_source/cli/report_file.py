"""The files of ``--report`` and ``--publish``: where they may be, and how a report is written."""

import argparse
from pathlib import Path
from typing import Protocol

from airmeet_source.loading.files import is_database, is_same_file, replacing


class ReportOptions(Protocol):
    """The options of a command that writes a report."""

    @property
    def report(self) -> Path | None:
        """Where to, if anywhere."""

    @property
    def report_mode(self) -> int | None:
        """The permissions of the file, if they are not the usual ones."""


def require_report_file(parser: argparse.ArgumentParser, options: ReportOptions) -> None:
    """Refuse to write a report where something else is, or nothing can be."""
    if options.report is not None:
        require_file(parser, "--report", options.report)


def require_file(parser: argparse.ArgumentParser, option: str, path: Path) -> None:
    """Refuse a name that is a folder's or a database's, or in no folder."""
    _require_place(parser, option, path)
    if is_database(path):
        parser.error(f"{option}: {path} is a database, or belongs to one")


def _require_place(parser: argparse.ArgumentParser, option: str, path: Path) -> None:
    if path.is_dir():
        parser.error(f"{option}: {path} is a folder")
    if not path.resolve().parent.is_dir():
        parser.error(f"{option}: the folder {path.resolve().parent} does not exist")


def require_report_and_snapshot(
    parser: argparse.ArgumentParser, options: ReportOptions, snapshot: Path | None
) -> None:
    """Refuse to write either where something else is, or nothing can be."""
    require_report_file(parser, options)
    if snapshot is not None:
        _require_place(parser, "--publish", snapshot)
        if options.report is not None and is_same_file(options.report, snapshot):
            parser.error("--report and --publish must be two files")


def written(options: ReportOptions, report: str) -> str | None:
    """Write the report whole or not at all, before anything is printed; returns why that is not possible.

    A scheduler may read it at any time.
    """
    if options.report is not None:
        try:
            with replacing(options.report, options.report_mode) as file:
                file.write(f"{report}\n".encode())
        except OSError as failure:
            return f"The report cannot be written to {options.report}: {failure.strerror or failure}"
    return None
