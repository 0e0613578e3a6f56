"""Spectral bound states against other programs' numbers, closed forms and a collocation of another kind."""

import numpy as np
import pytest

from fpsolve.errors import ConvergenceError
from fpsolve.models import PcdNoise, dyson, potential, rbm
from fpsolve.models.geometric import geometric
from fpsolve.models.jacobi import jacobi
from fpsolve.models.laguerre import laguerre
from fpsolve.solvers.bound_states import bound_states

# Chebyshev collocation with 180 nodes, another program.
PUBLISHED = {
    0.01: [0.2109931076758, 0.3832791527457, 0.5406479669363, 0.7840834548357, 1.0858002437149],
    0.001: [0.2403989254253, 0.4908508020572, 0.6945711033028, 0.9628493972199, 1.1252523924536],
}


def chebyshev_energies(g2: float, upper: float, nodes: int, states: int) -> np.ndarray:
    """E_n of H = −(g²/2)∂² + U for κ = 1, μ² = 2 by Chebyshev collocation: ψ'(0) = 0 and ψ(upper) = 0."""
    t = np.cos(np.pi * np.arange(nodes + 1) / nodes)
    c = np.where((np.arange(nodes + 1) % nodes) == 0, 2.0, 1.0) * (-1.0) ** np.arange(nodes + 1)
    gap = t[:, None] - t[None, :] + np.eye(nodes + 1)
    d = np.outer(c, 1.0 / c) / gap
    d -= np.diag(d.sum(axis=1))
    d *= 2.0 / upper
    x = 0.5 * upper * (t + 1.0)
    k = (1.0 - 1.0 / (2.0 - x)) * x
    potential_u = k**2 / (8 * g2) - (2.0 / (2.0 - x) ** 2 - 1.0) / 4
    h = -0.5 * g2 * d @ d + np.diag(potential_u)
    # Node 0 is the upper end (ψ = 0); the last one, x = 0, is eliminated by ψ'(0) = 0.
    inner = slice(1, nodes)
    reduced = h[inner, inner] - np.outer(h[inner, nodes], d[nodes, inner] / d[nodes, nodes])
    return np.sort(np.linalg.eigvals(reduced).real)[:states]


@pytest.mark.parametrize("g2", [0.01, 0.001])
def test_rbm_levels_to_twelve_digits(g2: float) -> None:
    spectrum = bound_states(rbm(kappa=[1.0], mu2=2.0, g2=g2), states=6, method="legendre")
    assert spectrum.unknowns <= 128
    assert 0.0 <= spectrum.energies[0] <= 1e-20
    np.testing.assert_allclose(spectrum.energies[1:], PUBLISHED[g2], rtol=1e-12)
    assert spectrum.ground_state_error < 1e-11


@pytest.mark.parametrize(("g2", "upper", "nodes"), [(0.01, 1.7, 96), (0.001, 1.3, 128), (0.03, 1.9, 96)])
def test_rbm_levels_against_collocation_in_this_file(g2: float, upper: float, nodes: int) -> None:
    truth = chebyshev_energies(g2, upper, nodes, 8)
    energies = bound_states(rbm(kappa=[1.0], mu2=2.0, g2=g2), states=8).energies
    np.testing.assert_allclose(energies, truth, rtol=2e-11, atol=2e-11)


def test_rbm_levels_on_the_whole_interval_between_the_walls() -> None:
    # The full singular interval [0, μ²] with 128 modes, wall included, gives the same digits.
    spectrum = bound_states(rbm(kappa=[1.0], mu2=2.0, g2=0.01), modes=128, domain=(0.0, 2.0))
    np.testing.assert_allclose(spectrum.energies[1:], PUBLISHED[0.01], rtol=1e-12)
    assert spectrum.energies[0] <= 1e-20


def test_error_falls_faster_than_any_power_with_the_modes() -> None:
    model = rbm(kappa=[1.0], mu2=2.0, g2=0.01)
    modes = np.array([24, 32, 40, 48])
    errors = [abs(bound_states(model, modes=int(m)).energies[3] / PUBLISHED[0.01][2] - 1) for m in modes]
    rates = np.diff(np.log(errors)) / np.diff(np.log(modes))
    assert np.all(np.diff(rates[:2]) < 0), (errors, rates)
    assert rates[1] < -12, (errors, rates)


