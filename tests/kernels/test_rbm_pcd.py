"""The RBM kernel: against plain NumPy on the same normals, bit-reproducibility, and its stationary law."""

import numpy as np
import pytest

from fpsolve.kernels import rbm_pcd
from fpsolve.kernels._jit import python_of
from fpsolve.kernels.normals import fill_normals
from fpsolve.kernels.rbm_pcd import advance_rbm, slots_per_update

MU2 = 3.0


def normals_of(key, slot, shape):
    """The normals of one replica's fill."""
    out = np.empty((int(np.prod(shape)), 1))
    fill_normals(key[:, None].copy(), slot, out)
    return out[:, 0].reshape(shape)


def train_plainly(key, first, learning_rates, batches, sweeps, fresh, kappa, mu2, weights, chains):
    """W (visible, hidden) and φ (chain, visible) after the updates, from the same normals as the kernel."""
    number, visible = chains.shape
    for n, (rate, batch) in enumerate(zip(learning_rates, batches, strict=True)):
        slot = (first + n) * slots_per_update(sweeps)
        for s in range(sweeps):
            hidden = chains @ weights + normals_of(key, slot + 2 * s, (number, weights.shape[1]))
            noise = normals_of(key, slot + 2 * s + 1, (number, visible)) / np.sqrt(mu2)
            chains = hidden @ weights.T / mu2 + noise
        model = chains[:batch].T @ chains[:batch] / batch
        data = np.diag(1.0 / kappa)
        if fresh:
            samples = normals_of(key, slot + 2 * sweeps, (batch, visible)) / np.sqrt(kappa)
            data = samples.T @ samples / batch
        weights = weights + rate * (data - model) @ weights
    return weights, chains


def make_state(lanes, visible, hidden, chains, seed=3):
    rng = np.random.default_rng(seed)
    keys = rng.integers(0, 2**64, size=(2, lanes), dtype=np.uint64)
    kappa = np.sort(rng.uniform(1.0, 2.5, visible))[::-1].copy()
    weights = rng.normal(0.0, 0.4, (visible, hidden, lanes))
    return keys, kappa, weights, rng.normal(0.0, 0.7, (chains, visible, lanes))


