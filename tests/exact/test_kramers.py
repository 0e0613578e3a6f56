"""Kramers estimates against dense eigenvalues, quadrature and the textbook formula."""

import mpmath
import numpy as np
import pytest
from scipy.linalg import eigh_tridiagonal

from fpsolve.exact.kramers import flux_over_population_energies, kramers_energies
from fpsolve.exact.landscape import find_landscape


def bistable():
    return lambda x: x**4 / 4 - x**2 / 2, lambda x: x**3 - x, lambda x: 3 * x**2 - 1


def triple():
    """V = ∫ x(x² − 0.25)(x² − 1)(1 + 0.3x) dx on [−1.3, 1.3]: three unequal wells."""
    slope = np.polynomial.Polynomial([0.0, 0.25, 0.0, -1.25, 0.0, 1.0]) * np.polynomial.Polynomial([1.0, 0.3])
    return slope.integ(), slope, slope.deriv()


def energies(value, domain, g2, *, n=4000, periodic=False, count=3):
    """Half the lowest rates of the master equation with exact detailed balance, second order in the cell width."""
    edges = np.linspace(*domain, n + 1)
    x, h = 0.5 * (edges[1:] + edges[:-1]), edges[1] - edges[0]
    v = value(x) / g2
    rate = g2 / h**2
    up, down = rate * np.exp(-(v[1:] - v[:-1]) / 2), rate * np.exp((v[1:] - v[:-1]) / 2)
    diagonal = np.concatenate([up, [0.0]]) + np.concatenate([[0.0], down])
    if not periodic:
        return 0.5 * eigh_tridiagonal(diagonal, -np.sqrt(up * down), select="i", select_range=(0, count - 1))[0]
    matrix = np.diag(diagonal) - np.diag(np.sqrt(up * down), 1) - np.diag(np.sqrt(up * down), -1)
    around = rate * np.exp(-(v[0] - v[-1]) / 2), rate * np.exp((v[0] - v[-1]) / 2)
    matrix[-1, -1] += around[0]
    matrix[0, 0] += around[1]
    matrix[0, -1] = matrix[-1, 0] = -rate
    return 0.5 * np.linalg.eigvalsh(matrix)[:count]


def test_landscape_of_a_double_well():
    land = find_landscape(bistable()[1], (-2.0, 2.0))
    assert land.wells == pytest.approx((-1.0, 1.0), abs=1e-14)
    assert land.barriers == pytest.approx((0.0,), abs=1e-14)


def test_landscape_with_wells_at_walls():
    land = find_landscape(lambda x: -(x**3 - x), (-2.0, 2.0))
    assert land.wells == pytest.approx((-2.0, 0.0, 2.0), abs=1e-14)
    assert land.barriers == pytest.approx((-1.0, 1.0), abs=1e-14)


def test_a_maximum_at_a_wall_is_no_barrier():
    land = find_landscape(lambda x: np.sin(x), (-1.0, 4.0))  # V = −cos: well at 0, hill at π
    assert land.wells == pytest.approx((0.0, 4.0), abs=1e-12)
    assert land.barriers == pytest.approx((np.pi,), abs=1e-12)
    assert find_landscape(lambda x: np.sin(x), (-1.0, np.pi)).wells == pytest.approx((0.0,), abs=1e-12)


def test_landscape_of_a_ring():
    land = find_landscape(lambda x: -3 * np.sin(3 * x), (0.0, 2 * np.pi), periodic=True)
    assert land.wells == pytest.approx(np.pi / 3 * np.array([1, 3, 5]), abs=1e-12)
    # Every barrier lies behind its well, the last one on the seam.
    assert np.exp(1j * np.array(land.barriers)) == pytest.approx(np.exp(2j * np.pi / 3 * np.array([1, 2, 3])), abs=1e-9)


def test_one_well_has_no_escape():
    value, slope, curvature = (lambda x: x**2), (lambda x: 2 * x), (lambda x: 2 + 0 * x)
    land = find_landscape(slope, (-1.0, 1.0))
    assert kramers_energies(value, slope, curvature, land, 0.1).size == 0
    assert flux_over_population_energies(value, land, 0.1).size == 0


@pytest.mark.parametrize("g2", [0.05, 0.01, 0.0004])
def test_textbook_formula_of_the_double_well(g2):
    value, slope, curvature = bistable()
    found = kramers_energies(value, slope, curvature, find_landscape(slope, (-2.0, 2.0)), g2)
    assert found == pytest.approx([np.sqrt(2) / (2 * np.pi) * np.exp(-1 / (4 * g2))], rel=1e-11)


