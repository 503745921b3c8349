"""Memory that a process no longer needs, given back to the machine."""

import ctypes
import gc
import sys
from contextlib import suppress

import pyarrow as pa

ARENAS, MAPPED = (-8, 2), (-3, 1 << 20)
"""Of the C library (glibc, malloc.h: M_ARENA_MAX, M_MMAP_THRESHOLD): few heaps; what is large is mapped, and gone once freed."""
SPARING = {"_RJEM_MALLOC_CONF": "narenas:2,dirty_decay_ms:500,muzzy_decay_ms:0,background_thread:true"}
"""The environment in which Polars gives back at once what it has freed; it is read before anything of ours runs."""


def keep_little() -> None:
    """Have what is freed given back rather than kept for later. To be called before there are threads."""
    pa.set_memory_pool(pa.system_memory_pool())
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library
            for option in (ARENAS, MAPPED):
                ctypes.CDLL(None).mallopt(*option)


def give_back() -> None:
    """Give back what was freed and is kept for later: Arrow's pool, and the C library's where it can (glibc)."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
