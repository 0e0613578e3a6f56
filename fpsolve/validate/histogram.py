"""Histograms: counts of a sample beside the bin integrals of the prediction."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.validate.comparison import Comparison

__all__ = ["bin_edges", "histogram"]

Array = NDArray[np.float64]

_MOST_BINS = 400
_REACH = 12.0  # a heavy tail is cut this many interquartile ranges from the median; what lies beyond is counted apart


def bin_edges(comparison: Comparison) -> Array:
    """Freedman–Diaconis bins: width 2·IQR·n^{−1/3} over the range of the sample.

    Freedman and Diaconis, Z. Wahrscheinlichkeitstheorie 57 (1981) 453. At most 400 bins. A sample without an
    interquartile range gets bins of a fifth of the predicted standard deviation.
    """
    values = comparison.pooled
    lower, middle, upper = np.quantile(values, [0.25, 0.5, 0.75])
    spread = float(upper - lower)
    first, last = float(values[0]), float(values[-1])
    if spread > 0.0:
        first, last = max(first, middle - _REACH * spread), min(last, middle + _REACH * spread)
        width = 2.0 * spread * values.size ** (-1.0 / 3.0)
    else:
        width = comparison.std / 5.0
        first, last = middle - 0.5 * width, middle + 0.5 * width
    bins = int(np.clip(np.ceil((last - first) / width), 1, _MOST_BINS))
    return np.linspace(first, last, bins + 1)


def histogram(comparison: Comparison) -> dict[str, object]:
    """Count one comparison into bins beside the expected counts, as a figure draws them.

    Returns
    -------
    dict
        against, time, step, levels, label; edges, shape (bin + 1,); counts, shape (bin,); expected, shape (bin,): number
        of values times the *integral* of the predicted density over the bin (never its value at the midpoint);
        n_effective; below and above: pairs (counted, expected) outside the bins.
    """
    edges = bin_edges(comparison)
    values = comparison.pooled
    counts, _ = np.histogram(values, edges)
    outside = comparison.law.cdf(edges[[0, -1]])
    n = values.size
    return {
        "against": comparison.against,
        "time": comparison.time,
        "step": comparison.step,
        "levels": list(comparison.levels),
        "label": comparison.label,
        "edges": edges,
        "counts": counts.astype(np.int64),
        "expected": n * comparison.law.bin_masses(edges),
        "n_effective": comparison.n_effective,
        "below": (int(np.sum(values < edges[0])), n * float(outside[0])),
        "above": (int(np.sum(values > edges[-1])), n * float(1.0 - outside[1])),
    }
