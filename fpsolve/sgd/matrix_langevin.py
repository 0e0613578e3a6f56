"""Langevin equation of a weight matrix: weight decay, additive and isotropic multiplicative noise."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fpsolve.errors import ModelError
from fpsolve.models.checks import at_least_zero, choice, count, positive
from fpsolve.parallel import Progress, Workers
from fpsolve.parallel.seeds import Seed, seed_sequence
from fpsolve.results import Sample
from fpsolve.sgd.ensemble import lanes_per_block, train_ensemble
from fpsolve.sgd.matrix_langevin_block import Block, Langevin, compile_kernels, train_block
from fpsolve.sgd.matrix_start import Observable, matrix_start
from fpsolve.sgd.rbm_settings import per_update, record_steps
from fpsolve.sgd.teacher_student_settings import teacher_matrix

__all__ = ["train_matrix_langevin"]

Array = NDArray[np.float64]
DEFAULT_VARIANCE = 0.01


def train_matrix_langevin(
    rows: int,
    levels: int,
    *,
    temperature: float,
    learning_rate: float | Sequence[float] | Array,
    steps: int,
    weight_decay: float = 1.0,
    multiplicative: float = 0.0,
    target: ArrayLike | None = None,
    observable: Observable = "squared",
    replicas: int = 256,
    record_at: Sequence[int] | NDArray[np.int64] | None = None,
    init: Literal["gaussian", "aligned"] = "gaussian",
    variance: float | None = None,
    initial: ArrayLike | None = None,
    rng: Seed = None,
    workers: Workers = 1,
    progress: Progress | None = None,
) -> Sample:
    """Follow an ensemble of M×N matrices and record their levels, the squared singular values of W.

        dW = −c (W − W_*) dt + √(2 (T + D_1 |W|²)) dB   (Itô),   |W|² = Σ W_ij²,

    the continuous form of gradient descent on (c/2)|W − W_*|² with isotropic noise: t = Σ α over the updates, and a
    variance v per sample and entry of the gradient means T = αv/(2B).

    Parameters
    ----------
    rows, levels : int
        M ≥ N.
    temperature : float
        T ≥ 0, the additive diffusion of every entry.
    learning_rate : float or sequence of float
        Time of an update, one number or one per update. Without multiplicative noise every update is exact in law,
        however long; with it the error is of second order in the learning rate.
    steps : int
        Number of updates.
    weight_decay : float
        c > 0.
    multiplicative : float
        D_1 ≥ 0.
    target : array_like, optional
        W_*: its diagonal or the matrix, shape (row, level); default 0.
    observable : {"squared", "singular", "symmetric"}
        Levels: squared singular values of W, singular values, or eigenvalues of (W + Wᵀ)/2 (M = N).
    replicas : int
        Independent matrices.
    record_at : sequence of int, optional
        Updates after which the levels are recorded, strictly increasing, 0 (the start) to `steps`; default the last.
    init : {"gaussian", "aligned"}
        First W: independent normals, or Σ_k √x_k u_k v_kᵀ with the singular vectors of W_* (unit vectors for W_* = 0).
    variance : float, optional
        Variance of the entries of a gaussian W; default 0.01.
    initial : array_like, optional
        Levels x of an aligned start, ascending, shape (level,) or (replica, level); default those of W_*.
    rng : int, SeedSequence, Generator or None
        Seed. Replica r has a stream of its own: its levels do not depend on `workers` nor on how many replicas there
        are. They depend on `record_at` in value, not in law, where updates are exact: there is one jump per record.
    workers : int or Hands
        Processes, or an engine that runs.
    progress : callable, optional
        Called as ``progress(done, total)`` after every block of replicas.

    Returns
    -------
    Sample
        `levels` (replica, record, level), `steps`, and `times` t = Σ α.

    Raises
    ------
    ModelError
        A parameter out of range.
    TrainingError
        W became non-finite (multiplicative noise that grows faster than it decays).

    Notes
    -----
    W_* = 0, D_1 = 0: the levels are the Laguerre gas of `fpsolve.models.laguerre` at all times, with the stationary
    variance T/c of every entry. D_1 > 0: stationary |W|² has the beta-prime law of `fpsolve.exact.BetaPrimeLaw` in MN
    dimensions, with the tail P(|W|² > λ) ~ λ^{−b}, b = 1 + c/(2D_1) − MN/2 > 0; for N = 1 it is the level.

    References
    ----------
    arXiv:2507.12709 for matrix Langevin equations of singular values; M.-F. Bru, J. Theor. Probab. 4 (1991) 725.

    Examples
    --------
    >>> from fpsolve.sgd.matrix_langevin import train_matrix_langevin
    >>> sample = train_matrix_langevin(12, 6, temperature=0.5, learning_rate=0.1, steps=20, replicas=8, rng=1)
    >>> sample.levels.shape
    (8, 1, 6)
    """
    replicas, steps = count("replicas", replicas), count("steps", steps)
    choice("observable", observable, Observable)
    matrix = _target(target, count("rows", rows), count("levels", levels), observable)
    langevin = Langevin(
        target=matrix,
        decay=positive("weight_decay", weight_decay),
        additive=at_least_zero("temperature", temperature),
        multiplicative=at_least_zero("multiplicative", multiplicative),
        learning_rate=per_update("learning_rate", learning_rate, steps),
        observable=observable,
        steps=steps,
        record_at=record_steps(record_at, steps),
        start=matrix_start(init, DEFAULT_VARIANCE, variance, initial, target=matrix, replicas=replicas),
        seed=seed_sequence(rng),
    )
    compile_kernels(langevin)
    return train_ensemble(
        langevin,
        train_block,
        partial(Block, langevin),
        label="matrix_langevin",
        size=lanes_per_block(3 * matrix.size, replicas, workers),
        replicas=replicas,
        workers=workers,
        progress=progress,
    )


def _target(target: ArrayLike | None, rows: int, levels: int, observable: str) -> Array:
    """W_*, shape (row, level), zero by default; ModelError unless it fits."""
    if rows < levels:
        msg = f"a matrix of {rows} rows has at most {rows} levels, not {levels}: rows must be at least levels"
        raise ModelError(msg)
    if observable == "symmetric" and rows != levels:
        msg = f'observable="symmetric" needs a square matrix, not {rows} x {levels}'
        raise ModelError(msg)
    if target is None:
        return np.zeros((rows, levels))
    matrix = teacher_matrix(target)
    if np.ndim(target) < 2 and matrix.shape[0] == levels:
        matrix = np.pad(matrix, ((0, rows - levels), (0, 0)))
    if matrix.shape != (rows, levels):
        msg = f"target has shape {np.shape(target)}, expected ({levels},) or ({rows}, {levels})"
        raise ModelError(msg)
    return matrix
