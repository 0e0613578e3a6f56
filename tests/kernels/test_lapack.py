"""Bidiagonal routines against 60-digit arithmetic and against NumPy."""

import mpmath as mp
import numpy as np
import pytest

from fpsolve.kernels.lapack import apply_right_reflectors, bidiagonal_singular_values, bidiagonalise


def _graded(rng: np.random.Generator, size: int, decades: float) -> tuple[np.ndarray, np.ndarray]:
    d = 10.0 ** rng.uniform(-decades, 0.0, size)
    return d, -(10.0 ** rng.uniform(-decades, 0.0, size - 1))


def _exact(d: np.ndarray, e: np.ndarray) -> list[mp.mpf]:
    with mp.workdps(400):
        matrix = mp.zeros(d.size)
        for i, value in enumerate(d):
            matrix[i, i] = mp.mpf(float(value))
        for i, value in enumerate(e):
            matrix[i, i + 1] = mp.mpf(float(value))
        squares = mp.eigsy(matrix.T * matrix, eigvals_only=True)
        return sorted(mp.sqrt(abs(s)) for s in squares)


@pytest.mark.parametrize("decades", [1.0, 5.0, 12.0])
def test_every_singular_value_is_relatively_accurate(decades: float) -> None:
    d, e = _graded(np.random.default_rng(3), 10, decades)
    values, truth = bidiagonal_singular_values(d, e), _exact(d, e)
    assert np.all(np.diff(values) >= 0.0)
    errors = [abs(float(mp.mpf(float(v)) / t - 1)) for v, t in zip(values, truth, strict=True)]
    # At 12 decades the smallest value is far below ε times the largest: an absolute accuracy would not pass.
    assert max(errors) < 100 * np.finfo(float).eps, (errors, [mp.nstr(t, 5) for t in truth])


def test_zero_row_adds_one_zero_and_changes_nothing_else() -> None:
    rng = np.random.default_rng(5)
    d, e = rng.normal(size=7), rng.normal(size=7)
    tall = np.zeros((7, 8))
    tall[np.arange(7), np.arange(7)], tall[np.arange(7), np.arange(1, 8)] = d, e
    values = bidiagonal_singular_values(np.append(d, 0.0), e)
    assert values[0] < 1e-300
    np.testing.assert_allclose(values[1:], np.linalg.svd(tall, compute_uv=False)[::-1], rtol=1e-13)


def test_inputs_are_not_changed() -> None:
    d, e = np.arange(1.0, 6.0), np.ones(4)
    bidiagonal_singular_values(d, e)
    assert d.tolist() == [1, 2, 3, 4, 5]
    assert e.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("shape", [(1, 1), (5, 5), (9, 6), (40, 33)])
def test_reduction_has_the_same_gram_matrix(shape: tuple[int, int]) -> None:
    matrix = np.random.default_rng(1).normal(size=shape)
    d, e, reflectors, scalars = bidiagonalise(matrix)
    g = np.diag(d) + np.diag(e, 1)
    p = apply_right_reflectors(reflectors, scalars, np.eye(shape[1]))
    np.testing.assert_allclose(p.T @ p, np.eye(shape[1]), atol=1e-13)
    np.testing.assert_allclose(p @ g.T @ g @ p.T, matrix.T @ matrix, atol=1e-12)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_entries_that_are_not_finite_are_an_error(bad: float) -> None:
    with pytest.raises(np.linalg.LinAlgError, match="not finite"):
        bidiagonal_singular_values(np.array([1.0, bad]), np.array([0.5]))
