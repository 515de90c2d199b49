"""How a command ends that was under way: what went wrong, the file of its report, its exit code."""

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

from airmeet_source.cli.failures import as_error, in_full
from airmeet_source.cli.log_lines import LogLines, tell_error
from airmeet_source.cli.report_file import ReportOptions, written
from airmeet_source.disclosure.exceptions import traced
from airmeet_source.errors import AirmeetError, FileTaken

_WITH_TRACEBACK = ("TRACE", "DEBUG")  # levels of the log


class Ended(NamedTuple):
    """What went wrong, if anything, and where, if that is to be told."""

    error: AirmeetError | None = None
    trace: str = ""


class Reported(Protocol):
    """What a command reports."""

    @property
    def exit_code(self) -> int:
        """The exit code that goes with it."""

    def as_json(self) -> str:
        """The report as JSON text."""


AnyReport = TypeVar("AnyReport", bound=Reported)


def attempt(perform: Callable[[], object], log_level: str) -> Ended:
    """Do what a command is for."""
    try:
        perform()
    except (AirmeetError, KeyboardInterrupt) as raised:
        return Ended(as_error(raised), traced(raised) if log_level in _WITH_TRACEBACK else "")
    return Ended()


def conclude(
    options: ReportOptions,
    lines: LogLines,
    report: AnyReport,
    ended: Ended,
    tell: Callable[[AnyReport], None],
    *,
    is_written: bool = True,
) -> int:
    """Write the report, tell how the command ended, and return its exit code.

    Args:
        options: name the file, if there is one.
        lines: the log.
        report: what the command reports.
        ended: what went wrong.
        tell: tells what the report says.
        is_written: whether the report belongs into the file.
    """
    unwritten = None
    if is_written and not isinstance(ended.error, FileTaken):
        unwritten = written(options, report.as_json())
    tell(report)
    if ended.error is not None:
        tell_error(lines, in_full(ended.error), ended.trace)
    if unwritten is not None:
        tell_error(lines, unwritten)
        return report.exit_code or 1
    return report.exit_code
