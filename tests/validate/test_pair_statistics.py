"""Mean spacing, width, variance, learned over target: numbers of a pair against closed forms, with honest errors."""

import numpy as np
import pytest
from scipy import stats

from fpsolve.errors import MethodError
from fpsolve.exact import GaussianRbm
from fpsolve.exact.semicircle_two_level import TwoLevelSemicircle
from fpsolve.exact.surmise import spacing_cdf
from fpsolve.results import AdjacentPairs, Sample, Stationary
from fpsolve.validate import LevelTheory, compare

CENTRE, SIGMA = 3.0, 0.1
NUMBERS = ("mean_spacing", "width", "variance", "ratio", "binder")


def pairs(rng, replicas, sigma=SIGMA, centre=CENTRE):
    """Eigenvalues of real symmetric 2×2 Gaussian matrices, diagonal variance σ², off-diagonal σ²/2."""
    a, d = rng.normal(0.0, sigma, (2, replicas))
    half = np.hypot(0.5 * (a - d), rng.normal(0.0, sigma / np.sqrt(2.0), replicas))
    return centre + np.stack([0.5 * (a + d) - half, 0.5 * (a + d) + half], axis=1)


def prediction(sigma=SIGMA, centre=CENTRE, cells=400):
    """Stationary law of a degenerate pair, everything in closed form."""
    edges = centre + sigma * np.linspace(-7.0, 7.0, cells + 1)
    law = TwoLevelSemicircle(centre, sigma)
    density = np.array([np.diff(law.level_cdf(edges, level)) for level in (0, 1)]) / np.diff(edges)
    spacing = np.linspace(0.0, 9.0 * sigma, cells + 1)
    joint = AdjacentPairs(
        edges=np.tile(edges, (1, 2, 1)),
        density=np.zeros((1, cells, cells)),
        spacing_edges=spacing[None],
        spacing_density=(np.diff(spacing_cdf(spacing, sigma)) / np.diff(spacing))[None],
        correlation=np.zeros(1),
    )
    std = np.full(2, law.level_std)
    return Stationary("exact", np.tile(edges, (2, 1)), density, np.array(law.level_mean), std, np.nan, pairs=joint)


def theory(sigma=SIGMA, centre=CENTRE, alpha_over_batch=None):
    return LevelTheory(np.full(2, centre), np.full(2, sigma), alpha_over_batch)


def judged(values, law=None, names=NUMBERS, *, about=None, **keywords):
    keywords = {"groups": [[0, 1]], **keywords}
    return compare(
        Sample.from_array(values), law or prediction(), statistics=names, theory=about or theory(), **keywords
    )


def details(report):
    return {statistic.name: statistic.details[0] for statistic in report.statistics}


def test_a_true_prediction_is_met_and_every_number_is_the_closed_form():
    limits = {f"{name}_p": 1e-3 for name in (*NUMBERS, "surmise_predicted")}
    report = judged(pairs(np.random.default_rng(1), 8000), fail_if=limits)
    assert report.passed, report.summary()
    found = details(report)
    # The tables of the prediction are cells; their interpolation leaves less than 1e-5.
    assert found["mean_spacing"]["predicted"] == pytest.approx(np.sqrt(np.pi) * SIGMA, rel=1e-5)
    assert found["mean_spacing"]["one_level"] == pytest.approx(np.sqrt(np.pi) * SIGMA, rel=1e-13)
    assert found["width"]["sigma_predicted"] == pytest.approx(SIGMA, rel=1e-4)
    assert found["width"]["centre_predicted"] == pytest.approx(CENTRE, rel=1e-6)
    assert found["variance"]["predicted"] == pytest.approx(1.5 * SIGMA**2, rel=1e-4)
    assert found["ratio"]["predicted"] == pytest.approx(1.0, abs=1e-6)
    assert found["ratio"]["highest_predicted"] == pytest.approx(1.0 + 0.5 * np.sqrt(np.pi) * SIGMA / CENTRE, rel=1e-9)
    assert found["ratio"]["lowest_predicted"] == pytest.approx(1.0 - 0.5 * np.sqrt(np.pi) * SIGMA / CENTRE, rel=1e-9)
    assert found["binder"]["u4_law"] == pytest.approx(-4.0 / 27.0, abs=2e-4)
    assert found["surmise_predicted"]["mean_spacing_predicted"] == pytest.approx(np.sqrt(np.pi) * SIGMA, rel=1e-13)
    # n = 8000: relative errors √(4/π − 1)/√n of ⟨S⟩; that of a Gaussian-like σ is about 1/√(2·2n).
    assert found["mean_spacing"]["error"] / found["mean_spacing"]["mean"] == pytest.approx(
        0.5227 / np.sqrt(8000), rel=0.05
    )
    assert found["width"]["sigma_error"] < 0.01 * SIGMA


