"""What a gas leaves out of derived noise: against chains, matrices, Coulomb gases and real training."""

from dataclasses import replace

import numpy as np
import pytest

from fpsolve.errors import ModelError
from fpsolve.exact.coulomb_gas import ordered_gas
from fpsolve.exact.gaussian_matrix_rbm import rbm_matrix_law
from fpsolve.exact.rbm_gaussian import GaussianRbm
from fpsolve.models import PcdNoise, dyson, lattice_scalar_1d, rbm
from fpsolve.models.pcd_mixing import pcd_mixing
from fpsolve.sgd import train_rbm

MU2 = 9.0
NOISES = [PcdNoise(0.01, 16, 1, "exact"), PcdNoise(0.01, 16, 3, "batch")]


def mixing_of(kappa, noise):
    return pcd_mixing(rbm(kappa=kappa, mu2=MU2, noise=noise))


def strengths(kappa, noise):
    """g_ij²/(2α), with the diagonal from the diffusion of the levels."""
    model = rbm(kappa=kappa, mu2=MU2, noise=noise)
    mixing = pcd_mixing(model)
    own = [body.diffusion(np.array([x]))[0] for body, x in zip(model.levels, mixing.levels, strict=True)]
    return np.array(own)[:, None] * mixing.repulsion


@pytest.mark.parametrize("noise", NOISES)
def test_repulsion_is_the_covariance_of_real_updates(noise):
    """At fixed W, chains are independent AR(1) processes; summed over T updates GX + XG has T g_ij² (1 + δ_ij)."""
    kappa = np.array([7.0, 5.0, 2.0])
    x, rng = MU2 - kappa, np.random.default_rng(1)
    rho = (x / MU2) ** noise.sweeps
    lanes, updates, batch = 3000, 100, int(noise.batch_size)
    spread = np.sqrt(1.0 / kappa)
    chain = rng.normal(size=(lanes, batch, 3)) * spread
    total = np.zeros((lanes, 3, 3))
    for _ in range(updates):
        chain = rho * chain + np.sqrt(1.0 - rho**2) * spread * rng.normal(size=chain.shape)
        total -= np.einsum("lbi,lbj->lij", chain, chain) / batch
        if noise.chi:
            fresh = rng.normal(size=chain.shape) * spread
            total += np.einsum("lbi,lbj->lij", fresh, fresh) / batch
    change = noise.learning_rate * total * (x[:, None] + x)
    found = change.var(axis=0) / updates / (2.0 * noise.learning_rate) / (1.0 + np.eye(3))
    # The sum over T updates misses 2r/(1 − r)²/T of Σ_t; that is 4 % of E for the largest r = ρ_iρ_j here.
    r = np.outer(rho, rho)
    chains = (1.0 + r) / (1.0 - r)
    missing = 2.0 * r * (1.0 - r**updates) / (updates * (1.0 - r) ** 2)
    expected = strengths(kappa, noise) * (1.0 - missing / (chains + noise.chi))
    assert found == pytest.approx(expected, rel=5.0 * np.sqrt(2.0 / lanes))


@pytest.mark.parametrize("noise", [PcdNoise(1e-8, 16, 1, "exact"), PcdNoise(1e-8, 16, 3, "batch")])
def test_matrix_shift_balances_noise_and_drift(noise):
    """ξ_ij relaxes at (x_i + x_j)/(2κ_iκ_j) in the clock Σ 2α, under noise g_ij²/(2α): V_ij is half noise over rate."""
    kappa = np.array([8.0, 6.0, 4.0])
    mixing = mixing_of(kappa, noise)
    x = mixing.levels
    rate = (x[:, None] + x) / (2.0 * np.outer(kappa, kappa))
    variance = mixing.matrix_shift * (x[:, None] - x)
    apart = ~np.eye(3, dtype=bool)
    assert (2.0 * rate * variance)[apart] == pytest.approx(strengths(kappa, noise)[apart], rel=1e-12)