def test_error_of_the_parabolas_vanishes_linearly_in_g2():
    value, slope, curvature = bistable()
    land = find_landscape(slope, (-2.0, 2.0))
    g2 = np.array([0.02, 0.01, 0.005])
    error = [
        kramers_energies(value, slope, curvature, land, g)[0] / flux_over_population_energies(value, land, g)[0] - 1
        for g in g2
    ]
    order = np.diff(np.log(np.abs(error))) / np.diff(np.log(g2))
    assert order == pytest.approx(1.0, abs=0.1), f"errors {error}"


@pytest.mark.parametrize("g2", ["0.01", "0.0004"])
def test_flux_over_population_is_the_quotient_of_the_integrals(g2):
    """g²/(∫_well e^{−V/g²} ∫_barrier e^{V/g²}) by 30-digit quadrature; 8.28e−273 at g² = 0.0004."""
    with mpmath.workdps(30):
        g = mpmath.mpf(g2)

        def v(x):
            return x**4 / 4 - x**2 / 2

        well = mpmath.quad(lambda x: mpmath.exp(-v(x) / g), mpmath.linspace(0, 2, 41))
        barrier = mpmath.quad(lambda x: mpmath.exp(v(x) / g), mpmath.linspace(-1, 1, 41))
        truth = g / (well * barrier)
    value, slope, _ = bistable()
    found = flux_over_population_energies(value, find_landscape(slope, (-2.0, 2.0)), float(g))
    assert found == pytest.approx([float(truth)], rel=1e-11)
    if g2 == "0.0004":
        assert f"{found[0]:.2e}" == "8.28e-273"


def test_three_wells_against_eigenvalues():
    value, slope, curvature = triple()
    land = find_landscape(slope, (-1.3, 1.3))
    assert len(land.wells) == 3
    g2 = 0.002
    truth = energies(value, (-1.3, 1.3), g2, n=2000)[1:]
    assert flux_over_population_energies(value, land, g2) == pytest.approx(truth, rel=0.02)
    assert kramers_energies(value, slope, curvature, land, g2) == pytest.approx(truth, rel=0.2)


def test_two_wells_against_eigenvalues_converges_with_the_barrier():
    value, slope, _ = bistable()
    land = find_landscape(slope, (-2.0, 2.0))
    gaps = []
    for g2 in (0.04, 0.02):
        truth = energies(value, (-2.0, 2.0), g2, n=4000)[1]
        gaps.append(abs(flux_over_population_energies(value, land, g2)[0] / truth - 1))
    assert gaps[1] < 2e-4
    assert gaps[1] < 0.05 * gaps[0], f"{gaps}"


@pytest.mark.parametrize("waves", [2, 3])
def test_ring_against_eigenvalues(waves):
    def value(x):
        return np.cos(waves * x) + 0.1 * np.cos(x + 0.3)

    def slope(x):
        return -waves * np.sin(waves * x) - 0.1 * np.sin(x + 0.3)

    domain, g2 = (0.0, 2 * np.pi), 0.25
    land = find_landscape(slope, domain, periodic=True)
    assert len(land.wells) == len(land.barriers) == waves
    truth = energies(value, domain, g2, n=500, periodic=True, count=waves)[1:]
    assert flux_over_population_energies(value, land, g2) == pytest.approx(truth, rel=0.02)


def test_a_well_at_a_wall_keeps_its_one_sided_integral():
    """V = x − x² on [0, 1]: two wells at the walls with slope 1, barrier 1/4 at 1/2 with V'' = −2."""
    value, slope, curvature = (lambda x: x - x**2), (lambda x: 1 - 2 * x), (lambda x: 0 * x - 2.0)
    land = find_landscape(slope, (0.0, 1.0))
    g2 = 0.01
    textbook = 2 * g2 / (g2 * np.sqrt(2 * np.pi * g2 / 2)) * np.exp(-0.25 / g2) / 2
    assert kramers_energies(value, slope, curvature, land, g2) == pytest.approx([textbook], rel=1e-12)
    assert flux_over_population_energies(value, land, g2) == pytest.approx([textbook], rel=0.1)


def test_flat_tops_have_no_parabola():
    value, slope, curvature = (lambda x: x**6 / 6 - x**4 / 4), (lambda x: x**5 - x**3), (lambda x: 5 * x**4 - 3 * x**2)
    land = find_landscape(slope, (-2.0, 2.0))
    assert np.isnan(kramers_energies(value, slope, curvature, land, 0.01)).all()
    truth = energies(value, (-2.0, 2.0), 0.005, n=4000)[1]
    assert flux_over_population_energies(value, land, 0.005) == pytest.approx([truth], rel=0.01)
