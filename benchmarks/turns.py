"""Commands that take turns: while one runs the others stand still, and that time does not count.

A machine can be a third slower from one minute to the next. What is to be compared has to run at the same
time, and yet not beside one another.
"""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Turn:
    """Lets one command at a time run or stand still."""

    def __init__(self, *, is_given: bool) -> None:
        self._lock = threading.Lock()
        self._pid: int | None = None
        self._since = 0.0
        self._stood_still = 0.0
        self._is_over = False
        self.is_given = is_given

    def give(self) -> None:
        """The command may run."""
        with self._lock:
            if not self.is_given:
                self._stood_still += time.monotonic() - self._since
            self.is_given = True
            self._send(signal.SIGCONT)

    def take_away(self) -> None:
        """The command stands still."""
        with self._lock:
            self.is_given = False
            self._since = time.monotonic()
            self._send(signal.SIGSTOP)

    def begin(self, pid: int) -> None:
        """A command was started."""
        with self._lock:
            self._pid, self._stood_still = pid, 0.0
            if self._is_over:
                self._send(signal.SIGKILL)
            elif not self.is_given:
                self._since = time.monotonic()
                self._send(signal.SIGSTOP)

    def be_over(self) -> None:
        """The command is killed, if one is under way, and so is any other one that begins."""
        with self._lock:
            self._is_over = True
            self._send(signal.SIGKILL)

    def end(self) -> float:
        """The command has ended; returns the seconds for which it stood still."""
        with self._lock:
            self._pid = None
            return self._stood_still

    def _send(self, number: signal.Signals) -> None:
        if self._pid is not None:
            with suppress(ProcessLookupError):  # it ended just now
                os.kill(self._pid, number)


@dataclass(frozen=True)
class Lane(Generic[Value]):
    """Commands that run one after another, and the seconds that the lane has at a time."""

    commands: Sequence[Callable[[Turn], Value]]
    seconds: float


def take_turns(lanes: Sequence[Lane[Value]]) -> list[list[Value]]:
    """Run several lanes in turns.

    Returns:
        What the commands of each lane returned. If one raises an exception, the others are killed.
    """
    turns = [Turn(is_given=False) for _ in lanes]
    with ThreadPoolExecutor(len(lanes)) as pool:
        futures = [pool.submit(_run, lane, turn) for lane, turn in zip(lanes, turns, strict=True)]
        try:
            while not all(future.done() for future in futures):
                for lane, turn, future in zip(lanes, turns, futures, strict=True):
                    if not future.done():
                        turn.give()
                        wait([future], lane.seconds)
                        turn.take_away()
                    if future.done():
                        future.result()
        finally:
            for turn in turns:  # nothing may stand still for ever
                turn.be_over()
    return [future.result() for future in futures]


def _run(lane: Lane[Value], turn: Turn) -> list[Value]:
    return [command(turn) for command in lane.commands]
