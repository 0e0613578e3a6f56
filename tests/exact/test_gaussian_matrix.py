"""Gaussian matrix laws against closed forms, direct simulation of matrices and of training, and published numbers."""

import numpy as np
import pytest
from scipy import stats
from scipy.linalg import solve_discrete_lyapunov
from scipy.special import ive

from fpsolve.errors import ModelError
from fpsolve.exact import GaussianRbm, TwoLevelSemicircle, mean_spacing, spacing_cdf
from fpsolve.exact.gaussian_matrix import GaussianMatrix
from fpsolve.exact.gaussian_matrix_pair import GaussianPair
from fpsolve.exact.gaussian_matrix_rbm import finite_step_matrix_variance, rbm_matrix_law
from fpsolve.exact.gaussian_matrix_tables import matrix_tables
from fpsolve.exact.gaussian_matrix_teacher import TeacherStudentMatrix

PAIR = GaussianMatrix(np.array([1.0, 1.5]), np.array([[0.04, 0.01], [0.01, 0.09]]), np.full((2, 2), 0.01))
THREE = GaussianMatrix.independent(
    np.array([1.0, 1.1, 2.0]), np.array([[0.2, 0.1, 0.3], [0.1, 0.3, 0.2], [0.3, 0.2, 0.1]])
)


def test_goe_pair_is_the_two_level_semicircle():
    pair = GaussianPair(GaussianMatrix(np.ones(2), 0.04 * np.eye(2), np.full((2, 2), 0.02)))
    truth = TwoLevelSemicircle(1.0, 0.2)
    x = np.linspace(-1.0, 3.0, 81)
    for level in (0, 1):
        np.testing.assert_allclose(pair.level_pdf(x, level), truth.level_pdf(x, level), atol=1e-13)
        edges = pair.level_edges(level)
        np.testing.assert_allclose(
            np.cumsum(pair.level_masses(edges, level)), truth.level_cdf(edges[1:], level), atol=1e-12
        )
    np.testing.assert_allclose(pair.mean, truth.level_mean, rtol=1e-14)
    np.testing.assert_allclose(pair.std, truth.level_std, rtol=1e-12)
    assert pair.mean_spacing == pytest.approx(mean_spacing(0.2), rel=1e-14)
    np.testing.assert_allclose(pair.spacing_cdf(x[x > 0]), spacing_cdf(x[x > 0], 0.2), atol=1e-13)
    lower, upper = np.meshgrid([0.5, 0.9], [1.0, 1.4], indexing="ij")
    gas = (upper - lower) * np.exp(-((lower - 1) ** 2 + (upper - 1) ** 2) / 0.08) / (2 * np.sqrt(np.pi) * 0.2**3)
    np.testing.assert_allclose(pair.pdf(lower, upper), gas, rtol=1e-12)
    assert pair.pdf(1.2, 1.1) == 0.0


def test_spacing_of_anisotropic_elements_with_one_centre():
    """|(u, w)| of independent normals of variances a and b: S/√(ab) e^{−S²(1/a + 1/b)/4} I_0(S²(1/b − 1/a)/4)."""
    pair = GaussianPair(GaussianMatrix(np.zeros(2), np.diag([0.3, 0.5]), np.full((2, 2), 0.02)))
    a, b, s = 0.8, 0.08, np.linspace(0.01, 5.0, 60)
    argument = s**2 * (1 / b - 1 / a) / 4
    truth = s / np.sqrt(a * b) * np.exp(-(s**2) / (2 * a)) * ive(0, argument)
    np.testing.assert_allclose(pair.spacing_pdf(s), truth, rtol=1e-11, atol=1e-15)


