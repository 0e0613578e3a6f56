"""Chi-square numbers of any number of degrees of freedom from a counter-based stream."""

from __future__ import annotations

import math

import numpy as np

from fpsolve.kernels._jit import kernel
from fpsolve.kernels.normals import normal_pair, threefry

__all__ = ["chi_square"]

# Slots of the stream that nothing else uses: normals and uniforms for these draws.
NORMALS, UNIFORMS = np.uint64(1 << 60), np.uint64((1 << 60) + 1)
ULP = 2.0**-53
MOST_SQUARES = 8.0


@kernel
def _uniform(key0: np.uint64, key1: np.uint64, counter: int) -> float:
    """A number from {1, …, 2^53}/2^53, all equally likely."""
    word = threefry(key0, key1, np.uint64(counter), UNIFORMS)[0]
    return np.float64((word >> np.uint64(11)) + np.uint64(1)) * ULP


@kernel
def chi_square(freedom: float, key0: np.uint64, key1: np.uint64, counter: int) -> tuple[float, int]:
    """Draw χ² with `freedom` ≥ 0 degrees of freedom, not necessarily whole.

    A small whole number is a sum of squared normals; anything else is twice a gamma number of shape freedom/2 by
    rejection (G. Marsaglia and W. W. Tsang, ACM Trans. Math. Softw. 26 (2000) 363), shapes below 1 by their boost.

    Parameters
    ----------
    freedom : float
        Degrees of freedom.
    key0, key1 : uint64
        Key of the stream.
    counter : int
        Where the stream stands.

    Returns
    -------
    value : float
    counter : int
        Where the stream stands afterwards.
    """
    if freedom == 0.0:
        return 0.0, counter
    if freedom <= MOST_SQUARES and freedom == math.floor(freedom):
        total, left = 0.0, int(freedom)
        while left > 0:
            first, second = normal_pair(key0, key1, np.uint64(counter), NORMALS)
            total += first * first + (second * second if left > 1 else 0.0)
            left, counter = left - 2, counter + 1
        return total, counter
    shape, boost = 0.5 * freedom, 1.0
    if shape < 1.0:
        boost = _uniform(key0, key1, counter) ** (1.0 / shape)
        shape, counter = shape + 1.0, counter + 1
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        x = normal_pair(key0, key1, np.uint64(counter), NORMALS)[0]
        u = _uniform(key0, key1, counter)
        counter += 1
        v = (1.0 + c * x) ** 3
        if v > 0.0 and math.log(u) < 0.5 * x * x + d * (1.0 - v + math.log(v)):
            return 2.0 * d * v * boost, counter
