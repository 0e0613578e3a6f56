"""RBM models: the derived noise against laws known otherwise, and the refusal of bad parameters."""

import numpy as np
import pytest

from fpsolve import models
from fpsolve.errors import ModelError
from fpsolve.exact.rbm_gaussian import GaussianRbm
from fpsolve.exact.rbm_white_noise import WhiteNoiseRbm
from fpsolve.models import PcdNoise, Schedule


def moments(body):
    """Mean (from the anchor) and variance of the lone level's law; the trapezoidal rule converges geometrically here."""
    (centre, width), *_ = body.anchors
    y = np.linspace(-13.0 * width, 13.0 * width, 801)
    log = -body.confinement(centre + y)
    w = np.exp(log - log.max())
    mean = np.sum(w * y) / w.sum()
    return mean, np.sum(w * (y - mean) ** 2) / w.sum()


def test_many_sweeps_and_exact_data_give_the_white_noise_law():
    """With (x/μ²)^{2k} below rounding the confinement is the closed form of the white-noise law."""
    body = models.rbm(kappa=[4.0], mu2=9.0, noise=PcdNoise(0.05, 16, 300, "exact")).levels[0]
    law = WhiteNoiseRbm(kappa=4.0, mu2=9.0, ratio=0.05 / 16)
    x = np.linspace(0.05, 0.93, 60) * 9.0
    difference = -body.confinement(x) - law.log_pdf(x)
    assert np.ptp(difference) < 1e-12 * np.ptp(law.log_pdf(x))


def test_few_sweeps_do_not_give_the_white_noise_law():
    body = models.rbm(kappa=[4.0], mu2=9.0, noise=PcdNoise(0.05, 16, 1, "exact")).levels[0]
    law = WhiteNoiseRbm(kappa=4.0, mu2=9.0, ratio=0.05 / 16)
    x = np.linspace(0.3, 0.8, 30) * 9.0
    assert np.ptp(-body.confinement(x) - law.log_pdf(x)) > 1.0


def test_white_noise_law_has_the_skewness_of_its_source():
    """arXiv:2407.16427 setting α = 0.01, B = 16, κ = 4, μ² = 9: skewness +0.0711."""
    law = WhiteNoiseRbm(kappa=4.0, mu2=9.0, ratio=0.01 / 16)
    x = np.linspace(3.5, 6.5, 20_001)
    w = np.exp(law.log_pdf(x) - law.log_pdf(np.array(5.0)))
    y = x - np.sum(w * x) / w.sum()
    skewness = (np.sum(w * y**3) / w.sum()) / (np.sum(w * y**2) / w.sum()) ** 1.5
    assert skewness == pytest.approx(0.0711, abs=1e-4)


@pytest.mark.parametrize("data", ["exact", "batch"])
@pytest.mark.parametrize("sweeps", [1, 3])
def test_mean_shift_of_the_derived_law(sweeps, data):
    """(⟨x⟩ − x*)B/α → the exact O(α/B) shift of the trained matrix as α/B → 0; three step sizes extrapolated."""
    kappa, mu2 = 4.0, 9.0
    ratios = np.array([4e-4, 2e-4, 1e-4])
    slopes = [
        moments(models.rbm(kappa=[kappa], mu2=mu2, noise=PcdNoise(ratio, 1, sweeps, data)).levels[0])[0] / ratio
        for ratio in ratios
    ]
    # Remove the linear and the quadratic term in α/B.
    first = [2 * slopes[1] - slopes[0], 2 * slopes[2] - slopes[1]]
    limit = (4 * first[1] - first[0]) / 3
    exact = GaussianRbm((kappa,), mu2, 1.0, 1.0, sweeps, data)
    assert limit == pytest.approx(exact.mean[0] - exact.levels[0], rel=1e-5), f"slopes {slopes}, extrapolated {limit}"


@pytest.mark.parametrize("data", ["exact", "batch"])
@pytest.mark.parametrize("sweeps", [1, 3])
def test_variance_of_the_derived_law(sweeps, data):
    ratio = 1e-5
    variance = moments(models.rbm(kappa=[1.0], mu2=2.0, noise=PcdNoise(ratio, 1, sweeps, data)).levels[0])[1]
    assert variance == pytest.approx(GaussianRbm((1.0,), 2.0, ratio, 1.0, sweeps, data).variance[0], rel=3e-4)


def test_derived_noise_at_the_fixed_point_is_the_constant_noise_of_the_same_run():
    """κ = 1, μ² = 2, k = 1, batch data: g² = (16/3) α/B."""
    body = models.rbm(kappa=[1.0], mu2=2.0, noise=PcdNoise(0.01, 16, 1, "batch")).levels[0]
    assert body.diffusion(np.array([1.0]))[0] == pytest.approx(16 / 3 * 0.01 / 16, rel=1e-14)
    assert body.anchors[0] == pytest.approx((1.0, np.sqrt(16 / 3 * 0.01 / 16)), rel=1e-14)


def test_levels_ascend_and_share_the_walls():
    gas = models.rbm(kappa=[8.0, 6.0, 6.0, 4.0], mu2=9.0, g2=[0.1, 0.2, 0.3, 0.4])
    assert [body.anchors[0][0] for body in gas.levels] == [1.0, 3.0, 3.0, 5.0]
    assert [body.g2 for body in gas.levels] == [0.1, 0.2, 0.3, 0.4]
    assert gas.walls == (0.0, 9.0)


def test_target_gives_the_lattice_spectrum():
    target = models.lattice_scalar_1d(10, mass2=4.0)
    gas = models.rbm(target=target, mu2=9.0, g2=0.01)
    assert [body.kappa for body in gas.levels] == list(target.kappa)


