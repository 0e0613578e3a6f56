"""Ratio of neighbouring spacings, which needs no unfolding."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "GOE_BULK_RATIO",
    "GOE_TRIPLET_RATIO",
    "POISSON_RATIO",
    "goe_ratio_cdf",
    "goe_ratio_pdf",
    "poisson_ratio_cdf",
]

Array = NDArray[np.float64]

POISSON_RATIO = 2.0 * float(np.log(2.0)) - 1.0
"""⟨r⟩ = 0.3863 of levels that do not repel."""

GOE_TRIPLET_RATIO = 4.0 - 2.0 * float(np.sqrt(3.0))
"""⟨r⟩ = 0.5359 of a real symmetric 3×3 Gaussian matrix, exact for three degenerate levels with β = 1."""

GOE_BULK_RATIO = 0.5307
"""⟨r⟩ in the bulk of large real symmetric Gaussian matrices, ±0.0001 (arXiv:1212.5611, table I)."""


def goe_ratio_pdf(r: Array) -> Array:
    """Density (27/4)(r + r²)/(1 + r + r²)^{5/2} on [0, 1] of r = min(S, S')/max(S, S') for three levels with β = 1.

    arXiv:1212.5611, eq. 7 with β = 1, folded on [0, 1]. Exact for 3×3 matrices; in the bulk of large ones the mean is lower by
    0.005.
    """
    r = np.asarray(r, dtype=np.float64)
    return np.where((r < 0.0) | (r > 1.0), 0.0, 6.75 * (r + r * r) / (1.0 + r + r * r) ** 2.5)


def goe_ratio_cdf(r: Array) -> Array:
    """Distribution function 1 + u(1 − 3/q)/√q with u = r + ½, q = 1 + r + r²."""
    r = np.clip(np.asarray(r, dtype=np.float64), 0.0, 1.0)
    q = 1.0 + r + r * r
    return np.asarray(1.0 + (r + 0.5) * (1.0 - 3.0 / q) / np.sqrt(q))


def poisson_ratio_cdf(r: Array) -> Array:
    """Distribution function 2r/(1 + r) for levels that do not repel."""
    r = np.clip(np.asarray(r, dtype=np.float64), 0.0, 1.0)
    return np.asarray(2.0 * r / (1.0 + r))
