"""The connector's command line with a clock and a scale for each step: where time and memory go.

Writes ``profile.json`` to the current folder: by step, the CPU seconds of each call (of the whole process, or
of dlt's thread if it does all of it) and the largest resident memory meanwhile, in bytes. ``imports`` are
before all others; ``start`` is part of ``begin``, ``plan`` of ``extract``, ``state`` of several steps. What
normalising and loading the state's row takes is not told apart.
It knows private names of dlt and of ours, as there is no other way to tell these from the rest.
"""

import argparse
import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any

from airmeet_source.cli.imports import leave_out_unneeded, staying

leave_out_unneeded(argparse.Namespace(destination="duckdb"))
with staying():
    import psutil
    from dlt.pipeline.pipeline import Pipeline

    import airmeet_source.cli.running  # noqa: F401 - all that a run imports
    from airmeet_source.cli.main import call
    from airmeet_source.extract.feed import Feed
    from airmeet_source.extract.unit_states import UnitStates
    from airmeet_source.loading import packages, run
    from airmeet_source.loading.opened import Opened

OUTPUT = Path("profile.json")
STEPS: dict[str, Sequence[tuple[object, str]]] = {
    "start": [(Pipeline, "sync_destination")],  # the event list comes meanwhile
    "begin": [(Opened, "begin")],
    "plan": [(Feed, "_plan")],
    "extract": [(Pipeline, "extract")],
    "normalize": [(Pipeline, "normalize")],
    "load": [(Pipeline, "load")],
    "leftovers": [(packages, "clear_leftovers")],
    "views": [(run, "serve_analysts")],
    "log": [(run, "enter_run")],
    "state": [
        (UnitStates, "__init__"),
        (UnitStates, "pack"),
        (import_module("dlt.pipeline.pipeline"), "generate_state_version_hash"),
        (Pipeline, "_get_state"),
        (Pipeline, "_save_state"),
        (Pipeline, "_bump_version_and_extract_state"),
        (Pipeline, "_restore_state_from_destination"),
        (Pipeline, "_save_restore_snapshot"),
    ],
}
_ON_DLTS_THREAD = ("plan", "state")
_SAMPLE_SECONDS = 0.02


@dataclass
class Step:
    """What each call of a step took of the processor, and how much memory was resident meanwhile."""

    clock: Callable[[], float]
    seconds: list[float] = field(default_factory=list)
    peak: int = 0
    depth: int = 0  # those that are called by one another are counted once

    def around(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method, measured."""

        @wraps(method)
        def measured(*args: Any, **kwargs: Any) -> Any:
            started = self.clock()
            self.depth += 1
            try:
                return method(*args, **kwargs)
            finally:
                if self.depth == 1:
                    self.weigh()
                    self.seconds.append(self.clock() - started)
                self.depth -= 1

        return measured

    def weigh(self) -> None:
        """Take the memory that is resident now for the step's, if it is going on."""
        if self.depth:
            self.peak = max(self.peak, psutil.Process().memory_info().rss)


def weigh_again_and_again(steps: dict[str, Step]) -> None:
    """Weigh whichever step is going on."""
    while True:
        time.sleep(_SAMPLE_SECONDS)
        for step in steps.values():
            step.weigh()


def main() -> int:
    """Run the command line."""
    imports = time.process_time()
    steps = {name: Step(time.thread_time if name in _ON_DLTS_THREAD else time.process_time) for name in STEPS}
    for name, functions in STEPS.items():
        for owner, function in functions:
            setattr(owner, function, steps[name].around(getattr(owner, function)))
    threading.Thread(target=weigh_again_and_again, args=(steps,), daemon=True).start()
    code = call("load", sys.argv[1:], prog="airmeet load")
    profile = {name: {"seconds": step.seconds, "peak": step.peak} for name, step in steps.items()}
    profile["imports"] = {"seconds": [imports], "peak": 0}
    OUTPUT.write_text(json.dumps(profile), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
