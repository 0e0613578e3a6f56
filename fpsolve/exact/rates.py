"""Relaxation rates of the classical level gases, with their multiplicities, for any Dyson index."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

__all__ = ["dyson_rates", "jacobi_rates", "laguerre_rates", "partitions"]

Array = NDArray[np.float64]


def partitions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """Yield the partitions of `total` into at most `parts` parts, each descending and padded with zeros to `parts`."""

    def descend(rest: int, most: int, places: int) -> Iterator[tuple[int, ...]]:
        """Yield the partitions of `rest` into `places` parts, none larger than `most`."""
        if places == 0:
            if rest == 0:
                yield ()
            return
        for first in range(min(rest, most), -1, -1):
            for tail in descend(rest - first, first, places - 1):
                yield (first, *tail)

    yield from descend(total, total, parts)


def _harmonic(unit: float, levels: int, count: int) -> Array:
    """Rates unit · n, each as often as n has partitions into at most `levels` parts."""
    found: list[float] = []
    total = 0
    while len(found) < count:
        found += [unit * total] * sum(1 for _ in partitions(total, levels))
        total += 1
    return np.array(found[:count])


def dyson_rates(stiffness: float, *, levels: int, count: int) -> Array:
    """Lowest `count` rates Ω n of N levels in one harmonic well (rate 0 included), ascending, for any β.

    The generator is triangular in symmetric polynomials, graded by degree, so a rate n Ω has as many eigenfunctions as n
    has partitions into at most N parts (the type A Calogero–Sutherland spectrum).
    """
    return _harmonic(stiffness, levels, count)


def laguerre_rates(weight_decay: float, *, levels: int, count: int) -> Array:
    """Lowest `count` rates 2λ n of N Laguerre levels (rate 0 included), ascending, for any β and number of rows."""
    return _harmonic(2.0 * weight_decay, levels, count)


def jacobi_rates(strength: float, *, p: float, q: float, beta: float, levels: int, count: int) -> Array:
    """Lowest `count` rates c Σ_i κ_i(κ_i + p + q + 1 + β(N − i)) of N Jacobi levels, κ a partition, ascending."""
    found: list[float] = []
    total = 0
    while True:
        # Among partitions of n the rate is least for the flattest one, and that least rate grows with n: once it
        # exceeds the count-th rate found, no later partition can come below.
        rates = [
            strength * sum(k * (k + p + q + 1.0 + beta * (levels - i)) for i, k in enumerate(kappa, start=1))
            for kappa in partitions(total, levels)
        ]
        found = sorted(found + rates)
        if len(found) > count and min(rates) > found[count - 1]:
            return np.array(found[:count])
        total += 1
