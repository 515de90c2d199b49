"""Runs side by side: a process for each community, started when there is room, and stopped together.

Processes rather than threads: dlt keeps its configuration, the active pipeline and the handling of signals
for the process as a whole. Keys travel in the environment and in files, never on a command line.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

from airmeet_source.cli.community import Ended, Message, Said, Underway, load_one
from airmeet_source.cli.load_options import LoadOptions
from airmeet_source.cli.running import order_of
from airmeet_source.cli.signals import on_signals
from airmeet_source.communities import pipeline_of
from airmeet_source.errors import AirmeetError, Interrupted, LoadFailed
from airmeet_source.loading.report import Report
from airmeet_source.loading.run import Run

_LOOK_EVERY = 0.25  # seconds
_VANISHED = """\
Its process ended with exit code {code} and said nothing more; a negative one is the signal that ended it.
What was complete is kept: run again."""


@dataclass
class OneRun:
    """The run of one community."""

    name: str
    process: SpawnProcess
    connection: "Connection[None, Message]"
    underway: str = "begins"
    end: Ended | None = None


class SideBySide:
    """The runs of several communities."""

    def __init__(self, options: LoadOptions, names: Sequence[str], kind: str) -> None:
        self._options = options
        self.kind = kind
        self._context = multiprocessing.get_context("spawn")
        self.names = names
        self.runs: dict[str, OneRun] = {}  # those that have begun, by name
        self.stopped_by: int | None = None  # a signal

    def carry_out(self, say: Callable[[str, Said], None], show: Callable[[], None]) -> list[Ended]:
        """Carry out all of them.

        Args:
            say: called with each line of each run.
            show: called now and then.

        Returns:
            How each of them ended, in the order of their names.
        """
        with self._stopping_all():
            while self._start_more() or self._under_way():
                for run in self._that_have_news():
                    self._take(run, say)
                show()
        return [self._end_of(name) for name in self.names]

    def _under_way(self) -> list[OneRun]:
        return [run for run in self.runs.values() if run.end is None]

    def _start_more(self) -> bool:
        """Start what there is room for; whether anything was started."""
        waiting = [name for name in self.names if name not in self.runs and self.stopped_by is None]
        room = self._options.jobs - len(self._under_way())
        for name in waiting[: max(room, 0)]:
            ours, theirs = self._context.Pipe(duplex=False)
            process = self._context.Process(
                target=load_one, args=(self._options_of(name), theirs, self.kind), name=f"airmeet {name}"
            )
            process.start()
            theirs.close()
            self.runs[name] = OneRun(name, process, ours)
        return bool(waiting[: max(room, 0)])

    def _options_of(self, name: str) -> LoadOptions:
        # the others have the destination in turn, each for as long as one run waits for one other
        patience = self._options.lock_timeout * min(self._options.jobs, len(self.names))
        return replace(self._options, communities=(), community=name, lock_timeout=patience)

    def _that_have_news(self) -> list[OneRun]:
        by_connection = {run.connection: run for run in self._under_way()}
        return [by_connection[ready] for ready in wait([*by_connection], _LOOK_EVERY)]  # type: ignore[index]

    def _take(self, run: OneRun, say: Callable[[str, Said], None]) -> None:
        try:
            message = run.connection.recv()
        except (EOFError, OSError):  # it is no more
            run.process.join()
            code = run.process.exitcode
            message = Ended(
                self._failed(run.name, LoadFailed(_VANISHED.format(code=code))), may_be_written=True
            )
        if isinstance(message, Said):
            say(run.name, message)
        elif isinstance(message, Underway):
            run.underway = message.text
        else:
            run.end = message
            run.connection.close()
            run.process.join()

    def _end_of(self, name: str) -> Ended:
        run = self.runs.get(name)
        if run is not None and run.end is not None:
            return run.end
        error = Interrupted(self.stopped_by or 0)
        return Ended(self._failed(name, error), may_be_written=True)

    def _failed(self, name: str, error: AirmeetError) -> Report:
        """The report of a run that cannot give one."""
        report = Run(order_of(self._options_of(name))).report(error)
        return replace(report, pipeline=pipeline_of(name))

    @contextmanager
    def _stopping_all(self) -> Iterator[None]:
        """Hand signals on, as often as they come: the first one lets runs load what is complete."""

        def stop(number: int) -> None:
            self.stopped_by = self.stopped_by or number
            for run in self._under_way():
                if run.process.pid is not None:
                    with suppress(ProcessLookupError):
                        os.kill(run.process.pid, number)

        with on_signals(stop):
            try:
                yield
            finally:
                for run in self._under_way():
                    run.process.kill()
                    run.process.join()
