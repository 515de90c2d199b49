"""Whether work grows with the length of what it is given, and no faster."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_TIMES = 4
_TOO_SHORT = 0.02  # seconds: below this the clock says little
_MOST = 2.5  # times the growth of the input: what is quadratic has four, and far more where it matters


def grows_too_fast(make: Callable[[int], T], work: Callable[[T], object], length: int) -> bool:
    """Whether four times the input takes far more than four times the work.

    Work that takes too little time to be measured grows slowly enough.
    """
    short, long = make(length), make(_TIMES * length)
    for _ in range(3):  # what else the machine does only makes it look slower
        after = _seconds(work, long)
        if after < _TOO_SHORT or after < _TIMES * _MOST * _seconds(work, short):
            return False
    return True


def _seconds(work: Callable[[T], object], given: T) -> float:
    started = time.thread_time()
    work(given)
    return time.thread_time() - started
