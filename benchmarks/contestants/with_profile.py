"""The connector's command line with a clock and a scale for each step: where time and memory go.

Writes ``profile.json`` to the current folder: by step, the CPU seconds of the process during each call and
the largest resident memory meanwhile, in bytes; ``plan`` is part of ``extract``, ``state`` of several steps.
It knows private names of dlt and of ours, as there is no other way to tell these from the rest.
"""

import json
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


@dataclass
class Step:
    """What each call of a step took of the processor, and how much memory was resident meanwhile."""

    seconds: list[float] = field(default_factory=list)
    peak: int = 0
    depth: int = 0  # those that are called by one another are counted once

    def around(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method, measured."""

        @wraps(method)
        def measured(*args: Any, **kwargs: Any) -> Any:
            started = time.process_time()
            self.depth += 1
            try:
                return method(*args, **kwargs)
            finally:
                if self.depth == 1:
                    self.weigh()
                    self.seconds.append(time.process_time() - started)
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
    steps = {name: Step() for name in STEPS}
    for name, (owner, methods) in STEPS.items():
        for method in methods:
            setattr(owner, method, steps[name].around(getattr(owner, method)))
    threading.Thread(target=weigh_again_and_again, args=(steps,), daemon=True).start()
    code = run.main()
    profile = {name: asdict(step) for name, step in steps.items()}
    OUTPUT.write_text(json.dumps(profile), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