def test_schedule_scales_the_noise():
    schedule = Schedule(learning_rate=((0.0, 0.01), (10.0, 0.002)))
    gas = models.rbm(kappa=[1.0], mu2=2.0, noise=PcdNoise(0.01, 16), schedule=schedule)
    x = np.array([0.7])
    assert gas.at(20.0).levels[0].diffusion(x) == pytest.approx(0.2 * gas.levels[0].diffusion(x))


@pytest.mark.parametrize(("data", "chi"), [("exact", 0), ("batch", 1)])
def test_collapse_is_refused_at_the_right_noise(data, chi):
    """A level grows from 0 on average of its logarithm if K'(0) > (α/B)(1/μ⁴ + χ_d/κ²)."""
    kappa, mu2 = 1.2, 2.0
    limit = (1 / kappa - 1 / mu2) / (1 / mu2**2 + chi / kappa**2)
    models.rbm(kappa=[kappa], mu2=mu2, noise=PcdNoise(0.999 * limit, 1, 2, data))
    with pytest.raises(ModelError, match=r"collapses to 0 .* must be below") as caught:
        models.rbm(kappa=[kappa], mu2=mu2, noise=PcdNoise(1.001 * limit, 1, 2, data))
    assert f"{limit:.6g}" in str(caught.value)
    if data == "exact":
        assert limit == pytest.approx(mu2 * (mu2 - kappa) / kappa)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kappa": [2.5], "g2": 0.1}, r"kappa\[0\] = 2.5 must be smaller than mu2 = 2"),
        ({"kappa": [2.0], "g2": 0.1}, r"kappa\[0\] = 2 must be smaller than mu2 = 2"),
        ({"kappa": [1.0, 1.5], "g2": 0.1}, r"kappa must descend .* write \[1.5, 1.0\]"),
        ({"kappa": [0.0], "g2": 0.1}, r"kappa\[0\] must be positive, not 0"),
        ({"kappa": [-1.0], "g2": 0.1}, r"kappa\[0\] must be positive, not -1"),
        ({"kappa": [float("nan")], "g2": 0.1}, r"kappa\[0\] must be a finite number, not nan"),
        ({"kappa": ["one"], "g2": 0.1}, r"kappa\[0\] must be a finite number, not 'one'"),
        ({"kappa": [], "g2": 0.1}, "at least one"),
        ({"g2": 0.1}, "exactly one of kappa .* and target"),
        ({"kappa": [1.0]}, "exactly one of g2 .* and noise"),
        ({"kappa": [1.0], "g2": 0.1, "noise": PcdNoise(0.1, 1)}, "exactly one of g2 .* and noise"),
        ({"kappa": [1.0], "g2": 0.0}, "g2 must be positive, not 0"),
        ({"kappa": [1.0], "g2": -0.1}, "g2 must be positive, not -0.1"),
        ({"kappa": [1.0], "g2": [0.1, 0.2]}, "g2 has 2 entries, but there are 1 levels"),
        ({"kappa": [1.0], "g2": float("inf")}, "g2 must be a finite number, not inf"),
        ({"kappa": [1.0], "g2": 0.1, "beta": -1.0}, "beta must be finite and not negative"),
        ({"kappa": [1.0], "g2": 0.1, "mu2": -2.0}, "mu2 must be positive"),
        (
            {"kappa": [1.0], "noise": PcdNoise(0.1, 16), "schedule": Schedule(learning_rate=((0.0, 0.2),))},
            "schedule starts with learning_rate = 0.2, but the noise has 0.1",
        ),
        (
            {"kappa": [1.0], "noise": PcdNoise(0.1, 16), "schedule": Schedule(batch_size=((0.0, 8.0),))},
            "schedule starts with batch_size = 8, but the noise has 16",
        ),
    ],
)
def test_bad_parameters_are_named(arguments, message):
    with pytest.raises(ModelError, match=message):
        models.rbm(**{"mu2": 2.0, **arguments})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, 16), "learning_rate must be positive"),
        ((0.1, -1), "batch_size must be positive"),
        ((0.1, 16, 0), "sweeps must be a whole number of at least 1"),
        ((0.1, 16, 1.5), "sweeps must be a whole number"),
        ((0.1, 16, 1, "all"), "data must be .batch. or .exact., not 'all'"),
    ],
)
def test_bad_noise_is_named(arguments, message):
    with pytest.raises(ModelError, match=message):
        PcdNoise(*arguments)


def test_lattice_spectrum_is_that_of_the_matrix():
    for sites in (1, 3, 4, 9, 10):
        kappa = models.lattice_scalar_1d(sites, mass2=1.7).kappa
        shift = np.roll(np.eye(sites), 1, axis=0)
        kernel = (1.7 + 2.0) * np.eye(sites) - shift - shift.T
        assert np.array(kappa) == pytest.approx(np.linalg.eigvalsh(kernel)[::-1], rel=1e-12)
        assert list(kappa) == sorted(kappa, reverse=True)


def test_lattice_pairs_are_equal_to_the_last_bit():
    kappa = models.lattice_scalar_1d(10, mass2=4.0).kappa
    assert kappa[0] == 8.0
    assert kappa[-1] == 4.0
    assert all(kappa[i] == kappa[i + 1] for i in (1, 3, 5, 7))
    assert kappa[1] == pytest.approx(7.61803, abs=1e-5)


@pytest.mark.parametrize(("sites", "mass2"), [(0, 1.0), (2.5, 1.0), (4, 0.0), (4, -1.0)])
def test_bad_lattice(sites, mass2):
    with pytest.raises(ModelError):
        models.lattice_scalar_1d(sites, mass2=mass2)
