"""Linear networks with one hidden layer and a fixed read-out, y = Z W x."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fpsolve.parallel import Progress, Workers
from fpsolve.parallel.seeds import Seed
from fpsolve.results import Sample
from fpsolve.sgd.teacher_student import train_teacher_student
from fpsolve.sgd.teacher_student_settings import Inputs

__all__ = ["train_linear_network"]

Array = NDArray[np.float64]


def train_linear_network(
    second_layer: ArrayLike,
    teacher: ArrayLike,
    *,
    learning_rate: float | Sequence[float] | Array,
    batch_size: int | Sequence[int] | NDArray[np.int64],
    steps: int,
    label_noise: float = 0.0,
    gradient_noise: float = 0.0,
    data: Inputs = "batch",
    samples: int | None = None,
    replicas: int = 256,
    record_at: Sequence[int] | NDArray[np.int64] | None = None,
    init: Literal["gaussian", "aligned"] = "gaussian",
    variance: float | None = None,
    initial: ArrayLike | None = None,
    rng: Seed = None,
    workers: Workers = 1,
    progress: Progress | None = None,
) -> Sample:
    """Train the hidden layer W of an ensemble of networks y = Z W x and record its squared singular values.

    The teacher–student training with its second layer in front: `train_teacher_student` explains the parameters and
    the errors raised. The noise of the gradient is symmetric where W is square, else of independent entries.

    Parameters
    ----------
    second_layer : array_like
        Z, shape (output, hidden), or the eigenvalues of ZᵀZ, one per hidden unit.
    teacher : array_like
        Hidden layer W_t to be learned: its diagonal, or the matrix, shape (hidden, input).
    learning_rate, batch_size, steps, label_noise, gradient_noise, data, samples, replicas, record_at
        See `train_teacher_student`.
    init, variance, initial, rng, workers, progress
        See `train_teacher_student`.

    Returns
    -------
    Sample
        `levels` (replica, record, level), squared singular values of W; `steps`; `times` t = Σ α.

    References
    ----------
    Park, Favoni, Lucini, Aarts (2024), arXiv:2412.20496.
    """
    shape = np.shape(teacher)
    square = len(shape) < 2 or shape[0] == shape[1]
    sample = train_teacher_student(
        teacher,
        second_layer=second_layer,
        learning_rate=learning_rate,
        batch_size=batch_size,
        steps=steps,
        label_noise=label_noise,
        gradient_noise=gradient_noise,
        noise_shape="symmetric" if square else "independent",
        data=data,
        samples=samples,
        replicas=replicas,
        record_at=record_at,
        init=init,
        variance=variance,
        initial=initial,
        rng=rng,
        workers=workers,
        progress=progress,
    )
    return replace(sample, label="linear_network")
