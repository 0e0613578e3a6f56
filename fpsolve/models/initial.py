"""Initial laws, by the names that a case file uses."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fpsolve.errors import ModelError
from fpsolve.exact.tabulated import TabulatedLaw
from fpsolve.models.checks import ascending, count, finite, per_level, positive
from fpsolve.models.initial_gaussian import GaussianLaw
from fpsolve.models.initial_law import InitialLaw
from fpsolve.models.initial_pair import PairLaw
from fpsolve.models.initial_point import PointLaw
from fpsolve.models.initial_table import EmpiricalLaw, TableLaw
from fpsolve.models.initial_truncated import TruncatedLaw
from fpsolve.models.initial_wishart import WishartLaw

__all__ = [
    "EmpiricalLaw",
    "GaussianLaw",
    "InitialLaw",
    "PairLaw",
    "PointLaw",
    "TableLaw",
    "TruncatedLaw",
    "WishartLaw",
    "gaussian",
    "marchenko_pastur",
    "pair",
    "point",
    "samples",
    "tabulated",
    "truncated",
]

Array = NDArray[np.float64]


def gaussian(mean: float | Sequence[float], std: float | Sequence[float], *, levels: int | None = None) -> GaussianLaw:
    """Independent Gaussian levels, conditioned on their order (one level: a plain Gaussian).

    Parameters
    ----------
    mean, std : float or sequence of float
        One number, or one per level (lowest first); std > 0.
    levels : int, optional
        Number of levels; by default the length of the lists, or 1.

    Raises
    ------
    ModelError
        A std that is not positive, or lists of different lengths.
    """
    n = max(np.size(mean), np.size(std)) if levels is None else count("levels", levels)
    means = per_level("mean", mean, n)
    return GaussianLaw(means, tuple(positive("std", value) for value in per_level("std", std, n)))


def point(at: float | Sequence[float], *, levels: int | None = None) -> PointLaw:
    """Every level at a given place; a list ascends (ties allowed).

    Raises
    ------
    ModelError
        Places that do not ascend or are not finite.
    """
    n = np.size(at) if levels is None else count("levels", levels)
    return PointLaw(ascending("at", per_level("at", at, n)))


def marchenko_pastur(rows: int, variance: float, *, levels: int = 1) -> WishartLaw:
    """Levels of WᵀW for a random M×N matrix W with entries N(0, σ²): the exact law at finite size.

    Parameters
    ----------
    rows : int
        M ≥ N.
    variance : float
        σ² of one entry (a weight initialisation of std 0.1 has variance 0.01).
    levels : int
        N.

    Raises
    ------
    ModelError
        A parameter out of range, or fewer rows than levels.
    """
    rows, levels = count("rows", rows), count("levels", levels)
    if rows < levels:
        msg = f"a matrix of {rows} rows has at most {rows} levels, not {levels}: rows must be at least levels"
        raise ModelError(msg)
    return WishartLaw(rows, levels, positive("variance", variance))


def pair(mean: float, std: float) -> PairLaw:
    """Two levels with weight |x_1 − x_2| exp{−[(x_1 − mean)² + (x_2 − mean)²]/(2 std²)}.

    Raises
    ------
    ModelError
        A std that is not positive.
    """
    return PairLaw(finite("mean", mean), positive("std", std))


def tabulated(edges: ArrayLike, masses: ArrayLike) -> TableLaw:
    """One level with given cell masses, e.g. a stationary law; the masses are normalised.

    Parameters
    ----------
    edges : array_like, shape (cell + 1,)
        Increasing.
    masses : array_like, shape (cell,)
        Not negative, with a positive sum.

    Raises
    ------
    ModelError
        Shapes that do not fit, edges that do not increase, negative or vanishing masses.
    """
    edge_array, mass_array = np.asarray(edges, dtype=np.float64), np.asarray(masses, dtype=np.float64)
    if edge_array.ndim != 1 or mass_array.shape != (edge_array.size - 1,) or mass_array.size == 0:
        msg = f"n cells need n + 1 edges and n masses, not shapes {edge_array.shape} and {mass_array.shape}"
        raise ModelError(msg)
    if not np.all(np.diff(edge_array) > 0.0):
        msg = "the edges of a tabulated law must increase"
        raise ModelError(msg)
    if not (np.all(mass_array >= 0.0) and 0.0 < mass_array.sum() < np.inf):
        msg = "the masses of a tabulated law must be finite and not negative, with a positive sum"
        raise ModelError(msg)
    return TableLaw(TabulatedLaw.from_masses(edge_array, mass_array))


def samples(levels: ArrayLike) -> EmpiricalLaw:
    """Levels of an ensemble, every replica with the same weight, shape (replica,) or (replica, level).

    Raises
    ------
    ModelError
        No number, a number that is not finite, or more than two axes.
    """
    array = np.asarray(levels, dtype=np.float64)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or array.size == 0 or not np.all(np.isfinite(array)):
        msg = f"initial levels must be finite numbers with axes (replica, level), not shape {np.shape(levels)}"
        raise ModelError(msg)
    return EmpiricalLaw(np.sort(array, axis=1))


def truncated(law: InitialLaw, lower: float, upper: float) -> InitialLaw:
    """`law` conditioned on lying between two walls; `law` itself if it does so already.

    Raises
    ------
    ModelError
        If less than 10⁻⁴ of a single level's law lies between the walls.
    """
    if law.n == 1:
        low, high = law.support()
        if lower <= low and high <= upper:
            return law
    return TruncatedLaw(law, lower, upper)
