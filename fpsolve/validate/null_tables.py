"""Null distributions of distances whose scale (and centre) was taken from the sample itself.

Fitting the scale draws the two distribution functions together, so the usual p-values would be far too large. The laws of
the pair are scale families, hence the distribution of D depends on the number of pairs n alone, and
z = D(√n + shift) has one distribution for all n ≥ 50 to 1 % of z. The tables are quantiles of z in simulated samples of
1000 pairs: 500 000 for the surmise (s = S/⟨S⟩) and 300 000 for the two-level semicircle (pooled levels, mean and variance
fitted).

The Cramér–von Mises distance T = n ∫(F_n − F)² dF of the scaled spacings tends to Σ λ_k Z_k², Z_k normal and λ_k the
eigenvalues of the covariance min(u, v) − uv + a(u)c(v) + c(u)a(v) + (4/π − 1)a(u)a(v), where a = s f(s) and
c = ⟨1(s' ≤ s)(s' − 1)⟩ at F(s) = u are what the scaling by the mean changes; its table holds quantiles of that limit,
right to 1 % of T from n = 50 on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["SEMICIRCLE", "SURMISE", "NullTable", "scaled_cramervonmises_tail", "tail_probability"]

_PROBABILITIES = np.array(
    [1.0, 0.999, 0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.07, 0.05, 0.03, 0.02, 0.01, 5e-3, 2e-3, 1e-3]
)  # fmt: skip


@dataclass(frozen=True)
class NullTable:
    """Quantiles of z = D(√n + shift): `quantiles[i]` is exceeded with probability `_PROBABILITIES[i]`."""

    shift: float
    quantiles: NDArray[np.float64]


SURMISE = NullTable(
    shift=0.28,
    quantiles=np.array(
        [0.0, 0.3404, 0.3932, 0.4522, 0.4900, 0.5419, 0.5840, 0.6236, 0.6630, 0.7051, 0.7538, 0.8141, 0.8535, 0.9047, 0.9473,
         0.9855, 1.0399, 1.0812, 1.1500, 1.2153, 1.2943, 1.3510]
    ),
)  # fmt: skip

SEMICIRCLE = NullTable(
    shift=0.19,
    quantiles=np.array(
        [0.0, 0.2243, 0.2571, 0.2916, 0.3129, 0.3423, 0.3655, 0.3872, 0.4087, 0.4319, 0.4580, 0.4909, 0.5120, 0.5400, 0.5634,
         0.5835, 0.6131, 0.6358, 0.6720, 0.7076, 0.7470, 0.7773]
    ),
)  # fmt: skip


_SURMISE_CRAMER_VON_MISES = np.array(
    [0.0, 0.01362, 0.01874, 0.02577, 0.03096, 0.03918, 0.04683, 0.05482, 0.06376, 0.07436, 0.08782, 0.10678, 0.12033, 0.13963,
     0.15682, 0.17322, 0.19844, 0.21873, 0.25392, 0.28968, 0.3377, 0.3745]
)  # fmt: skip


def tail_probability(distance: float, n: float, table: NullTable) -> float:
    """Probability that n pairs of the true law lie at least `distance` away.

    ln p is interpolated linearly in z², in which the tail of the supremum of a Gaussian process is straight; beyond the
    table (p < 1e-3) the last stretch is continued, which is the right order of magnitude and no more.
    """
    return _tail((distance * (np.sqrt(n) + table.shift)) ** 2, table.quantiles**2)


def scaled_cramervonmises_tail(statistic: float) -> float:
    """Probability that T of spacings of the surmise, scaled by their own mean, is at least `statistic`.

    Interpolated and continued as in `tail_probability`, in T, in which the tail of a sum of squares is straight.
    """
    return _tail(statistic, _SURMISE_CRAMER_VON_MISES)


def _tail(place: float, knots: NDArray[np.float64]) -> float:
    log_p = np.log(_PROBABILITIES)
    if place <= knots[-1]:
        return float(np.exp(np.interp(place, knots, log_p)))
    slope = (log_p[-1] - log_p[-4]) / (knots[-1] - knots[-4])
    return float(np.exp(log_p[-1] + slope * (place - knots[-1])))
