"""Where bound states live: cuts, walls, powers, refusals."""

import numpy as np
import pytest

from fpsolve.errors import GridError, ModelError
from fpsolve.models.dyson import dyson
from fpsolve.models.geometric import geometric
from fpsolve.models.jacobi import jacobi
from fpsolve.models.laguerre import laguerre
from fpsolve.models.potential import potential
from fpsolve.models.rbm import rbm
from fpsolve.operators.bound_region import bound_region, hamiltonian_potential
from fpsolve.operators.wall_law import wall_law


def test_potential_of_constant_noise_is_the_textbook_one() -> None:
    body = potential(lambda x: x**4, lambda x: 4 * x**3, lambda x: 12 * x**2, domain=(-2, 2), g2=0.3).levels[0]
    x = np.linspace(-1.9, 1.9, 41)
    np.testing.assert_allclose(hamiltonian_potential(body, x), (4 * x**3) ** 2 / 2.4 - 3 * x**2, atol=1e-12)


def test_open_sides_are_cut_where_the_harmonic_states_have_died_out() -> None:
    region = bound_region(dyson(levels=1, stiffness=2.0, centre=5.0, g2=0.5).levels[0], states=4)
    assert region.cut == (True, True)
    # ψ_3 ~ y³ e^{−y²/4}, y = (x − 5)/σ, σ = 1/2.
    for end in (region.lower, region.upper):
        y = abs(end - 5.0) / 0.5
        assert 8.0 < y < 16.0
    assert region.energy > 3.0


def test_low_noise_keeps_the_well_at_the_wall() -> None:
    # Bound states sit at x = 0 too, where no stationary mass is.
    region = bound_region(rbm(kappa=[1.0], mu2=2.0, g2=1e-4).levels[0], states=6)
    assert region.lower == 0.0
    assert region.cut == (False, True)
    assert 1.05 < region.upper < 1.2


@pytest.mark.parametrize(("p", "q"), [(0.0, 0.0), (-0.5, 1.5), (0.7, -0.9)])
def test_powers_at_jacobi_walls(p: float, q: float) -> None:
    body = jacobi(p=p, q=q, strength=1.0).levels[0]
    laws = [wall_law(body, (0.0, 1.0), side) for side in (0, 1)]
    np.testing.assert_allclose([law.exponent for law in laws], [p / 2, q / 2], atol=1e-12)
    np.testing.assert_allclose([law.kinetic for law in laws], [1.0, 1.0])


def test_powers_of_other_walls() -> None:
    assert wall_law(laguerre(rows=3, temperature=0.1).levels[0], (0.0, np.inf), 0).exponent == 0.25
    assert np.isinf(wall_law(geometric(source=1.0, strength=1.0).levels[0], (0.0, np.inf), 0).exponent)
    box = potential(np.zeros_like, np.zeros_like, np.zeros_like, domain=(0, 1), g2=1.0).levels[0]
    assert not wall_law(box, (0.0, 1.0), 0).power


def test_continuous_spectrum_is_refused() -> None:
    # Inverse gamma law: E_n = c n(ν − 1 − n)/2 only for n < (ν − 1)/2; here ν = 2, nothing but the ground state.
    with pytest.raises(ModelError, match="fewer than 3 states are bound"):
        bound_region(geometric(source=1.0, strength=0.1).levels[0], states=3)


@pytest.mark.parametrize("domain", [(1.0, 0.5), (0.0, np.inf), (-0.1, 1.0), (0.5, 2.5)])
def test_bad_domains(domain: tuple[float, float]) -> None:
    with pytest.raises(GridError, match="domain"):
        bound_region(rbm(kappa=[1.0], mu2=2.0, g2=0.01).levels[0], states=3, domain=domain)
