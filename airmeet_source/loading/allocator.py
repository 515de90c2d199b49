"""Memory: what has been freed goes back to the system."""

import ctypes
import sys

_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of <malloc.h>
_LARGE = 256 * 1024  # bytes


def give_back_large_blocks() -> None:
    """Have glibc return each large block to the system as soon as it is freed.

    Left alone, it keeps larger and larger ones, up to 32 MB, to use them again. The texts of dlt's state are
    written anew for each load package, always a little longer, and would leave hole after hole.
    """
    if sys.platform == "linux":
        libc = ctypes.CDLL(None)
        if hasattr(libc, "mallopt"):  # musl has none, and does so by itself
            libc.mallopt(_MMAP_THRESHOLD, _LARGE)
