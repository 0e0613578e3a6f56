"""Kernel of the linear student: the batch factor, the exact second moments of the recursion, divergence."""

import numpy as np
import pytest
from scipy.stats import chi2, ks_2samp, kstest

from fpsolve.kernels.teacher_student import advance_teacher_student, fill_batch_factor


def make_keys(lanes, seed=1):
    return np.random.default_rng(seed).integers(0, 2**64, (2, lanes), dtype=np.uint64)


def batch_factor(inputs, batch, lanes, slot=0):
    factor = np.empty((inputs, min(inputs, batch), lanes))
    fill_batch_factor(make_keys(lanes), slot, batch, np.empty((inputs * (inputs + 1) // 2 + 1, lanes)), factor)
    return factor


@pytest.mark.parametrize(("inputs", "batch"), [(3, 1), (3, 2), (3, 7), (2, 16), (4, 80)])
def test_batch_factor_has_the_law_of_the_second_moment(inputs, batch):
    lanes = 10000
    factor = batch_factor(inputs, batch, lanes)
    moment = np.einsum("ilr,jlr->rij", factor, factor)
    x = np.random.default_rng(3).standard_normal((lanes, batch, inputs))
    direct = np.einsum("rbi,rbj->rij", x, x) / batch
    # Mean 1, Var C_ij = (1 + δ_ij)/B, and the whole law of trace, one entry and the smallest nonzero eigenvalue.
    unit = np.eye(inputs)
    assert np.all(np.abs(moment.mean(axis=0) - unit) < 4.5 * np.sqrt((1 + unit) / batch / lanes))
    # The fourth cumulant of an entry is at most 48/B^3: the error of a sample variance, generously.
    relative = np.sqrt((2 + 12 / batch) / lanes)
    assert np.all(np.abs(moment.var(axis=0) * batch / (1 + unit) - 1) < 4.5 * relative)
    rank = min(inputs, batch)
    for law in (
        lambda c: np.trace(c, axis1=1, axis2=2),
        lambda c: c[:, 0, -1],
        lambda c: np.linalg.eigvalsh(c)[:, inputs - rank],
    ):
        assert ks_2samp(law(moment), law(direct)).pvalue > 1e-3


@pytest.mark.parametrize("batch", [1, 2, 15, 16, 17, 33, 64, 65, 300])
def test_first_entry_is_a_chi_number(batch):
    assert kstest(batch * batch_factor(1, batch, 20000)[0, 0] ** 2, chi2(batch).cdf).pvalue > 1e-3


def test_updates_of_a_batch_are_independent():
    first, second = batch_factor(2, 6, 20000, slot=0), batch_factor(2, 6, 20000, slot=4)
    for i, j in [(0, 0), (1, 0), (1, 1)]:
        for k, l in [(0, 0), (1, 0), (1, 1)]:
            assert abs(np.corrcoef(first[i, j], second[k, l])[0, 1]) < 4.5 / np.sqrt(20000)
    assert abs(np.corrcoef(first[0, 0], first[1, 1])[0, 1]) < 4.5 / np.sqrt(20000)


def second_moments(alpha, batch, z, *, fresh, gradient, symmetric, label):
    """Stationary ⟨δ_ip δ_jq⟩ of the recursion, for any α: a linear system with ⟨C_pk C_ql⟩ of a Wishart matrix."""
    n = len(z)
    one = np.eye(n)
    shift = np.einsum("pk,ql->pqkl", one, one)
    wishart = shift + (np.einsum("pq,kl->pqkl", one, one) + np.einsum("pl,kq->pqkl", one, one)) / batch * fresh
    out = np.empty((n, n, n, n))  # [i, j, p, q]
    for i in range(n):
        for j in range(n):
            step = (1 - alpha * (z[i] + z[j])) * shift + alpha**2 * z[i] * z[j] * wishart
            noise = np.zeros((n, n))
            if i == j:
                noise += one * (gradient**2 + label**2 * z[i])
            if symmetric:
                noise[j, i] += gradient**2
            matrix = np.eye(n * n) - step.reshape(n * n, n * n)
            out[i, j] = np.linalg.solve(matrix, alpha**2 / batch * noise.ravel()).reshape(n, n)
    return out


def run(alpha, batch, z, lanes, steps, *, fresh, gradient, symmetric, label, seed=4):
    n = len(z)
    deviation = np.zeros((n, n, lanes))
    factors = np.zeros((0, n, n)) if fresh else np.eye(n)[None]
    done = advance_teacher_student(
        make_keys(lanes, seed), 0, np.full(steps, alpha), np.full(steps, batch), np.array(z), factors, gradient,
        symmetric, label, deviation,
    )  # fmt: skip
    assert done == steps
    return deviation


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize(
    ("gradient", "symmetric", "label"), [(0.3, True, 0.0), (0.3, False, 0.0), (0.0, True, 0.4), (0.3, True, 0.4)]
)
def test_second_moments_at_a_large_step(fresh, gradient, symmetric, label):
    alpha, batch, z, lanes = 0.3, 8, (0.6, 2.0), 40000
    settings = {"fresh": fresh, "gradient": gradient, "symmetric": symmetric, "label": label}
    theory = second_moments(alpha, batch, z, **settings)
    deviation = run(alpha, batch, z, lanes, 60, **settings)
    products = np.einsum("ipr,jqr->ijpqr", deviation, deviation)
    error = products.std(axis=-1) / np.sqrt(lanes)
    # The start at 0 is forgotten as (1 − 0.18)^120.
    assert np.all(np.abs(products.mean(axis=-1) - theory) < 4.5 * error + 1e-9)
    diagonal = np.einsum("iipp->ip", theory)
    measured = (deviation**2).mean(axis=-1)
    np.testing.assert_allclose(measured, diagonal, rtol=5 * np.sqrt(2.5 / lanes))


def test_second_moments_reproduce_the_closed_forms_at_a_small_step():
    alpha, batch, z, noise = 1e-5, 4, (1.0, 4.0), 0.1
    unit = alpha * noise**2 / batch
    none = {"fresh": True, "label": 0.0, "gradient": 0.0, "symmetric": True}
    moments = second_moments(alpha, batch, z, **(none | {"gradient": noise}))
    np.testing.assert_allclose([moments[0, 0, 0, 0], moments[1, 1, 1, 1]], [unit, unit / 4], rtol=1e-4)
    np.testing.assert_allclose([moments[0, 0, 1, 1], moments[1, 1, 0, 0]], [unit / 2, unit / 8], rtol=1e-4)
    assert moments[0, 1, 1, 0] == pytest.approx(unit / 5, rel=1e-4)
    labels = second_moments(alpha, batch, z, **(none | {"label": noise, "symmetric": False}))
    np.testing.assert_allclose(np.einsum("iipp->ip", labels), unit / 2, rtol=1e-4)


def test_a_replica_does_not_depend_on_its_neighbours():
    z = (1.0, 0.5, 2.0)
    whole = run(0.2, 5, z, 37, 12, fresh=True, gradient=0.1, symmetric=True, label=0.2)
    deviation = np.zeros((3, 3, 11))
    keys = make_keys(37, 4)[:, :11].copy()
    for first, steps in [(0, 5), (5, 7)]:
        rates, batches = np.full(steps, 0.2), np.full(steps, 5)
        none = np.zeros((0, 3, 3))
        advance_teacher_student(keys, first, rates, batches, np.array(z), none, 0.1, True, 0.2, deviation)
    assert np.array_equal(deviation, whole[..., :11])


def test_a_batch_below_the_number_of_inputs_leaves_directions_alone():
    # One sample spans one direction: a rank-one update, and δ changes along the drawn factor only.
    lanes = 16
    deviation = np.random.default_rng(5).standard_normal((3, 3, lanes))
    before = deviation.copy()
    keys = make_keys(lanes)
    advance_teacher_student(
        keys, 0, np.full(1, 0.3), np.full(1, 1), np.ones(3), np.zeros((0, 3, 3)), 0.0, True, 0.0, deviation
    )
    factor = batch_factor(3, 1, lanes)[:, 0]
    expected = before - 0.3 * np.einsum("ijr,jr,kr->ikr", before, factor, factor)
    np.testing.assert_allclose(deviation, expected, rtol=1e-13, atol=1e-14)


def test_divergence_stops_at_the_update():
    deviation = np.ones((1, 1, 3))
    done = advance_teacher_student(
        make_keys(3), 0, np.full(5000, 3.0), np.full(5000, 4), np.ones(1), np.ones((1, 1, 1)), 0.0, True, 0.0, deviation
    )
    # |1 − 3|^n leaves the floats at 2^1024.
    assert done == 1024
    assert not np.all(np.isfinite(deviation))


def test_gradient_noise_has_the_law_asked_for():
    # Without stiffness one update from δ = 0 is −α a/√B.
    for symmetric in (True, False):
        noise = -run(1.0, 4, (0.0, 0.0, 0.0), 20000, 1, fresh=False, gradient=2.0, symmetric=symmetric, label=0.0)
        spread = np.full((3, 3), 1.0) + symmetric * np.eye(3)
        np.testing.assert_allclose((noise**2).mean(axis=-1), spread, rtol=4.5 * np.sqrt(2 / 20000))
        assert np.array_equal(noise, noise.transpose(1, 0, 2)) == symmetric
