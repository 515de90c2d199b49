"""The connector's command line with a clock and a scale for each step: where time and memory go.

Writes ``profile.json`` to the current folder: by step, the seconds of each call and the largest resident
memory meanwhile, in bytes; ``plan`` is part of ``extract``, ``state`` of several steps. Also a yardstick: the
CPU seconds that the same short computation took again and again, for processors are not equally fast all the
time. It knows private names of dlt and of ours, as there is no other way to tell these from the rest.
"""

import itertools
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import wraps
from pathlib import Path
from typing import Any

import psutil
from dlt.pipeline.pipeline import Pipeline

from airmeet_source.feed import Feed

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "pipelines"))
import loading
import run

OUTPUT = Path("profile.json")
STEPS: dict[str, tuple[object, tuple[str, ...]]] = {
    "start": (Pipeline, ("sync_destination",)),  # the event list comes meanwhile
    "plan": (Feed, ("_plan",)),
    "extract": (Pipeline, ("extract",)),
    "normalize": (Pipeline, ("normalize",)),
    "load": (Pipeline, ("load",)),
    "leftovers": (loading, ("clear_leftovers",)),
    "state": (
        Pipeline,
        (
            "_get_state",
            "_save_state",
            "_bump_version_and_extract_state",
            "_restore_state_from_destination",
            "_save_restore_snapshot",
        ),
    ),
}
_SAMPLE_SECONDS = 0.02
_SAMPLES_PER_YARDSTICK = 10
_YARDSTICK = 50_000  # numbers to add: about a millisecond


@dataclass
class Step:
    """How long each call of a step lasted, and how much memory was resident meanwhile."""

    seconds: list[float] = field(default_factory=list)
    peak: int = 0
    depth: int = 0  # those that are called by one another are counted once

    def around(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method, measured."""

        @wraps(method)
        def measured(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            self.depth += 1
            try:
                return method(*args, **kwargs)
            finally:
                if self.depth == 1:
                    self.weigh()
                    self.seconds.append(time.perf_counter() - started)
                self.depth -= 1

        return measured

    def weigh(self) -> None:
        """Take the memory that is resident now for the step's, if it is going on."""
        if self.depth:
            self.peak = max(self.peak, psutil.Process().memory_info().rss)


def weigh_again_and_again(steps: dict[str, Step], yardstick: list[float]) -> None:
    """Weigh whichever step is going on, and measure how fast the processor is.

    Not during a load: DuckDB's own threads would make it look slow.
    """
    for sample in itertools.count():
        time.sleep(_SAMPLE_SECONDS)
        for step in steps.values():
            step.weigh()
        if sample % _SAMPLES_PER_YARDSTICK == 0 and not steps["load"].depth:
            started = time.thread_time()
            sum(range(_YARDSTICK))
            yardstick.append(time.thread_time() - started)


def main() -> int:
    """Run the command line."""
    steps = {name: Step() for name in STEPS}
    for name, (owner, methods) in STEPS.items():
        for method in methods:
            setattr(owner, method, steps[name].around(getattr(owner, method)))
    yardstick: list[float] = []
    threading.Thread(target=weigh_again_and_again, args=(steps, yardstick), daemon=True).start()
    code = run.main()
    profile = {
        "steps": {name: asdict(step) for name, step in steps.items()},
        "yardstick": statistics.fmean(yardstick),
    }
    OUTPUT.write_text(json.dumps(profile), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
