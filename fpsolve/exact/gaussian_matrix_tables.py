"""Marginals and spacings of a Gaussian matrix of any size, from exact samples, with standard errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from fpsolve.exact.gaussian_matrix import GaussianMatrix
from fpsolve.exact.skewed_matrix import SkewedMatrix

__all__ = ["MatrixTables", "matrix_tables", "pair_masses", "spacing_edges"]

Array = NDArray[np.float64]

_BATCHES = 16
_REACH = 7.5  # standard deviations of the common shift beyond the outermost sample
_FINE = 16  # points per standard deviation of the common shift
_SHIFTS = 4  # common shifts drawn for every sample of a pair


@dataclass(frozen=True)
class MatrixTables:
    """Tables of the levels of a `GaussianMatrix`; every error is a standard error, from independent batches.

    Attributes
    ----------
    edges : ndarray, shape (level, cell + 1)
        Cell edges of every level.
    masses, masses_error : ndarray, shape (level, cell)
        Probability of every cell.
    total_edges : ndarray, shape (bin + 1,)
        Cell edges for all levels together.
    total_masses : ndarray, shape (bin,)
        Probabilities of a level drawn at random.
    mean, mean_error, std, std_error : ndarray, shape (level,)
        Moments of every level.
    spacing_edges : ndarray, shape (level − 1, bin + 1)
        Edges of S_i = x_{i+1} − x_i, from 0.
    spacing_masses, spacing_masses_error : ndarray, shape (level − 1, bin)
        Probabilities of the spacings.
    mean_spacing, mean_spacing_error : ndarray, shape (level − 1,)
        ⟨S_i⟩.
    correlation : ndarray, shape (level − 1,)
        Correlation coefficients of adjacent levels.
    distribution_error : float
        Largest standard error of the distribution function of a level.
    """

    edges: Array
    masses: Array
    masses_error: Array
    total_edges: Array
    total_masses: Array
    mean: Array
    mean_error: Array
    std: Array
    std_error: Array
    spacing_edges: Array
    spacing_masses: Array
    spacing_masses_error: Array
    mean_spacing: Array
    mean_spacing_error: Array
    correlation: Array
    distribution_error: float


def matrix_tables(
    law: GaussianMatrix | SkewedMatrix,
    levels: Array,
    *,
    cells: int = 400,
    bins: int = 128,
    domain: tuple[float, float] | None = None,
) -> MatrixTables:
    """Tabulate marginals and spacings from samples of the matrix without its common shift.

    The common shift t of variance s² is independent of the rest of the matrix, so it is integrated exactly: the marginal
    density is the mean of N(x; λ_i, s²) over the samples λ_i. That is smooth, has no bias, and its error is that of a
    smooth average. Spacings do not contain the shift; they are histograms.

    Parameters
    ----------
    law : GaussianMatrix or SkewedMatrix
        Two levels or more.
    levels : ndarray, shape (sample, level)
        From `GaussianMatrix.sample_without_shift`, at least 16 samples.
    cells, bins : int
        Cells per level, and per spacing.
    domain : pair of float, optional
        Ends of all tables of levels; by default every level has its own, 7.5 s beyond its outermost sample.
    """
    size = levels.shape[0] // _BATCHES
    batches = levels[: size * _BATCHES].reshape(_BATCHES, size, law.n)
    width = float(np.sqrt(law.shift_variance))
    ends = np.stack([levels.min(axis=0) - _REACH * width, levels.max(axis=0) + _REACH * width], axis=1)
    if domain is not None:
        ends[:] = domain
    edges = np.array([np.linspace(low, high, cells + 1) for low, high in ends])
    total_edges = np.linspace(ends[:, 0].min(), ends[:, 1].max(), 2 * cells + 1)
    found = [_level_masses(batches[:, :, i], edges[i], law.shift_variance) for i in range(law.n)]
    masses, distribution_error = np.array([part[0] for part in found]), max(part[2] for part in found)
    pooled = [_level_masses(batches[:, :, i], total_edges, law.shift_variance)[0] for i in range(law.n)]
    spacing = np.diff(batches, axis=2)
    steps = np.array([spacing_edges(spacing[:, :, i].min(), spacing[:, :, i].max(), bins) for i in range(law.n - 1)])
    counts = [[np.histogram(row, bins=steps[i])[0] / size for row in spacing[:, :, i]] for i in range(law.n - 1)]
    shares = np.array(counts)
    variances = batches.var(axis=1) + law.shift_variance
    total = levels.var(axis=0) + law.shift_variance
    deviation = levels - levels.mean(axis=0)
    covariance = np.mean(deviation[:, 1:] * deviation[:, :-1], axis=0) + law.shift_variance
    return MatrixTables(
        edges=edges,
        masses=masses,
        masses_error=np.array([part[1] for part in found]),
        total_edges=total_edges,
        total_masses=np.mean(pooled, axis=0),
        mean=levels.mean(axis=0),
        mean_error=_error(batches.mean(axis=1)),
        std=np.sqrt(total),
        std_error=_error(np.sqrt(variances)),
        spacing_edges=steps,
        spacing_masses=shares.mean(axis=1),
        spacing_masses_error=_error(shares.transpose(1, 0, 2)),
        mean_spacing=np.diff(levels.mean(axis=0)),
        mean_spacing_error=_error(spacing.mean(axis=1)),
        correlation=covariance / np.sqrt(total[1:] * total[:-1]),
        distribution_error=distribution_error,
    )


def spacing_edges(smallest: float, largest: float, bins: int) -> Array:
    """Edges from 0 with equal bins between the smallest and the largest spacing, one bin below if there is room."""
    margin = 0.02 * (largest - smallest)
    start, end = smallest - margin, largest + margin
    if start <= 0.0:
        return np.linspace(0.0, end, bins + 1)
    return np.concatenate([[0.0], np.linspace(start, end, bins)])


def pair_masses(
    levels: Array, shift_variance: float, lower_edges: Array, upper_edges: Array, *, rng: np.random.Generator
) -> Array:
    """Probabilities of the cells of a product grid for a pair of levels, shape (lower, upper).

    `levels` (sample, 2) have no common shift: every sample is used with 4 random ones. Both grids have equal cells.
    """
    rows, columns = lower_edges.size - 1, upper_edges.size - 1
    counts = np.zeros(rows * columns)
    for _ in range(_SHIFTS):
        shift = rng.normal(scale=np.sqrt(shift_variance), size=levels.shape[0])
        row = np.floor((levels[:, 0] + shift - lower_edges[0]) / (lower_edges[1] - lower_edges[0])).astype(np.int64)
        column = np.floor((levels[:, 1] + shift - upper_edges[0]) / (upper_edges[1] - upper_edges[0])).astype(np.int64)
        inside = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        counts += np.bincount(row[inside] * columns + column[inside], minlength=rows * columns)
    return np.asarray((counts / counts.sum()).reshape(rows, columns))


def _level_masses(batches: Array, edges: Array, variance: float) -> tuple[Array, Array, float]:
    """Cell masses of one level, their standard errors, and the largest one of the distribution function.

    The samples are shared between the two neighbours on a fine grid of step h, which adds h²/6 to their variance; so
    much less has the Gaussian that smooths them.
    """
    low, high = float(batches.min()), float(batches.max())
    step = float(np.sqrt(variance)) / _FINE
    grid = low + step * np.arange(int((high - low) / step) + 3)
    place = (batches - low) / step
    index = place.astype(np.int64)
    share = place - index
    weights = np.array(
        [
            np.bincount(i, 1.0 - f, minlength=grid.size) + np.bincount(i + 1, f, minlength=grid.size)
            for i, f in zip(index, share, strict=True)
        ]
    )
    weights /= batches.shape[1]
    distribution = ndtr((edges[:, None] - grid) / np.sqrt(variance - step * step / 6.0))
    cumulative = weights @ distribution.T
    masses = np.diff(cumulative, axis=1)
    return np.asarray(masses.mean(axis=0)), _error(masses), float(np.max(_error(cumulative)))


def _error(batches: Array) -> Array:
    """Return the standard error of the mean over the first axis."""
    return np.asarray(batches.std(axis=0, ddof=1) / np.sqrt(batches.shape[0]))
