"""Stationary law of a trained RBM or student as the levels of a Gaussian matrix, with no parameter fitted."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from fpsolve.errors import GridError
from fpsolve.exact.gaussian_matrix import GaussianMatrix
from fpsolve.exact.gaussian_matrix_pair import GaussianPair
from fpsolve.exact.gaussian_matrix_rbm import rbm_matrix_law
from fpsolve.exact.gaussian_matrix_tables import MatrixTables, matrix_tables, pair_masses, spacing_edges
from fpsolve.exact.skewed_matrix import SkewedMatrix
from fpsolve.models.level_gas import LevelGas
from fpsolve.results import AdjacentPairs, Stationary
from fpsolve.solvers.derived_noise import trained_rbm
from fpsolve.solvers.matrix_models import trained_student
from fpsolve.solvers.matrix_tables import cells_of

__all__ = ["Tables", "from_tables", "gaussian_matrix_law", "sampled_tables", "stationary_gaussian_matrix"]

Array = NDArray[np.float64]

_PAIR_CELLS = 96
_BINS = 128
_SAMPLES = 2**18
_REACH = 9.5
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(3)


def gaussian_matrix_law(model: LevelGas) -> GaussianMatrix:
    """Law of X = W Wᵀ near the fixed point of an RBM with derived noise, or of (W + Wᵀ)/2 of a student.

    At the actual learning rate.

    Raises
    ------
    MethodError, ModelError
        Neither an rbm with derived noise and β = 1 nor a teacher_student; noise that changes with time; an unstable
        learning rate.
    """
    if model.kind == "teacher_student":
        return trained_student(model).law
    return rbm_matrix_law(trained_rbm(model))


def stationary_gaussian_matrix(
    model: LevelGas, *, cells: int | None = None, domain: tuple[float, float] | None = None, samples: int = _SAMPLES
) -> Stationary:
    """Marginals, pooled density and laws of adjacent pairs of the levels of a Gaussian matrix.

    One level is a Gaussian and two are integrated by quadrature. For three or more, matrices are drawn with a fixed
    seed, their common shift is integrated exactly, and `error_estimate` is the largest standard error of a distribution
    function, of a mean or of a standard deviation (the last two in units of the standard deviation).

    Unlike a level gas, the matrix knows that neighbouring levels of different κ repel through the matrix element between
    them and that rotated eigenvectors pull them back; and it contains the finite learning rate. It does not know the
    walls and the skewness of a single level.

    Of a teacher_student whose observable is "symmetric" it is the law of (W + Wᵀ)/2, as above. For singular values, squared
    or not, the whole matrix W is drawn, up to 2^20 times with a fixed seed.

    Parameters
    ----------
    model : LevelGas
        An rbm with derived noise and β = 1, or a teacher_student.
    cells : int, optional
        Cells of every level's table, 400 by default. The tables of pairs have 96 × 96.
    domain : pair of float, optional
        Ends of all tables of levels; the tabulated densities are normalised on it.
    samples : int
        Matrices drawn for three or more levels.

    Raises
    ------
    MethodError, ModelError
        See `gaussian_matrix_law`.
    GridError
        Fewer than 4 cells, or a domain that holds nothing.
    """
    start = perf_counter()
    if model.kind == "teacher_student" and model.labels["observable"] != "symmetric":
        from fpsolve.solvers.gaussian_matrix_student import stationary_student

        return stationary_student(model, cells=cells, domain=domain)
    law = gaussian_matrix_law(model)
    count = cells_of(cells, domain)
    if law.n == 1:
        tables = _one(law, count, domain)
    elif law.n == 2:
        tables = _two(GaussianPair(law), count, domain)
    else:
        tables = sampled_tables(law, count, domain, samples)
    return from_tables("gaussian_matrix", tables, domain, perf_counter() - start)


def from_tables(method: str, tables: Tables, domain: tuple[float, float] | None, seconds: float) -> Stationary:
    """Make the result from the tables of a matrix law; GridError if a level has nothing in the domain."""
    edges, masses, mean, std, error, total, pairs = tables
    if np.any(masses.sum(axis=1) <= 0.0):
        msg = f"the domain {domain} holds nothing of a level"
        raise GridError(msg)
    return Stationary(
        method=method,
        edges=edges,
        density=_density(masses, edges),
        mean=mean,
        std=std,
        log_partition_function=float("nan"),
        error_estimate=error,
        total_edges=None if total is None else total[0],
        total_density=None if total is None else _density(total[1], total[0]),
        pairs=pairs,
        seconds=seconds,
    )


Tables = tuple[Array, Array, Array, Array, float, tuple[Array, Array] | None, AdjacentPairs | None]


def _one(law: GaussianMatrix, cells: int, domain: tuple[float, float] | None) -> Tables:
    """One level: a Gaussian."""
    mean, std = law.centre, np.sqrt(np.diag(law.covariance))
    low, high = domain or (float(mean[0] - _REACH * std[0]), float(mean[0] + _REACH * std[0]))
    edges = np.linspace(low, high, cells + 1)
    masses = np.diff(ndtr((edges - mean[0]) / std[0]))
    return edges[None, :], masses[None, :], mean, std, 0.0, None, None


def _two(pair: GaussianPair, cells: int, domain: tuple[float, float] | None) -> Tables:
    """Two levels by quadrature."""
    edges = np.array(
        [pair.level_edges(i, cells) if domain is None else np.linspace(*domain, cells + 1) for i in (0, 1)]
    )
    masses = np.array([pair.level_masses(edges[i], i) for i in (0, 1)])
    whole = np.linspace(edges[:, 0].min(), edges[:, -1].max(), 2 * cells + 1)
    pooled = np.asarray(0.5 * sum(pair.level_masses(whole, i) for i in (0, 1)))
    error = float(np.max(np.abs(masses.sum(axis=1) - 1.0))) if domain is None else 0.0
    axes = np.array([_pair_edges(float(pair.mean[i]), float(pair.std[i])) for i in (0, 1)])
    half = 0.5 * np.diff(axes, axis=1)[:, :, None]
    x, y = axes[:, :-1, None] + half * (_NODES + 1.0)
    values = pair.pdf(x[:, None, :, None], y[None, :, None, :])
    density = np.einsum("ijkl,k,l->ij", values, 0.5 * _WEIGHTS, 0.5 * _WEIGHTS)
    area = np.diff(axes[0])[:, None] * np.diff(axes[1])
    reach = _REACH * pair.spacing_std
    steps = spacing_edges(max(pair.mean_spacing - reach, 0.0), pair.mean_spacing + reach, _BINS)
    spacing = np.maximum(np.diff(pair.spacing_cdf(steps)), 0.0)
    pairs = AdjacentPairs(
        edges=axes[None],
        density=(density / np.sum(density * area))[None],
        spacing_edges=steps[None],
        spacing_density=_density(spacing, steps)[None],
        correlation=np.array([pair.correlation]),
    )
    return edges, masses, pair.mean, pair.std, error, (whole, pooled), pairs


def sampled_tables(
    law: GaussianMatrix | SkewedMatrix, cells: int, domain: tuple[float, float] | None, samples: int
) -> Tables:
    """Tables of several levels from samples."""
    generator = np.random.default_rng(0)
    levels = law.sample_without_shift(samples, rng=generator)
    tables = matrix_tables(law, levels, cells=cells, bins=_BINS, domain=domain)
    relative = max(float(np.max(tables.mean_error / tables.std)), float(np.max(tables.std_error / tables.std)))
    error = max(tables.distribution_error, relative)
    pairs = _sampled_pairs(law, levels, tables, generator)
    total = (tables.total_edges, tables.total_masses)
    return tables.edges, tables.masses, tables.mean, tables.std, error, total, pairs


def _sampled_pairs(
    law: GaussianMatrix | SkewedMatrix, levels: Array, tables: MatrixTables, generator: np.random.Generator
) -> AdjacentPairs:
    edges, density = [], []
    for i in range(law.n - 1):
        axes = [_pair_edges(float(tables.mean[k]), float(tables.std[k])) for k in (i, i + 1)]
        masses = pair_masses(levels[:, i : i + 2], law.shift_variance, axes[0], axes[1], rng=generator)
        edges.append(axes)
        density.append(masses / (np.diff(axes[0])[:, None] * np.diff(axes[1])))
    return AdjacentPairs(
        edges=np.array(edges),
        density=np.array(density),
        spacing_edges=tables.spacing_edges,
        spacing_density=_density(tables.spacing_masses, tables.spacing_edges),
        correlation=tables.correlation,
    )


def _pair_edges(mean: float, std: float) -> Array:
    """Cells of a level in the table of a pair: six standard deviations to both sides."""
    return np.linspace(mean - 6.0 * std, mean + 6.0 * std, _PAIR_CELLS + 1)


def _density(masses: Array, edges: Array) -> Array:
    """Cell averages, normalised on the table, along the last axis."""
    return np.asarray(masses / masses.sum(axis=-1, keepdims=True) / np.diff(edges, axis=-1))
