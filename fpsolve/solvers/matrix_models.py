"""Which weight matrix a level gas stands for: its Gaussian law at every time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from fpsolve.errors import MethodError, ModelError
from fpsolve.exact.gaussian_matrix_teacher import TeacherStudentMatrix
from fpsolve.exact.student_course import StudentCourse
from fpsolve.models.level_gas import LevelGas
from fpsolve.models.multiplicative import MultiplicativeLevel

__all__ = ["MatrixFlow", "Spread", "gaussian_matrix_objection", "matrix_flow", "trained_student"]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """W(t) = W_t + diag(decay)(W(0) − W_t) + R z, z independent normals in the order of the entries.

    Attributes
    ----------
    decay : ndarray, shape (row,)
    root : ndarray, shape (entry, entry), or float
        R; a number stands for that multiple of 1.
    """

    decay: Array
    root: Array | float


@dataclass(frozen=True)
class MatrixFlow:
    """A weight matrix that relaxes linearly, with Gaussian noise.

    Attributes
    ----------
    target : ndarray, shape (row, column)
        W_t, diagonal.
    observable : {"squared", "singular", "symmetric"}
        Which levels: squared singular values, singular values, or eigenvalues of (W + Wᵀ)/2.
    process : StudentCourse or pair of float
        The student, or (λ, T) of dW = −λW dt + √(2T) dB on every entry.
    """

    target: Array
    observable: Literal["squared", "singular", "symmetric"]
    process: StudentCourse | tuple[float, float]

    def at(self, time: float, start: Array | None) -> Spread:
        """How W(t) spreads from a start with second moments ⟨δ_ij δ_kl⟩ of W(0) − W_t, axes i, j, k, l.

        None stands for a start in the stationary law, in which W stays.
        """
        if isinstance(self.process, StudentCourse):
            zero = np.zeros((self.process.n,) * 4)
            if start is None:
                return Spread(np.zeros(self.process.n), _root(self.process.stationary))
            decay = self.process.decay(time)
            return Spread(decay, _root(self.process.noise(time, zero if time == np.inf else start)))
        weight_decay, temperature = self.process
        left = 0.0 if start is None else float(np.exp(-weight_decay * time))
        spread = float(np.sqrt(temperature / weight_decay * (1.0 - left**2)))
        return Spread(np.full(self.target.shape[0], left), spread)


def gaussian_matrix_objection(model: LevelGas) -> str | None:
    """Why the model does not stand for a real weight matrix with a Gaussian law, or None."""
    if model.kind not in {"teacher_student", "laguerre"}:
        return f"it takes teacher_student and laguerre models, whose matrices are Gaussian, not {model.kind}"
    if model.beta != 1.0:
        return f"it takes beta = 1, as real weights have, the model has {model.beta:g}"
    if any(isinstance(body, MultiplicativeLevel) for body in model.levels):
        return "it takes the additive noise of a laguerre model: with multiplicative noise W is not Gaussian"
    return None


def matrix_flow(model: LevelGas) -> MatrixFlow:
    """The matrix behind a teacher_student or laguerre model.

    Raises
    ------
    MethodError
        Another model.
    ModelError
        Noise that changes with time or was scaled after the model was made, or a learning rate without a course in time.
    """
    objection = gaussian_matrix_objection(model)
    if objection is not None:
        raise MethodError(objection)
    if model.kind == "laguerre":
        labels = cast("dict[str, float]", model.labels)
        target = np.zeros((int(labels["rows"]), model.n))
        body = cast("Any", model.levels[0])
        return MatrixFlow(target, "squared", (float(body.weight_decay), float(body.temperature)))
    theory = trained_student(model)
    observable = cast("Literal['squared', 'singular', 'symmetric']", model.labels["observable"])
    return MatrixFlow(np.diag(theory.centre), observable, StudentCourse(theory))


def trained_student(model: LevelGas) -> TeacherStudentMatrix:
    """Settings of the training behind a teacher_student model: α and B separately, and the data.

    The level gas itself knows α/B only; α is what its labels say.

    Raises
    ------
    MethodError
        Another model.
    ModelError
        The noise changes with time, or it was changed since the labels were written.
    """
    if model.kind != "teacher_student":
        msg = f"a student's matrix belongs to a teacher_student model, not to {model.kind}"
        raise MethodError(msg)
    if model.schedule is not None:
        msg = "the noise changes with time; make the model with the learning rate and batch size that are meant"
        raise ModelError(msg)
    labels = cast("dict[str, Any]", model.labels)
    theory = TeacherStudentMatrix(
        z=tuple(labels["second_layer"]),
        teacher=tuple(labels["teacher"]),
        learning_rate=labels["learning_rate"],
        batch_size=labels["batch_size"],
        gradient_noise=labels["gradient_noise"] ** 2,
        label_noise=labels["label_noise"] ** 2,
        inputs=labels["data"],
    )
    found = [cast("Any", body).g2 for body in model.levels]
    if not np.allclose(found, np.array(theory.z) * theory.species_variance, rtol=1e-12, atol=0.0):
        msg = "the noise was scaled after the model was made; make it with the learning rate and batch size that are meant"
        raise ModelError(msg)
    return theory


def _root(covariance: Array) -> Array:
    """R with R Rᵀ = C, also where C is singular (a start that is a point has no noise at first)."""
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
