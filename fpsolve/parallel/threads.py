"""One thread of linear algebra in this process, so that sums are made in the same order as in a worker."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np
import scipy

__all__ = ["one_thread"]

_NAMES = ("openblas_{}_num_threads", "scipy_openblas_{}_num_threads", "scipy_openblas_{}_num_threads64_")


@contextmanager
def one_thread() -> Iterator[None]:
    """Let the OpenBLAS libraries that come with numpy and scipy use one thread inside.

    The number of threads decides how a matrix product is cut into sums, and so its last bits. Other libraries of linear
    algebra (Accelerate, MKL) are left as they are.
    """
    controls = _controls()
    before = [count() for count, _ in controls]
    try:
        for _, limit in controls:
            limit(1)
        yield
    finally:
        for (_, limit), threads in zip(controls, before, strict=True):
            limit(threads)


@cache
def _controls() -> tuple[tuple[Callable[[], int], Callable[[int], None]], ...]:
    """Functions that tell and set the number of threads, one pair a library."""
    found = []
    for package in (np, scipy):
        folder = Path(str(package.__file__)).parent
        for file in sorted(
            [*folder.with_name(f"{folder.name}.libs").glob("*openblas*"), *folder.glob(".dylibs/*openblas*")]
        ):
            # Loaded already, so this is a second name for the same library.
            library = ctypes.CDLL(str(file))
            found += [
                (getattr(library, name.format("get")), getattr(library, name.format("set")))
                for name in _NAMES
                if hasattr(library, name.format("set"))
            ]
    return tuple(found)