def test_quadrature_of_a_pair_agrees_with_its_samples():
    pair, x = GaussianPair(PAIR), PAIR.sample(100_000, rng=1)
    for level in (0, 1):
        assert stats.kstest(x[:, level], pair.level_law(level).cdf).pvalue > 1e-3
    spacing = np.diff(x)[:, 0]
    assert stats.kstest(spacing[:20_000], pair.spacing_cdf).pvalue > 1e-3
    error = 5.0 / np.sqrt(100_000)
    np.testing.assert_allclose(pair.mean, x.mean(axis=0), atol=error * 0.3)
    np.testing.assert_allclose(pair.std, x.std(axis=0), rtol=error)
    assert pair.spacing_std == pytest.approx(spacing.std(), rel=error)
    assert pair.correlation == pytest.approx(np.corrcoef(x.T)[0, 1], abs=error)


def test_joint_density_of_a_pair_has_the_right_marginals():
    pair = GaussianPair(PAIR)
    x = np.linspace(-1.0, 4.0, 251)
    joint = pair.pdf(x[:, None], x[None, :])
    np.testing.assert_allclose(np.sum(joint, axis=1) * 0.02, pair.level_pdf(x, 0), atol=1e-3)
    np.testing.assert_allclose(np.sum(joint, axis=0) * 0.02, pair.level_pdf(x, 1), atol=1e-3)


def test_levels_far_apart_are_the_diagonal_elements():
    law = GaussianMatrix.independent(np.array([0.0, 1.0]), np.array([[1e-4, 1e-6], [1e-6, 4e-4]]))
    pair = GaussianPair(law)
    np.testing.assert_allclose(pair.mean, [-1e-6, 1 + 1e-6], atol=1e-8)
    np.testing.assert_allclose(pair.std, [1e-2, 2e-2], rtol=1e-5)
    assert np.sum(pair.level_masses(pair.level_edges(0), 0)) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize(("apart", "off"), [(0.0, 1e-7), (0.0, 0.1), (0.3, 1e-6), (0.05, 2e-4)])
def test_thin_ellipses_are_integrated_too(apart, off):
    """Total probability, and ⟨x_1x_2⟩ = ⟨det X⟩ = c_1c_2 − V, to 1e-10 of the scales."""
    law = GaussianMatrix.independent(np.array([0.0, apart]), np.array([[1e-4, off], [off, 4e-4]]))
    pair = GaussianPair(law)
    scale = pair.spacing_std
    for level in (0, 1):
        assert np.sum(pair.level_masses(pair.level_edges(level), level)) == pytest.approx(1.0, abs=1e-10)
    product = pair.correlation * np.prod(pair.std) + np.prod(pair.mean)
    assert product == pytest.approx(-off, abs=1e-9 * (scale**2 + apart**2))
    s = np.linspace(0.0, pair.mean_spacing + 8 * scale, 4001)
    integral = np.sum(s * pair.spacing_pdf(s)) * s[1]
    assert integral == pytest.approx(pair.mean_spacing, rel=1e-3)
    step = s[1] / 2
    np.testing.assert_allclose(
        (pair.spacing_cdf(s[1:] + step) - pair.spacing_cdf(s[1:] - step)) / s[1] * scale,
        pair.spacing_pdf(s[1:]) * scale,
        atol=2e-3,
    )


def test_samples_are_eigenvalues_and_repeat():
    x = THREE.sample(20_000, rng=3)
    assert np.all(np.diff(x, axis=1) >= 0.0)
    np.testing.assert_array_equal(x[:700], THREE.sample(700, rng=3))
    np.testing.assert_array_equal(x, THREE.sample(20_000, rng=np.random.default_rng(3)))
    rng = np.random.default_rng(4)
    truth = np.empty((20_000, 3))
    for row in truth:
        m = np.diag(rng.normal(THREE.centre, np.sqrt(np.diag(THREE.covariance))))
        for i in range(3):
            for j in range(i):
                m[i, j] = m[j, i] = rng.normal(0.0, np.sqrt(THREE.variance[i, j]))
        row[:] = np.linalg.eigvalsh(m)
    for level in range(3):
        assert stats.ks_2samp(x[:, level], truth[:, level]).pvalue > 1e-3
    assert stats.ks_2samp(x[:, 1] - x[:, 0], truth[:, 1] - truth[:, 0]).pvalue > 1e-3
    assert stats.ks_2samp(x[:, 1] * x[:, 2], truth[:, 1] * truth[:, 2]).pvalue > 1e-3


