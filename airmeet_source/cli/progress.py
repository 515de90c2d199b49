"""What is going on: bars on a terminal, plain lines in a log."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from airmeet_source.extract.extraction import Extraction

_BARS_EVERY = 0.25  # seconds
_LINES_EVERY = 15.0


@contextmanager
def shown(kind: str, console: Console, extraction: Extraction) -> Iterator[None]:
    """Show progress while the context lasts, as ``kind`` says: auto, bars, lines or off."""
    if kind == "auto":
        kind = "bars" if console.is_terminal else "lines"
    if kind == "off":
        yield
    elif kind == "lines":
        with _repeated(_LINES_EVERY, lambda: console.print(_line(extraction), highlight=False)):
            yield
    else:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("units · {task.fields[facts]}"),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=console, transient=True) as progress:
            task = progress.add_task("Airmeet", total=None, facts="")

            def update() -> None:
                ended, total = _units(extraction)
                progress.update(
                    task,
                    description="Airmeet" if extraction.extracting else "loading",
                    completed=ended,
                    total=total or None,
                    facts=_facts(extraction),
                )

            with _repeated(_BARS_EVERY, update):
                yield


@contextmanager
def _repeated(seconds: float, action: Callable[[], None]) -> Iterator[None]:
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


def _units(extraction: Extraction) -> tuple[int, int]:
    tally = extraction.log.tally
    return tally.units.total(), tally.planned


def _line(extraction: Extraction) -> str:
    ended, total = _units(extraction)
    return f"{ended:,} of {total:,} units done, {_facts(extraction)}"


def _facts(extraction: Extraction) -> str:
    if extraction.events is None:
        return "reading the event list"
    facts = [f"{extraction.log.tally.records:,} rows", f"{extraction.client.requests:,} requests"]
    waiting, pause = extraction.scheduler.waiting()
    if waiting and pause is not None:
        facts.append(f"{waiting:,} wait for Airmeet, next ask in {pause:.0f} s")
    retrying, pause = extraction.scheduler.retrying()
    if retrying and pause is not None:
        facts.append(f"{retrying:,} failed so far, next attempt in {pause:.0f} s")
    silence = extraction.scheduler.silence()
    if silence:
        facts.append(f"silent for {silence:.0f} s, as Airmeet asks")
    return ", ".join(facts)
