"""The rational exponential and its tridiagonal solves against mpmath and dense linear algebra."""

import mpmath
import numpy as np
import pytest
from scipy.linalg import expm

from fpsolve.kernels.cram import CRAM_CONSTANT, CRAM_POLES, CRAM_WEIGHTS, cram_apply, cram_apply_ring, cram_factor
from fpsolve.kernels.tridiagonal import factor_shifted, solve_shifted

RNG = np.random.default_rng(20240723)


def chain(cells, *, lossy, spread=3.0):
    """Random rates over many orders of magnitude."""
    up, down = np.exp(spread * RNG.standard_normal((2, cells)))
    if not lossy:
        up[-1] = down[0] = 0.0
    return up, down


def dense(up, down, *, ring=False):
    matrix = np.diag(-(up + down)) + np.diag(up[:-1], -1) + np.diag(down[1:], 1)
    if ring:
        matrix[0, -1] += up[-1]
        matrix[-1, 0] += down[0]
    return matrix


def step(up, down, length, mass, *, ring=False):
    rows = up.size - 1 if ring else up.size
    inverse = np.empty((2, rows, 8))
    parts, out = np.empty((2, up.size, 8)), np.empty_like(mass)
    cram_factor(up[:rows], down[:rows], length, inverse[0], inverse[1])
    apply = cram_apply_ring if ring else cram_apply
    apply(up, down, length, inverse[0], inverse[1], mass, parts[0], parts[1], out)
    return out


def test_constants_approximate_the_exponential_to_1e_15_on_the_whole_half_axis() -> None:
    worst = mpmath.mpf(0)
    with mpmath.workdps(40):
        poles = [mpmath.mpc(p.real, p.imag) for p in CRAM_POLES]
        weights = [mpmath.mpc(w.real, w.imag) for w in CRAM_WEIGHTS]
        for z in [0.0, *(-np.geomspace(1e-4, 1e6, 300))]:
            value = CRAM_CONSTANT + 2 * sum((w / (z - p)).real for w, p in zip(weights, poles, strict=True))
            worst = max(worst, abs(value - mpmath.exp(z)))
    # 2e-16 for the published digits, a little more for those that fit into a double.
    assert worst < 3e-14


@pytest.mark.parametrize("lossy", [False, True])
def test_shifted_solve(lossy: bool) -> None:
    up, down = chain(60, lossy=lossy)
    shifts = CRAM_POLES / 0.37
    inverse, out = np.empty((2, 60, 8)), np.empty((2, 60, 8))
    factor_shifted(up, down, shifts.real.copy(), shifts.imag.copy(), inverse[0], inverse[1])
    right = RNG.random(60)
    solve_shifted(up, down, inverse[0], inverse[1], right, out[0], out[1])
    for k, shift in enumerate(shifts):
        exact = np.linalg.solve(shift * np.eye(60) - dense(up, down), right)
        np.testing.assert_allclose(out[0, :, k] + 1j * out[1, :, k], exact, rtol=1e-10, atol=1e-14)


def test_small_shift_beside_huge_rates_keeps_the_total() -> None:
    """Σx = Σb/z to rounding; ordinary elimination loses z = 1e-12 beside rates of 1e12."""
    up, down = chain(200, lossy=False)
    up, down = 1e12 * up, 1e12 * down
    shift = np.array([1e-12])
    inverse, out = np.empty((2, 200, 1)), np.empty((2, 200, 1))
    factor_shifted(up, down, shift, np.zeros(1), inverse[0], inverse[1])
    right = RNG.random(200)
    solve_shifted(up, down, inverse[0], inverse[1], right, out[0], out[1])
    assert out[0].sum() * shift[0] == pytest.approx(right.sum(), rel=1e-13)


@pytest.mark.parametrize("ring", [False, True])
@pytest.mark.parametrize("lossy", [False, True])
def test_step_is_the_matrix_exponential(ring: bool, lossy: bool) -> None:
    up, down = chain(40, lossy=lossy or ring, spread=0.5)
    mass = RNG.random(40)
    for length in (0.01, 1.0, 30.0):
        exact = expm(length * dense(up, down, ring=ring)) @ mass
        np.testing.assert_allclose(step(up, down, length, mass, ring=ring), exact, atol=2e-12)


def test_masses_that_decay_to_nothing_become_zero_and_not_denormal() -> None:
    up, down = np.full(3000, 1.0), np.full(3000, 1.0)
    up[-1] = down[0] = 0.0
    mass = np.zeros(3000)
    mass[0] = 1.0
    out = step(up, down, 1e-3, mass)
    assert np.all((out == 0.0) | (np.abs(out) > 1e-290))
    assert out[-1] == 0.0
