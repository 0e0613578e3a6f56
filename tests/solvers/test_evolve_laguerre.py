"""Squared Ornstein–Uhlenbeck vectors: a noncentral χ² law at all times, singular at its wall."""

import numpy as np
import pytest
from scipy.stats import ncx2

from fpsolve.models import laguerre
from fpsolve.solvers.evolve import evolve

TEMPERATURE, LENGTH, FIRST = 0.1, 0.8, 0.2


class SquaredVector:
    """|w|² for w in R^rows, dw = −w dt + √(2T) dB, after a time from a vector of squared length 0.8."""

    n = 1

    def __init__(self, rows: int, time: float) -> None:
        self.scale = TEMPERATURE * -np.expm1(-2.0 * time)
        self.law = ncx2(rows, LENGTH * np.exp(-2.0 * time) / self.scale)

    @property
    def mean(self):
        return np.array([self.scale * self.law.mean()])

    @property
    def std(self):
        return np.array([self.scale * self.law.std()])

    def support(self, level=0):
        return 0.0, float(self.scale * self.law.isf(1e-14))

    def cdf(self, x, level=0):
        return self.law.cdf(np.maximum(np.asarray(x), 0.0) / self.scale)

    def masses(self, edges, level=0):
        below, above = np.diff(self.cdf(edges)), -np.diff(self.law.sf(edges / self.scale))
        return np.where(edges[:-1] > self.mean[0], above, below)


def error(rows: int, **options) -> float:
    model = laguerre(rows=rows, temperature=TEMPERATURE)
    evolution = evolve(model, SquaredVector(rows, FIRST), times=[0.5], domain=(0.0, 8.0), **options)
    exact = SquaredVector(rows, FIRST + 0.5).masses(evolution.edges[0])
    return float(np.abs(evolution.density[0, 0] * np.diff(evolution.edges[0]) - exact).sum())


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
def test_square_root_cells_keep_second_order(rows: int) -> None:
    errors = np.array([error(rows, cells=cells) for cells in (100, 200, 400, 800)])
    np.testing.assert_allclose(np.log2(errors[:-1] / errors[1:])[1:], 2.0, atol=0.1, err_msg=f"errors {errors}")
    assert errors[-1] < 1e-4


def test_uniform_cells_lose_it_at_the_singular_wall() -> None:
    """Why the default is graded: x^(−1/2) at the wall costs the order on uniform cells."""
    errors = np.array([error(1, cells=cells, grading="uniform") for cells in (200, 400, 800)])
    assert np.log2(errors[:-1] / errors[1:]).max() < 0.8, f"errors {errors}"


@pytest.mark.parametrize("rows", [1, 2, 4])
def test_polynomials_with_the_weight_of_the_wall(rows: int) -> None:
    assert error(rows, cells=400, method="legendre", rtol=1e-8) < 1e-8
