"""Relaxation rates against the generator acting on symmetric polynomials, and the models' own one-body parts."""

import itertools

import numpy as np
import pytest
import sympy

from fpsolve import models
from fpsolve.exact.rates import dyson_rates, jacobi_rates, laguerre_rates, partitions


def rates_of(gas, degree):
    """Rates of the gas on symmetric polynomials of two levels up to `degree`.

    L f = Σ_i {D_i ∂_i² f + [b_i + β D_i/(x_i − x_j)] ∂_i f} maps that space into itself, so its matrix follows from the
    values of L f at more points than there are polynomials.
    """
    x, y = sympy.symbols("x y")
    basis = [sympy.expand(x**a * y**b + x**b * y**a) for total in range(degree + 1) for a, b in partitions(total, 2)]
    rng = np.random.default_rng(3)
    points = rng.uniform(0.1, 0.9, (2, 400))

    def at(expression):
        return np.broadcast_to(sympy.lambdify((x, y), expression)(*points), (400,)).astype(float)

    images = []
    for f in basis:
        image = np.zeros(400)
        for i, symbol in enumerate((x, y)):
            here, there, body = points[i], points[1 - i], gas.levels[i]
            d = body.diffusion(here)
            image += d * at(sympy.diff(f, symbol, 2))
            image += (body.drift(here) + gas.beta * d / (here - there)) * at(sympy.diff(f, symbol))
        images.append(image)
    values = np.array([at(f) for f in basis]).T
    matrix, *_ = np.linalg.lstsq(values, np.array(images).T, rcond=None)
    assert np.allclose(values @ matrix, np.array(images).T, rtol=0, atol=1e-8)
    return np.sort(-np.linalg.eigvals(matrix).real)


@pytest.mark.parametrize("beta", [1.0, 2.5])
def test_dyson(beta):
    gas = models.dyson(levels=2, stiffness=0.7, centre=0.2, g2=0.3, beta=beta)
    found = rates_of(gas, 3)
    assert found == pytest.approx(dyson_rates(0.7, levels=2, count=found.size), abs=1e-7)


@pytest.mark.parametrize("beta", [1.0, 2.0])
def test_laguerre(beta):
    gas = models.laguerre(rows=5, levels=2, weight_decay=0.7, temperature=0.3, beta=beta)
    found = rates_of(gas, 3)
    assert found == pytest.approx(laguerre_rates(0.7, levels=2, count=found.size), abs=1e-7)


@pytest.mark.parametrize("beta", [1.0, 2.0])
def test_jacobi(beta):
    p, q, c = 0.5, -0.3, 0.8
    gas = models.jacobi(p=p, q=q, strength=c, levels=2, beta=beta)
    found = rates_of(gas, 3)
    expected = [
        c * sum(k * (k + p + q + 1 + beta * (2 - i)) for i, k in enumerate(kappa, 1))
        for total in range(4)
        for kappa in partitions(total, 2)
    ]
    assert found == pytest.approx(sorted(expected), abs=1e-7)
    lowest = jacobi_rates(c, p=p, q=q, beta=beta, levels=2, count=4)
    assert lowest == pytest.approx(sorted(expected)[:4], rel=1e-14)


def test_one_level_has_simple_spectra():
    assert dyson_rates(2.0, levels=1, count=4).tolist() == [0.0, 2.0, 4.0, 6.0]
    assert laguerre_rates(0.5, levels=1, count=3).tolist() == [0.0, 1.0, 2.0]
    assert jacobi_rates(1.0, p=0.0, q=0.0, beta=1.0, levels=1, count=4).tolist() == [0.0, 2.0, 6.0, 12.0]


def test_jacobi_rates_are_the_lowest_of_a_long_list():
    p, q, beta, n = -0.9, -0.9, 4.0, 3
    found = jacobi_rates(1.0, p=p, q=q, beta=beta, levels=n, count=25)
    everything = sorted(
        sum(k * (k + p + q + 1 + beta * (n - i)) for i, k in enumerate(kappa, 1))
        for kappa in itertools.product(range(25), repeat=n)
        if list(kappa) == sorted(kappa, reverse=True)
    )
    assert found == pytest.approx(everything[:25], rel=1e-13)


def test_partitions():
    assert list(partitions(4, 4)) == [(4, 0, 0, 0), (3, 1, 0, 0), (2, 2, 0, 0), (2, 1, 1, 0), (1, 1, 1, 1)]
    assert list(partitions(0, 2)) == [(0, 0)]
    assert [sum(1 for _ in partitions(n, n)) for n in range(1, 11)] == [1, 2, 3, 5, 7, 11, 15, 22, 30, 42]
    assert sum(1 for _ in partitions(10, 3)) == 14
