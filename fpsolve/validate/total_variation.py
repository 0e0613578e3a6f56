"""Total variation of the binned laws."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.validate.comparison import Comparison, Finding
from fpsolve.validate.histogram import bin_edges

__all__ = ["binned_floor", "total_variation"]

Array = NDArray[np.float64]


def total_variation(comparison: Comparison) -> Finding:
    """½ Σ_bins |count/n − p|, p the integral of the predicted density over the bin.

    Freedman–Diaconis bins and one open bin at either end. Half the L1 distance, between 0 and 1. Most of its value is
    sampling noise; `floor` is what n_effective values of the prediction itself give on average in these bins, and
    `excess` the value less the floor.
    """
    values, edges = comparison.pooled, bin_edges(comparison)
    # A value on an edge belongs to the bin above it, but for the last edge, which closes the last bin.
    reached = np.searchsorted(values, edges)
    reached[-1] = np.searchsorted(values, edges[-1], side="right")
    counts = np.diff(reached, prepend=0, append=values.size)
    masses = np.diff(comparison.law.cdf(edges), prepend=0.0, append=1.0)
    value = 0.5 * float(np.sum(np.abs(counts / values.size - masses)))
    floor = binned_floor(masses, comparison.n_effective)
    # To first order the value moves with the mean of half the sign of a level's bin.
    signs = 0.5 * np.sign(counts / values.size - masses)
    bins = np.searchsorted(edges, comparison.values, side="right")
    bins[comparison.values == edges[-1]] = edges.size - 1
    extra: dict[str, object] = {
        "value_error": comparison.mean_error(signs[bins]),
        "floor": floor,
        "excess": value - floor,
        "bins": counts.size,
    }
    return Finding(value, None, comparison.n_effective, extra)


def binned_floor(masses: Array, n: float) -> float:
    """Return the expected ½ Σ |X/n − p| for binomial counts X of n values.

    E|X − np| = 2ν C(n, ν) p^ν (1 − p)^{n − ν + 1} with ν = ⌊np⌋ + 1 (de Moivre; Diaconis and Zabell, Statist. Sci. 6
    (1991) 284).
    """
    from scipy.special import gammaln

    size = max(round(n), 1)
    p = np.clip(masses[(masses > 0.0) & (masses < 1.0)], 1e-300, 1.0 - 1e-16)
    nu = np.minimum(np.floor(size * p) + 1.0, size)
    log_choose = gammaln(size + 1.0) - gammaln(nu + 1.0) - gammaln(size - nu + 1.0)
    log_deviation = np.log(2.0 * nu) + log_choose + nu * np.log(p) + (size - nu + 1.0) * np.log1p(-p)
    return 0.5 * float(np.sum(np.exp(log_deviation))) / size
