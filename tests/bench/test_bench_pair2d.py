"""Two Dyson–Ornstein–Uhlenbeck levels from an off-centre start to t = 1: errors and times beside SciPy's integrators."""

import time

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.special import ndtr

import fpsolve as fp
from fpsolve import models
from fpsolve.grids.axis import Axis
from fpsolve.grids.chamber import ChamberGrid
from fpsolve.models import initial
from fpsolve.operators.chamber import chamber_generator
from fpsolve.operators.chamber_start import chamber_start

pytestmark = pytest.mark.bench

PAIR = models.dyson(levels=2, g2=0.01)
START = initial.pair(0.3, 0.05)


def exact_pair_masses(edges, time, g2=0.01, mean=0.3, std=0.05):
    """Cell masses of |x2 − x1| e^{−Σ(x_i−m)²/(2s)}/(2√π s^{3/2}), x1 < x2: eigenvalues of a symmetric OU matrix (Ω = 1)."""
    m, s = mean * np.exp(-time), g2 * (1.0 - np.exp(-2.0 * time)) + std**2 * np.exp(-2.0 * time)
    z = (edges - m) / np.sqrt(s)
    zeroth = np.sqrt(2.0 * np.pi * s) * np.where(z[:-1] > 0, ndtr(-z[:-1]) - ndtr(-z[1:]), ndtr(z[1:]) - ndtr(z[:-1]))
    first = -s * np.diff(np.exp(-0.5 * z**2))
    masses = np.triu(np.outer(zeroth, first) - np.outer(first, zeroth), 1)
    # Both levels in one cell: x2 = edge + h a, x1 = edge + h a b
    nodes, weights = np.polynomial.legendre.leggauss(12)
    a, b = 0.5 * (1.0 + nodes[:, None]), 0.5 * (1.0 + nodes[None, :])
    h = np.diff(edges)[:, None, None]
    upper, lower = edges[:-1, None, None] + h * a, edges[:-1, None, None] + h * a * b
    tie = (upper - lower) * np.exp(-((upper - m) ** 2 + (lower - m) ** 2) / (2.0 * s)) * h**2 * a
    masses[np.diag_indices(zeroth.size)] = (0.25 * np.outer(weights, weights) * tie).sum(axis=(1, 2))
    return masses / (2.0 * np.sqrt(np.pi) * s**1.5)


def pair_masses(evolution, k):
    """Masses behind the joint density of the lowest two levels at output time k."""
    widths = np.diff(evolution.edges[0])
    area = np.outer(widths, widths)
    np.fill_diagonal(area, 0.5 * widths**2)
    return evolution.pair_density[k, 0] * area


def fastest(function, repeats=5):
    """Shortest of several wall times, and the last result."""
    seconds = []
    for _ in range(repeats):
        begun = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - begun)
    return min(seconds), result


def test_spectral_pair_reaches_1e_8_in_half_a_second():
    seconds, found = fastest(lambda: fp.evolve(PAIR, START, times=[1.0], method="legendre", rtol=1e-8))
    error = np.abs(pair_masses(found, 0) - exact_pair_masses(found.edges[0], 1.0)).sum()
    print(f"\nlegendre: {found.unknowns} unknowns, L1 error {error:.1e}, {seconds:.3f} s")
    assert error <= 1e-8
    assert seconds <= 0.5


def test_chamber_reaches_1e_3_in_a_fifth_of_a_second_and_beats_scipy():
    # The first call compiles.
    fp.evolve(PAIR, START, times=[1.0], method="chamber", cells=16)
    seconds, found = fastest(lambda: fp.evolve(PAIR, START, times=[1.0], method="chamber"))
    exact = exact_pair_masses(found.edges[0], 1.0)
    error = np.abs(pair_masses(found, 0) - exact).sum()
    grid = ChamberGrid(Axis(*found.edges[0, [0, -1]], 160), 2)
    matrix = chamber_generator(PAIR, grid).matrix().tocsc()
    start, _ = chamber_start(START, grid)

    def scipy():
        return solve_ivp(
            lambda t, mass: matrix @ mass, (0.0, 1.0), start, method="BDF", jac=matrix, rtol=1e-4, atol=1e-9
        )

    theirs, solution = fastest(scipy, repeats=1)
    table = np.zeros((160, 160))
    table[tuple(grid.states().T)] = solution.y[:, -1]
    their_error = np.abs(table - exact).sum()
    print(
        f"\nchamber: {found.unknowns} unknowns, L1 error {error:.1e}, {seconds:.3f} s; BDF on the same operator: "
        f"{their_error:.1e}, {theirs:.2f} s; ratio {theirs / seconds:.0f}"
    )
    assert error <= 1e-3
    assert seconds <= 0.2
    assert theirs / seconds >= 5.0
