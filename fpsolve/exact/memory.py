"""How much memory a calculation may take."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["usable_memory"]

_PART = 0.8
_UNKNOWN = 4 * 1024**3  # bytes of a machine that does not tell
_CONFINED = Path("/sys/fs/cgroup/memory.max")


def usable_memory() -> int:
    """Bytes that a calculation may take: 80 % of the memory of this machine, or of the control group that confines it.

    Where neither is known, of 4 GiB.
    """
    try:
        size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        size = _UNKNOWN
    try:
        size = min(size, int(_CONFINED.read_text()))
    except (OSError, ValueError):
        # No such file, or "max".
        return int(_PART * size)
    return int(_PART * size)
