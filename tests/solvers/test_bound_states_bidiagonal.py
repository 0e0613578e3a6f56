"""Finite-volume bound states: order, exponentially small gaps, walls."""

import mpmath as mp
import numpy as np
import pytest

from fpsolve.models import dyson, potential
from fpsolve.models.laguerre import laguerre
from fpsolve.solvers.bound_states import bound_states

OU = dyson(levels=1, stiffness=1.0, centre=0.0, g2=1.0)


def _bistable(g2: float):
    return potential(
        lambda x: x**4 / 4 - x**2 / 2, lambda x: x**3 - x, lambda x: 3 * x**2 - 1, domain=(-2.0, 2.0), g2=g2
    )


def _energies(cells: int, **options: object) -> np.ndarray:
    return bound_states(OU, states=5, method="bidiagonal", cells=cells, domain=(-9.0, 9.0), **options).energies


def test_second_order_and_the_right_limit() -> None:
    exact = 0.5 * np.arange(1, 5)
    errors = np.array([np.abs(_energies(cells)[1:] - exact) for cells in (100, 200, 400)])
    orders = np.log2(errors[:-1] / errors[1:])
    assert np.all(np.abs(orders - 2.0) < 0.1), (errors, orders)
    assert errors[-1].max() < 3e-3


def test_extrapolation_is_of_fourth_order() -> None:
    exact = 0.5 * np.arange(1, 5)
    errors = np.array([np.abs(_energies(cells, richardson=True)[1:] - exact) for cells in (100, 200, 400)])
    orders = np.log2(errors[:-1] / errors[1:])
    assert np.all(np.abs(orders - 4.0) < 0.1), (errors, orders)


def test_generator_convention_is_two_e() -> None:
    # Mean of OU relaxes at rate Ω = 2E_1, not E_1.
    assert abs(bound_states(OU, states=2, method="bidiagonal", cells=2000).rates[1] - 1.0) < 1e-4


def _bistable_gap(g2: float) -> mp.mpf:
    """E_1 = g²/(I_well I_barrier), wells and barrier integrated; corrections are of relative order e^{−1/(4g²)}/g²."""
    with mp.workdps(40):
        g = mp.mpf(g2)

        def v(x: mp.mpf) -> mp.mpf:
            return x**4 / 4 - x**2 / 2

        s = mp.sqrt(g)
        near = [mp.mpf(0)] + [1 + k * s for k in range(-12, 13, 3) if 1 + k * s > 0] + [mp.mpf(2)]
        well = mp.quad(lambda x: mp.exp(-(v(x) + mp.mpf(1) / 4) / g), sorted(p for p in near if p <= 2))
        top = [k * s for k in range(-12, 13, 3) if abs(k * s) < 1]
        barrier = mp.quad(lambda x: mp.exp(v(x) / g), [mp.mpf(-1), *top, mp.mpf(1)])
        return g / (well * barrier) * mp.exp(-1 / (4 * g))


@pytest.mark.parametrize("g2", [0.01, 0.004, 0.002, 0.001, 0.0004])
def test_bistable_gap_down_to_1e_273(g2: float) -> None:
    truth = _bistable_gap(g2)
    plain = bound_states(_bistable(g2), states=4, method="bidiagonal", cells=800)
    finer = bound_states(_bistable(g2), states=4, method="bidiagonal", cells=800, richardson=True, vectors=False)
    assert abs(mp.mpf(plain.energies[1]) / truth - 1) < 1e-2
    assert abs(mp.mpf(finer.energies[1]) / truth - 1) < 1e-4
    assert plain.energies[0] <= 1e-280
    # ψ_0 is even and ψ_1 odd, though their energies differ by 1e-273.
    half = plain.x.size // 2
    np.testing.assert_allclose(plain.psi[0], plain.psi[0][::-1], atol=1e-8)
    np.testing.assert_allclose(plain.psi[1], -plain.psi[1][::-1], atol=1e-8)
    np.testing.assert_allclose(plain.psi[1][half:], plain.psi[0][half:], atol=1e-5)
    assert plain.residuals.max() < 1e-9
    assert plain.ground_state_error < 1e-10


def test_known_value_of_the_smallest_gap() -> None:
    assert mp.nstr(_bistable_gap(0.0004), 3) == "8.28e-273"


def test_absorbing_walls() -> None:
    half = potential(
        lambda x: x**2 / 2, lambda x: x, np.ones_like, domain=(0.0, 12.0), g2=1.0, boundary=("absorbing", "reflecting")
    )
    mirror = potential(
        lambda x: x**2 / 2, lambda x: x, np.ones_like, domain=(-12.0, 0.0), g2=1.0, boundary=("reflecting", "absorbing")
    )
    for model in (half, mirror):
        errors = np.array(
            [
                np.abs(bound_states(model, states=3, method="bidiagonal", cells=n).energies - [0.5, 1.5, 2.5])
                for n in (200, 400, 800)
            ]
        )
        orders = np.log2(errors[:-1] / errors[1:])
        assert np.all(np.abs(orders - 2.0) < 0.1), (errors, orders)
        assert np.isnan(bound_states(model, states=2, method="bidiagonal").ground_state_error)


def test_escape_over_a_barrier_through_an_absorbing_wall() -> None:
    # E_0 = rate/2 of leaving a well over the barrier at 0: g²/(2 I_well I_barrier) with the whole way to the wall.
    g2 = 0.002
    model = potential(
        lambda x: x**4 / 4 - x**2 / 2,
        lambda x: x**3 - x,
        lambda x: 3 * x**2 - 1,
        domain=(-1.0, 2.0),
        g2=g2,
        boundary=("absorbing", "reflecting"),
    )
    energies = bound_states(model, states=2, method="bidiagonal", cells=1600, richardson=True).energies
    # One-way escape is half the relaxation rate of the symmetric double well, up to e^{−125} and the last half well.
    assert abs(mp.mpf(energies[0]) / (_bistable_gap(g2) / 2) - 1) < 1e-4


@pytest.mark.parametrize("rows", [1, 2, 3, 12])
def test_second_order_in_the_square_root_coordinate(rows: int) -> None:
    model = laguerre(rows=rows, temperature=0.1)
    exact = np.arange(1, 4)
    errors = np.array(
        [
            np.abs(bound_states(model, states=4, method="bidiagonal", cells=n).energies[1:] - exact)
            for n in (200, 400, 800)
        ]
    )
    orders = np.log2(errors[:-1] / errors[1:])
    assert np.all(np.abs(orders - 2.0) < 0.1), (errors, orders)
