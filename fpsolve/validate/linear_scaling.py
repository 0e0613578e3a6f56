"""Linear scaling rule: σ² against α/B and ⟨S⟩ against √(α/B) with the predicted slope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fpsolve.errors import MethodError
from fpsolve.validate.pair_fit import PairFit

__all__ = ["LinearScaling", "StraightLine", "linear_scaling", "pair_scaling"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StraightLine:
    """Least squares y = intercept + slope·x, weights 1/error²; a diagnostic, not a prediction.

    Attributes
    ----------
    slope, slope_error, intercept, intercept_error : float
    reduced_chi2 : float
        χ²/(points − 2); nan for two points.
    """

    slope: float
    slope_error: float
    intercept: float
    intercept_error: float
    reduced_chi2: float


@dataclass(frozen=True)
class LinearScaling:
    """Measured y against y = slope·x with a predicted slope.

    Attributes
    ----------
    x, y, error : ndarray, shape (point,)
        `error` is the standard error of y.
    slope : ndarray, shape (point,)
        The prediction y/x at every point; all the same unless finite-step corrections are predicted too.
    line : StraightLine
        Free straight-line fit.
    factor, factor_error : float
        Best common factor y = factor·slope·x, 1 if the prediction holds.
    label : str
    """

    x: Array
    y: Array
    error: Array
    slope: Array
    line: StraightLine
    factor: float
    factor_error: float
    label: str = ""

    @property
    def z(self) -> Array:
        """(y − slope·x)/error, shape (point,)."""
        return np.asarray((self.y - self.slope * self.x) / self.error)

    @property
    def chi2(self) -> float:
        """Σ z²; nothing is fitted, so there are as many degrees of freedom as points."""
        return float(np.sum(self.z**2))

    @property
    def reduced_chi2(self) -> float:
        """χ² per point."""
        return self.chi2 / self.x.size

    @property
    def p_value(self) -> float:
        """Probability of a larger χ² if the prediction holds."""
        from scipy.special import chdtrc

        return float(chdtrc(self.x.size, self.chi2))

    def summary(self) -> str:
        """The test as text."""
        line = self.line
        return (
            f"{self.label or 'scaling'}: {self.x.size} points, chi2/n = {self.reduced_chi2:.2f} "
            f"(p = {self.p_value:.3g}) with the predicted slope\n"
            f"  measured/predicted {self.factor:.4f} ± {self.factor_error:.2g}\n"
            f"  free line: slope {line.slope:.5g} ± {line.slope_error:.2g}, "
            f"intercept {line.intercept:+.3g} ± {line.intercept_error:.2g}, chi2/(n - 2) = {line.reduced_chi2:.2f}"
        )


def linear_scaling(
    x: ArrayLike, y: ArrayLike, *, errors: ArrayLike, slope: ArrayLike, label: str = ""
) -> LinearScaling:
    """Test y = slope·x with a slope that is predicted, not fitted.

    Parameters
    ----------
    x, y, errors : array_like, shape (point,)
        At least two points; the y are independent.
    slope : array_like, scalar or shape (point,)
        The prediction; one number per point if it carries a finite-step correction.
    label : str

    Raises
    ------
    MethodError
        Fewer than two points or all at one x, other lengths, an error that is not positive.
    """
    abscissa, ordinate, error = (np.asarray(column, dtype=np.float64) for column in (x, y, errors))
    if abscissa.ndim != 1 or abscissa.shape != ordinate.shape or abscissa.shape != error.shape or np.ptp(abscissa) == 0:
        msg = "linear scaling needs x, y and errors of the same length, at two different x or more"
        raise MethodError(msg)
    if not np.all(error > 0.0):
        msg = "linear scaling needs positive errors"
        raise MethodError(msg)
    slopes = np.broadcast_to(np.asarray(slope, dtype=np.float64), abscissa.shape).copy()
    weights = error**-2.0
    predicted = slopes * abscissa
    norm = float(np.sum(weights * predicted**2))
    factor = float(np.sum(weights * predicted * ordinate)) / norm
    line = _line(abscissa, ordinate, weights)
    return LinearScaling(abscissa, ordinate, error, slopes, line, factor, norm**-0.5, label)


def pair_scaling(
    fits: Sequence[PairFit], ratios: ArrayLike, *, slope: ArrayLike
) -> tuple[LinearScaling, LinearScaling]:
    """σ² of the semicircle fits against α/B, and ⟨S⟩ against √(α/B).

    Parameters
    ----------
    fits : sequence of PairFit
        The same pair at several settings, from independent runs.
    ratios : array_like, shape (fit,)
        α/B.
    slope : array_like, scalar or shape (fit,)
        Predicted σ²/(α/B); ⟨S⟩ = √π σ then has the slope √(π·slope).

    Returns
    -------
    sigma2, spacing : LinearScaling
    """
    ratio = np.asarray(ratios, dtype=np.float64)
    slopes = np.asarray(slope, dtype=np.float64)
    sigma = np.array([fit.sigma for fit in fits])
    sigma_error = np.array([fit.sigma_error for fit in fits])
    spacing = np.array([fit.mean_spacing for fit in fits])
    spacing_error = np.array([fit.mean_spacing_error for fit in fits])
    return (
        linear_scaling(ratio, sigma**2, errors=2.0 * sigma * sigma_error, slope=slopes, label="sigma^2 against a/B"),
        linear_scaling(
            np.sqrt(ratio), spacing, errors=spacing_error, slope=np.sqrt(np.pi * slopes), label="<S> against sqrt(a/B)"
        ),
    )


def _line(x: Array, y: Array, weights: Array) -> StraightLine:
    total = float(np.sum(weights))
    centre = float(np.sum(weights * x)) / total
    spread = float(np.sum(weights * (x - centre) ** 2))
    slope = float(np.sum(weights * (x - centre) * y)) / spread
    middle = float(np.sum(weights * y)) / total
    residual = float(np.sum(weights * (y - middle - slope * (x - centre)) ** 2))
    return StraightLine(
        slope=slope,
        slope_error=spread**-0.5,
        intercept=middle - slope * centre,
        intercept_error=float(np.sqrt(1.0 / total + centre**2 / spread)),
        reduced_chi2=residual / (x.size - 2) if x.size > 2 else float("nan"),
    )