@pytest.mark.parametrize(("name", "power"), [("mean_spacing", 1), ("width", 1), ("variance", 2)])
def test_a_wrong_width_is_measured_and_rejected(name, power):
    report = judged(pairs(np.random.default_rng(2), 8000), prediction(1.05 * SIGMA), fail_if={f"{name}_p": 1e-3})
    assert not report.passed
    detail = details(report)[name]
    assert abs(detail["relative"] - (1.05**-power - 1.0)) < 3.5 * detail["value_error"]
    assert detail["value"] == pytest.approx(abs(detail["relative"]))
    assert detail["z"] < -3.0


def test_a_shifted_pair_is_seen_by_the_ratio_only():
    values = pairs(np.random.default_rng(3), 8000) + 0.02
    report = judged(values, fail_if={f"{name}_p": 1e-3 for name in ("ratio", "mean_spacing", "width", "variance")})
    assert {entry.name for entry in report.statistics if not entry.passed} == {"ratio"}
    detail = details(report)["ratio"]
    assert abs(detail["ratio"] - (1.0 + 0.02 / CENTRE)) < 4.0 * detail["error"]


def test_the_surmise_with_the_predicted_sigma_sees_the_scale_and_its_p_values_are_uniform():
    rng = np.random.default_rng(4)
    p_values = [judged(pairs(rng, 500), names=("surmise_predicted",)).statistics[0].p_value for _ in range(150)]
    assert stats.kstest(p_values, "uniform").pvalue > 1e-3
    narrow = judged(pairs(rng, 4000, 0.94 * SIGMA), fail_if={"surmise_predicted_p": 1e-3, "surmise_p": 1e-3})
    assert {entry.name: entry.passed for entry in narrow.statistics if entry.p_threshold} == {
        "surmise_predicted": False,
        "surmise": True,
    }


def test_errors_are_the_scatter_of_repeated_samples():
    rng = np.random.default_rng(5)
    found = [details(judged(pairs(rng, 400))) for _ in range(120)]
    for name, key, error in (
        ("mean_spacing", "mean", "error"),
        ("width", "sigma", "sigma_error"),
        ("width", "sigma_spacing", "sigma_spacing_error"),
        ("width", "sigma_difference", "sigma_difference_error"),
        ("variance", "variance", "error"),
        ("ratio", "ratio", "error"),
        ("ratio", "highest", "highest_error"),
        ("binder", "u4", "u4_error"),
    ):
        values = np.array([detail[name][key] for detail in found])
        errors = np.array([detail[name][error] for detail in found])
        # 120 samples know their scatter to 6.5 %.
        assert np.sqrt(np.mean(errors**2)) == pytest.approx(np.std(values), rel=0.2), (name, key)


def test_sorting_enters_nothing_but_what_is_about_order():
    """Levels handed over in any order give the same numbers: they are sorted, or pooled, on both sides."""
    values = pairs(np.random.default_rng(6), 1000)
    assert judged(values).statistics == judged(values[:, ::-1]).statistics


