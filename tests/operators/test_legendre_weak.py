"""The weak form in polynomials: spectra, walls, projections, exact cell masses."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gamma

from fpsolve.errors import GridError, MethodError
from fpsolve.models import PcdNoise, dyson, geometric, laguerre, potential, rbm
from fpsolve.models.initial import gaussian, point
from fpsolve.operators.legendre_weak import LegendreWeak, wall_power

RBM = rbm(kappa=[1.0], mu2=2.0, g2=0.01).levels[0]
OU = dyson(g2=0.01).levels[0]
LINE = potential(lambda x: x, np.ones_like, np.zeros_like, domain=(0.0, 1.0), g2=1.0).levels[0]
PCD = rbm(kappa=[1.0], mu2=2.0, noise=PcdNoise(learning_rate=0.01, batch_size=16)).levels[0]

WILD = rbm(kappa=[1.0], mu2=2.0, noise=PcdNoise(learning_rate=0.5, batch_size=2)).levels[0]


def rates(operator: LegendreWeak, count: int) -> np.ndarray:
    values = np.linalg.eigvals(operator.matrix())
    return np.sort(-values.real)[:count]


def test_rates_of_the_ornstein_uhlenbeck_process_are_integers() -> None:
    np.testing.assert_allclose(rates(LegendreWeak.on(OU, -1.2, 1.2, 96), 7), np.arange(7), atol=1e-8)


@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_rates_of_the_laguerre_process_are_even_whatever_its_wall(rows: int) -> None:
    body = laguerre(rows=rows, temperature=0.05).levels[0]
    operator = LegendreWeak.on(body, 0.0, 6.0, 96)
    np.testing.assert_allclose(rates(operator, 6), 2.0 * np.arange(6), atol=1e-8)


def test_rates_of_the_rbm_are_twice_its_energies() -> None:
    energies = [0.0, 0.2109931076758, 0.3832791527457, 0.5406479669363, 0.7840834548357, 1.0858002437149]
    np.testing.assert_allclose(rates(LegendreWeak.on(RBM, 0.0, 2.0, 96), 6), 2.0 * np.array(energies), atol=1e-8)


def test_the_squared_norm_grows_at_a_bounded_rate() -> None:
    """max Re (a, Sa)/(a, a) does not grow with the modes: the reason for the power 2 at the wall μ²."""
    for modes in (64, 128):
        matrix = LegendreWeak.on(RBM, 0.0, 2.0, modes).matrix()
        assert np.linalg.eigvalsh(0.5 * (matrix + matrix.T))[-1] < 1.0


@pytest.mark.parametrize(
    ("body", "wall", "span", "power"),
    [
        (RBM, 0.0, 2.0, 0.0),  # regular: K(0) = 0
        (RBM, 2.0, -2.0, 2.0),  # P_s ~ distance^200
        (rbm(kappa=[1.0], mu2=2.0, g2=0.03).levels[0], 2.0, -2.0, 2.0 + 2.0 / 3.0),  # P_s ~ distance^(200/3)
        (laguerre(rows=1, temperature=0.1).levels[0], 0.0, 4.0, -0.5),
        (laguerre(rows=4, temperature=0.1).levels[0], 0.0, 4.0, 1.0),
        (laguerre(rows=7, temperature=0.1).levels[0], 0.0, 4.0, 2.5),
        (geometric(source=1.0, strength=1.0).levels[0], 0.0, 4.0, 2.0),  # P_s ~ e^{−1/x}
        (LINE, 0.0, 1.0, 0.0),
    ],
)
def test_wall_powers(body, wall, span, power) -> None:
    assert wall_power(body, wall, span) == pytest.approx(power, abs=1e-4)


def test_an_end_inside_the_walls_is_regular() -> None:
    assert LegendreWeak.on(RBM, 0.0, 1.5, 8).powers == (0.0, 0.0)


def test_a_wall_of_infinite_diffusion_is_left_out_where_the_law_has_died_out() -> None:
    operator = LegendreWeak.on(PCD, 0.0, 2.0, 120)
    assert operator.upper < 2.0
    assert PCD.confinement(np.array([operator.upper]))[0] - PCD.confinement(np.array([1.0]))[0] > 26.9
    assert LegendreWeak.on(PCD, 0.0, 2.0, 8, keep=(0.1, 1.9)).upper == pytest.approx(1.9)
    assert rates(operator, 2)[0] == pytest.approx(0.0, abs=1e-8)
    for body, keep in ((PCD, (0.1, 2.0)), (WILD, None)):
        with pytest.raises(MethodError, match="scharfetter_gummel remains"):
            LegendreWeak.on(body, 0.0, 2.0, 8, keep=keep)


def test_stationary_law() -> None:
    operator = LegendreWeak.on(RBM, 0.0, 2.0, 96)
    matrix = operator.matrix()
    x = np.linspace(0.01, 1.7, 60)
    found = operator.density(operator.stationary(matrix), x)
    weight = lambda y: np.exp(-(RBM.confinement(np.asarray(y)) - RBM.confinement(np.asarray(1.0))))
    total = sum(quad(weight, a, a + 0.1, epsabs=0.0, epsrel=1e-12)[0] for a in np.arange(0.0, 1.9, 0.1))
    np.testing.assert_allclose(found, weight(x) / total, atol=1e-9)
    assert np.all(matrix[0] == 0.0)


def test_gamma_law_from_its_null_vector() -> None:
    body = laguerre(rows=3, temperature=0.1).levels[0]
    operator = LegendreWeak.on(body, 0.0, 9.0, 80)
    x = np.linspace(1e-6, 4.0, 50)
    exact = x**0.5 * np.exp(-x / 0.2) / (gamma(1.5) * 0.2**1.5)
    np.testing.assert_allclose(operator.density(operator.stationary(operator.matrix()), x), exact, atol=1e-9)


@pytest.mark.parametrize("powers", [(0.0, 0.0), (0.0, 2.0), (-0.5, 0.0), (1.3, 2.6)])
def test_cell_masses_are_integrals_of_the_density(powers) -> None:
    operator = LegendreWeak(OU, -1.0, 1.5, powers, 12)
    edges = np.linspace(-1.0, 1.5, 8)
    table = operator.cell_table(edges)
    for n in (0, 3, 11):
        unit = np.eye(12)[n]
        for i in range(1, 6):
            exact = quad(lambda x, unit=unit: operator.density(unit, np.array([x]))[0], edges[i], edges[i + 1])[0]
            assert table[n, i] == pytest.approx(exact, abs=1e-12)
    totals = table.sum(axis=1)
    np.testing.assert_allclose(totals[1:], 0.0, atol=1e-13)


def test_projection_keeps_mass_and_moments_and_tells_what_lies_beyond() -> None:
    operator = LegendreWeak.on(OU, -1.0, 1.0, 40)
    coefficients, beyond = operator.project(gaussian(0.3, 0.05))
    assert beyond == pytest.approx(0.0, abs=1e-15)
    mean, std = operator.moments(coefficients)
    assert mean == pytest.approx(0.3, abs=1e-13)
    assert std == pytest.approx(0.05, abs=1e-12)
    assert (coefficients @ operator.cell_table(np.array([-1.0, 1.0])))[0] == pytest.approx(1.0, abs=1e-14)
    half, beyond = operator.project(gaussian(1.0, 0.05))
    assert beyond == pytest.approx(0.5, abs=1e-14)
    assert (half @ operator.cell_table(np.array([-1.0, 1.0])))[0] == pytest.approx(1.0, abs=1e-14)
    assert operator.moments(half)[0] == pytest.approx(1.0 - 0.05 * np.sqrt(2.0 / np.pi), abs=1e-12)
    at, beyond = operator.project(point(0.25))
    assert operator.moments(at)[0] == pytest.approx(0.25, abs=1e-13)
    assert beyond == 0.0
    with pytest.raises(GridError, match="no mass"):
        operator.project(gaussian(5.0, 0.1))
