"""Memory that a process no longer needs, given back to the machine."""

import ctypes
import gc
import sys
from contextlib import suppress

import pyarrow as pa


def give_back() -> None:
    """Give back what was freed and is kept for later: Arrow's pool, and the C library's where it can (glibc)."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
