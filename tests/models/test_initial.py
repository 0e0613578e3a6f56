"""Initial laws: distribution functions, masses of cells and samples belong together."""

import mpmath
import numpy as np
import pytest
from scipy import stats

from fpsolve.errors import ModelError
from fpsolve.models import initial

RNG = 12345
DRAWS = 40_000

LAWS = {
    "gaussian": initial.gaussian(0.2, 0.05),
    "gaussian_ordered": initial.gaussian([0.0, 0.1, 0.3], [0.1, 0.2, 0.1]),
    "marchenko_pastur": initial.marchenko_pastur(3, 0.1),
    "pair": initial.pair(1.0, 0.2),
    "tabulated": initial.tabulated([0.0, 0.5, 1.5, 2.0], [1.0, 3.0, 2.0]),
    "truncated": initial.truncated(initial.gaussian(0.1, 0.2), 0.0, 0.4),
}


@pytest.fixture(params=[(name, level) for name, law in LAWS.items() for level in range(law.n)], ids=str)
def marginal(request):
    name, level = request.param
    return LAWS[name], level


def test_samples_follow_the_distribution_function(marginal):
    law, level = marginal
    draws = law.sample(DRAWS, RNG)[:, level]
    distance = stats.kstest(draws, lambda x: law.cdf(x, level)).statistic
    assert distance < 1.95 / np.sqrt(DRAWS)  # exceeded once in 1000 seeds
    wrong = stats.kstest(draws + 0.1 * law.std[level], lambda x: law.cdf(x, level)).statistic
    assert wrong > 1.95 / np.sqrt(DRAWS)


def test_masses_are_differences_of_the_distribution_function(marginal):
    law, level = marginal
    low, high = law.support(level)
    edges = np.linspace(low, high, 50)
    masses = law.masses(edges, level)
    assert masses.shape == (49,)
    assert np.all(masses >= 0.0)
    assert masses == pytest.approx(np.diff(law.cdf(edges, level)), abs=2e-15)
    assert masses.sum() == pytest.approx(1.0, abs=1e-11)


def test_mean_and_std_belong_to_the_distribution_function(marginal):
    law, level = marginal
    edges = np.linspace(*law.support(level), 200_001)
    middle, masses = 0.5 * (edges[1:] + edges[:-1]), np.diff(law.cdf(edges, level))
    mean = np.sum(masses * middle) / masses.sum()
    std = np.sqrt(np.sum(masses * (middle - mean) ** 2) / masses.sum())
    assert law.mean[level] == pytest.approx(mean, abs=1e-6 * std)
    assert law.std[level] == pytest.approx(std, rel=1e-5)


@pytest.mark.parametrize("name", LAWS)
def test_samples_are_ordered_and_reproducible(name):
    law = LAWS[name]
    draws = law.sample(500, RNG)
    assert draws.shape == (500, law.n)
    assert np.all(np.diff(draws, axis=1) >= 0.0)
    assert np.array_equal(draws, law.sample(500, np.random.default_rng(RNG)))
    assert not np.array_equal(draws, law.sample(500, RNG + 1))
    assert isinstance(law, initial.InitialLaw)


def test_gaussian_masses_far_out_keep_their_relative_accuracy():
    law = initial.gaussian(0.2, 0.05)
    edges = np.array([-1.4, -1.3, 1.7, 1.8])
    masses = law.masses(edges)
    with mpmath.workdps(40):
        truth = [mpmath.ncdf((b - 0.2) / 0.05) - mpmath.ncdf((a - 0.2) / 0.05) for a, b in [(-1.4, -1.3), (1.7, 1.8)]]
    assert float(truth[1]) == pytest.approx(float(truth[0]), rel=1e-6)
    assert masses[[0, 2]] == pytest.approx([float(t) for t in truth], rel=1e-12)


def test_ordered_gaussians_with_one_law_are_order_statistics():
    law = initial.gaussian([1.0, 1.0], [0.3, 0.3])
    x = np.linspace(0.0, 2.0, 21)
    single = stats.norm(1.0, 0.3).cdf(x)
    assert law.cdf(x, 0) == pytest.approx(1 - (1 - single) ** 2, abs=1e-6)
    assert law.cdf(x, 1) == pytest.approx(single**2, abs=1e-6)


