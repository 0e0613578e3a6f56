from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from matplotlib.figure import Figure
from scipy.special import ndtr

from fpsolve.plots import (
    CAPTIONS,
    figures_of,
    plot_density,
    plot_histogram,
    plot_spectrum,
    plot_stationary,
    plot_survival,
    render,
    with_style,
)
from fpsolve.plots.bins import bar_heights, freedman_diaconis
from fpsolve.plots.histogram import histograms_of
from fpsolve.plots.panels import visible_top


@pytest.fixture(scope="module")
def rbm(examples):
    return examples.rbm_result()


def lines_by_label(panel):
    return {line.get_label(): line for line in panel.get_lines()}


@pytest.mark.parametrize(
    ("name", "figures"),
    [
        ("rbm_result", ["density", "spectrum", "histogram"]),
        ("pair_result", ["waterfall", "band", "density", "moments", "stationary"]),
        ("absorbing_result", ["density", "moments", "survival"]),
        ("oscillator_result", ["spectrum"]),
        ("bistable_result", ["spectrum"]),
        ("bare_result", []),
    ],
)
def test_a_result_knows_what_it_can_draw_and_all_of_it_draws(examples, name, figures):
    drawn = figures_of(getattr(examples, name)())
    assert list(drawn) == figures
    assert set(drawn) <= set(CAPTIONS)
    for draw in drawn.values():
        figure = draw()
        assert isinstance(figure, Figure)
        with with_style():
            figure.draw_without_rendering()


def test_every_axis_says_what_it_shows(examples, rbm):
    results = [rbm, examples.pair_result(), examples.absorbing_result(), examples.bistable_result()]
    for result in results:
        for name, draw in figures_of(result).items():
            for panel in draw().axes:
                assert panel.get_ylabel(), name
                if name in {"density", "histogram"} and panel.get_ylabel().startswith("density"):
                    assert "integral over x = " in panel.get_ylabel()
                if name == "spectrum":
                    assert "[1/time]" in panel.get_ylabel()


def test_density_shows_the_evolution_itself(rbm):
    panel = plot_density(rbm).axes[0]
    curves = [line for line in panel.get_lines() if len(line.get_xdata()) == 300]
    drawn = [line.get_ydata() for line in curves]
    for row in rbm.evolution.density[:, 0]:
        assert any(np.array_equal(row, curve) for curve in drawn)
    assert lines_by_label(panel)["start, t = 0"].get_linestyle() == "--"
    names = [text.get_text() for text in panel.get_legend().get_texts()]
    assert names == ["stationary", "start, t = 0", "t = 1", "t = 4", "t = 400", "SGD histograms"]


def test_a_spike_at_a_wall_or_a_narrow_start_does_not_rule_the_axis(examples):
    edges = np.linspace(0.0, 1.0, 100_001)
    spike = np.diff(np.sqrt(edges)) / np.diff(edges)
    # With p = 1/(2√x) the mass above the height h is 1/(4h): 2 % at h = 12.5, and a quarter is added.
    assert visible_top(edges, spike[None]) == pytest.approx(1.25 * 12.5, rel=0.02)
    bell = np.exp(-0.5 * ((edges[1:] - 0.5) / 0.1) ** 2)
    assert visible_top(edges, np.stack([bell, 2 * bell])) == pytest.approx(2.1, rel=1e-3)
    pair = examples.pair_result()
    start = np.zeros((2, 160))
    start[:, 80] = 1.0 / np.diff(pair.evolution.edges)[:, 80]
    result = dataclasses.replace(pair, evolution=dataclasses.replace(pair.evolution, initial_density=start))
    panel = plot_density(result).axes[0]
    assert panel.get_ylim()[1] < 3.0
    assert panel.get_legend().get_texts()[1].get_text() == "start (peak 24.6)"


def test_sgd_steps_stand_at_matching_times_only(rbm):
    moved = dataclasses.replace(rbm, sample=dataclasses.replace(rbm.sample, times=np.array([1.1, 4.0, 500.0])))
    steps = [patch for patch in plot_density(moved).axes[0].patches if not patch.get_fill()]
    assert len(steps) == 1
    values, edges, _ = steps[0].get_data()
    assert np.sum(values * np.diff(edges)) == pytest.approx(1.0, abs=1e-12)


def test_many_times_get_a_colour_bar(examples):
    axes = plot_density(examples.pair_result()).axes
    assert len(axes) == 3
    assert axes[2].get_ylabel() == "Fokker–Planck time t"


