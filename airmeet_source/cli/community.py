"""One of several communities: its run in a process of its own, which tells another one how it goes."""

import io
import os
import signal
import threading
from contextlib import AbstractContextManager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait

from airmeet_source.cli.environment import prepare
from airmeet_source.cli.failures import in_full
from airmeet_source.cli.imports import leave_out_unneeded
from airmeet_source.cli.load_options import LoadOptions
from airmeet_source.cli.log_lines import LogLines, tell_error
from airmeet_source.cli.output import safe_output
from airmeet_source.cli.progress import line_of, repeated, shown
from airmeet_source.cli.running import attempt_run, order_of
from airmeet_source.disclosure.credentials import learn_configuration
from airmeet_source.errors import FileTaken
from airmeet_source.extract.extraction import Extraction
from airmeet_source.loading.report import Report
from airmeet_source.loading.run import Run

_PROGRESS_EVERY = 0.5  # seconds


@dataclass(frozen=True)
class Said:
    """A line of the run."""

    text: str
    is_error: bool


@dataclass(frozen=True)
class Underway:
    """How far the run is, for a table that shows it."""

    text: str


@dataclass(frozen=True)
class Ended:
    """The end of the run."""

    report: Report
    may_be_written: bool  # not where the file of the report belongs to somebody else


Message = Said | Underway | Ended


def load_one(options: LoadOptions, connection: "Connection[Message, None]", kind: str) -> None:
    """Load one community; the last message is its report.

    Args:
        options: the command line, for this community.
        connection: where the messages go.
        kind: how progress is shown.
    """
    if hasattr(os, "setsid"):
        os.setsid()  # or the terminal would stop it behind the back of the process that looks after it
    _stop_without_parent()
    leave_out_unneeded(options)
    messages = _Messages(connection)
    with (
        redirect_stdout(_Lines(messages, is_error=False)),
        redirect_stderr(_Lines(messages, is_error=True)),
        safe_output(),
    ):
        learn_configuration()
        lines = prepare(options)
        run = Run(order_of(options))
        lines.run_id, lines.community = run.run_id, options.community
        error, trace = attempt_run(run, options, lambda extraction: _told(kind, messages, lines, extraction))
        if error is not None:
            tell_error(lines, in_full(error), trace)
    messages.send(Ended(run.report(error), not isinstance(error, FileTaken)))


def _told(
    kind: str, messages: "_Messages", lines: LogLines, extraction: Extraction
) -> AbstractContextManager[None]:
    if kind == "bars":
        return repeated(_PROGRESS_EVERY, lambda: messages.send(Underway(line_of(extraction))))
    return shown(kind, lines, extraction)


def _stop_without_parent() -> None:
    """Stop cleanly if nobody looks after the run any more."""
    parent = parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


class _Messages:
    """The connection, for several threads; nobody has to listen."""

    def __init__(self, connection: "Connection[Message, None]") -> None:
        self._connection = connection
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        with self._lock, suppress(OSError):
            self._connection.send(message)


class _Lines(io.TextIOBase):
    """A standard stream whose lines are messages."""

    encoding = "utf-8"

    def __init__(self, messages: _Messages, *, is_error: bool) -> None:
        self._messages = messages
        self._is_error = is_error
        self._begun = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._begun = (self._begun + text).split("\n")
        for line in lines:
            self._messages.send(Said(line, self._is_error))
        return len(text)
