"""Ratio of neighbouring spacings: repulsion seen without any unfolding."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fpsolve.errors import SampleError
from fpsolve.exact.spacing_ratio import (
    GOE_BULK_RATIO,
    GOE_TRIPLET_RATIO,
    POISSON_RATIO,
    goe_ratio_cdf,
    poisson_ratio_cdf,
)
from fpsolve.validate.effective import pooled_size
from fpsolve.validate.kolmogorov_smirnov import largest_distance
from fpsolve.validate.resampling import block_length_of, deviation, jackknife, memory_of

__all__ = ["SpacingRatio", "spacing_ratio"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SpacingRatio:
    """⟨r⟩, r_i = min(S_i, S_{i+1})/max(S_i, S_{i+1}) of neighbouring spacings, over all i and replicas.

    Attributes
    ----------
    mean, error : float
        ⟨r⟩ with its standard error by jackknife over replicas.
    goe : float
        Reference with repulsion (β = 1): 0.5359, exact, for three levels, 0.5307 in the bulk of more.
    poisson : float
        Reference without repulsion, 0.3863.
    goe_distance, poisson_distance : float
        Kolmogorov–Smirnov distances of r from the law of three levels with β = 1 and from 2/(1 + r)².
    count : int
        Ratios.
    n_effective : float
        Independent ratios that would fix the distribution function as well.
    """

    mean: float
    error: float
    goe: float
    poisson: float
    goe_distance: float
    poisson_distance: float
    count: int
    n_effective: float

    @property
    def goe_z(self) -> float:
        """(⟨r⟩ − goe)/error."""
        return deviation(self.mean - self.goe, self.error)

    @property
    def poisson_z(self) -> float:
        """(⟨r⟩ − poisson)/error."""
        return deviation(self.mean - self.poisson, self.error)

    def summary(self) -> str:
        """One line."""
        return (
            f"<r> = {self.mean:.4f} ± {self.error:.2g} from {self.count} ratios; "
            f"repelling {self.goe:.4f} (z = {self.goe_z:+.1f}), independent {self.poisson:.4f} (z = {self.poisson_z:+.1f})"
        )


def spacing_ratio(levels: ArrayLike, *, correlated: bool = False) -> SpacingRatio:
    """Spacing ratios of spectra (V. Oganesyan, D. A. Huse, Phys. Rev. B 75 (2007) 155111; arXiv:1212.5611).

    The references are those of levels whose mean density does not change over three neighbours: a degenerate cluster, or
    the bulk of many levels. Levels with centres of their own have no universal ratio.

    Parameters
    ----------
    levels : array_like, shape (replica, level)
        Three levels or more, in any order.
    correlated : bool
        True if the replicas are a chain in their order.

    Raises
    ------
    SampleError
        Fewer than three levels, levels that are not finite or all coincide, or too few replicas.
    """
    array = np.asarray(levels, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] < 3 or not np.all(np.isfinite(array)):
        msg = (
            f"spacing ratios need finite levels of shape (replica, level) with three levels or more, not {array.shape}"
        )
        raise SampleError(msg)
    spacings = np.diff(np.sort(array, axis=1), axis=1)
    larger = np.maximum(spacings[:, 1:], spacings[:, :-1])
    if np.any(larger == 0.0):
        msg = "three neighbouring levels coincide: they have no spacing ratio"
        raise SampleError(msg)
    ratios = np.minimum(spacings[:, 1:], spacings[:, :-1]) / larger
    memory = memory_of(np.mean(ratios, axis=1)) if correlated else 1.0
    estimate = jackknife(ratios, np.mean, block_length=block_length_of(memory))
    uniform = goe_ratio_cdf(ratios)
    return SpacingRatio(
        mean=float(estimate.value[0]),
        error=float(estimate.error[0]),
        goe=GOE_TRIPLET_RATIO if array.shape[1] == 3 else GOE_BULK_RATIO,
        poisson=POISSON_RATIO,
        goe_distance=largest_distance(np.sort(uniform, axis=None)),
        poisson_distance=largest_distance(np.sort(poisson_ratio_cdf(ratios), axis=None)),
        count=ratios.size,
        n_effective=pooled_size(uniform) / memory,
    )
