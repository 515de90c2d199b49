"""Memory that was freed goes back to the system."""

import subprocess
import sys

import pytest

# how many blocks are mapped one by one: `hblks` of the C library's `mallinfo`, less what was before
GIVE_BACK = "from airmeet_source.loading import allocator\nallocator.give_back_large_blocks()"
REUSE = """
import ctypes
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
libc.malloc.argtypes = [ctypes.c_size_t]

class Mallinfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_int) for name in "arena ordblks smblks hblks hblkhd a b c d e".split()]

libc.mallinfo.restype = Mallinfo
libc.free(libc.malloc(8_000_000))
before = libc.mallinfo().hblks
libc.malloc(7_000_000)
print(libc.mallinfo().hblks - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems' allocators are left alone")
@pytest.mark.parametrize(
    ("before", "mapped"),
    [("", 0), (GIVE_BACK, 1)],
)
def test_a_large_block_is_not_kept_for_the_next_one(before: str, mapped: int) -> None:
    program = [sys.executable, "-c", before + REUSE]
    told = subprocess.run(program, check=True, capture_output=True, text=True)
    assert int(told.stdout) == mapped