def advance(keys, first, rates, batches, sweeps, fresh, kappa, weights, chains):
    """The kernel in the units of the papers, on copies."""
    scaled, moved = weights / np.sqrt(MU2), chains * np.sqrt(MU2)
    done = advance_rbm(
        keys, first, np.asarray(rates) / MU2, np.asarray(batches), sweeps, fresh, MU2 / kappa, scaled, moved
    )
    return done, scaled * np.sqrt(MU2), moved / np.sqrt(MU2)


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize(
    ("visible", "hidden", "chains", "sweeps"),
    # Both orders of the products occur: few chains avoid the moment matrix, many form it.
    [(1, 1, 16, 1), (1, 1, 3, 3), (5, 5, 12, 2), (6, 6, 2, 1), (4, 7, 9, 1), (7, 3, 30, 3), (3, 1, 5, 1), (1, 4, 5, 2)],
)
def test_equals_plain_numpy_on_the_same_normals(visible, hidden, chains, sweeps, fresh):
    keys, kappa, weights, phi = make_state(5, visible, hidden, chains)
    rates = np.linspace(0.03, 0.05, 12)
    batches = np.array([chains, 1, max(1, chains // 2)] * 4)
    done, found, found_chains = advance(keys, 40, rates, batches, sweeps, fresh, kappa, weights, phi)
    assert done == 12
    for lane in range(5):
        expected, expected_chains = train_plainly(
            keys[:, lane], 40, rates, batches, sweeps, fresh, kappa, MU2, weights[..., lane], phi[..., lane]
        )
        np.testing.assert_allclose(found[..., lane], expected, rtol=0, atol=1e-13)
        np.testing.assert_allclose(found_chains[..., lane], expected_chains, rtol=0, atol=1e-12)


@pytest.mark.parametrize("fresh", [True, False])
@pytest.mark.parametrize("chains", [1, 5])
def test_compiled_equals_python(chains, fresh, monkeypatch):
    keys, kappa, weights, phi = make_state(3, 3, 2, chains)
    plain_weights, plain_phi = weights.copy(), phi.copy()
    arguments = (keys, 0, np.full(3, 0.02), np.full(3, chains), 2, fresh, MU2 / kappa)
    advance_rbm(*arguments, weights, phi)
    helpers = [name for name in vars(rbm_pcd) if name.startswith("_") and hasattr(vars(rbm_pcd)[name], "py_func")]
    for name in ["slots_per_update", *helpers]:
        monkeypatch.setattr(rbm_pcd, name, python_of(getattr(rbm_pcd, name)))
    python_of(advance_rbm)(*arguments, plain_weights, plain_phi)
    assert np.array_equal(weights, plain_weights)
    assert np.array_equal(phi, plain_phi)


def test_chunks_and_blocks_do_not_change_a_bit():
    keys, kappa, weights, phi = make_state(37, 4, 4, 6)
    rates, batches = np.full(30, 0.02), np.full(30, 6)
    whole = advance(keys, 0, rates, batches, 2, True, kappa, weights, phi)
    scaled, moved = weights / np.sqrt(MU2), phi * np.sqrt(MU2)
    for begin, end in ((0, 1), (1, 11), (11, 30)):
        part = slice(begin, end)
        advance_rbm(keys, begin, rates[part] / MU2, batches[part], 2, True, MU2 / kappa, scaled, moved)
    assert np.array_equal(scaled * np.sqrt(MU2), whole[1])
    for lanes in (slice(0, 1), slice(36, 37), slice(5, 21)):
        alone = advance(
            keys[:, lanes].copy(), 0, rates, batches, 2, True, kappa, weights[..., lanes].copy(), phi[..., lanes].copy()
        )
        assert np.array_equal(alone[1], whole[1][..., lanes])
        assert np.array_equal(alone[2], whole[2][..., lanes])


@pytest.mark.parametrize("fresh", [True, False])
def test_zero_learning_rate_leaves_the_weights_alone(fresh):
    keys, kappa, weights, phi = make_state(16, 4, 4, 6)
    before = weights.copy()
    chains = phi.copy()
    assert advance_rbm(keys, 0, np.zeros(50), np.full(50, 6), 1, fresh, MU2 / kappa, weights, phi) == 50
    assert np.array_equal(weights, before)
    assert not np.any(phi == chains)


def test_chains_keep_their_stationary_law():
    # W fixed: the covariance of the chains must settle at (mu2 - W W^T)^{-1} from any start.
    visible, lanes = 3, 512
    keys, kappa, _, _ = make_state(lanes, visible, visible, 8)
    one = np.random.default_rng(4).normal(0.0, 0.35, (visible, visible))
    weights = np.repeat(one[:, :, None], lanes, axis=2)
    phi = np.zeros((8, visible, lanes))
    _, _, phi = advance(keys, 0, np.zeros(60), np.full(60, 8), 1, False, kappa, weights, phi)
    flat = phi.transpose(0, 2, 1).reshape(-1, visible)
    exact = np.linalg.inv(MU2 * np.eye(visible) - one @ one.T)
    error = np.sqrt((np.outer(np.diag(exact), np.diag(exact)) + exact**2) / flat.shape[0])
    assert np.all(np.abs(flat.T @ flat / flat.shape[0] - exact) < 4.5 * error)


def test_divergence_is_reported_at_its_update():
    keys, kappa, weights, phi = make_state(8, 2, 2, 4)
    weights[0, 0, 5] = 1e100
    rates = np.full(40, 0.5)
    done = advance_rbm(keys, 0, rates, np.full(40, 4), 1, True, MU2 / kappa, weights, phi)
    assert 0 < done < 40
    assert not np.all(np.isfinite(weights[..., 5]))
    others = np.delete(np.arange(8), 5)
    keys, kappa, weights, phi = make_state(8, 2, 2, 4)
    weights[0, 0, 5] = 1e100
    advance_rbm(keys, 0, rates[: done - 1], np.full(done - 1, 4), 1, True, MU2 / kappa, weights, phi)
    assert np.all(np.isfinite(weights[..., others]))
    assert np.all(np.isfinite(weights))


@pytest.mark.slow
@pytest.mark.parametrize("sweeps", [1, 3])
@pytest.mark.parametrize(("fresh", "chi"), [(False, 0), (True, 1)])
def test_stationary_law_of_the_matrix(sweeps, fresh, chi):
    # Small-step theory with nothing fitted: the entries of X = W W^T - (mu2 - K) are independent with variances
    # (1 + delta_ij) (alpha/B) (x_i + x_j)/2 [(1 + r_ij)/(1 - r_ij) + chi], r_ij = (x_i x_j/mu2^2)^k.
    alpha, batch, lanes, mu2 = 0.02, 16, 512, 9.0
    kappa = np.array([8.0, 6.0, 6.0, 4.0])
    x = mu2 - kappa
    keys = np.random.default_rng(8).integers(0, 2**64, size=(2, lanes), dtype=np.uint64)
    weights = np.repeat(np.diag(np.sqrt(x / mu2))[:, :, None], lanes, axis=2)
    chains = np.random.default_rng(9).normal(size=(batch, 4, lanes)) * np.sqrt(mu2 / kappa)[None, :, None]
    # The first level relaxes at 2 alpha x/kappa^2 = 6e-4 per update, too slowly for this run; the others at >= 3e-3.
    slow, records, found = 1000, 12, []
    for record in range(records + 2):
        arguments = (np.full(slow, alpha / mu2), np.full(slow, batch), sweeps, fresh, mu2 / kappa, weights, chains)
        advance_rbm(keys, record * slow, *arguments)
        if record >= 2:
            found.append(mu2 * np.einsum("ijr,ljr->ril", weights, weights))
    deviation = np.concatenate(found) - np.diag(x)
    overlap = (np.outer(x, x) / mu2**2) ** sweeps
    mean = alpha / batch * (x[:, None] + x) / 2
    theory = (1 + np.eye(4)) * mean * ((1 + overlap) / (1 - overlap) + chi)
    fast = np.ix_([1, 2, 3], [1, 2, 3])
    assert np.all(np.abs(deviation.var(axis=0) / theory - 1)[fast] < 4 * np.sqrt(2 / (lanes * records)) + 0.02)