def test_residuals_bound_the_error() -> None:
    # Kato–Temple: |error of E_n| ≤ r_n²/gap; residuals are in units of max(E_n, gap).
    model = rbm(kappa=[1.0], mu2=2.0, g2=0.01)
    for modes in (26, 30, 34, 40):
        spectrum = bound_states(model, modes=modes)
        errors = np.abs(spectrum.energies[1:] / PUBLISHED[0.01] - 1)
        scale = np.maximum(spectrum.energies[1:-1], np.diff(spectrum.energies[1:]))
        r = spectrum.residuals[1:-1] * scale
        gaps = np.minimum(np.diff(spectrum.energies)[:-1], np.diff(spectrum.energies)[1:])
        assert np.all(errors[:-1] * spectrum.energies[1:-1] <= r**2 / gaps + 1e-12), (modes, errors, r)


# Five digits by finite volumes, another program (mu2 = 9).
NINE = [
    (4.0, 0.001, [0.06859, 0.15581, 0.20353, 0.31074]),
    (4.0, 0.01, [0.06655, 0.15177, 0.19137, 0.29420]),
    (6.0, 0.001, [0.02636, 0.04103, 0.07519, 0.08073]),
    (6.0, 0.01, [0.02194, 0.03409, 0.05314, 0.07748]),
    (8.0, 0.001, [0.00458, 0.01170, 0.02226]),
]


@pytest.mark.parametrize(("kappa", "g2", "energies"), NINE)
def test_rbm_levels_at_mu2_nine(kappa: float, g2: float, energies: list[float]) -> None:
    found = bound_states(rbm(kappa=[kappa], mu2=9.0, g2=g2), states=len(energies) + 1).energies[1:]
    np.testing.assert_allclose(found, energies, atol=2.5e-5)


def test_weak_noise_limit_is_two_harmonic_ladders() -> None:
    # {(2m+1)K'(0)/2} of the wall and {nΩ/2} of the fixed point, K'(0) = 1/2 and Ω = 1. The cubic term of V shifts states
    # at the wall in first order, by g; those around the fixed point only in second order, by g².
    limit = np.array([0.25, 0.5, 0.75, 1.0, 1.25])
    errors = [
        np.abs(bound_states(rbm(kappa=[1.0], mu2=2.0, g2=g2), states=6).energies[1:] - limit) for g2 in (1e-4, 1e-5)
    ]
    orders = np.log10(errors[0] / errors[1])
    assert np.all(np.abs(orders - [0.5, 1.0, 0.5, 1.0, 0.5]) < 0.1), (errors, orders)
    assert errors[1].max() < 0.02


def test_ornstein_uhlenbeck_and_hermite_functions() -> None:
    spectrum = bound_states(dyson(levels=1, stiffness=1.7, centre=-0.4, g2=0.3), states=9)
    np.testing.assert_allclose(spectrum.energies, 0.85 * np.arange(9), rtol=1e-12, atol=1e-20)
    y = (spectrum.x + 0.4) / np.sqrt(0.3 / 1.7)
    for n in range(9):
        hermite = np.polynomial.hermite_e.HermiteE.basis(n)(y) * np.exp(-0.25 * y**2)
        hermite /= np.sqrt(np.sum(hermite**2) * (spectrum.x[1] - spectrum.x[0]))
        np.testing.assert_allclose(spectrum.psi[n], hermite, atol=1e-9)


@pytest.mark.parametrize("rows", [1, 2, 3, 12, 200])
def test_laguerre_rates_for_every_power_at_the_wall(rows: int) -> None:
    # Rates 2λn although √P_s is x^{(M−2)/4}: a quarter power of either sign, and none at all for M = 2.
    spectrum = bound_states(laguerre(rows=rows, temperature=0.1, weight_decay=0.7), states=6)
    np.testing.assert_allclose(spectrum.rates, 1.4 * np.arange(6), rtol=1e-11, atol=1e-18)
    assert spectrum.ground_state_error < 1e-12


@pytest.mark.parametrize(("p", "q"), [(0.0, 0.0), (-0.5, -0.5), (0.5, 3.2), (-0.7, 20.0), (60.0, 0.25)])
def test_jacobi_rates(p: float, q: float) -> None:
    n = np.arange(6)
    spectrum = bound_states(jacobi(p=p, q=q, strength=2.0), states=6)
    np.testing.assert_allclose(spectrum.rates, 2.0 * n * (n + p + q + 1), rtol=1e-11, atol=1e-18)


