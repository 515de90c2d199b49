"""The connector's command line with a clock around what dlt does to read and write state.

Writes the seconds to ``state_seconds.json`` in the current folder. It knows private names of dlt, as there is
no other way to tell the state from the rest of a load.
"""

import json
import sys
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from dlt.pipeline.pipeline import Pipeline

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "pipelines"))
import run

OUTPUT = Path("state_seconds.json")
STATE_METHODS = (
    "_get_state",
    "_save_state",
    "_bump_version_and_extract_state",
    "_restore_state_from_destination",
    "_save_restore_snapshot",
)


class Clock:
    """Seconds spent in methods, those that are called by one another counted once."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._depth = 0

    def around(self, method: Callable[..., Any]) -> Callable[..., Any]:
        """The method, measured."""

        @wraps(method)
        def measured(*args: Any, **kwargs: Any) -> Any:
            started = time.perf_counter()
            self._depth += 1
            try:
                return method(*args, **kwargs)
            finally:
                self._depth -= 1
                if not self._depth:
                    self.seconds += time.perf_counter() - started

        return measured


def main() -> int:
    """Run the command line."""
    clock = Clock()
    for name in STATE_METHODS:
        setattr(Pipeline, name, clock.around(getattr(Pipeline, name)))
    code = run.main()
    OUTPUT.write_text(json.dumps(clock.seconds), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
