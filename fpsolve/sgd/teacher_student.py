"""Linear students of a linear teacher, trained by minibatch gradient descent through a fixed second layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fpsolve.errors import ModelError
from fpsolve.models.checks import at_least_zero, choice, count
from fpsolve.parallel import Progress, Workers
from fpsolve.parallel.seeds import Seed, seed_sequence
from fpsolve.results import Sample
from fpsolve.sgd.ensemble import train_ensemble
from fpsolve.sgd.matrix_start import Observable, Start, matrix_start
from fpsolve.sgd.rbm_settings import batch_sizes, per_update, record_steps
from fpsolve.sgd.teacher_student_block import Block, block_size, compile_kernels, train_block
from fpsolve.sgd.teacher_student_settings import Inputs, Student, data_factors, second_layer_frame, teacher_matrix

__all__ = ["train_teacher_student"]

Array = NDArray[np.float64]
NoiseShape = Literal["symmetric", "independent"]
DEFAULT_VARIANCE = 0.01


def train_teacher_student(
    teacher: ArrayLike,
    *,
    learning_rate: float | Sequence[float] | Array,
    batch_size: int | Sequence[int] | NDArray[np.int64],
    steps: int,
    second_layer: ArrayLike | None = None,
    gradient_noise: float = 0.0,
    noise_shape: NoiseShape = "symmetric",
    label_noise: float = 0.0,
    data: Inputs = "batch",
    samples: int | None = None,
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
    """Train an ensemble of linear students and record their levels.

    The loss of a batch is ½⟨|Z W x − y|²⟩ with the labels y = Z W_t x + σ_e η, x ~ N(0, 1), η ~ N(0, 1); every sample
    may add a noise a to the gradient itself:

        W ← W − (α/B) Σ_b [ZᵀZ (W − W_t) x_b x_bᵀ − σ_e Zᵀη_b x_bᵀ + a_b].

    W is kept in the eigenbasis of ZᵀZ; the algorithm is rotation covariant, so nothing is lost.

    Parameters
    ----------
    teacher : array_like
        W_t: its diagonal (one entry per level, equal ones are degenerate), or the whole matrix, shape (row, column).
    learning_rate : float or sequence of float
        α, one number or one per update (a schedule).
    batch_size : int or sequence of int
        B, one number or one per update.
    steps : int
        Number of updates.
    second_layer : array_like, optional
        Fixed second layer: the eigenvalues z_i ≥ 0 of ZᵀZ, one per row of W and in the basis in which the teacher is
        given, or the matrix Z itself, shape (output, row). Default Z = 1.
    gradient_noise : float
        ε. Symmetric: a_ij has standard deviation ε beside the diagonal and √2 ε on it; independent: ε everywhere.
    noise_shape : {"symmetric", "independent"}
        Whether a is symmetric (needs a square W) or has independent entries.
    label_noise : float
        σ_e, standard deviation of the noise of every label, drawn afresh at every update.
    data : {"batch", "exact", "fixed"}
        Inputs: B fresh samples at every update; ⟨xxᵀ⟩ = 1 itself; or one fixed data set, common to all replicas, whose
        batches are used in the same order in every epoch (then the replicas share its fluctuations, and the sample
        says that they are correlated).
    samples : int, optional
        Size of the fixed data set, a multiple of B; default 500 B.
    observable : {"squared", "singular", "symmetric"}
        Levels: squared singular values of W, singular values, or eigenvalues of (W + Wᵀ)/2.
    replicas : int
        Independent trainings.
    record_at : sequence of int, optional
        Updates after which the levels are recorded, strictly increasing, 0 (the start) to `steps`; default the last.
    init : {"gaussian", "aligned"}
        First W: independent normals, or Σ_k √x_k u_k v_kᵀ with the teacher's singular vectors.
    variance : float, optional
        Variance of the entries of a gaussian W (a variance, not a standard deviation); default 0.01.
    initial : array_like, optional
        Levels x of an aligned start, squared singular values that ascend with the teacher's, shape (level,) or
        (replica, level); default the teacher's own.
    rng : int, SeedSequence, Generator or None
        Seed. Replica r has a stream of its own, so its levels depend on the seed and r only: not on `workers`, not on
        `record_at`, not on how many replicas there are.
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
        W became non-finite: the learning rate is too large.

    Notes
    -----
    Near W_t = κ·1, to leading order in α: the diagonal entry i relaxes as e^{−α z_i n} and has the stationary variance
    αε²/(B z_i) from symmetric gradient noise, ασ_e²/(2B) from label noise.

    References
    ----------
    Aarts, Lucini, Park (2024), arXiv:2407.16427 (2×2, W_t = 2·1, first W of standard deviation 0.1, a fixed data set of
    500 B inputs, ten epochs, symmetric gradient noise, singular values); Park, Favoni, Lucini, Aarts (2024),
    arXiv:2412.20496 (fixed second layer).

    Examples
    --------
    >>> from fpsolve.sgd.teacher_student import train_teacher_student
    >>> sample = train_teacher_student(
    ...     [2.0, 2.0], learning_rate=0.1, batch_size=16, steps=100, gradient_noise=0.1, replicas=8, rng=1
    ... )
    >>> sample.levels.shape
    (8, 1, 2)
    """
    replicas, steps = count("replicas", replicas), count("steps", steps)
    matrix, seed = teacher_matrix(teacher), seed_sequence(rng)
    batches = batch_sizes(batch_size, steps)
    choice("data", data, Inputs)
    choice("observable", observable, Observable)
    symmetric = choice("noise_shape", noise_shape, NoiseShape) == "symmetric"
    gradient_noise = at_least_zero("gradient_noise", gradient_noise)
    _check_square(matrix, symmetric and gradient_noise > 0.0, observable)
    start = matrix_start(init, DEFAULT_VARIANCE, variance, initial, target=matrix, replicas=replicas)
    stiffness, frame = second_layer_frame(second_layer, matrix.shape[0])
    if frame is not None:
        matrix, start = _rotated(matrix, start, frame)
    student = Student(
        teacher=matrix,
        stiffness=stiffness,
        learning_rate=per_update("learning_rate", learning_rate, steps),
        batch_size=batches,
        factors=data_factors(data, samples, columns=matrix.shape[1], batch_size=batches, seed=seed),
        gradient_noise=gradient_noise,
        label_noise=at_least_zero("label_noise", label_noise),
        symmetric=symmetric and gradient_noise > 0.0,
        observable=observable,
        steps=steps,
        record_at=record_steps(record_at, steps),
        start=start,
        seed=seed,
    )
    compile_kernels(student)
    return train_ensemble(
        student,
        train_block,
        partial(Block, student),
        label="teacher_student",
        size=block_size(student, replicas, workers),
        replicas=replicas,
        workers=workers,
        progress=progress,
        correlated=data == "fixed",
    )


def _check_square(matrix: Array, symmetric: bool, observable: str) -> None:
    rows, columns = matrix.shape
    if rows == columns:
        return
    if symmetric:
        msg = f'symmetric gradient noise needs a square teacher, not {rows} x {columns}; take noise_shape="independent"'
        raise ModelError(msg)
    if observable == "symmetric":
        msg = f'observable="symmetric" needs a square teacher, not {rows} x {columns}'
        raise ModelError(msg)


def _rotated(matrix: Array, start: Start, frame: Array) -> tuple[Array, Start]:
    """Teacher and start in the basis of the columns of `frame`; a square W turns on both sides, W → OᵀWO."""
    square = matrix.shape[0] == matrix.shape[1]
    rotated = frame.T @ matrix @ frame if square else frame.T @ matrix
    if start.variance is not None:
        return rotated, start
    return rotated, replace(start, left=frame.T @ start.left, right=frame.T @ start.right if square else start.right)
