"""Run a command as a process of its own and measure CPU, wall time and memory of its whole process tree."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from turns import Turn

_SAMPLE_SECONDS = 0.05
# a package that is installed is compiled already; ours would otherwise be compiled anew by each run
_AS_INSTALLED = {"PYTHONDONTWRITEBYTECODE": ""}


class ContestantFailed(Exception):
    """A command ended with another exit code than zero."""


@dataclass(frozen=True)
class Measured:
    """What a command cost: CPU and wall time in seconds, the largest resident memory in bytes."""

    cpu: float
    wall: float
    peak: int


def measure(
    command: Sequence[str | Path], environment: Mapping[str, str], folder: Path, turn: Turn | None = None
) -> Measured:
    """Run a command to its end; with others in turns, if there is a ``turn``.

    CPU is user and system time of the process and of all its children that it waited for. Memory is sampled
    twenty times a second: the kernel's own peak of a new process begins with that of the one that started it.

    Raises:
        ContestantFailed: it failed; the message has the end of what it printed.
    """
    with (folder / "output.txt").open("wb") as output:
        started = time.monotonic()
        process = subprocess.Popen(
            [str(word) for word in command],
            env={**os.environ, **_AS_INSTALLED, **environment},
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            turn = turn or Turn(is_given=True)
            turn.begin(process.pid)
            sampler = _Sampler(process.pid, turn)
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.monotonic() - started - turn.end()
            process.returncode = os.waitstatus_to_exitcode(status)
            peak = sampler.stop()
        finally:
            process.kill()  # if it has not ended, as we were interrupted
    if process.returncode:
        printed = (folder / "output.txt").read_text(encoding="utf-8", errors="replace")
        raise ContestantFailed(f"{command[1]} ended with exit code {process.returncode}:\n{printed[-4000:]}")
    return Measured(usage.ru_utime + usage.ru_stime, wall, peak)


class _Sampler(threading.Thread):
    """Watches the resident memory of a process and its descendants."""

    def __init__(self, pid: int, turn: Turn) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._turn = turn
        self._ended = threading.Event()
        self._peak = 0
        self.start()

    def run(self) -> None:
        """Sample until stopped."""
        while not self._ended.wait(_SAMPLE_SECONDS):
            if self._turn.is_given:
                self._peak = max(self._peak, self._resident())

    def stop(self) -> int:
        """End; returns the peak in bytes."""
        self._ended.set()
        self.join()
        return self._peak

    def _resident(self) -> int:
        try:
            root = psutil.Process(self._pid)
            tree = [root, *root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return 0
        total = 0
        for process in tree:
            try:
                total += process.memory_info().rss
            except (psutil.NoSuchProcess, psutil.AccessDenied):
                continue
        return total
