"""Level gas of a linear student that learns a teacher through a fixed second layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from fpsolve.errors import ModelError
from fpsolve.exact.gaussian_matrix_teacher import TeacherStudentMatrix
from fpsolve.models.checks import ascending, at_least_zero, choice, count, per_level, positive
from fpsolve.models.dyson import DysonLevel
from fpsolve.models.level_gas import LevelGas, OneBody
from fpsolve.models.schedule import Schedule
from fpsolve.models.squared_level import SquaredLevel

__all__ = ["Observable", "StudentData", "teacher_student"]

Observable = Literal["symmetric", "singular", "squared"]
StudentData = Literal["batch", "exact"]


def teacher_student(
    teacher: float | Sequence[float],
    *,
    learning_rate: float,
    batch_size: int,
    gradient_noise: float = 0.0,
    label_noise: float = 0.0,
    second_layer: float | Sequence[float] = 1.0,
    data: StudentData = "batch",
    observable: Observable = "singular",
    schedule: Schedule | None = None,
) -> LevelGas:
    """Level gas of W for the loss ½⟨|Z(W − W_t)x|²⟩, x ~ N(0, 1), with noise on labels and gradients; t = Σ α.

    dξ_i = [−z_i(ξ_i − ξ_{t,i}) + g_i² Σ_{j≠i} 1/(ξ_i − ξ_j)] dt + √(2g_i²) dB_i,
    g_i² = z_i s_i² = αε²/B + z_i ασ_e²/(2B),

    for the levels ξ of W, ordered: level i belongs to the row i of the teacher and to z_i. That is the limit of small
    α. The matrix itself, at its finite α and with either species above the other, is the law of the methods
    "gaussian_matrix".

    Parameters
    ----------
    teacher : float or sequence of float
        Levels ξ_t > 0 of W_t = diag(ξ_t), ascending; ties are degenerate levels.
    learning_rate : float
        α.
    batch_size : int
        B.
    gradient_noise : float
        ε ≥ 0: every sample adds a symmetric Gaussian matrix to the gradient, standard deviation ε beside the diagonal
        and √2 ε on it.
    label_noise : float
        σ_e ≥ 0, standard deviation of the noise on every label.
    second_layer : float or sequence of float
        Eigenvalues z_i > 0 of ZᵀZ, one or one per level, in the basis of the teacher.
    data : {"batch", "exact"}
        B fresh inputs at every update, or ⟨xxᵀ⟩ = 1 itself. The gas is the same to first order in α; the methods
        "gaussian_matrix" tell them apart.
    observable : {"singular", "symmetric", "squared"}
        Levels: singular values of W, eigenvalues of (W + Wᵀ)/2, or squared singular values. The gas in ξ stands for the
        first two; the third is its image x = ξ², repelling as |x_i − x_j|.
    schedule : Schedule, optional
        Learning rate and batch size as functions of time.

    Raises
    ------
    ModelError
        A parameter out of range, no noise at all, or a learning rate at which training is unstable.

    References
    ----------
    Aarts, Lucini, Park (2024), arXiv:2407.16427; Park, Favoni, Lucini, Aarts (2024), arXiv:2412.20496.
    """
    levels = int(np.size(teacher))
    choice("data", data, StudentData)
    choice("observable", observable, Observable)
    places = ascending("teacher", tuple(positive("teacher", value) for value in per_level("teacher", teacher, levels)))
    stiffness = tuple(positive("second_layer", value) for value in per_level("second_layer", second_layer, levels))
    noises = at_least_zero("gradient_noise", gradient_noise), at_least_zero("label_noise", label_noise)
    if sum(noises) == 0.0:
        msg = "gradient_noise and label_noise are both 0: a student without noise has no law, it learns the teacher"
        raise ModelError(msg)
    theory = TeacherStudentMatrix(
        stiffness,
        places,
        positive("learning_rate", learning_rate),
        count("batch_size", batch_size),
        noises[0] ** 2,
        noises[1] ** 2,
        data,
    )
    strengths = (np.array(stiffness) * theory.species_variance).tolist()
    kind = SquaredLevel if observable == "squared" else DysonLevel
    bodies: tuple[OneBody, ...] = tuple(kind(*values) for values in zip(stiffness, places, strengths, strict=True))
    labels: dict[str, object] = {
        "teacher": list(places),
        "second_layer": list(stiffness),
        "learning_rate": theory.learning_rate,
        "batch_size": int(theory.batch_size),
        "gradient_noise": noises[0],
        "label_noise": noises[1],
        "data": data,
        "observable": observable,
    }
    return LevelGas(kind="teacher_student", levels=bodies, schedule=schedule, labels=labels)
