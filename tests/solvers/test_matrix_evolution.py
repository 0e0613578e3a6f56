"""Levels of Gaussian weight matrices in time: matrix Ornstein–Uhlenbeck, Wishart, moments iterated update by update."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from fpsolve.errors import GridError, MethodError, ModelError
from fpsolve.exact import StudentCourse, TeacherStudentMatrix, TwoSpeciesGas
from fpsolve.exact.semicircle_two_level import TwoLevelSemicircle
from fpsolve.models import dyson, initial, laguerre, teacher_student
from fpsolve.models.initial_weights import WeightsLaw
from fpsolve.sgd import train_teacher_student
from fpsolve.solvers import matrix_draws
from fpsolve.solvers.evolve import evolve
from fpsolve.solvers.matrix_models import matrix_flow
from fpsolve.solvers.matrix_tables import level_masses
from fpsolve.solvers.stationary import stationary

Z = (1.0, 4.0)


def student(**changes):
    settings = {"learning_rate": 0.05, "batch_size": 16, "gradient_noise": 0.1, "second_layer": list(Z)}
    return teacher_student([2.0, 2.0], **(settings | changes))


def iterated(updates, start, *, alpha, batch, eps, sigma, z, fresh=True):
    """⟨δ_ij δ_kl⟩ after some updates, straight from δ' = δ − αzδĈ + noise with ⟨Ĉ_mj Ĉ_nl⟩ by Isserlis' theorem."""
    n, moments = len(z), start
    eye = np.eye(n)
    for _ in range(updates):
        following = np.empty_like(moments)
        for i in range(n):
            for k in range(n):
                own = moments[i, :, k, :]
                data = (own.T + np.trace(own) * eye) / batch if fresh else 0.0
                noise = eps**2 * ((i == k) * eye + np.outer(eye[k], eye[i])) + sigma**2 * z[i] * (i == k) * eye
                both = own * (1 - alpha * z[i] - alpha * z[k]) + alpha**2 * z[i] * z[k] * (own + data)
                following[i, :, k, :] = both + alpha**2 / batch * noise
        moments = following
    return moments


@pytest.mark.parametrize(
    ("inputs", "batch", "z"),
    [
        ("batch", 4, (0.5, 1.0, 3.0)),
        ("exact", 4, (0.5, 1.0, 3.0)),
        # The antisymmetric part of the last two rows changes its sign at every update.
        ("batch", 3, (1.0, 7.0, 7.5)),
    ],
)
def test_second_moments_in_time_are_those_of_the_updates(inputs, batch, z):
    alpha, eps, sigma = 0.1, 0.3, 0.2
    theory = TeacherStudentMatrix(z, 2.0, alpha, batch, eps**2, sigma**2, inputs)
    course = StudentCourse(theory)
    first = np.random.default_rng(1).normal(size=(3, 3))
    start = np.multiply.outer(first, first)
    for updates in (1, 2, 7, 400):
        expected = iterated(
            updates, start, alpha=alpha, batch=batch, eps=eps, sigma=sigma, z=z, fresh=inputs == "batch"
        )
        decay = course.decay(alpha * updates)
        mean = decay[:, None] * first
        found = course.noise(alpha * updates, start).reshape((3,) * 4) + np.multiply.outer(mean, mean)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-14)
    rows = np.array([[theory.rows(i, k) for k in range(3)] for i in range(3)])
    np.testing.assert_allclose(course.stationary.reshape((3,) * 4).transpose(0, 2, 1, 3), rows, rtol=1e-12, atol=1e-18)


def test_small_learning_rates_give_the_matrix_ornstein_uhlenbeck_process():
    """dδ_i = −z_iδ_i dt + noise of variance (α/B)ε² (1, 2 on the diagonal): distance to it of first order in α, to 0."""
    t, noise, z = 0.7, 0.2, np.array(Z)
    worst = []
    for alpha in (0.02, 0.01, 0.005):
        theory = TeacherStudentMatrix(Z, 2.0, alpha, 1000 * alpha, noise**2, inputs="exact")
        found = StudentCourse(theory).noise(t, np.zeros((2,) * 4)).reshape((2,) * 4)
        exact = np.zeros((2,) * 4)
        for i in range(2):
            for k in range(2):
                both = z[i] + z[k]
                integral = (1 - np.exp(-both * t)) / both * 1e-3 * noise**2
                exact[i, :, k, :] = integral * ((i == k) * np.eye(2) + np.outer(np.eye(2)[k], np.eye(2)[i]))
        worst.append(np.max(np.abs(found - exact)) / np.max(exact))
    order = np.log2(np.array(worst[:-1]) / np.array(worst[1:]))
    assert np.all(np.abs(order - 1.0) < 0.1), (worst, order)


@pytest.mark.parametrize("observable", ["symmetric", "singular", "squared"])
def test_one_level_is_a_gaussian_at_every_time(observable):
    alpha, z, eps, batch = 0.1, 2.0, 0.5, 8
    model = teacher_student(
        2.0,
        learning_rate=alpha,
        batch_size=batch,
        gradient_noise=eps,
        second_layer=z,
        data="exact",
        observable=observable,
    )
    at = 1.44 if observable == "squared" else 1.2
    found = evolve(model, initial.point(at), times=[0.3, 1.0], method="gaussian_matrix")
    q = 1 - alpha * z
    for k, updates in enumerate((3, 10)):
        mean = 2.0 + (1.2 - 2.0) * q**updates
        std = np.sqrt(alpha**2 / batch * 2 * eps**2 * (1 - q ** (2 * updates)) / (1 - q * q))
        wanted = (mean**2 + std**2, std * np.sqrt(4 * mean**2 + 2 * std**2)) if observable == "squared" else (mean, std)
        assert abs(found.mean[k, 0] - wanted[0]) < 4.5 * found.mean_error[k, 0]
        assert abs(found.std[k, 0] - wanted[1]) < 4.5 * found.std_error[k, 0]


def test_laguerre_matrices_are_scaled_wishart_matrices():
    """W(t) has independent entries of variance v(t), so every level is v(t)/v(0) times that of the start."""
    model = laguerre(rows=5, levels=3, temperature=0.1, weight_decay=2.0)
    times = np.array([0.1, 0.5])
    found = evolve(model, initial.marchenko_pastur(5, 0.02, levels=3), times=times, method="gaussian_matrix")
    levels = np.linalg.svd(np.random.default_rng(3).standard_normal((200_000, 5, 3)), compute_uv=False)[:, ::-1] ** 2
    variance = 0.05 * (1 - np.exp(-4 * times)) + 0.02 * np.exp(-4 * times)
    error = np.hypot(found.mean_error, variance[:, None] * levels.std(axis=0) / np.sqrt(200_000))
    assert np.all(np.abs(found.mean - variance[:, None] * levels.mean(axis=0)) < 4.5 * error)
    np.testing.assert_allclose(found.std, variance[:, None] * levels.std(axis=0), rtol=0.02)
    np.testing.assert_allclose(found.mass, 1.0, atol=1e-12)
    # An aligned start with the same levels has the same law: the noise knows no direction.
    aligned = evolve(model, initial.samples(0.02 * levels), times=times, method="gaussian_matrix")
    assert np.all(np.abs(aligned.mean - found.mean) < 4.5 * np.sqrt(2) * found.mean_error)


@pytest.mark.parametrize("observable", ["symmetric", "singular", "squared"])
def test_students_follow_the_matrix_law(observable):
    roots = np.array([0.2, 0.4])
    model = student(observable=observable, batch_size=64)
    at = roots**2 if observable == "squared" else roots
    times = np.array([0.1, 0.5, 2.0])
    found = evolve(model, initial.point(at), times=times, method="gaussian_matrix")
    sample = train_teacher_student(
        [2.0, 2.0], learning_rate=0.05, batch_size=64, gradient_noise=0.1, second_layer=Z, observable=observable,
        init="aligned", initial=roots**2, steps=40, record_at=[2, 10, 40], replicas=8192, rng=1,
    )  # fmt: skip
    np.testing.assert_allclose(sample.times, times, rtol=1e-12)
    error = np.hypot(found.mean_error, found.std / np.sqrt(8192))
    assert np.all(np.abs(sample.levels.mean(axis=0) - found.mean) < 4.5 * error)
    np.testing.assert_allclose(sample.levels.std(axis=0), found.std, rtol=4.5 * np.sqrt(0.6 / 8192))


def test_the_stationary_start_stays_and_the_stationary_law_is_its_end():
    model = student()
    end = stationary(model, method="gaussian_matrix")
    stays = evolve(model, "stationary", times=[0.01, 50.0], method="gaussian_matrix")
    np.testing.assert_array_equal(stays.mean[0], stays.mean[1])
    late = evolve(model, initial.point([1.0, 1.5]), times=[40.0], method="gaussian_matrix")
    for found in (stays, late):
        np.testing.assert_allclose(found.mean[-1], end.mean, atol=4.5 * np.max(found.mean_error))
        np.testing.assert_allclose(found.std[-1], end.std, rtol=0.01)


def test_stationary_singular_values_and_their_symmetric_part():
    """The spacing of two singular values, √((a−d)² + (b+c)²), is that of the symmetric part, known by quadrature."""
    drawn = stationary(student(), method="gaussian_matrix")
    exact = stationary(student(observable="symmetric"), method="gaussian_matrix")
    assert drawn.pairs.spacing(0).mean == pytest.approx(exact.pairs.spacing(0).mean, rel=3e-3)
    # The antisymmetric part lifts the sum of the singular values by ⟨(b − c)²⟩/(2·4).
    moments = StudentCourse(TeacherStudentMatrix(Z, 2.0, 0.05, 16, 0.01)).stationary.reshape((2,) * 4)
    lift = (moments[0, 1, 0, 1] + moments[1, 0, 1, 0] - 2 * moments[0, 1, 1, 0]) / 8
    assert drawn.mean.sum() - exact.mean.sum() == pytest.approx(lift, abs=4.5 * 0.008 / 1024)
    squared = stationary(student(observable="squared"), method="gaussian_matrix")
    np.testing.assert_allclose(squared.mean, drawn.mean**2 + drawn.std**2, rtol=1e-5)
    for law in (drawn, squared):
        np.testing.assert_allclose(np.sum(law.density * np.diff(law.edges, axis=1), axis=1), 1.0, atol=1e-12)
        assert np.sum(law.total_density * np.diff(law.total_edges)) == pytest.approx(1.0, abs=1e-12)


def test_levels_of_another_teacher_keep_their_places():
    model = teacher_student([1.0, 3.0], learning_rate=0.05, batch_size=16, gradient_noise=0.1, second_layer=[0.5, 2.0])
    found = stationary(model, method="gaussian_matrix")
    widths = np.sqrt(np.diag(TeacherStudentMatrix((0.5, 2.0), (1.0, 3.0), 0.05, 16, 0.01).law.covariance))
    np.testing.assert_allclose(found.std, widths, rtol=0.01)
    np.testing.assert_allclose(found.mean, [1.0, 3.0], atol=1e-3)


def test_random_weights_and_their_levels():
    for observable in ("singular", "symmetric"):
        law = WeightsLaw(2, 0.3, observable)
        found = evolve(student(observable=observable), law, times=[1e-9], method="gaussian_matrix")
        levels = law.sample(100_000, np.random.default_rng(1))
        assert np.all(np.diff(levels, axis=1) >= 0.0)
        np.testing.assert_allclose(found.mean[0], levels.mean(axis=0), atol=0.01)
        with pytest.raises(ModelError, match="methods that start from samples take it"):
            law.cdf(0.0)
    wishart = initial.marchenko_pastur(2, 0.3, levels=2)
    found = evolve(student(observable="squared"), wishart, times=[1e-9], method="gaussian_matrix")
    # E tr WᵀW = N²σ².
    assert found.mean[0].sum() == pytest.approx(1.2, rel=0.01)


def test_a_law_of_other_levels_is_the_law_of_an_aligned_start():
    """Squares are not the singular values of the model, so that a Wishart law is taken as it is, and so is a cut one."""
    wishart = initial.marchenko_pastur(2, 0.3, levels=2)
    drawn = wishart.sample(100_000, np.random.default_rng(1)).mean(axis=0)
    found = evolve(student(observable="singular"), wishart, times=[1e-9], method="gaussian_matrix")
    np.testing.assert_allclose(found.mean[0], drawn, atol=0.01)
    cut = evolve(
        student(observable="squared"), initial.truncated(wishart, 0.0, 0.4), times=[1e-9], method="gaussian_matrix"
    )
    assert cut.mean[0, 1] < 0.4 < drawn[1]


def test_draws_do_not_depend_on_blocks(monkeypatch):
    flow = matrix_flow(student())
    one = matrix_draws.draw_levels(flow, initial.point([1.0, 1.5]), np.array([0.5]), 4096)
    assert np.array_equal(one, matrix_draws.draw_levels(flow, initial.point([1.0, 1.5]), np.array([0.5]), 4096))
    assert np.all(np.diff(one, axis=2) >= 0.0)
    seen = []
    matrix_draws.draw_levels(
        flow,
        initial.point([1.0, 1.5]),
        np.array([0.5]),
        1 << 20,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(1, 2), (2, 2)]


def test_smoothed_masses_are_those_of_the_law():
    from scipy.stats import halfnorm, norm

    # Quantiles in place of draws: what is left is the smoothing.
    share = (np.arange(1 << 18) + 0.5) / (1 << 18)
    edges = np.linspace(-5, 5, 201)
    found = np.cumsum(level_masses(norm.ppf(share), edges, root=False, wall=False))
    assert np.max(np.abs(found - (norm.cdf(edges[1:]) - norm.cdf(-5)))) < 1e-5
    edges = np.linspace(0, 5, 201)
    draws = halfnorm.ppf(share)
    for values, ends, root in ((draws, edges, False), (draws**2, edges**2, True)):
        found = np.cumsum(level_masses(values, ends, root=root, wall=True))
        assert np.max(np.abs(found - halfnorm.cdf(edges[1:]))) < 1e-5
        assert found[-1] == pytest.approx(1.0, abs=1e-6)
    # The smallest singular value of a square matrix (Edelman 1988): P(s) = 1 − exp(−s²/2 − s) for many rows.
    draws = np.sqrt(1.0 - 2.0 * np.log1p(-share)) - 1.0
    found = np.cumsum(level_masses(draws, edges, root=False, wall=True))
    assert np.max(np.abs(found + np.expm1(-0.5 * edges[1:] ** 2 - edges[1:]))) < 1e-5
    # A law with edges is smeared there, but no mass is made.
    found = level_masses(share, np.linspace(-1.0, 2.0, 301), root=False, wall=False)
    assert found.min() == 0.0
    assert found.sum() <= 1.0


def test_two_species_gas_against_quadrature():
    gas = TwoSpeciesGas((1.0, 1.3), (0.2, 0.5))
    x = np.linspace(-4, 6, 1201)
    h = x[1] - x[0]
    joint = np.abs(x[:, None] - x) * np.exp(-0.5 * ((x[:, None] - 1.0) / 0.2) ** 2 - 0.5 * ((x - 1.3) / 0.5) ** 2)
    assert gas.norm == pytest.approx(joint.sum() * h * h, rel=5e-5)
    joint /= joint.sum() * h * h
    np.testing.assert_allclose(gas.pdf(x), 0.5 * (joint.sum(axis=0) + joint.sum(axis=1)) * h, atol=2e-5)
    assert gas.mean_spacing == pytest.approx(np.sum(joint * np.abs(x[:, None] - x)) * h * h, rel=5e-5)
    s = np.linspace(0, 6, 4001)
    assert np.trapezoid(gas.spacing_pdf(s), s) == pytest.approx(1.0, abs=1e-6)
    assert np.trapezoid(s * gas.spacing_pdf(s), s) == pytest.approx(gas.mean_spacing, rel=1e-6)
    alike = TwoSpeciesGas((0.3, 0.3), (0.7, 0.7))
    np.testing.assert_allclose(alike.pdf(x), TwoLevelSemicircle(0.3, 0.7).pdf(x), atol=1e-14)
    # The table is exact at its edges and interpolates between them.
    exact = TwoLevelSemicircle(0.3, 0.7)
    np.testing.assert_allclose(alike.law.cumulative, exact.cdf(alike.law.edges), atol=1e-12)
    np.testing.assert_allclose(alike.law.cdf(x), exact.cdf(x), atol=2e-7)
    # A narrow species in the middle of a wide one.
    uneven = TwoSpeciesGas((0.0, 1.0), (0.01, 1.0))
    for place in (-0.01, 0.0, 0.02, 2.0):
        mass = quad(uneven.pdf, -9.0, place, points=[p for p in (-0.1, 0.1) if p < place], limit=200)[0]
        assert uneven.law.cdf(np.array([place]))[0] == pytest.approx(mass, abs=1e-6)
    with pytest.raises(ModelError, match="two positive widths"):
        TwoSpeciesGas((0.0, 0.0), (1.0, 0.0))


def test_gas_in_squares_is_the_image_of_the_gas():
    """One level: x = ξ² of a Gaussian ξ, far from 0; drift and Φ' belong together."""
    model = teacher_student(1.5, learning_rate=0.05, batch_size=16, gradient_noise=0.3, observable="squared")
    sigma2 = 0.05 / 16 * 0.09
    found = stationary(model)
    assert found.mean[0] == pytest.approx(1.5**2 + sigma2, rel=1e-9)
    assert found.std[0] == pytest.approx(np.sqrt(4 * 1.5**2 * sigma2 + 2 * sigma2**2), rel=1e-9)
    body, x = model.levels[0], np.linspace(1.0, 4.0, 7)
    np.testing.assert_allclose(body.drift(x), body.diffusion_slope(x) - body.diffusion(x) * body.confinement_slope(x))
    h = 1e-6
    slope = (body.confinement(x + h) - body.confinement(x - h)) / (2 * h)
    np.testing.assert_allclose(body.confinement_slope(x), slope, rtol=1e-5, atol=1e-4)
    bend = (body.confinement_slope(x + h) - body.confinement_slope(x - h)) / (2 * h)
    np.testing.assert_allclose(body.confinement_curvature(x), bend, rtol=1e-6)
    assert body.with_noise(2.0).g2 == pytest.approx(2 * body.g2)


