"""Updates of a block in kernel calls that are short enough to be interrupted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import TrainingError

__all__ = ["run_updates"]

Array = NDArray[np.float64]
Kernel = Callable[[int, Array, NDArray[np.int64]], int]


def run_updates(
    kernel: Kernel,
    learning_rate: Array,
    batch_size: NDArray[np.int64],
    *,
    updates: range,
    weights: Array,
) -> None:
    """Do the updates start … stop − 1 of ``updates = range(start, stop, stride)``, `stride` of them a call.

    Parameters
    ----------
    kernel : callable
        ``kernel(begin, rates, batches)`` does the updates begin, begin + 1, … and returns how many were done before W
        became non-finite.
    learning_rate, batch_size : ndarray, shape (update,)
        α and B of every update from the first of the training on.
    updates : range
        Which ones to do.
    weights : ndarray
        What the kernel advances in place.

    Raises
    ------
    TrainingError
        An entry of W became non-finite.
    """
    for begin in updates:
        part = slice(begin, min(begin + updates.step, updates.stop))
        done = kernel(begin, np.ascontiguousarray(learning_rate[part]), np.ascontiguousarray(batch_size[part]))
        if not np.all(np.isfinite(weights)):
            rate, batch = learning_rate[begin + done - 1], batch_size[begin + done - 1]
            msg = (
                f"training diverged: W became non-finite at update {begin + done} with learning_rate = {rate:g} and "
                f"batch_size = {batch}; lower learning_rate or raise batch_size"
            )
            raise TrainingError(msg)
