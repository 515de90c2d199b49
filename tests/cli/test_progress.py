"""The progress lines: what a run waits for."""

import io
import re
import time
from types import SimpleNamespace
from typing import Any, cast

import pytest
from rich.console import Console

from airmeet_source.api.answers import Answer, Failed, Pending
from airmeet_source.api.reading import Reading, Unit
from airmeet_source.api.retrying import Patience
from airmeet_source.api.scheduler import Scheduler
from airmeet_source.cli import progress
from airmeet_source.extract.sync_log import Tally
from airmeet_source.resources import RESOURCES

PATIENCE = Patience(pending_wait=300.0, pending_timeout=1800.0, max_attempts=6, backoff=60.0)
WAITS: dict[str, tuple[Answer, str]] = {
    "for a result": (Pending(), r"1 wait for Airmeet, next ask in (299|300) s"),
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
        events=[], log=SimpleNamespace(tally=Tally()), client=SimpleNamespace(requests=1), scheduler=scheduler
    )
    unit = Unit("tracks", "e1")
    scheduler.submit(Reading(unit=unit, endpoint=RESOURCES["tracks"].endpoint, deliver_to="tracks"))
    lines = io.StringIO()
    with progress.shown("lines", Console(file=lines, width=200), cast(Any, run)):
        for _ in range(200):
            if re.search(told, lines.getvalue()):
                break
            time.sleep(0.02)
    scheduler.close()

    assert re.search(told, lines.getvalue())
