"""Gaussian matrix law of the RBM against published numbers and the linearised training chain."""

import numpy as np
import pytest
from scipy.linalg import solve_discrete_lyapunov

from fpsolve.exact.rbm_gaussian import GaussianRbm

KAPPA = (8.0, 7.61803, 7.61803, 6.61803, 6.61803, 5.38197, 5.38197, 4.38197, 4.38197, 4.0)

# Released data of arXiv:2407.16427 (B = 16, k = 3, exact data term): α and ⟨S⟩ of κ = 4.38, 5.38, 6.62, 7.62. The
# seeds of that ensemble repeat, so each number carries an error of about 3.4 %.
PUBLISHED = [(0.01, 0.1354, 0.1183, 0.0913, 0.0764), (0.02, 0.1880, 0.1699, 0.1212, 0.1043)]


@pytest.mark.parametrize("row", PUBLISHED)
def test_published_spacings(row):
    alpha, *spacings = row
    theory = GaussianRbm(KAPPA, 9.0, alpha, 16.0, 3, "exact")
    predicted = np.sqrt(np.pi * theory.variance)[[7, 5, 3, 1]]
    assert predicted == pytest.approx(spacings, rel=0.15)
    assert np.mean(predicted / spacings) == pytest.approx(1.0, abs=0.05)


def test_published_means():
    """Means of the pairs at α = 0.01: 4.610, 3.610, 2.370, 1.373."""
    theory = GaussianRbm(KAPPA, 9.0, 0.01, 16.0, 3, "exact")
    assert theory.mean[[7, 5, 3, 1]] == pytest.approx([4.610, 3.610, 2.370, 1.373], abs=0.01)


def test_white_noise_shift_of_one_level():
    """ρ → 0, exact data: −(α/B)(1 + 2x/κ)."""
    theory = GaussianRbm((4.0,), 9.0, 0.01, 16.0, 400, "exact")
    assert theory.mean[0] - 5.0 == pytest.approx(-0.01 / 16 * (1 + 2 * 5 / 4), rel=1e-12)


def test_white_noise_shift_of_several_levels():
    """ρ → 0, exact data: ξ̄_ii = −(α/2B) Σ_j (1 + δ_ij)(μ² + x_j)/κ_j."""
    kappa = np.array([8.0, 6.0, 6.0, 4.0])
    theory = GaussianRbm(tuple(kappa), 9.0, 0.02, 16.0, 600, "exact")
    x = 9.0 - kappa
    expected = [-(0.02 / 32) * sum((1 + (i == j)) * (9 + x[j]) / kappa[j] for j in range(4)) for i in range(4)]
    assert theory.matrix_mean_shift == pytest.approx(expected, rel=1e-9)


def test_memory_of_the_chains_moves_the_mean_of_the_top_level():
    """κ = 4, 6, 6, 8, α = 0.02, B = 16: ξ̄ of the top level is −0.0012 for k = 1, −0.0077 without memory."""
    keys = {"kappa": (8.0, 6.0, 6.0, 4.0), "mu2": 9.0, "learning_rate": 0.02, "batch_size": 16.0, "data": "exact"}
    one = GaussianRbm(sweeps=1, **keys)
    many = GaussianRbm(sweeps=600, **keys)
    assert one.matrix_mean_shift[-1] == pytest.approx(-0.0012, abs=6e-5)
    assert many.matrix_mean_shift[-1] == pytest.approx(-0.0077, abs=6e-5)


def test_leading_variance_of_one_level():
    """κ = 1, μ² = 2, k = 1, batch data: σ² = (16/3)α/B."""
    theory = GaussianRbm((1.0,), 2.0, 0.01, 16.0, 1, "batch")
    assert theory.variance[0] == pytest.approx(16 / 3 * 0.01 / 16, rel=1e-14)
    assert theory.matrix_variance[0, 0] == pytest.approx(theory.variance[0], rel=1e-14)


@pytest.mark.parametrize("data", ["exact", "batch"])
@pytest.mark.parametrize("sweeps", [1, 3])
def test_finite_step_variance_is_that_of_the_linear_chain(sweeps, data):
    """Stationary covariance of (level, chain covariance, data noise) from the discrete Lyapunov equation.

    y' = r y + (1 − r)δ/κ² + n,  δ' = δ − a y' + a η, a = 2αx, r = ρ², Var n = 2(1 − r²)/(Bκ²), Var η = 2χ_d/(Bκ²).
    """
    kappa, mu2, alpha, batch = 1.0, 2.0, 0.2, 16.0
    x = mu2 - kappa
    r, a, s = (x / mu2) ** (2 * sweeps), 2 * alpha * x, 1 / kappa**2
    chi = float(data == "batch")
    step = np.array([[1 - a * (1 - r) * s, -a * r], [(1 - r) * s, r]])
    source = np.array([[-a, a], [1.0, 0.0]])
    noise = source @ np.diag([2 * (1 - r**2) * s / batch, 2 * chi * s / batch]) @ source.T
    truth = solve_discrete_lyapunov(step, noise)[0, 0]
    theory = GaussianRbm((kappa,), mu2, alpha, batch, sweeps, data)
    assert theory.finite_step_variance[0] == pytest.approx(truth, rel=1e-12)
    assert abs(theory.variance[0] / truth - 1) > 0.05


def test_finite_step_variance_has_the_leading_one_as_its_limit():
    small = GaussianRbm((1.0,), 2.0, 1e-9, 16.0, 1, "batch")
    assert small.finite_step_variance[0] == pytest.approx(small.variance[0], rel=1e-8)


def test_degenerate_pairs_are_goe():
    theory = GaussianRbm((6.0, 6.0), 9.0, 0.01, 16.0, 2, "batch")
    variance = theory.matrix_variance
    assert variance[0, 0] == pytest.approx(2 * variance[0, 1], rel=1e-14)
    assert np.array_equal(variance, variance.T)