def test_conditioning_on_the_order_is_not_sorting():
    """A broad lower and a narrow upper level: conditioning moves the lower one, sorting mixes the two."""
    law = initial.gaussian([0.0, 0.0], [1.0, 0.01])
    # Given x_1 < x_2 ≈ 0 the lower level is half a Gaussian.
    assert law.mean[0] == pytest.approx(-np.sqrt(2 / np.pi), rel=0.02)
    assert law.mean[1] == pytest.approx(0.0, abs=0.001)


def test_scalars_serve_every_level():
    law = initial.gaussian(0.5, 0.1, levels=3)
    assert law.n == 3
    assert law.means == (0.5, 0.5, 0.5)
    assert initial.point(0.5, levels=2).at == (0.5, 0.5)


def test_point():
    law = initial.point([0.2, 0.6])
    edges = np.linspace(0.0, 1.0, 6)
    assert law.masses(edges, 0).tolist() == [0, 1, 0, 0, 0]
    assert law.masses(edges, 1).sum() == 1.0
    assert law.cdf(np.array([0.1, 0.2, 0.3])).tolist() == [0.0, 1.0, 1.0]
    assert law.sample(3, 0).tolist() == [[0.2, 0.6]] * 3
    assert law.support(1) == (0.6, 0.6)
    assert law.std.tolist() == [0.0, 0.0]


def test_one_row_of_weights_is_a_squared_gaussian():
    law = initial.marchenko_pastur(1, 0.01)
    x = np.array([1e-6, 1e-3, 0.01, 0.1])
    assert law.cdf(x) == pytest.approx(2 * stats.norm(0, 0.1).cdf(np.sqrt(x)) - 1, rel=1e-10)


def test_wishart_samples_have_the_moments_of_random_matrices():
    """⟨tr X⟩ = MNσ², ⟨tr X²⟩ = MN(M + N + 1)σ⁴ for X = WᵀW."""
    rows, levels, variance = 6, 4, 0.3
    draws = initial.marchenko_pastur(rows, variance, levels=levels).sample(20_000, RNG)
    trace, square = draws.sum(axis=1), (draws**2).sum(axis=1)
    for found, truth in [
        (trace, rows * levels * variance),
        (square, rows * levels * (rows + levels + 1) * variance**2),
    ]:
        assert abs(found.mean() - truth) < 4 * found.std() / np.sqrt(len(found))


def test_truncation_of_a_gaussian():
    law = initial.truncated(initial.gaussian(0.1, 0.2), 0.0, 0.4)
    truth = stats.truncnorm(-0.5, 1.5, loc=0.1, scale=0.2)
    x = np.linspace(-0.1, 0.5, 31)
    assert law.cdf(x) == pytest.approx(truth.cdf(x), abs=1e-14)
    assert (law.mean[0], law.std[0]) == pytest.approx((truth.mean(), truth.std()), rel=1e-8)
    assert law.support() == (0.0, 0.4)
    assert law.masses(np.array([-1.0, 0.0, 0.4, 1.0])) == pytest.approx([0.0, 1.0, 0.0], abs=1e-15)


def test_truncation_outside_the_support_changes_nothing():
    law = initial.gaussian(0.5, 0.01)
    assert initial.truncated(law, 0.0, 1.0) is law
    assert initial.truncated(law, -np.inf, np.inf) is law


@pytest.mark.parametrize("lower", [0.0, -np.inf])
def test_truncated_samples_of_several_levels_lie_inside(lower):
    law = initial.truncated(initial.gaussian([0.0, 0.3], [0.2, 0.2]), lower, 0.5)
    draws = law.sample(2000, RNG)
    assert draws.shape == (2000, 2)
    assert np.all((draws >= lower) & (draws <= 0.5))
    assert np.all(np.diff(draws, axis=1) >= 0.0)
    with pytest.raises(ModelError, match="no closed form"):
        law.cdf(0.1)


@pytest.mark.parametrize(
    "law",
    [*LAWS.values(), initial.marchenko_pastur(4, 0.1, levels=3), initial.gaussian([0.1, 0.1], [0.2, 0.2])],
    ids=[*LAWS, "marchenko_pastur_3", "gaussian_touching"],
)
def test_part_of_all_draws_with_all_levels_in_an_interval(law):
    draws = law.sample(DRAWS, RNG)
    for quantiles in ((0.2, 1.0), (0.0, 0.7), (0.1, 0.8)):
        ends = np.quantile(draws[:, 0], quantiles[0]), np.quantile(draws[:, -1], quantiles[1])
        part = np.mean((draws[:, 0] >= ends[0]) & (draws[:, -1] <= ends[1]))
        assert law.within(*ends) == pytest.approx(part, abs=4.5 * np.sqrt(part * (1.0 - part) / DRAWS) + 1e-4)
    assert law.within(-np.inf, np.inf) == pytest.approx(1.0, abs=1e-12)


