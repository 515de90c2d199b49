"""The progress lines: what a run waits for."""

import io
import re
import time
from collections import Counter
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.cells import cell_len
from rich.console import Console

from airmeet_source.api.answers import Answer, Failed, Pending
from airmeet_source.api.reading import Reading, Unit
from airmeet_source.api.retrying import Patience
from airmeet_source.api.scheduler import Scheduler
from airmeet_source.cli import progress
from airmeet_source.cli.log_lines import LogLines
from airmeet_source.extract.sync_log import Tally
from airmeet_source.resources import RESOURCES

PATIENCE = Patience(pending_wait=300.0, pending_timeout=1800.0, max_attempts=6, backoff=60.0)
WAITS: dict[str, tuple[Answer, str]] = {
    "for a result": (Pending(), r"1 wait for Airmeet, next ask in [1-5] s"),
    "after an error": (Failed("HTTP 503"), r"1 failed so far, next attempt in \d\d s"),
    "for a busy server": (Failed("HTTP 503", 900.0), r"1 failed so far, next attempt in (899|900) s"),
    "in silence": (Failed("HTTP 429", 900.0, throttled=True), r"silent for (899|900) s, as Airmeet asks"),
}


@pytest.mark.parametrize("kind", WAITS)
def test_what_a_run_waits_for_is_on_the_progress_lines(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given, told = WAITS[kind]
    monkeypatch.setattr(progress, "_LINES_EVERY", 0.01)
    scheduler = Scheduler(lambda *_: given, 1, PATIENCE)
    run = SimpleNamespace(
        events=[],
        extracting=True,
        log=SimpleNamespace(tally=Tally()),
        client=SimpleNamespace(requests=1),
        scheduler=scheduler,
    )
    unit = Unit("tracks", "e1")
    scheduler.submit(Reading(unit=unit, endpoint=RESOURCES["tracks"].endpoint, deliver_to="tracks"))
    written = io.StringIO()
    lines = LogLines(Console(file=written, width=200), as_json=False)
    with progress.shown("lines", lines, cast(Any, run)):
        for _ in range(200):
            if re.search(told, written.getvalue()):
                break
            time.sleep(0.02)
    scheduler.close()

    assert re.search(told, written.getvalue())
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC INFO ", written.getvalue())


class Busy:
    """A run with so much to say that no terminal is wide enough."""

    extracting = True
    events = ()
    client = SimpleNamespace(requests=123_456)
    log = SimpleNamespace(tally=Tally(planned=12_520, records=12_345_678, units=Counter({"loaded": 1_204})))
    scheduler = SimpleNamespace(
        waiting=lambda: (1_230, 299.0), silence=lambda: 61.0, retrying=lambda: (17, 12.0)
    )


@pytest.mark.parametrize("width", [40, 66, 80, 100, 120, 200])
def test_a_narrow_terminal_keeps_what_is_done_waiting_and_next(width: int) -> None:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    with console.capture() as capture:
        console.print(progress.Display(cast(Any, Busy())))
    line = capture.get().rstrip("\n")

    assert "\n" not in line
    assert cell_len(line) <= width
    assert "1,204 of 12,520 units" in line
    assert ("1,230 wait for Airmeet, next ask in 299 s" in line) == (width > 66)
    assert ("123,456 requests" in line) == (width == 200)
