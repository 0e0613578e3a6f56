"""The master equation's rates: conservation, detailed balance, order, walls."""

import numpy as np
import pytest

from fpsolve.errors import GridError, ModelError
from fpsolve.grids.axis import Axis
from fpsolve.models import LevelGas, PcdNoise, laguerre, potential, rbm
from fpsolve.operators.scharfetter_gummel import scharfetter_gummel

PCD = PcdNoise(learning_rate=0.01, batch_size=16)
CASES = {
    "rbm": (rbm(kappa=[1.0], mu2=2.0, g2=0.01), Axis(0.0, 2.0, 300)),
    "rbm small noise": (rbm(kappa=[1.0], mu2=2.0, g2=1e-4), Axis(0.0, 2.0, 300)),
    "rbm pcd": (rbm(kappa=[1.0], mu2=2.0, noise=PCD), Axis(0.0, 2.0, 300)),
    "laguerre": (laguerre(rows=1, temperature=0.1), Axis(0.0, 4.0, 200, "sqrt")),
}


def well(boundary="reflecting", phase=0.0):
    return potential(
        lambda x: np.cos(2.0 * np.pi * x + phase),
        lambda x: -2.0 * np.pi * np.sin(2.0 * np.pi * x + phase),
        lambda x: -4.0 * np.pi**2 * np.cos(2.0 * np.pi * x + phase),
        domain=(0.0, 1.0),
        g2=0.5,
        boundary=boundary,
    )


def generator(model: LevelGas, axis: Axis):
    return scharfetter_gummel(model.levels[0], axis, boundary=model.boundary)


@pytest.mark.parametrize("name", CASES)
def test_columns_sum_to_zero_and_rates_are_not_negative(name: str) -> None:
    found = generator(*CASES[name])
    matrix = found.matrix()
    total = np.abs(matrix.sum(axis=0)) / np.abs(matrix).sum(axis=0)
    assert np.max(total) < 1e-15
    assert min(found.up.min(), found.down.min()) == 0.0
    assert found.loss == (0.0, 0.0)


@pytest.mark.parametrize("name", CASES)
def test_stationary_masses_are_in_detailed_balance(name: str) -> None:
    found = generator(*CASES[name])
    seen = (found.up[:-1] > 1e-290) & (found.down[1:] > 1e-290)
    assert seen.mean() > 0.9
    ratio = np.log(found.up[:-1][seen]) - np.log(found.down[1:][seen])
    np.testing.assert_allclose(ratio, np.diff(found.log_mass)[seen], rtol=1e-13, atol=1e-13)


def test_laguerre_masses_are_those_of_the_square_root() -> None:
    """e^{−λx/2T} x^{−1/2} dx = 2 e^{−λs²/2T} ds: a half Gaussian in s, with D = T everywhere."""
    found = generator(*CASES["laguerre"])
    s = found.axis.y_centers
    expected = np.exp(-(s**2) / 0.2)
    np.testing.assert_allclose(found.stationary_mass, expected / expected.sum(), rtol=1e-12)
    drift_free = found.up[:-1] * found.down[1:]
    z = np.diff(s**2) / 0.2
    exact = (0.1 / found.axis.step**2) ** 2 * (z / np.expm1(z)) * (-z / np.expm1(-z))
    np.testing.assert_allclose(drift_free, exact, rtol=1e-10)


def test_flux_is_of_second_order() -> None:
    """A·(cell averages of P) against the exact flux difference for a smooth density that is not stationary."""
    model = well()
    errors = []
    for cells in (40, 80, 160, 320):
        axis = Axis(0.0, 1.0, cells)
        x, edges = axis.centers, axis.edges
        density = 2.0 + np.sin(3.0 * x)
        found = generator(model, axis).matrix() @ (density * axis.step)
        flux = 0.5 * 3.0 * np.cos(3.0 * edges) - 2.0 * np.pi * np.sin(2.0 * np.pi * edges) * (2.0 + np.sin(3.0 * edges))
        exact = np.diff(flux)
        inner = slice(1, -1)
        errors.append(np.abs(found - exact)[inner].sum())
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    np.testing.assert_allclose(orders, 2.0, atol=0.1, err_msg=f"errors {errors}")