def test_tables_of_samples_have_true_errors():
    """Held against the quadrature of a pair: every deviation within 5 standard errors, and these of the right size."""
    pair = GaussianPair(PAIR)
    tables = matrix_tables(PAIR, PAIR.sample_without_shift(2**16, rng=5), cells=60, bins=40)
    for level in (0, 1):
        truth = pair.level_masses(tables.edges[level], level)
        assert np.all(np.abs(tables.masses[level] - truth) < 6.0 * tables.masses_error[level] + 1e-6)
        # Without integrating the common shift the errors would be those of counting.
        counting = np.sqrt(truth.max() / 2**16)
        assert tables.masses_error[level].max() < 0.7 * counting
    np.testing.assert_allclose(tables.mean, pair.mean, atol=5 * tables.mean_error.max())
    np.testing.assert_allclose(tables.std, pair.std, atol=5 * tables.std_error.max())
    assert tables.mean_spacing[0] == pytest.approx(pair.mean_spacing, abs=5 * tables.mean_spacing_error[0])
    assert tables.correlation[0] == pytest.approx(pair.correlation, abs=0.02)
    spacing = np.diff(pair.spacing_cdf(tables.spacing_edges[0]))
    assert np.all(np.abs(tables.spacing_masses[0] - spacing) < 6.0 * tables.spacing_masses_error[0] + 3e-5)
    assert 1e-4 < tables.distribution_error < 4e-3


def test_refusals():
    with pytest.raises(ModelError, match="shapes"):
        GaussianMatrix(np.zeros(2), np.eye(3), np.eye(2))
    with pytest.raises(ModelError, match="positive definite"):
        GaussianMatrix(np.zeros(2), np.zeros((2, 2)), np.ones((2, 2)))
    with pytest.raises(ModelError, match="not negative"):
        GaussianMatrix(np.zeros(2), np.eye(2), -np.ones((2, 2)))
    with pytest.raises(ModelError, match="2 levels"):
        GaussianPair(THREE)
    with pytest.raises(ModelError, match="unstable"):
        rbm_matrix_law(GaussianRbm((1.0,), 2.0, 4.0, 16.0, 1, "exact"))
    with pytest.raises(ModelError, match="one of them"):
        TeacherStudentMatrix((1.0, 4.0), 2.0, 0.1, 16)
    with pytest.raises(ModelError, match="unstable"):
        TeacherStudentMatrix((1.0, 4.0), 2.0, 0.6, 16, gradient_noise=0.01)


@pytest.mark.parametrize("data", ["exact", "batch"])
@pytest.mark.parametrize("sweeps", [1, 3])
def test_finite_step_variance_of_every_element(sweeps, data):
    """Element ij and its chain covariance are two coupled linear recursions: the discrete Lyapunov equation."""
    theory = GaussianRbm((1.4, 1.0, 0.6), 2.0, 0.15, 16.0, sweeps, data)
    kappa, x, chi = np.array(theory.kappa), theory.levels, float(data == "batch")
    found = finite_step_matrix_variance(theory)
    for i in range(3):
        for j in range(3):
            r, s = (x[i] * x[j] / 4.0) ** sweeps, 1 / (kappa[i] * kappa[j])
            a, extra = 0.15 * (x[i] + x[j]), 1.0 + (i == j)
            step = np.array([[1 - a * (1 - r) * s, -a * r], [(1 - r) * s, r]])
            source = np.array([[-a, a], [1.0, 0.0]])
            noise = source @ np.diag([extra * (1 - r**2) * s / 16, extra * chi * s / 16]) @ source.T
            assert found[i, j] == pytest.approx(solve_discrete_lyapunov(step, noise)[0, 0], rel=1e-12)
    assert np.diag(found) == pytest.approx(theory.finite_step_variance, rel=1e-13)
    slow = GaussianRbm((1.4, 1.0, 0.6), 2.0, 1e-9, 16.0, sweeps, data)
    np.testing.assert_allclose(finite_step_matrix_variance(slow), slow.matrix_variance, rtol=1e-7)


