"""The Bernoulli function B(z) = z/(e^z − 1), which turns a potential difference into a pair of jump rates."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import kernel

__all__ = ["bernoulli_pair"]

Array = NDArray[np.float64]

_LARGE = 800.0  # e^−800 is 0 in double precision; infinite differences are allowed too


@kernel
def bernoulli_pair(difference: Array, forward: Array, backward: Array) -> None:
    """Fill B(z) and B(−z) for every z, both ≥ 0, each to a few units in the last place.

    B(−z) is not formed as B(z) + z, which would lose the small one of the two: the ratio B(z)/B(−z) = e^{−z} (detailed
    balance) holds to rounding for every z; a result below the smallest number is 0.

    Parameters
    ----------
    difference : ndarray, shape (face,)
        z, the confinement upstream minus downstream.
    forward, backward : ndarray, shape (face,)
        B(z) and B(−z), overwritten.
    """
    for i in range(difference.shape[0]):
        z = difference[i]
        if z == 0.0:
            forward[i] = 1.0
            backward[i] = 1.0
        elif abs(z) > _LARGE:
            forward[i] = max(-z, 0.0)
            backward[i] = max(z, 0.0)
        else:
            forward[i] = z / math.expm1(z)
            backward[i] = -z / math.expm1(-z)