def test_shifts_are_those_of_exact_gases_and_of_matrices():
    """Two levels of their own: the error of either shift is of first order in α/B."""
    kappa, errors = [6.5, 4.0], []
    for rate in (0.004, 0.002, 0.001):
        noise = PcdNoise(rate, 16)
        mixing, gas = mixing_of(kappa, noise), ordered_gas(rbm(kappa=kappa, mu2=MU2, noise=noise).levels)
        alone = [ordered_gas(rbm(kappa=[value], mu2=MU2, noise=noise).levels).mean[0] for value in kappa]
        by_gas = gas.mean - alone
        by_matrix = matrix_means(mixing.levels, mixing.std**2, mixing.matrix_shift[1, 0] * 2.5) - mixing.levels
        shifts = np.array([mixing.gas_shift.sum(axis=1), mixing.matrix_shift.sum(axis=1)])
        errors.append(np.max(np.abs(np.array([by_gas, by_matrix]) / shifts - 1.0), axis=1))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(np.abs(orders - 1.0) < 0.1), (errors, orders)
    assert np.all(errors[-1] < 0.01), errors


def matrix_means(diagonal, variances, off_diagonal):
    """Means of the eigenvalues of a Gaussian 2 × 2 matrix, by quadrature over half the difference and ξ_12."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(160)
    weights = weights / weights.sum()
    half = 0.5 * (diagonal[1] - diagonal[0]) + 0.5 * np.sqrt(variances.sum()) * nodes
    radius = np.sqrt(half[:, None] ** 2 + off_diagonal * nodes**2)
    spread = weights @ radius @ weights
    centre = 0.5 * np.sum(diagonal)
    return np.array([centre - spread, centre + spread])


@pytest.mark.parametrize("distance", [0.1, 0.3, 0.6, 1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0])
def test_excess_of_near_levels(distance):
    """From one cluster to two levels of their own; distance in σ."""
    noise = PcdNoise(1e-5, 16, 3, "exact")
    sigma = mixing_of([4.0, 4.0], noise).std[0]
    kappa = [4.0 + distance * sigma, 4.0]
    mixing, gas = mixing_of(kappa, noise), ordered_gas(rbm(kappa=kappa, mu2=MU2, noise=noise).levels)
    alone = [ordered_gas(rbm(kappa=[value], mu2=MU2, noise=noise).levels).mean[0] for value in kappa]
    x, width = mixing.levels, mixing.std.sum()
    off_diagonal = mixing.matrix_shift[1, 0] * np.sqrt((x[1] - x[0]) ** 4 + width**4) / (x[1] - x[0])
    difference = gas.mean - alone - (matrix_means(x, mixing.std**2, off_diagonal) - x)
    claimed = np.sum(mixing.gas_shift - mixing.matrix_shift, axis=1)
    assert claimed / mixing.std == pytest.approx(difference / mixing.std, abs=0.03)


def test_one_kappa_is_a_gas():
    mixing = mixing_of([5.0, 5.0, 5.0], NOISES[0])
    assert mixing.repulsion == pytest.approx(1.0, abs=1e-14)
    assert np.all(mixing.gas_shift == 0.0)
    assert np.all(mixing.matrix_shift == 0.0)
    assert mixing.excess == pytest.approx(-mixing.diagonal_shift)
    assert "repulsion is exact" in mixing.line()


def test_the_worst_level_is_named():
    mixing = mixing_of([8.0, 6.0, 6.0, 4.2, 4.0], NOISES[1])
    assert mixing.worst == np.max(np.abs(mixing.excess) / mixing.std)
    assert f"level {mixing.worst_level}" in mixing.line()
    assert f"{mixing.worst:.2g} std" in mixing.line()
    smaller = mixing_of([8.0, 6.0, 6.0, 4.2, 4.0], PcdNoise(1e-5, 16, 3, "batch"))
    tiny = mixing_of([8.0, 6.0, 6.0, 4.2, 4.0], PcdNoise(0.25e-5, 16, 3, "batch"))
    assert smaller.worst / tiny.worst == pytest.approx(2.0, rel=1e-5)


@pytest.mark.parametrize(
    "model",
    [
        rbm(kappa=[4.0], mu2=MU2, noise=NOISES[0]),
        rbm(kappa=[5.0, 4.0], mu2=MU2, g2=0.01),
        rbm(kappa=[5.0, 4.0], mu2=MU2, noise=NOISES[0], beta=2.0),
        dyson(g2=0.1, levels=3),
    ],
)
def test_other_models_have_no_mixing(model):
    assert pcd_mixing(model) is None


def test_mixing_puts_the_means_of_the_matrix_back():
    """Gas with tilted potentials against O(α/B) means of the matrix: what is left is of higher order, excess itself is not."""
    kappa, left, before = (6.5, 4.0), [], []
    for rate in (0.004, 0.001):
        noise = PcdNoise(rate, 16)
        matrix = GaussianRbm(kappa, MU2, rate, 16).mean
        for found, mixing in ((before, False), (left, True)):
            model = rbm(kappa=list(kappa), mu2=MU2, noise=replace(noise, mixing=mixing))
            found.append((ordered_gas(model.levels).mean - matrix) / mixing_of(kappa, noise).std)
    before, left = np.abs(np.array(before)).max(axis=1), np.abs(np.array(left)).max(axis=1)
    assert np.all(left < 0.1 * before), (left, before)
    assert before[0] / before[1] == pytest.approx(2.0, rel=0.1)
    assert left[0] / left[1] > 3.0


def test_ten_levels_with_mixing_have_the_means_of_drawn_matrices():
    """The published lattice at α = 0.01, B = 16: without mixing the worst mean is off by 0.7 std."""
    target = lattice_scalar_1d(10, mass2=4.0)
    model = rbm(target=target, mu2=MU2, noise=PcdNoise(0.01, 16, mixing=True))
    gas, drawn = (
        ordered_gas(model.levels),
        rbm_matrix_law(GaussianRbm(target.kappa, MU2, 0.01, 16)).sample(40_000, rng=1),
    )
    assert np.all(np.abs(gas.mean - drawn.mean(axis=0)) < 0.2 * gas.std)


def test_a_tilt_is_a_force_in_every_form():
    plain = rbm(kappa=[6.5, 4.0], mu2=MU2, noise=PcdNoise(0.01, 16)).levels[1]
    tilted = rbm(kappa=[6.5, 4.0], mu2=MU2, noise=PcdNoise(0.01, 16, mixing=True)).levels[1]
    x, tilt = np.linspace(0.5, 8.5, 9), tilted.tilt
    assert tilt > 0.0
    np.testing.assert_array_equal(tilted.diffusion(x), plain.diffusion(x))
    np.testing.assert_allclose(tilted.drift(x), plain.drift(x) - tilt * plain.diffusion(x), rtol=1e-12)
    np.testing.assert_allclose(tilted.confinement(x) - plain.confinement(x), tilt * x, rtol=1e-10)
    slope = (tilted.diffusion_slope(x) - tilted.drift(x)) / tilted.diffusion(x)
    np.testing.assert_allclose(tilted.confinement_slope(x), slope, rtol=1e-9)
    # A mean shift over a variance: α/B cancels, but for levels that nearly touch.
    assert tilted.with_noise(0.5).tilt == tilt
    weaker = rbm(kappa=[6.5, 4.0], mu2=MU2, noise=PcdNoise(0.005, 16, mixing=True)).levels[1]
    assert weaker.tilt == pytest.approx(tilt, rel=2e-3)


def test_mixing_of_one_level_or_another_beta():
    noise = PcdNoise(0.01, 16, mixing=True)
    assert rbm(kappa=[4.0], mu2=MU2, noise=noise).levels[0].tilt == 0.0
    with pytest.raises(ModelError, match="mixing needs beta = 1"):
        rbm(kappa=[5.0, 4.0], mu2=MU2, noise=noise, beta=2.0)


@pytest.mark.slow
@pytest.mark.parametrize(("sweeps", "data"), [(1, "exact"), (3, "batch")])
def test_training_differs_from_the_gas_as_stated(sweeps, data):
    """Means of really trained levels: the gas is too high by 0.02 to 0.13 of their standard deviations."""
    kappa, replicas = [7.0, 5.5, 4.0], 1024
    model = rbm(kappa=kappa, mu2=MU2, noise=PcdNoise(0.02, 16, sweeps, data))
    mixing, gas = pcd_mixing(model), ordered_gas(model.levels)
    sample = train_rbm(
        kappa, MU2, learning_rate=0.02, batch_size=16, steps=14_000, sweeps=sweeps, data=data, replicas=replicas,
        record_at=np.arange(2000, 14_001, 1000), rng=3,
    )  # fmt: skip
    mean = sample.levels.mean(axis=(0, 1))
    error = sample.levels.mean(axis=1).std(axis=0) / np.sqrt(replicas)
    # Half the differences are left for the next order in α.
    assert np.all(np.abs(gas.mean - mean - mixing.excess) < 3.5 * error + 0.01 * mixing.std)
    assert (gas.mean - mean)[2] > 0.08 * mixing.std[2]
