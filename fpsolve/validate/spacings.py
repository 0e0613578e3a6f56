"""Spacings in units of their mean against a universal law."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fpsolve.errors import SampleError
from fpsolve.exact.surmise import surmise_cdf
from fpsolve.validate.cramer_von_mises import cramervonmises_tail
from fpsolve.validate.effective import pooled_size
from fpsolve.validate.kolmogorov_smirnov import largest_distance
from fpsolve.validate.null_tables import SURMISE, scaled_cramervonmises_tail, tail_probability
from fpsolve.validate.resampling import block_length_of, jackknife, memory_of

__all__ = ["SpacingReport", "judge_spacings"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SpacingReport:
    """Spacings s in units of a mean spacing, held against a law without parameters.

    Attributes
    ----------
    label : str
    count : int
        Spacings.
    n_effective : float
        Independent spacings that would fix the distribution function as well.
    mean, mean_error : float
        ⟨s⟩ before it was set to 1 where the scale is the sample's own, in the units of the spacings given.
    ratio, ratio_error : float
        ⟨s²⟩/⟨s⟩²: 4/π = 1.2732 for the Wigner surmise, 2 for levels that do not repel.
    ks, ks_p : float
        Kolmogorov–Smirnov distance and its p-value (None for correlated records).
    cramervonmises, cramervonmises_p : float
        n ∫(F_n − F)² dF and its p-value (None for correlated records).
    """

    label: str
    count: int
    n_effective: float
    mean: float
    mean_error: float
    ratio: float
    ratio_error: float
    ks: float
    ks_p: float | None
    cramervonmises: float
    cramervonmises_p: float | None

    def summary(self) -> str:
        """One line."""
        p_values = [
            "" if p is None else f" (p = {p:.3g})" for p in (self.ks_p, self.cramervonmises_p)
        ]  # fmt: skip
        return (
            f"{self.label or 'spacings'}: {self.count}, mean {self.mean:.6g} ± {self.mean_error:.2g}, "
            f"<s²>/<s>² {self.ratio:.4f} ± {self.ratio_error:.2g}, KS {self.ks:.4f}{p_values[0]}, "
            f"CvM {self.cramervonmises:.3f}{p_values[1]}"
        )


def judge_spacings(
    spacings: ArrayLike,
    cdf: Callable[[Array], Array] = surmise_cdf,
    *,
    scaled: bool = False,
    correlated: bool = False,
    label: str = "",
) -> SpacingReport:
    """Distances of spacings from a law, with p-values that know where the scale comes from.

    Parameters
    ----------
    spacings : array_like, shape (replica,) or (replica, spacing)
        Already in the units of `cdf` (a predicted mean, an unfolding by a law), or in any units with `scaled`.
    cdf : callable
        Distribution function of s; the Wigner surmise if not given.
    scaled : bool
        True: every column is divided by its own mean first, which draws the distribution functions together; p-values are
        then those of the null distributions with that scaling, made for the surmise and good for laws close to it.
    correlated : bool
        True if the replicas are a chain: errors from blocks, n_effective by the autocorrelation time, no p-value.
    label : str

    Raises
    ------
    SampleError
        Spacings that are negative, not finite or all zero, or too few replicas.
    """
    array = np.asarray(spacings, dtype=np.float64)
    array = array.reshape(array.shape[0], -1)
    means = np.mean(array, axis=0)
    if not np.all(np.isfinite(array)) or np.any(array < 0.0) or not np.all(means > 0.0):
        msg = "spacings must be finite and not negative, with a positive mean"
        raise SampleError(msg)
    s = array / means if scaled else array
    memory = memory_of(np.mean(s, axis=1), np.mean(s**2, axis=1)) if correlated else 1.0

    def numbers(part: Array) -> Array:
        mean = np.mean(part, axis=0)
        return np.array([np.mean(mean), np.mean(np.mean(part**2, axis=0) / mean**2)])

    estimate = jackknife(array, numbers, block_length=block_length_of(memory))
    uniform = cdf(s)
    size = (_scaled_size(s) if scaled else pooled_size(uniform)) / memory
    ordered = np.sort(uniform, axis=None)
    distance = largest_distance(ordered)
    middles = (2.0 * np.arange(1, ordered.size + 1) - 1.0) / (2.0 * ordered.size)
    square = size * (float(np.mean((middles - ordered) ** 2)) + 1.0 / (12.0 * ordered.size**2))
    p_values = (None, None) if correlated else _p_values(distance, square, size, scaled=scaled)
    return SpacingReport(
        label=label,
        count=ordered.size,
        n_effective=size,
        mean=float(estimate.value[0]),
        mean_error=float(estimate.error[0]),
        ratio=float(estimate.value[1]),
        ratio_error=float(estimate.error[1]),
        ks=distance,
        ks_p=p_values[0],
        cramervonmises=square,
        cramervonmises_p=p_values[1],
    )


def _scaled_size(s: Array) -> float:
    """Effective number of independent spacings when every column was scaled by its own mean.

    As `pooled_size`, with what the scaling adds to the scatter of F_n: replica r contributes
    c_r(s) + s f(s) (⟨s⟩_r − 1), whose variance for n independent spacings of the surmise is
    [u(1 − u) + 2a(u)c(u) + (4/π − 1)a(u)²]/n (see `null_tables`). Neighbouring spacings of a spectrum repel each other, so
    that their mean is far more rigid than their shape; the mean is what the scaling takes out.
    """
    replicas, columns = s.shape
    if columns == 1:
        return float(replicas)
    from scipy.special import gammainc

    u = (np.arange(63) + 1.0) / 64.0
    exponent = -np.log1p(-u)
    place, slope = np.sqrt(4.0 * exponent / np.pi), 2.0 * exponent * (1.0 - u)
    expected = u * (1.0 - u) + 2.0 * slope * (gammainc(1.5, exponent) - u) + (4.0 / np.pi - 1.0) * slope**2
    mean = np.mean(s, axis=1)
    variance = sum(float(np.var(np.mean(s <= x, axis=1) + a * mean, ddof=1)) for x, a in zip(place, slope, strict=True))
    return float(replicas * np.sum(expected) / variance) if variance > 0.0 else float(replicas)


def _p_values(distance: float, square: float, size: float, *, scaled: bool) -> tuple[float, float]:
    if scaled:
        return tail_probability(distance, size, SURMISE), scaled_cramervonmises_tail(square)
    from scipy.stats import kstwo  # slow to import

    return float(kstwo.sf(distance, max(round(size), 1))), cramervonmises_tail(square)
