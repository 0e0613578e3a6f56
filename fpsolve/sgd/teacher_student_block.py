"""Training of one block of students: the state, the loop over records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels.teacher_student import advance_teacher_student
from fpsolve.parallel import Workers, replica_keys
from fpsolve.sgd.ensemble import Trained, lanes_per_block
from fpsolve.sgd.matrix_start import initial_weights, levels_of
from fpsolve.sgd.teacher_student_settings import Student
from fpsolve.sgd.updates import run_updates

__all__ = ["Block", "block_size", "compile_kernels", "train_block"]

Array = NDArray[np.float64]

# A kernel call takes about this long [s], so that Ctrl-C is answered soon.
CALL_SECONDS = 0.1


@dataclass(frozen=True)
class Block:
    """Replicas first … first + count − 1 of an ensemble."""

    student: Student
    first: int
    count: int


def train_block(block: Block) -> Trained:
    """Train the replicas of a block and return their levels.

    Raises
    ------
    TrainingError
        An entry of W became non-finite.
    """
    student = block.student
    keys = replica_keys(student.seed, block.first, block.count)
    teacher = student.teacher[..., None]
    deviation = initial_weights(student.start, keys, block.first, student.teacher.shape) - teacher
    records = np.empty((block.count, student.record_at.size, min(student.teacher.shape)))
    done = 0
    for index, target in enumerate(student.record_at.tolist()):
        _advance(student, keys, done, target, deviation)
        done = target
        records[:, index] = levels_of(deviation + teacher, student.observable)
    return Trained(records)


def block_size(student: Student, replicas: int, workers: Workers) -> int:
    """Replicas per block; the levels do not depend on it."""
    rows, columns = student.teacher.shape
    return lanes_per_block(3 * rows * columns + 2 * columns**2, replicas, workers)


def compile_kernels(student: Student) -> None:
    """Compile what training needs by a run of no updates, so that workers find the kernels in the cache."""
    keys, weights = np.zeros((2, 1), dtype=np.uint64), np.ones((1, 1, 1))
    none = np.zeros(0)
    advance_teacher_student(
        keys, 0, none, none.astype(np.int64), np.ones(1), np.ones((1, 1, 1)), 0.0, student.symmetric, 0.0, weights
    )
    initial_weights(student.start, keys, 0, student.teacher.shape)
    levels_of(weights, student.observable)


def _advance(student: Student, keys: NDArray[np.uint64], start: int, stop: int, deviation: Array) -> None:
    """Do the updates start … stop − 1 in kernel calls that are short enough to be interrupted."""

    def kernel(begin: int, rates: Array, batches: NDArray[np.int64]) -> int:
        """Do the updates from `begin` on; return their number."""
        return advance_teacher_student(
            keys,
            begin,
            rates,
            batches,
            student.stiffness,
            student.factors,
            student.gradient_noise,
            student.symmetric,
            student.label_noise,
            deviation,
        )

    run_updates(
        kernel,
        np.broadcast_to(student.learning_rate, student.steps),
        np.broadcast_to(student.batch_size, student.steps),
        updates=range(start, stop, _updates_per_call(student, keys.shape[1])),
        weights=deviation,
    )


def _updates_per_call(student: Student, lanes: int) -> int:
    """Count the updates that take about CALL_SECONDS, from rough costs of a random number and of a product [s]."""
    rows, columns = student.teacher.shape
    draws = 2 * rows * columns + columns * (columns + int(student.batch_size.max())) // 2
    return max(1, int(CALL_SECONDS / (lanes * (4e-9 * draws + 5e-10 * rows * columns * (columns + 1)))))