def test_inverse_gamma_rates_below_the_continuum() -> None:
    # λ_n = cn(ν − 1 − n), n < (ν − 1)/2, power-law wavefunctions over ten decades; ν = 11.
    spectrum = bound_states(geometric(source=1.0, strength=1.0, growth=-9.0), states=4)
    np.testing.assert_allclose(spectrum.rates, [0.0, 9.0, 16.0, 21.0], rtol=1e-10, atol=1e-18)


def test_derived_noise_relaxes_at_omega_for_small_steps() -> None:
    # E_1 → Ω/2 = 1/2 as α/B → 0; a coordinate-dependent D, singular at both walls.
    errors = [
        0.5
        - bound_states(rbm(kappa=[1.0], mu2=2.0, noise=PcdNoise(learning_rate=a, batch_size=1)), states=2).energies[1]
        for a in (4e-5, 1e-5)
    ]
    assert abs(np.log(errors[0] / errors[1]) / np.log(4.0) - 1.0) < 0.1, errors


FLAT = {"v": np.zeros_like, "dv": np.zeros_like, "d2v": np.zeros_like, "g2": 2.0, "domain": (0.0, 1.0)}


@pytest.mark.parametrize(
    ("boundary", "wavenumbers"),
    [
        ("reflecting", np.pi * np.arange(6)),
        ("absorbing", np.pi * np.arange(1, 7)),
        (("reflecting", "absorbing"), np.pi * (np.arange(6) + 0.5)),
        (("absorbing", "reflecting"), np.pi * (np.arange(6) + 0.5)),
        ("periodic", 2 * np.pi * np.array([0, 1, 1, 2, 2, 3])),
    ],
)
def test_free_box_with_any_walls(boundary: object, wavenumbers: np.ndarray) -> None:
    spectrum = bound_states(potential(**FLAT, boundary=boundary), states=6)
    np.testing.assert_allclose(spectrum.energies, wavenumbers**2, rtol=1e-12, atol=1e-12)
    width = spectrum.x[1] - spectrum.x[0]
    np.testing.assert_allclose(spectrum.psi @ spectrum.psi.T * width, np.eye(6), atol=1e-3)
    assert np.isnan(spectrum.ground_state_error) == ("absorbing" in str(boundary))


def test_half_harmonic_well_with_an_absorbing_wall_keeps_the_odd_states() -> None:
    half = potential(
        lambda x: x**2 / 2, lambda x: x, np.ones_like, domain=(0.0, 12.0), g2=1.0, boundary=("absorbing", "reflecting")
    )
    np.testing.assert_allclose(bound_states(half, states=4).energies, [0.5, 1.5, 2.5, 3.5], rtol=1e-11)


def test_ring_against_plane_waves() -> None:
    def v(x: np.ndarray) -> np.ndarray:
        return np.cos(2 * np.pi * x) + 0.4 * np.sin(4 * np.pi * x)

    def dv(x: np.ndarray) -> np.ndarray:
        return -2 * np.pi * np.sin(2 * np.pi * x) + 1.6 * np.pi * np.cos(4 * np.pi * x)

    def d2v(x: np.ndarray) -> np.ndarray:
        return -4 * np.pi**2 * np.cos(2 * np.pi * x) - 6.4 * np.pi**2 * np.sin(4 * np.pi * x)

    g2 = 0.3
    grid = np.arange(256) / 256
    u = dv(grid) ** 2 / (8 * g2) - d2v(grid) / 4
    k = np.arange(-40, 41)
    modes = np.fft.fft(u) / 256
    h = np.diag(0.5 * g2 * (2 * np.pi * k) ** 2).astype(complex) + modes[(k[:, None] - k[None, :]) % 256]
    truth = np.linalg.eigvalsh(h)[:6]
    spectrum = bound_states(potential(v, dv, d2v, domain=(0.0, 1.0), g2=g2, boundary="periodic"), states=6)
    np.testing.assert_allclose(spectrum.energies, truth, atol=1e-11)
    # ψ closes: the table's first and last midpoints are half a cell from the seam on either side.
    assert np.abs(spectrum.psi[:, 0] - spectrum.psi[:, -1]).max() < 0.05


def test_too_many_modes_needed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fpsolve.solvers.bound_states_legendre._MOST_MODES", 96)
    with pytest.raises(ConvergenceError, match=r"bidiagonal remains \(after 96 steps"):
        bound_states(rbm(kappa=[1.0], mu2=2.0, g2=1e-4), states=3)
