"""Parameters of a degenerate pair with their errors: semicircle fit, σ from the spacing, cumulant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fpsolve.errors import MethodError, SampleError
from fpsolve.exact.semicircle_two_level import BINDER
from fpsolve.results import Sample
from fpsolve.validate.groups import check_groups
from fpsolve.validate.resampling import block_length_of, deviation, jackknife, memory_of
from fpsolve.validate.semicircle_fit import fit_semicircle

__all__ = ["PairFit", "fit_pair", "fit_pairs", "pair_levels"]

Array = NDArray[np.float64]

_ROOT_PI = float(np.sqrt(np.pi))


@dataclass(frozen=True)
class PairFit:
    """What a sample of a degenerate pair says about P(x_1, x_2) ∝ |x_1 − x_2| exp{−[(x_1 − c)² + (x_2 − c)²]/(2σ²)}.

    Every number treats the two levels alike, so that sorting them biases nothing. Errors are standard errors by jackknife
    over replicas.

    Attributes
    ----------
    replicas : int
    centre, centre_error : float
        c of the semicircle fit: largest likelihood of both levels pooled.
    sigma, sigma_error : float
        σ of the same fit.
    sigma_joint, sigma_joint_error : float
        σ of largest likelihood of the joint law, {Σ[(x_1 − c)² + (x_2 − c)²]/(3R)}^{1/2} about the pooled mean c: the
        sharpest estimate, σ/√(6R) if the law is right.
    mean_spacing, mean_spacing_error : float
        ⟨S⟩, S = |x_2 − x_1|.
    sigma_spacing, sigma_spacing_error : float
        ⟨S⟩/√π, the σ that the mean spacing means.
    sigma_difference, sigma_difference_error : float
        sigma − sigma_spacing with the error of the difference: the two come from the same levels and move together.
    u4, u4_error : float
        ⟨y⁴⟩/(3⟨y²⟩²) − 1 of both levels pooled, y = x − u4_centre: 0 for a Gaussian, −4/27 = −0.148 for a degenerate pair
        (negative: flatter than a Gaussian). The usual Binder cumulant 1 − ⟨y⁴⟩/(3⟨y²⟩²) is −u4.
    u4_centre : float
        The centre given, or the pooled mean of the sample.
    blocks : int
        Independent parts of the sample behind the errors.
    label : str
    """

    replicas: int
    centre: float
    centre_error: float
    sigma: float
    sigma_error: float
    sigma_joint: float
    sigma_joint_error: float
    mean_spacing: float
    mean_spacing_error: float
    sigma_spacing: float
    sigma_spacing_error: float
    sigma_difference: float
    sigma_difference_error: float
    u4: float
    u4_error: float
    u4_centre: float
    blocks: int
    label: str = ""

    @property
    def sigma_z(self) -> float:
        """(sigma − sigma_spacing) in units of its error: the consistency of semicircle and spacing."""
        return deviation(self.sigma_difference, self.sigma_difference_error)

    @property
    def u4_z(self) -> float:
        """(u4 + 4/27) in units of its error."""
        return deviation(self.u4 - BINDER, self.u4_error)

    def z(self, sigma: float) -> float:
        """(sigma_joint − σ) in units of its error, for a predicted σ: the sharpest test of the prediction."""
        return deviation(self.sigma_joint - sigma, self.sigma_joint_error)

    def summary(self) -> str:
        """The fit as text, one line per number."""
        rows = (
            ("centre, semicircle fit", self.centre, self.centre_error, ""),
            ("sigma, semicircle fit", self.sigma, self.sigma_error, ""),
            ("sigma, joint law", self.sigma_joint, self.sigma_joint_error, ""),
            ("sigma, mean spacing", self.sigma_spacing, self.sigma_spacing_error, f"fit differs by z = {self.sigma_z:+.2f}"),
            ("mean spacing", self.mean_spacing, self.mean_spacing_error, ""),
            ("U4 (Gaussian 0)", self.u4, self.u4_error, f"from -4/27 by z = {self.u4_z:+.2f}"),
        )  # fmt: skip
        head = f"{self.label + ': ' if self.label else ''}{self.replicas} replicas, errors from {self.blocks} blocks"
        lines = [f"{name:<24}{value:>13.6g} ± {error:<10.2g}{note}".rstrip() for name, value, error, note in rows]
        return "\n".join([head, *lines])


def fit_pair(levels: ArrayLike, *, centre: float | None = None, correlated: bool = False, label: str = "") -> PairFit:
    """Fit a degenerate pair.

    Parameters
    ----------
    levels : array_like, shape (replica, 2)
        The two levels in any order.
    centre : float, optional
        Centre about which U₄ is taken, e.g. μ² − κ; the pooled mean of the sample if not given. The fits never use it.
    correlated : bool
        True if the replicas are a chain in their order: errors then come from blocks of ten autocorrelation times.
    label : str
        Name shown by `summary`.

    Raises
    ------
    SampleError
        Not two levels, numbers that are not finite, levels that are all the same, too few replicas for errors.
    """
    pair = pair_levels(levels)
    start = fit_semicircle(pair)
    place, scale = start
    y = (pair - place) / scale  # in units of the fit, so that the cumulant of a narrow pair far from 0 loses no digits
    origin = None if centre is None else (centre - place) / scale

    def numbers(part: Array) -> Array:
        """All estimates of the record from some of the replicas, in units of the fit."""
        fitted = fit_semicircle(part, (0.0, 1.0))
        about = part - np.mean(part)
        joint = np.sqrt(np.mean(about**2) / 1.5)
        spacing = float(np.mean(np.abs(part[:, 1] - part[:, 0])))
        from_centre = about if origin is None else part - origin
        second, fourth = np.mean(from_centre**2), np.mean(from_centre**4)
        u4 = fourth / (3.0 * second**2) - 1.0
        return np.array([*fitted, joint, spacing, spacing / _ROOT_PI, fitted[1] - spacing / _ROOT_PI, u4])

    memory = memory_of(np.mean(y, axis=1), np.mean(y**2, axis=1), np.abs(y[:, 1] - y[:, 0])) if correlated else 1.0
    estimate = jackknife(y, numbers, block_length=block_length_of(memory))
    value, error = estimate.value * scale, estimate.error * scale
    return PairFit(
        replicas=pair.shape[0],
        centre=place + float(value[0]),
        centre_error=float(error[0]),
        sigma=float(value[1]),
        sigma_error=float(error[1]),
        sigma_joint=float(value[2]),
        sigma_joint_error=float(error[2]),
        mean_spacing=float(value[3]),
        mean_spacing_error=float(error[3]),
        sigma_spacing=float(value[4]),
        sigma_spacing_error=float(error[4]),
        sigma_difference=float(value[5]),
        sigma_difference_error=float(error[5]),
        u4=float(estimate.value[6]),
        u4_error=float(estimate.error[6]),
        u4_centre=float(np.mean(pair)) if centre is None else centre,
        blocks=estimate.blocks,
        label=label,
    )


def fit_pairs(
    sample: Sample, groups: Sequence[Sequence[int]], *, centres: Sequence[float] | None = None
) -> tuple[PairFit, ...]:
    """Fit every degenerate pair of the last record of a sample.

    Parameters
    ----------
    sample : Sample
        Marked ``correlated``, its replicas (or the records of its one replica) are a chain.
    groups : sequence of sequence of int
        E.g. ``groups_of(kappa)``; groups of other than two levels are passed over.
    centres : sequence of float, optional
        One per *level* of the sample, e.g. μ² − κ: the centres of the cumulants.

    Raises
    ------
    MethodError
        No group of two levels, groups that do not fit the sample, or degenerate levels with different centres.
    SampleError
        As `fit_pair`.
    """
    count = sample.levels.shape[2]
    chosen = [group for group in check_groups(groups, count) if len(group) == 2]
    if not chosen:
        msg = f"no group of {[list(group) for group in groups]} is a pair of two levels"
        raise MethodError(msg)
    if centres is not None and len(centres) != count:
        msg = f"{len(centres)} centres were given for {count} levels"
        raise MethodError(msg)
    chain = sample.correlated and sample.levels.shape[0] == 1
    record = sample.levels[0] if chain else sample.levels[:, -1]
    return tuple(
        fit_pair(
            record[:, list(group)],
            centre=None if centres is None else float(np.mean([centres[level] for level in group])),
            correlated=sample.correlated,
            label=f"levels {group[0]}, {group[1]}",
        )
        for group in chosen
    )


def pair_levels(levels: ArrayLike) -> Array:
    """Check levels of a pair, shape (replica, 2).

    Raises
    ------
    SampleError
        Another shape, or numbers that are not finite.
    """
    array = np.asarray(levels, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 2 or array.shape[0] == 0:
        msg = f"the levels of a pair must have the shape (replica, 2), not {array.shape}"
        raise SampleError(msg)
    if not np.all(np.isfinite(array)):
        msg = "the levels of a pair must be finite"
        raise SampleError(msg)
    return array