def test_wavefunctions_stand_on_their_levels_with_one_scale(rbm):
    panel = plot_spectrum(rbm).axes[0]
    energies, psi = rbm.spectrum.energies, rbm.spectrum.psi
    curves = [line.get_ydata() for line in panel.get_lines() if len(line.get_xdata()) == 300]
    assert len(curves) == 7
    np.testing.assert_array_equal(curves[0], rbm.spectrum.potential)
    scales = [
        (curve - energy) @ wave / (wave @ wave) for curve, energy, wave in zip(curves[1:], energies, psi, strict=True)
    ]
    np.testing.assert_allclose(scales, scales[0], rtol=1e-9)
    for curve, energy, wave in zip(curves[1:], energies, psi, strict=True):
        np.testing.assert_allclose(curve, energy + scales[0] * wave, atol=1e-12)
    # Textbook look: a wave is less high than the typical distance of levels, and nothing leaves the axes.
    assert scales[0] * np.abs(psi).max() < np.median(np.diff(energies))
    low, high = panel.get_ylim()
    assert low < min(curve.min() for curve in curves[1:])
    assert high > max(curve.max() for curve in curves[1:])
    assert low < rbm.spectrum.potential.min()
    first, last = panel.get_xlim()
    assert first == pytest.approx(0.0, abs=1e-12)
    assert 1.3 < last < 1.9


def test_the_right_axis_of_a_spectrum_is_twice_the_left(rbm):
    figure = plot_spectrum(rbm)
    with with_style():
        figure.draw_without_rendering()
    panel = figure.axes[0]
    rates = panel.child_axes[0]
    np.testing.assert_allclose(rates.get_ylim(), 2 * np.array(panel.get_ylim()))
    assert min(rates.get_yticks()) == 0.0


def labels_of(result):
    return [text.get_text() for text in plot_spectrum(result).axes[0].texts]


def test_levels_too_close_to_tell_apart_share_a_label(examples):
    assert labels_of(examples.bistable_result()) == ["E₀, E₁", "E₂", "E₃–E₅"]
    assert labels_of(examples.oscillator_result(3)) == ["E₀", "E₁", "E₂"]


def test_tunnelling_pairs_do_not_flatten_the_waves(examples):
    result = examples.bistable_result()
    panel = plot_spectrum(result).axes[0]
    low, high = panel.get_ylim()
    highest = max(np.ptp(line.get_ydata()) for line in panel.get_lines()[1:])
    assert highest > 0.15 * (high - low)


@pytest.mark.parametrize("energies", [[0.0], [0.0, 1e-273], [-1e-30, 5e-12]])
def test_spectra_with_no_scale_of_their_own(examples, energies):
    whole = examples.bistable_result()
    count = len(energies)
    spectrum = dataclasses.replace(
        whole.spectrum, energies=np.array(energies), residuals=np.zeros(count), psi=whole.spectrum.psi[:count]
    )
    low, high = plot_spectrum(dataclasses.replace(whole, spectrum=spectrum)).axes[0].get_ylim()
    assert 0.3 < high < 5.0
    assert -1.0 < low < -0.3


def test_a_potential_that_is_infinite_at_a_wall(examples):
    whole = examples.oscillator_result()
    potential = whole.spectrum.potential.copy()
    potential[[0, -1]] = np.inf, np.nan
    result = dataclasses.replace(whole, spectrum=dataclasses.replace(whole.spectrum, potential=potential))
    assert len(render(plot_spectrum(result), "png", dpi=50)) > 1000


def test_a_potential_that_dives_where_no_wave_is(examples):
    whole = examples.oscillator_result(3)
    x = np.linspace(-6.0, 12.0, 901)
    psi = np.array([np.interp(x, whole.spectrum.x, row, right=0.0) for row in whole.spectrum.psi])
    potential = np.where(x < 9.0, x**2 / 8 - 0.25, -1e6)
    spectrum = dataclasses.replace(whole.spectrum, x=x, psi=psi, potential=potential)
    panel = plot_spectrum(dataclasses.replace(whole, spectrum=spectrum)).axes[0]
    assert -0.5 < panel.get_ylim()[0] < -0.25
    assert panel.get_xlim()[1] < 8.0


def test_energies_alone_can_be_drawn(examples):
    whole = examples.oscillator_result(4)
    empty = dataclasses.replace(whole.spectrum, x=np.zeros(0), psi=np.zeros((4, 0)), potential=np.zeros(0))
    panel = plot_spectrum(dataclasses.replace(whole, spectrum=empty)).axes[0]
    assert [line.get_ydata()[0] for line in panel.get_lines()] == [0.0, 0.5, 1.0, 1.5]


def test_histograms_compare_counts_with_bin_integrals(rbm):
    figure = plot_histogram(rbm)
    assert len(figure.axes) == 8
    entry = rbm.report.histograms[0]
    n = rbm.sample.levels.shape[0]
    above, below = figure.axes[:2]
    steps = next(patch for patch in above.patches if not patch.get_fill())
    np.testing.assert_allclose(steps.get_data()[0], entry["expected"] / n / np.diff(entry["edges"]))
    points = above.containers[0][0]
    np.testing.assert_allclose(points.get_ydata(), entry["counts"] / n / np.diff(entry["edges"]))
    solid = next(line for line in below.get_lines() if line.get_marker() == "o")
    enough = entry["expected"] >= 5
    p = entry["expected"] / n
    residual = (entry["counts"] - entry["expected"]) / np.sqrt(n * p * (1 - p))
    np.testing.assert_allclose(solid.get_ydata(), residual[enough])


