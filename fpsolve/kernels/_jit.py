"""The decorators of every compiled kernel.

Options, and why:

- ``cache``: compiled once per machine. Numba does not notice that a kernel called from another file has changed;
  after editing `normals.py`, clear the cache of its callers too.
- ``error_model="numpy"``: a division by zero gives inf or nan as in NumPy, and loops with divisions can be vectorised.
- ``nogil``: other Python threads run meanwhile. Kernels are single-threaded; parallelism is over processes.
- ``fastmath`` is off. It would make isnan return False and undo compensated sums, and it would let the compiler fuse
  or reorder sums differently in a loop's vector body and in its remainder: then a replica's numbers would depend on
  which other replicas share its block.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

__all__ = ["inlined", "kernel", "python_of"]

Function = TypeVar("Function", bound=Callable[..., Any])

_OPTIONS: dict[str, Any] = {"cache": True, "error_model": "numpy", "nogil": True}


def kernel(function: Function) -> Function:
    """Compile a kernel on its first call (no eager signatures: importing stays cheap)."""
    return cast("Function", njit(**_OPTIONS)(function))


def inlined(function: Function) -> Function:
    """Compile a helper that is always inlined, so that a loop calling it can still be vectorised."""
    return cast("Function", njit(forceinline=True, **_OPTIONS)(function))


def python_of(compiled: Function) -> Function:
    """Return the Python function behind a kernel; the kernel itself where NUMBA_DISABLE_JIT is set."""
    return cast("Function", getattr(compiled, "py_func", compiled))
