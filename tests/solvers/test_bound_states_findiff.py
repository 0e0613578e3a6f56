"""Stencils of order 2 to 8: nominal order where wavefunctions vanish, accuracy at the RBM's reflecting wall."""

import numpy as np
import pytest

from fpsolve.models import dyson, potential, rbm
from fpsolve.models.geometric import geometric
from fpsolve.solvers.bound_states import bound_states

OU = dyson(levels=1, stiffness=1.0, centre=0.0, g2=1.0)


@pytest.mark.parametrize(
    ("order", "grids"), [(2, (100, 150, 225)), (4, (120, 180, 270)), (6, (120, 160, 210)), (8, (120, 150, 188))]
)
def test_nominal_order_in_a_harmonic_well(order: int, grids: tuple[int, ...]) -> None:
    exact = 0.5 * np.arange(4)
    errors = np.array(
        [
            np.abs(
                bound_states(OU, states=4, method="findiff", order=order, points=n, domain=(-10.5, 10.5)).energies
                - exact
            ).max()
            for n in grids
        ]
    )
    orders = -np.diff(np.log(errors)) / np.diff(np.log(grids))
    assert np.all(np.abs(orders - order) < 0.1), (errors, orders)


@pytest.mark.parametrize("order", [2, 4, 6, 8])
def test_limit_in_a_harmonic_well(order: int) -> None:
    energies = bound_states(OU, states=6, method="findiff", order=order).energies
    np.testing.assert_allclose(energies, 0.5 * np.arange(6), atol={2: 2e-4, 4: 1e-7, 6: 1e-10, 8: 1e-10}[order])


@pytest.mark.parametrize("g2", [0.01, 0.001])
@pytest.mark.parametrize("order", [4, 6, 8])
def test_rbm_well_with_its_reflecting_wall(g2: float, order: int) -> None:
    model = rbm(kappa=[1.0], mu2=2.0, g2=g2)
    exact = bound_states(model, states=6, method="legendre").energies
    spectrum = bound_states(model, states=6, method="findiff", order=order, points=1600)
    np.testing.assert_allclose(spectrum.energies[1:], exact[1:], rtol=1e-6)
    assert abs(spectrum.energies[0]) < 1e-6
    assert spectrum.ground_state_error < 1e-6
    assert spectrum.residuals.max() < 1e-9


def test_multiplicative_noise_at_full_order() -> None:
    # Both ends of the logistic law die out; energies from the spectral method in ln x.
    model = geometric(source=1.0, strength=0.1, saturation=1.0)
    exact = bound_states(model, states=4).energies[1:]
    errors = np.array(
        [
            np.abs(bound_states(model, states=4, method="findiff", order=4, points=n).energies[1:] - exact).max()
            for n in (600, 900, 1350)
        ]
    )
    orders = -np.diff(np.log(errors)) / np.log(1.5)
    assert np.all(np.abs(orders - 4.0) < 0.1), (errors, orders)


def test_pairs_on_a_ring_and_in_a_double_well_are_both_found() -> None:
    ring = potential(np.zeros_like, np.zeros_like, np.zeros_like, domain=(0.0, 1.0), g2=2.0, boundary="periodic")
    energies = bound_states(ring, states=7, method="findiff", points=400).energies
    np.testing.assert_allclose(energies, (2 * np.pi * np.array([0, 1, 1, 2, 2, 3, 3])) ** 2, atol=1e-8)
    # g² = 0.002: E_1 = 1e-55, the pair at Ω/2 = 1 is split by less.
    double = potential(
        lambda x: x**4 / 4 - x**2 / 2, lambda x: x**3 - x, lambda x: 3 * x**2 - 1, domain=(-2.0, 2.0), g2=0.002
    )
    spectrum = bound_states(double, states=6, method="findiff")
    np.testing.assert_allclose(spectrum.energies[:2], 0.0, atol=1e-9)
    np.testing.assert_allclose(spectrum.energies[3:5], spectrum.energies[3], atol=1e-9)
    gram = spectrum.psi @ spectrum.psi.T * (spectrum.x[1] - spectrum.x[0])
    np.testing.assert_allclose(gram, np.eye(6), atol=1e-10)


def test_absorbing_wall_is_the_odd_mirror() -> None:
    half = potential(
        lambda x: x**2 / 2, lambda x: x, np.ones_like, domain=(0.0, 12.0), g2=1.0, boundary=("absorbing", "reflecting")
    )
    energies = bound_states(half, states=3, method="findiff", order=8, points=600).energies
    np.testing.assert_allclose(energies, [0.5, 1.5, 2.5], atol=1e-9)