def test_levels_beyond_the_bins_count_too(examples):
    entry = {"label": "cut", "edges": np.array([0.0, 2.0]), "counts": np.array([60]), "expected": np.array([64.0])}
    entry |= {"below": [15, 20.0], "above": [25, 16.0]}
    above = plot_histogram(dataclasses.replace(examples.bare_result(), report=examples.rbm_report(entry))).axes[0]
    assert above.get_title("left") == "cut\nn = 100 levels"
    assert above.containers[0][0].get_ydata().tolist() == [0.3]


def test_dependent_levels_have_wider_errors(rbm):
    entry = {**rbm.report.histograms[0], "n_effective": 1000.0}
    report = dataclasses.replace(rbm.report, histograms=(entry,))
    plain = plot_histogram(
        dataclasses.replace(rbm, report=dataclasses.replace(report, histograms=rbm.report.histograms[:1]))
    )
    wide = plot_histogram(dataclasses.replace(rbm, report=report))
    ratio = [max(abs(line.get_ydata())) for figure in (plain, wide) for line in figure.axes[1].get_lines()[1:2]]
    assert ratio[0] / ratio[1] == pytest.approx(2.0, rel=1e-9)


def test_residuals_of_a_true_prediction_have_unit_variance(examples):
    rng = np.random.default_rng(7)
    found = []
    for _ in range(12):
        edges = np.linspace(-3.0, 3.0, 25)
        counts = np.histogram(rng.standard_normal(4000), edges)[0]
        expected = 4000 * np.diff(ndtr(edges))
        entry = {
            "label": "",
            "edges": edges,
            "counts": counts,
            "expected": expected,
            "below": [int(4000 - counts.sum()), 0],
        }
        result = dataclasses.replace(examples.bare_result(), report=examples.rbm_report(entry))
        found.append(plot_histogram(result).axes[1].get_lines()[1].get_ydata())
    found = np.concatenate(found)
    assert np.mean(found) == pytest.approx(0.0, abs=5 / np.sqrt(found.size))
    assert np.var(found) == pytest.approx(1.0, abs=5 * np.sqrt(2 / found.size))


def test_without_a_verdict_the_last_record_is_held_against_the_stationary_law(rbm):
    (entry,) = histograms_of(dataclasses.replace(rbm, report=None))
    values = rbm.sample.levels[:, -1, 0]
    np.testing.assert_array_equal(entry["counts"], np.histogram(values, entry["edges"])[0])
    inside = rbm.stationary.law().cdf(entry["edges"][[0, -1]])
    assert np.sum(entry["expected"]) == pytest.approx(values.size * (inside[1] - inside[0]))
    assert histograms_of(dataclasses.replace(rbm, report=None, stationary=None)) == ()


def test_freedman_diaconis_agrees_with_numpy():
    values = np.random.default_rng(3).standard_normal(5000)
    np.testing.assert_allclose(freedman_diaconis(values), np.histogram_bin_edges(values, "fd"))


@pytest.mark.parametrize("values", [[1.0], [2.0, 2.0, 2.0], [0.0, 0.0, 0.0, 0.0, 5.0], [-3.0, -3.0]])
def test_bins_of_values_without_spread_hold_all_of_them(values):
    edges = freedman_diaconis(np.array(values))
    assert np.all(np.diff(edges) > 0)
    assert np.histogram(values, edges)[0].sum() >= len(values) - 1


def test_heavy_tails_do_not_make_millions_of_bins():
    values = np.random.default_rng(0).standard_cauchy(10000)
    assert freedman_diaconis(values).size <= 201


def test_uneven_bins_have_the_right_heights():
    edges = np.array([0.0, 1.0, 3.0])
    np.testing.assert_allclose(bar_heights(np.array([2, 2]), edges, 4), [0.5, 0.25])


def test_survival_starts_at_one_and_integrates(examples):
    result = examples.absorbing_result()
    left, right = plot_survival(result).axes
    assert left.get_lines()[0].get_xydata()[0].tolist() == [0.0, 1.0]
    np.testing.assert_array_equal(right.get_lines()[0].get_ydata(), result.evolution.first_passage[:, 1])
    assert [text.get_text() for text in right.get_legend().get_texts()] == ["upper wall"]


def test_asking_for_what_is_not_there(examples):
    bare = examples.bare_result()
    for draw in (plot_density, plot_spectrum, plot_histogram, plot_stationary, plot_survival):
        with pytest.raises(ValueError, match="this result holds n"):
            draw(bare)