def test_units_of_the_training_make_pure_numbers():
    training = GaussianRbm((5.4, 5.4), 9.0, 0.01, 16, sweeps=3, data="exact")
    about = LevelTheory.of_rbm(training)
    assert about.alpha_over_batch == pytest.approx(0.01 / 16)
    assert about.sigma**2 == pytest.approx(training.finite_step_variance)
    assert about.unit == pytest.approx(np.sqrt(0.01 / 16 * 3.6))
    # The published coefficient tends to √(2πE) as α → 0.
    slow = LevelTheory.of_rbm(GaussianRbm((5.4, 5.4), 9.0, 1e-7, 16, sweeps=3, data="exact"))
    r = (3.6 / 9.0) ** 6
    assert np.sqrt(np.pi) * slow.sigma[0] / slow.unit == pytest.approx(
        np.sqrt(2.0 * np.pi * (1 + r) / (1 - r)), rel=1e-6
    )
    sigma = float(about.sigma[0])
    values = pairs(np.random.default_rng(7), 4000, sigma, 3.6)
    detail = details(judged(values, prediction(sigma, 3.6), about=about))["mean_spacing"]
    assert detail["a_fit"] == pytest.approx(detail["mean"] / about.unit)
    assert detail["a_predicted"] == pytest.approx(np.sqrt(np.pi) * sigma / about.unit, rel=1e-5)
    assert abs(detail["a_fit"] - detail["a_predicted"]) < 4.0 * detail["a_fit_error"]
    assert detail["alpha_over_batch"] == about.alpha_over_batch


def test_every_level_by_itself_keeps_its_pairs():
    values = pairs(np.random.default_rng(8), 4000)
    report = judged(values, names=("ks", "variance", *NUMBERS[:2], "spacing"), groups=None, pairs=[[0, 1]])
    found = {entry.name: entry for entry in report.statistics}
    assert [detail["levels"] for detail in found["ks"].details] == [[0], [1]]
    assert [detail["levels"] for detail in found["variance"].details] == [[0], [1]]
    assert [detail["levels"] for detail in found["spacing"].details] == [[0, 1]]
    assert [detail["levels"] for detail in found["width"].details] == [[0, 1]]
    assert found["ks"].p_value > 1e-3
    # A level of a pair has variance (3/2 − π/4)σ², not that of the pair.
    assert found["variance"].details[0]["predicted"] == pytest.approx((1.5 - 0.25 * np.pi) * SIGMA**2, rel=1e-4)
    # Swapped members are seen level by level and by nothing that pools them.
    swapped = judged(values, prediction(), names=("ks",), groups=[[1], [0]])
    assert [detail["levels"] for detail in swapped.statistics[0].details] == [[1], [0]]


def test_what_needs_a_theory_says_so():
    sample = Sample.from_array(pairs(np.random.default_rng(9), 100))
    with pytest.raises(MethodError, match="no target"):
        compare(sample, prediction(), statistics=("ratio",), groups=[[0, 1]])
    with pytest.raises(MethodError, match="no σ is predicted"):
        compare(sample, prediction(), statistics=("surmise_predicted",), groups=[[0, 1]])
    with pytest.raises(MethodError, match="one target and one positive width"):
        LevelTheory(np.ones(2), np.array([1.0, 0.0]))
    three = Sample.from_array(np.random.default_rng(1).normal(size=(50, 3)))
    edges = np.tile(np.linspace(-5, 5, 11), (3, 1))
    law = Stationary("exact", edges, np.full((3, 10), 0.1), np.zeros(3), np.ones(3), 0.0)
    with pytest.raises(MethodError, match="theory is one of 2 levels"):
        compare(three, law, theory=theory())


@pytest.mark.parametrize("name", ["ratio", "mean_spacing", "width", "surmise_predicted"])
def test_levels_with_different_targets_are_no_pair(name):
    """A mean target and a mean σ of unlike levels would be numbers of nothing."""
    values = pairs(np.random.default_rng(11), 200)
    unlike = LevelTheory(np.array([CENTRE, 1.1 * CENTRE]), np.array([SIGMA, 1.2 * SIGMA]))
    with pytest.raises(MethodError, match=r"different (targets|widths), .* are no degenerate group"):
        judged(values, names=(name,), about=unlike)


def test_a_chain_claims_no_p_value():
    sample = Sample.from_array(pairs(np.random.default_rng(10), 400), correlated=True)
    report = compare(sample, prediction(), statistics=NUMBERS, theory=theory(), groups=[[0, 1]])
    assert all(entry.p_value is None for entry in report.statistics)
    assert all(entry.n_effective <= 1600 for entry in report.statistics)
