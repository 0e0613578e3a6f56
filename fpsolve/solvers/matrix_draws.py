"""Levels of a weight matrix with a Gaussian law, drawn at any times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import ModelError
from fpsolve.kernels.matrix_levels import fill_squared_singular_values
from fpsolve.models.initial import InitialLaw, WishartLaw
from fpsolve.models.initial_weights import WeightsLaw
from fpsolve.parallel import Progress
from fpsolve.solvers.matrix_models import MatrixFlow

__all__ = ["draw_levels", "draws_that_fit"]

Array = NDArray[np.float64]

MOST, FEWEST = 1 << 18, 1 << 13
LARGEST = 1 << 25  # numbers that are kept
WORK = 1 << 24  # entries of matrices drawn at all times together
BLOCK = 1 << 21  # entries of matrices that are worked on at once
SEED = 0x6D617472
START = 0xFFFFFFFF  # no block has this number
MOST_ROTATED = 4  # levels up to which Jacobi rotations beat LAPACK


@dataclass(frozen=True)
class _Start:
    """First weights of the draws.

    Attributes
    ----------
    roots : ndarray, shape (draw, level), or None
        Diagonal of W(0); None if it is random.
    variance : float
        Of the entries of a random W(0).
    """

    roots: Array | None
    variance: float = 0.0

    def deviations(self, flow: MatrixFlow, part: slice, generator: np.random.Generator) -> Array:
        """W(0) − W_t of some draws, shape (draw, row, column)."""
        rows, columns = flow.target.shape
        count = part.stop - part.start
        if self.roots is None:
            normals = generator.standard_normal((count, rows, columns))
            return np.asarray(np.sqrt(self.variance) * normals - flow.target)
        weights = np.zeros((count, rows, columns))
        index = np.arange(columns)
        weights[:, index, index] = self.roots[part]
        return weights - flow.target

    def moments(self, flow: MatrixFlow) -> Array:
        """⟨δ_ij δ_kl⟩ of the start, axes i, j, k, l; only of square matrices."""
        n = flow.target.shape[1]
        if self.roots is None:
            square = self.variance * np.einsum("ik,jl->ijkl", np.eye(n), np.eye(n))
            return np.asarray(square + np.multiply.outer(flow.target, flow.target))
        distance = self.roots - np.diag(flow.target)
        both = distance.T @ distance / distance.shape[0]
        return np.asarray(np.einsum("ik,ij,kl->ijkl", both, np.eye(n), np.eye(n)))


def draws_that_fit(flow: MatrixFlow, times: int) -> int:
    """How many matrices are drawn: a power of two, fewer where matrices are large or times many."""
    entries, levels = flow.target.size, flow.target.shape[1]
    wanted = min(MOST, WORK // (entries * times), LARGEST // (levels * times))
    power = max(wanted, 1).bit_length() - 1
    return int(max(FEWEST, 1 << power))


def draw_levels(
    flow: MatrixFlow,
    initial: InitialLaw | Literal["stationary"],
    times: Array,
    number: int,
    *,
    progress: Progress | None = None,
) -> Array:
    """Levels of `number` matrices at every time, shape (time, draw, level), ascending along the last axis.

    A law of [initial] is that of the levels of W(0), which is diagonal in the basis of the teacher, as an aligned
    training starts; the levels of random weights (of squares `WishartLaw` with as many rows as W, else `WeightsLaw`) are
    those of matrices drawn entry by entry. The same normals serve all times. The seed is fixed, so that the answer is always the same.

    Raises
    ------
    ModelError
        A start of another number of levels, or with x < 0 where x is a square.
    """
    rows, columns = flow.target.shape
    start = None if initial == "stationary" else _start(flow, initial, number)
    square = rows == columns
    moments = None if start is None else start.moments(flow) if square else np.zeros((columns,) * 4)
    spreads = [flow.at(float(time), moments) for time in times]
    levels = np.empty((times.size, number, columns))
    block = max(1, BLOCK // flow.target.size)
    blocks = range(0, number, block)
    for done, first in enumerate(blocks):
        part = slice(first, min(first + block, number))
        generator = np.random.default_rng([SEED, done])
        begin = 0.0 if start is None else start.deviations(flow, part, generator)
        normals = generator.standard_normal((part.stop - part.start, flow.target.size))
        for index, spread in enumerate(spreads):
            root = spread.root
            noise = root * normals if isinstance(root, float) else normals @ root.T
            weights = flow.target + spread.decay[:, None] * begin + noise.reshape(-1, rows, columns)
            levels[index, part] = _levels_of(weights, flow.observable)
        if progress is not None:
            progress(done + 1, len(blocks))
    return levels


def _start(flow: MatrixFlow, initial: InitialLaw, number: int) -> _Start:
    rows, columns = flow.target.shape
    if initial.n != columns:
        msg = f"the initial law has {initial.n} levels, but the model has {columns}"
        raise ModelError(msg)
    if isinstance(initial, WeightsLaw) and initial.observable == flow.observable:
        return _Start(None, initial.variance)
    if isinstance(initial, WishartLaw) and initial.rows == rows and flow.observable == "squared":
        return _Start(None, initial.variance)
    levels = initial.sample(number, np.random.default_rng([SEED, START]))
    if flow.observable != "squared":
        return _Start(levels)
    if levels.min() < 0.0:
        msg = f"initial levels are squares and cannot be negative, but the smallest draw is {levels.min():g}"
        raise ModelError(msg)
    return _Start(np.sqrt(levels))


def _levels_of(weights: Array, observable: str) -> Array:
    """Levels of matrices (draw, row, column), ascending, shape (draw, level)."""
    if observable == "symmetric":
        return np.asarray(np.linalg.eigvalsh(0.5 * (weights + weights.transpose(0, 2, 1))))
    columns = weights.shape[2]
    if columns > MOST_ROTATED:
        values = np.linalg.svd(weights, compute_uv=False)[:, ::-1]
        return np.asarray(values if observable == "singular" else values**2)
    squares = np.empty((weights.shape[0], columns))
    fill_squared_singular_values(np.ascontiguousarray(np.moveaxis(weights, 0, -1)), squares)
    return np.sqrt(squares) if observable == "singular" else squares
