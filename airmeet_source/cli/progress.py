"""What is going on: a bar on a terminal, plain lines in a log."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from airmeet_source.cli.log_lines import LogLines
from airmeet_source.extract.extraction import Extraction

_BARS_EVERY = 0.25  # seconds
_LINES_EVERY = 15.0
_SHORTEST_BAR, _LONGEST_BAR = 10, 40  # columns


@contextmanager
def shown(kind: str, lines: LogLines, extraction: Extraction) -> Iterator[None]:
    """Show progress while the context lasts, as ``kind`` says: auto, bars, lines or off."""
    console = lines.console
    if kind == "auto":
        kind = "bars" if console.is_terminal and not lines.as_json else "lines"
    if kind == "off":
        yield
    elif kind == "lines":
        with repeated(_LINES_EVERY, lambda: lines.say(logging.INFO, line_of(extraction))):
            yield
    else:
        with Live(Display(extraction), console=console, refresh_per_second=1 / _BARS_EVERY, transient=True):
            yield


@contextmanager
def repeated(seconds: float, action: Callable[[], None]) -> Iterator[None]:
    """Run an action again and again in a thread, while dlt has the main one."""
    ended = threading.Event()

    def repeat() -> None:
        while not ended.wait(seconds):
            action()

    thread = threading.Thread(target=repeat, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class Display:
    """One line, however narrow the terminal is: what does not fit is left out, the least telling first."""

    def __init__(self, extraction: Extraction) -> None:
        self._extraction = extraction
        self._spinner = Spinner("dots")
        self._began = time.monotonic()
        self.look()

    def look(self) -> None:
        """See how far it is. Not while the line is drawn: who holds the scheduler's lock may log a line."""
        tally = self._extraction.log.tally
        self._facts = [*_facts(self._extraction)]
        self._ended, self._planned = tally.units.total(), tally.planned

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The line as of the last look."""
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        facts = [*self._facts[:-2], f"{minutes}:{seconds:02}", *self._facts[-2:]]
        spinner = "-" if options.ascii_only else self._spinner.render(console.get_time())
        told = fitting(facts, options.max_width - 2)
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_row(
            spinner,
            Text(told, no_wrap=True, overflow="ellipsis"),
            *self._bar(options.max_width - 4 - cell_len(told)),
        )
        yield grid

    def _bar(self, room: int) -> Sequence[ProgressBar]:
        if room < _SHORTEST_BAR:
            return ()
        is_open = not self._planned
        total, width = None if is_open else self._planned, min(room, _LONGEST_BAR)
        return (ProgressBar(total, self._ended, width=width, pulse=is_open),)


def fitting(facts: Sequence[str], width: int) -> str:
    """The first of the facts, and of the others what fits into a width, in their order."""
    told = facts[0]
    for fact in facts[1:]:
        if cell_len(told) + 3 + cell_len(fact) <= width:
            told = f"{told} · {fact}"
    return told


def line_of(extraction: Extraction) -> str:
    """How far a run is, in a line."""
    return ", ".join(_facts(extraction))


def _facts(extraction: Extraction) -> Iterator[str]:
    """What there is to say, the most telling first: what is done, what is waited for, and how much came."""
    if extraction.events is None:
        yield "reading the event list"
    else:
        tally = extraction.log.tally
        doing = "" if extraction.extracting else ", loading"
        yield f"{tally.units.total():,} of {tally.planned:,} units done{doing}"
    waiting, pause = extraction.scheduler.waiting()
    if waiting and pause is not None:
        yield f"{waiting:,} wait for Airmeet, next ask in {pause:.0f} s"
    silence = extraction.scheduler.silence()
    if silence:
        yield f"silent for {silence:.0f} s, as Airmeet asks"
    retrying, pause = extraction.scheduler.retrying()
    if retrying and pause is not None:
        yield f"{retrying:,} failed so far, next attempt in {pause:.0f} s"
    yield f"{extraction.log.tally.records:,} rows"
    yield f"{extraction.client.requests:,} requests"