def test_a_squared_level_next_to_0_is_resolved():
    """ξ reflected at 0 is a truncated Gaussian: ⟨ξ²⟩ = ξ_t² + σ² + ξ_tσ φ(ξ_t/σ)/Φ(ξ_t/σ); here σ = 4.5 ξ_t."""
    from scipy.stats import norm

    model = teacher_student(0.05, learning_rate=0.1, batch_size=2, gradient_noise=1.0, observable="squared")
    sigma = np.sqrt(0.05)
    ratio = 0.05 / sigma
    mean = 0.05**2 + sigma**2 + 0.05 * sigma * norm.pdf(ratio) / norm.cdf(ratio)
    late = evolve(model, initial.point(0.1), times=[20.0])
    assert late.mean[0, 0] == pytest.approx(mean, rel=1e-3)
    assert stationary(model).mean[0] == pytest.approx(mean, rel=1e-8)


def test_a_domain_without_levels_is_refused():
    with pytest.raises(GridError, match="holds nothing of a level"):
        stationary(student(), method="gaussian_matrix", domain=(5.0, 6.0))


@pytest.mark.parametrize(
    ("model", "start", "options", "error", "words"),
    [
        (dyson(g2=0.1), initial.point(0.1), {}, MethodError, "takes teacher_student and laguerre models"),
        (
            student(learning_rate=0.3),
            initial.point([1.0, 1.5]),
            {},
            ModelError,
            "jumps over the teacher at every update",
        ),
        (student(), initial.point(1.0), {}, ModelError, "has 1 levels, but the model has 2"),
        (student(observable="squared"), initial.point([-1.0, 1.5]), {}, ModelError, "cannot be negative"),
        (student(), initial.point([1.0, 1.5]), {"cells": 2}, GridError, "at least 4 cells"),
        (student(observable="squared"), initial.point([1.0, 1.5]), {"domain": (-3.0, -1.0)}, GridError, "are squares"),
        (student(), initial.point([1.0, 1.5]), {"rtol": 1e-5, "modes": 4}, MethodError, "modes"),
    ],
)
def test_what_the_matrix_law_refuses(model, start, options, error, words):
    with pytest.raises(error, match=words):
        evolve(model, start, times=[0.1], method="gaussian_matrix", **options)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"gradient_noise": 0.0}, "both 0"),
        ({"second_layer": [1.0, -1.0]}, "second_layer must be positive"),
        ({"second_layer": [1.0, 1.0, 1.0]}, "second_layer has 3 entries"),
        ({"observable": "trace"}, "observable must be"),
        ({"data": "fixed"}, "data must be"),
        ({"learning_rate": 1.0}, "training is unstable"),
        ({"label_noise": -1.0}, "label_noise must not be negative"),
    ],
)
def test_what_is_no_student(changes, words):
    with pytest.raises(ModelError, match=words):
        student(**changes)