def test_levels_far_apart_are_in_an_interval_independently():
    law = initial.gaussian([0.1, 1.0], [0.1, 0.2])
    exact = stats.norm(0.1, 0.1).sf(0.0) * stats.norm(1.0, 0.2).cdf(1.2)
    # The order holds but for Φ(−4).
    assert law.within(0.0, 1.2) == pytest.approx(exact, abs=1e-4)
    equal = initial.gaussian([0.1, 0.1], [0.2, 0.2])
    assert equal.within(0.0, 0.4) == pytest.approx(np.diff(stats.norm(0.1, 0.2).cdf([0.0, 0.4]))[0] ** 2, rel=1e-6)
    cut = initial.truncated(equal, 0.0, np.inf)
    assert cut.inside == equal.within(0.0, np.inf)
    assert cut.within(-1.0, 0.4) == pytest.approx(equal.within(0.0, 0.4) / cut.inside, rel=1e-12)
    assert initial.point([0.1, 0.5]).within(0.0, 0.5) == 1.0
    assert initial.point([0.1, 0.5]).within(0.2, 0.5) == 0.0


def test_empirical_law_counts():
    levels = np.array([[3.0, 1.0], [2.0, 4.0], [0.0, 5.0], [1.0, 1.5]])
    law = initial.samples(levels)
    assert law.n == 2
    assert law.within(0.5, 4.5) == 0.75
    assert law.cdf(np.array([0.5, 1.0, 1.7]), 0).tolist() == [0.25, 0.75, 0.75]
    assert law.masses(np.array([0.0, 1.0, 2.0]), 0).tolist() == [0.25, 0.75]
    assert law.mean.tolist() == [1.0, 3.375]
    draws = law.sample(100, RNG)
    assert {tuple(row) for row in draws} <= {(1.0, 3.0), (2.0, 4.0), (0.0, 5.0), (1.0, 1.5)}
    assert initial.samples([1.0, 2.0]).n == 1


def test_tabulated_law_keeps_its_masses():
    law = initial.tabulated([0.0, 0.5, 1.5, 2.0], [1.0, 3.0, 2.0])
    assert law.masses(np.array([0.0, 0.5, 1.5, 2.0])) == pytest.approx([1 / 6, 3 / 6, 2 / 6], rel=1e-14)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: initial.gaussian(0.2, 0.0), "std must be positive"),
        (lambda: initial.gaussian(0.2, -1.0), "std must be positive"),
        (lambda: initial.gaussian(float("nan"), 1.0), "mean must be a finite number"),
        (lambda: initial.gaussian([0.1, 0.2], [0.1, 0.2, 0.3]), "mean has 2 entries"),
        (lambda: initial.point([0.2, 0.1]), "at must ascend"),
        (lambda: initial.marchenko_pastur(0, 1.0), "rows must be a whole number"),
        (lambda: initial.marchenko_pastur(2, 1.0, levels=3), "rows must be at least levels"),
        (lambda: initial.marchenko_pastur(2, 0.0), "variance must be positive"),
        (lambda: initial.marchenko_pastur(3, 1.0, levels=2).cdf(1.0), "no closed form"),
        (lambda: initial.pair(0.0, 0.0), "std must be positive"),
        (lambda: initial.tabulated([0, 1, 2], [1.0]), "n cells need"),
        (lambda: initial.tabulated([0, 2, 1], [1.0, 1.0]), "edges of a tabulated law must increase"),
        (lambda: initial.tabulated([0, 1, 2], [1.0, -1.0]), "masses of a tabulated law"),
        (lambda: initial.samples([]), "initial levels must be finite"),
        (lambda: initial.samples([1.0, np.inf]), "initial levels must be finite"),
        (lambda: initial.truncated(initial.gaussian(-1.0, 0.1), 0.0, 2.0), "is between the walls 0 and 2"),
        (lambda: initial.gaussian([1.0, 0.0], [0.01, 0.01]).sample(10, 0), "are in ascending order"),
        (lambda: initial.gaussian([9.0, 0.0], [0.01, 0.01]).mean, "no weight in ascending order"),
    ],
)
def test_bad_input_is_named(make, message):
    with pytest.raises(ModelError, match=message):
        make()
