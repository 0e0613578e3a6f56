"""Relaxation rates of several levels against the exact ones, with their multiplicities."""

import numpy as np
import pytest
from scipy.linalg import eigvalsh

import fpsolve as fp
from fpsolve import models
from fpsolve.errors import MethodError
from fpsolve.exact.rates import dyson_rates, jacobi_rates, laguerre_rates
from fpsolve.grids.chamber import ChamberGrid
from fpsolve.operators.chamber import chamber_generator
from fpsolve.operators.chamber_axis import chamber_axis
from fpsolve.solvers.chamber_spectrum import chamber_bound_states


def compare(spectrum, exact, tolerance):
    errors = spectrum.rates[1:] / exact[1:] - 1.0
    assert np.abs(errors).max() <= tolerance, f"relative errors {errors.tolist()}"
    assert abs(spectrum.rates[0]) <= 1e-10 * exact[1]


@pytest.mark.parametrize("beta", [1.0, 2.0, 4.0])
def test_two_dyson_levels(beta):
    """Rates n Ω for n = 0, 1, 2, 2, 3, 3, 4, 4, 4: partitions into at most two parts, whatever β is."""
    model = models.dyson(levels=2, g2=0.7, stiffness=2.0, beta=beta)
    exact = dyson_rates(2.0, levels=2, count=9)
    assert exact.tolist() == [0.0, 2.0, 4.0, 4.0, 6.0, 6.0, 8.0, 8.0, 8.0]
    spectrum = fp.bound_states(model, states=9, method="chamber", cells=80)
    assert spectrum.method == "chamber"
    compare(spectrum, exact, 5e-4)
    assert spectrum.residuals.max() < 1e-4
    assert spectrum.ground_state_error < 1e-8


@pytest.mark.parametrize("beta", [1.0, 2.0])
def test_three_dyson_levels(beta):
    """Rates n Ω for n = 0, 1, 2, 2, 3, 3, 3, 4, …: partitions into at most three parts."""
    model = models.dyson(levels=3, g2=0.01, beta=beta)
    exact = dyson_rates(1.0, levels=3, count=8)
    assert exact.tolist() == [0.0, 1.0, 2.0, 2.0, 3.0, 3.0, 3.0, 4.0]
    compare(fp.bound_states(model, states=8, cells=56), exact, 0.004)


@pytest.mark.slow
@pytest.mark.parametrize("beta", [1.0, 2.0, 4.0])
def test_three_dyson_levels_with_the_default_cells(beta):
    model = models.dyson(levels=3, g2=0.01, beta=beta)
    compare(fp.bound_states(model, states=8), dyson_rates(1.0, levels=3, count=8), 0.003)


@pytest.mark.parametrize(
    ("levels", "cells", "states", "tolerance"),
    [(4, 24, 7, 0.02), pytest.param(5, 24, 5, 0.03, marks=pytest.mark.slow), (6, 16, 3, 0.12)],
)
def test_four_to_six_dyson_levels_on_coarse_cells(levels, cells, states, tolerance):
    """Multiplicities 1, 2, 3 of n = 1, 2, 3 are there, split by what the cells do."""
    model = models.dyson(levels=levels, g2=0.01)
    exact = dyson_rates(1.0, levels=levels, count=states)
    compare(fp.bound_states(model, states=states, cells=cells), exact, tolerance)


@pytest.mark.parametrize("rows", [2, 4])
def test_two_laguerre_levels_in_the_square_root_coordinate(rows):
    model = models.laguerre(rows=rows, levels=2, temperature=0.3, weight_decay=1.5)
    spectrum = fp.bound_states(model, states=7, cells=80)
    compare(spectrum, laguerre_rates(1.5, levels=2, count=7), 1e-3)


def test_two_jacobi_levels():
    model = models.jacobi(p=0.5, q=1.0, strength=0.8, levels=2)
    spectrum = fp.bound_states(model, states=6, cells=80)
    compare(spectrum, jacobi_rates(0.8, p=0.5, q=1.0, beta=1.0, levels=2, count=6), 2e-3)


def test_levels_of_different_noise_against_dense_diagonalisation():
    """The iteration finds what LAPACK finds, and the two grids are extrapolated as they should be."""
    model = models.dyson(levels=2, g2=[0.01, 0.02], centre=[0.0, 0.1], stiffness=[1.0, 1.5])
    axis = chamber_axis(model, None, cells=24, moment=1)
    rates = []
    for cells in (24, 18):
        grid = ChamberGrid(type(axis)(axis.lower, axis.upper, cells), 2)
        generator = chamber_generator(model, grid)
        root = np.sqrt(generator.stationary_mass)
        rates.append(-eigvalsh(generator.matrix().toarray() * root / root[:, None])[::-1][:5])
    expected = rates[0] + (rates[0] - rates[1]) / ((24 / 18) ** 2 - 1.0)
    found = chamber_bound_states(model, states=5, cells=24)
    np.testing.assert_allclose(found.rates[1:], np.sort(expected[1:]), rtol=1e-7)


def test_what_does_not_fit_is_refused():
    model = models.dyson(levels=2, g2=0.01)
    with pytest.raises(MethodError, match="takes cells, not points"):
        fp.bound_states(model, points=100)
    with pytest.raises(MethodError, match="need more than 6 cells"):
        fp.bound_states(model, states=12, cells=6)
    with pytest.raises(MethodError, match="GiB"):
        fp.bound_states(models.dyson(levels=5, g2=0.01), cells=2000)
    with pytest.raises(MethodError, match=r"one level.*remains: chamber"):
        fp.bound_states(model, method="legendre")