def contrastive_divergence(theory, replicas, burn, every, records, seed):
    """Plain numpy training of X in the eigenbasis of the target, recorded matrices, shape (record, replica, n, n)."""
    rng = np.random.default_rng(seed)
    kappa, n, batch = np.array(theory.kappa), len(theory.kappa), int(theory.batch_size)
    w = np.broadcast_to(np.diag(np.sqrt(theory.levels)), (replicas, n, n)).copy()
    v = rng.normal(size=(replicas, batch, n)) / np.sqrt(kappa)
    out = []
    for update in range(1, burn + every * (records - 1) + 1):
        for _ in range(theory.sweeps):
            h = v @ w + rng.normal(size=v.shape)
            v = (h @ w.transpose(0, 2, 1)) / theory.mu2 + rng.normal(size=v.shape) / np.sqrt(theory.mu2)
        gradient = -v.transpose(0, 2, 1) @ v / batch
        if theory.data == "batch":
            fresh = rng.normal(size=v.shape) / np.sqrt(kappa)
            gradient += fresh.transpose(0, 2, 1) @ fresh / batch
        else:
            gradient += np.diag(1 / kappa)
        w = w + theory.learning_rate * gradient @ w
        if update >= burn and (update - burn) % every == 0:
            out.append(w @ w.transpose(0, 2, 1))
    return np.array(out)


@pytest.mark.parametrize("data", ["exact", "batch"])
def test_trained_matrices_have_the_predicted_elements_and_spacings(data):
    """κ = 4, 4, 6, μ² = 9, α = 0.1, B = 64, k = 1: every variance, the levels' means and ⟨S⟩ of the pair, nothing fitted."""
    theory = GaussianRbm((6.0, 4.0, 4.0), 9.0, 0.1, 64.0, 1, data)
    law = rbm_matrix_law(theory)
    x = contrastive_divergence(theory, 300, 250, 150, 4, seed=6)
    variance = x.var(axis=(0, 1))
    independent = 1200
    predicted = finite_step_matrix_variance(theory)
    np.testing.assert_allclose(variance / predicted, 1.0, atol=5 * np.sqrt(2 / independent))
    levels = np.linalg.eigvalsh(x).reshape(-1, 3)
    truth = law.sample(200_000, rng=7)
    error = truth.std(axis=0) / np.sqrt(independent)
    assert np.all(np.abs(levels.mean(axis=0) - truth.mean(axis=0)) < 4.5 * error)
    spacing, expected = levels[:, 2] - levels[:, 1], truth[:, 2] - truth[:, 1]
    assert spacing.mean() / expected.mean() == pytest.approx(1.0, abs=4.5 * 0.52 / np.sqrt(independent))
    assert stats.ks_2samp(spacing, expected).pvalue > 1e-3
    # Without the memory of the chains the spacing would be 1/√(E + χ_d)·√(1 + χ_d) as wide.
    assert np.sqrt(predicted[2, 2] / (theory.learning_rate / 64 * 10 * (1 + theory.chi))) > 1.1


PUBLISHED = {
    0.01: (0.1354, 0.1183, 0.0913, 0.0764),
    0.02: (0.1880, 0.1699, 0.1212, 0.1043),
    0.04: (0.2568, 0.2412, 0.1682, 0.1351),
}