def test_ring_closes() -> None:
    found = generator(well("periodic"), Axis(0.0, 1.0, 50))
    matrix = found.matrix()
    assert np.abs(matrix.sum(axis=0)).max() < 1e-11
    assert np.abs(matrix @ found.stationary_mass).max() < 1e-12
    # A wave that is steep at the seam: the seam must lie like every other face.
    steep = generator(well("periodic", phase=0.7), Axis(0.0, 1.0, 50))
    assert np.abs(steep.matrix() @ steep.stationary_mass).max() < 1e-12
    assert steep.up[-1] / steep.down[0] == pytest.approx(steep.stationary_mass[0] / steep.stationary_mass[-1])
    # V has the symmetry x → 1 − x: so have the rates, the seam included.
    np.testing.assert_allclose(found.up, found.down[::-1], rtol=1e-12)
    assert found.loss == (0.0, 0.0)


def test_absorbing_wall_takes_what_diffuses_over_half_a_cell() -> None:
    flat = potential(np.zeros_like, np.zeros_like, np.zeros_like, domain=(0.0, 1.0), g2=0.3, boundary="absorbing")
    found = generator(flat, Axis(0.0, 1.0, 10))
    assert found.loss == pytest.approx((2.0 * 0.3 * 100, 2.0 * 0.3 * 100), rel=1e-14)
    sums = np.asarray(found.matrix().sum(axis=0)).ravel()
    np.testing.assert_allclose(sums[[0, -1]], -60.0, rtol=1e-12)
    np.testing.assert_allclose(sums[1:-1], 0.0, atol=1e-10)


def test_bidiagonal_factor_squares_to_the_symmetrised_generator() -> None:
    model = potential(
        lambda x: x**2 / 2, lambda x: x, np.ones_like, domain=(0, 3), g2=1.0, boundary=("reflecting", "absorbing")
    )
    found = generator(model, Axis(0.0, 3.0, 30))
    diagonal, superdiagonal = found.factor()
    factor = np.diag(diagonal) + np.diag(superdiagonal, 1)
    root = np.sqrt(found.stationary_mass)
    symmetrised = -found.matrix().toarray() / root[:, None] * root[None, :]
    np.testing.assert_allclose(factor.T @ factor, symmetrised, atol=1e-11)


class Broken:
    """A body whose Φ or D is not usable."""

    walls = (0.0, 1.0)
    anchors = ((0.5, 0.1),)
    grading = "uniform"

    def __init__(self, diffusion=1.0, confinement=0.0, at_wall=0.0):
        self._diffusion, self._confinement, self._at_wall = diffusion, confinement, at_wall

    def diffusion(self, x):
        return np.full_like(x, self._diffusion)

    def confinement(self, x):
        return np.where(np.isin(x, self.walls), self._at_wall, np.full_like(x, self._confinement))


@pytest.mark.parametrize(
    ("body", "axis", "boundary", "error", "words"),
    [
        (Broken(diffusion=0.0), Axis(0, 1, 8), "reflecting", ModelError, "diffusion must be positive"),
        (Broken(diffusion=np.inf), Axis(0, 1, 8), "reflecting", ModelError, "diffusion must be positive"),
        (Broken(confinement=np.nan), Axis(0, 1, 8), "reflecting", ModelError, "confinement must be finite"),
        (Broken(at_wall=-np.inf), Axis(0, 1, 8), "absorbing", ModelError, "nothing can be absorbed"),
        (Broken(), Axis(0, 1, 8, "sqrt"), "absorbing", GridError, "absorbing lower wall"),
        (Broken(), Axis(0, 1, 8, "sqrt"), "periodic", GridError, "periodic lower wall"),
    ],
)
def test_refusals(body, axis, boundary, error, words) -> None:
    with pytest.raises(error, match=words):
        scharfetter_gummel(body, axis, boundary=(boundary, boundary))


def test_wall_of_infinite_confinement_absorbs_nothing() -> None:
    found = scharfetter_gummel(Broken(at_wall=np.inf), Axis(0, 1, 8), boundary=("absorbing", "absorbing"))
    assert found.loss == (0.0, 0.0)