def test_published_spacings():
    """⟨S⟩ of the four pairs of arXiv:2407.16427 (B = 16, k = 3, exact data term) from its released matrices.

    The seeds of that ensemble repeat: each number has an error of 3 to 5 %, correlated between learning rates, and the
    pair κ = 6.62 lies 12 % low at two of them. Own trainings with 4096 independent replicas at α = 0.04 give 0.2535,
    0.2353, 0.1896 and 0.1437, each to 0.8 %.
    """
    kappa = (8.0, 7.61803, 7.61803, 6.61803, 6.61803, 5.38197, 5.38197, 4.38197, 4.38197, 4.0)
    ratios = []
    for alpha, published in PUBLISHED.items():
        law = rbm_matrix_law(GaussianRbm(kappa, 9.0, alpha, 16.0, 3, "exact"))
        spacing = np.diff(law.sample(40_000, rng=8).mean(axis=0))[[7, 5, 3, 1]]
        ratios.append(spacing / published)
        if alpha == 0.04:
            assert spacing == pytest.approx([0.2535, 0.2353, 0.1896, 0.1437], rel=0.025)
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.04)
    np.testing.assert_allclose(np.array(ratios)[:, :2], 1.0, atol=0.034)
    np.testing.assert_allclose(ratios, 1.0, atol=0.15)


@pytest.mark.parametrize(("alpha", "batch", "published"), [(0.1, 16, 1.8245), (0.1, 4, 1.8429), (0.5, 16, 2.0907)])
def test_teacher_student_spacing_of_one_species(alpha, batch, published):
    """⟨S⟩/√(αA/B) = √π/√[1 − (α/2)(1 + 2/B)] to first order in α/B, here to all orders."""
    law = TeacherStudentMatrix((1.0, 1.0), 2.0, alpha, batch, gradient_noise=0.01).law
    assert GaussianPair(law).mean_spacing / np.sqrt(alpha * 0.01 / batch) == pytest.approx(published, rel=1e-3)


@pytest.mark.parametrize("noise", ["gradient", "label"])
def test_second_moments_of_a_student_by_simulation(noise):
    """2×2 student behind Z with z = 1, 4: variances of both parts, and the law of the spacing of its singular values."""
    z, alpha, batch, replicas = np.array([1.0, 4.0]), 0.1, 8, 12_000
    strength = {f"{noise}_noise": 1e-4}
    model = TeacherStudentMatrix((1.0, 4.0), 2.0, alpha, batch, **strength)
    rng = np.random.default_rng(9)
    delta = np.zeros((replicas, 2, 2))
    for _ in range(60):
        x = rng.normal(size=(replicas, batch, 2))
        gradient = z[:, None] * (delta @ (x.transpose(0, 2, 1) @ x / batch))
        if noise == "gradient":
            a = rng.normal(size=(replicas, 2, 2)) * 1e-2 / np.sqrt(batch)
            gradient += (a + a.transpose(0, 2, 1)) / np.sqrt(2)
        else:
            e = rng.normal(size=(replicas, batch, 2)) * 1e-2
            gradient += np.sqrt(z)[:, None] * (e.transpose(0, 2, 1) @ x / batch)
        delta = delta - alpha * gradient
    scale = alpha * 1e-4 / batch
    for i, k in ((0, 0), (0, 1), (1, 1)):
        found = np.mean(delta[:, i, :, None] * delta[:, k, None, :], axis=0)
        np.testing.assert_allclose(model.rows(i, k) / scale, found / scale, atol=0.07)
    pair = GaussianPair(model.law)
    singular = np.linalg.svd(2.0 * np.eye(2) + delta, compute_uv=False)
    assert stats.kstest(singular[:, 0] - singular[:, 1], pair.spacing_cdf).pvalue > 1e-3
    assert stats.kstest(singular[:, 0], pair.level_law(1).cdf).pvalue > 1e-3
    # One species with the mean variance is another law.
    single = np.sqrt(np.trace(model.law.covariance) / 2)
    wrong = stats.kstest(singular[:, 0] - singular[:, 1], lambda s: spacing_cdf(s, single)).pvalue
    assert (wrong < 1e-6) == (noise == "gradient")
