"""Figures of several levels hold the curves they claim."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from matplotlib.colors import to_hex

from fpsolve.plots import (
    CAPTIONS,
    figures_of,
    plot_alignment,
    plot_band,
    plot_correlation,
    plot_moments,
    plot_pairs,
    plot_spacing,
    plot_stationary,
    plot_waterfall,
    render,
    with_style,
)
from fpsolve.plots.alignment import group_alignment, random_alignment
from fpsolve.plots.band import level_quantiles
from fpsolve.plots.coordinate import Coordinate, coordinate_of
from fpsolve.plots.correlation import correlation_matrix
from fpsolve.plots.figures import caption_of
from fpsolve.plots.joint import enclosing_levels, smooth_density
from fpsolve.plots.levels import levels_of
from fpsolve.plots.pair_tables import SpacingTable, joint_tables, spacing_tables
from fpsolve.plots.rebin import drawn_tables, summed, trajectory_count


@pytest.fixture(scope="module")
def four(several):
    return several.four_levels()


@pytest.fixture(scope="module")
def trained(several, four):
    return dataclasses.replace(four, sample=several.sample(four.evolution))


@pytest.fixture(scope="module")
def pair(several):
    return several.pair_evolution()[1]


def holds(panel, y, x=None):
    """Whether a line of the panel has these numbers; nan where it is not drawn."""
    for line in panel.get_lines():
        drawn = np.asarray(line.get_ydata(), dtype=float)
        if drawn.shape != np.shape(y):
            continue
        seen = np.isfinite(drawn)
        same_x = x is None or np.allclose(np.asarray(line.get_xdata(), dtype=float), x, rtol=1e-13)
        if seen.any() and same_x and np.allclose(drawn[seen], np.asarray(y)[seen], rtol=1e-12, atol=0.0):
            return True
    return False


def labels_of(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def draws(figure):
    with with_style():
        figure.draw_without_rendering()
    return True


# What belongs together


def test_groups_and_targets_come_from_the_case(four, several):
    levels = levels_of(four)
    assert levels.groups == ((0,), (1, 2), (3,))
    assert levels.pairs == (1,)
    np.testing.assert_array_equal(levels.targets, [1.0, 2.0, 3.0])
    assert levels.names == ("κ = 3", "κ = 2", "κ = 1")
    assert levels.colour(1) == levels.colour(2)
    assert len({levels.colour(level) for level in range(4)}) == 3
    assert [levels.line(level) for level in range(4)] == ["-", "-", "--", "-"]


def model_of(result, **model):
    return dataclasses.replace(result, resolved=json.dumps({"model": model}))


def test_a_lattice_target_has_its_pairs(four):
    density = np.ones((1, 10, 4))
    evolution = dataclasses.replace(four.evolution, density=density, edges=np.tile(np.arange(5.0), (10, 1)))
    result = dataclasses.replace(four, evolution=evolution, stationary=None)
    target = {"kind": "lattice_scalar_1d", "sites": 10, "mass2": 4.0}
    levels = levels_of(model_of(result, kind="rbm", mu2=9.0, target=target))
    assert levels.groups == ((0,), (1, 2), (3, 4), (5, 6), (7, 8), (9,))
    # κ_q = m² + 2 − 2 cos(2πq/10), descending in q.
    q = np.array([5, 4, 3, 2, 1, 0])
    np.testing.assert_allclose(levels.targets, 9.0 - (6.0 - 2.0 * np.cos(2 * np.pi * q / 10)), rtol=1e-13)


@pytest.mark.parametrize(
    ("model", "groups", "targets"),
    [
        ({"kind": "dyson", "stiffness": 1.0, "centre": [0, 0, 1, 2]}, ((0, 1), (2,), (3,)), [0.0, 1.0, 2.0]),
        ({"kind": "dyson", "stiffness": [1, 1, 1, 2], "centre": 0.5}, ((0, 1, 2), (3,)), [0.5, 0.5]),
        ({"kind": "laguerre", "rows": 12, "weight_decay": 1.0, "temperature": 0.1}, ((0, 1, 2, 3),), None),
        ({"kind": "potential", "V": ["x**2", "x**2", "x**4", "x**4"], "domain": [0, 1]}, ((0, 1), (2, 3)), None),
        ({"kind": "potential", "V": "x**2", "noise": {"g2": [1, 1, 2, 2]}}, ((0, 1), (2, 3)), None),
        ({"kind": "rbm", "mu2": 4.0, "kappa": [3.0, 2.0]}, ((0,), (1,), (2,), (3,)), None),
        ({"kind": "rbm"}, ((0,), (1,), (2,), (3,)), None),
        ({}, ((0,), (1,), (2,), (3,)), None),
    ],
)
def test_groups_of_every_kind_of_model(four, model, groups, targets):
    levels = levels_of(model_of(four, **model))
    assert levels.groups == groups
    if targets is None:
        assert levels.targets is None
    else:
        np.testing.assert_array_equal(levels.targets, targets)


@pytest.mark.parametrize("resolved", ["", "{}", "[]", "null", "3", '{"model": 3}', '{"model": {"kind": []}}'])
def test_without_a_case_every_level_is_alone_and_everything_still_draws(trained, resolved):
    result = dataclasses.replace(trained, resolved=resolved)
    assert levels_of(result).pairs == ()
    drawn = figures_of(result)
    assert "spacing" not in drawn
    assert all(draws(drawn[name]()) for name in ("waterfall", "band", "stationary", "correlation"))


# Which figures there are


def test_content_chooses_the_figures(several, four, trained, pair):
    always = ["waterfall", "band", "density", "moments", "stationary", "pairs", "spacing", "correlation"]
    assert list(figures_of(four)) == always
    close = ["level_density", "pair_density"]
    assert list(figures_of(trained)) == [*always[:5], *close, *always[5:], "histogram"]
    assert list(figures_of(pair)) == ["waterfall", "band", "density", "moments", "pairs", "spacing", "correlation"]
    alone = dataclasses.replace(four, evolution=None)
    assert list(figures_of(alone)) == ["stationary", "pairs", "spacing"]
    only_sample = dataclasses.replace(trained, evolution=None, stationary=None)
    assert list(figures_of(only_sample)) == ["spacing", "correlation"]
    short = dataclasses.replace(four, stationary=None, evolution=several.evolution(n_times=2))
    assert list(figures_of(short)) == ["waterfall", "density", "correlation"]
    assert set(always) <= set(CAPTIONS)


def test_all_of_them_draw_and_say_what_they_show(trained, pair):
    for result in (trained, pair):
        for name, draw in figures_of(result).items():
            figure = draw()
            assert draws(figure)
            for panel in figure.axes:
                assert panel.get_ylabel(), name
                assert panel.has_data() or panel.get_label() == "<colorbar>", name


def test_captions_do_not_speak_of_what_is_not_there(four, trained):
    for name in figures_of(four):
        assert "trained levels" not in caption_of(name, four)
        assert len(caption_of(name, four)) > 40
    assert "Steps: trained levels." in caption_of("waterfall", trained)


def test_figures_that_a_result_has_nothing_for(examples, four):
    one, bare = examples.rbm_result(replicas=50, cells=40), examples.bare_result()
    for draw in (plot_waterfall, plot_band, plot_pairs, plot_spacing, plot_correlation):
        for result in (one, bare):
            with pytest.raises(ValueError, match="this result holds no "):
                draw(result)
    with pytest.raises(ValueError, match="holds no spacings"):
        plot_spacing(model_of(four, kind="dyson", stiffness=1.0, centre=[0, 1, 2, 3]))


# Waterfall


def test_rows_of_the_waterfall_are_the_densities_of_the_root(four):
    evolution = four.evolution
    panel = plot_waterfall(four).axes[0]
    bases = panel.get_yticks()
    assert len(bases) == 9
    assert [label.get_text() for label in panel.get_yticklabels()][:2] == ["t = 0", "1"]
    root = np.sqrt(evolution.edges[0])
    for base, density in zip(bases, [evolution.initial_density, *evolution.density], strict=True):
        own = density * np.diff(evolution.edges, axis=1) / np.diff(root)
        np.testing.assert_allclose(np.sum(own * np.diff(root), axis=1), 1.0, atol=1e-6)
        for curve in own:
            assert holds(panel, base + curve, evolution.x[0])
        assert holds(panel, base + own.sum(axis=0), evolution.x[0])
    names = labels_of(plot_waterfall(four))
    assert "each level (integral over √x = 1)" in names
    assert "all levels together (integral over √x = 4)" in names
    assert "steps: histograms of the trained levels" not in names


def test_targets_stand_in_the_waterfall_with_their_names(four):
    panel = plot_waterfall(four).axes[0]
    lines = {
        float(line.get_xdata()[0]): to_hex(line.get_color())
        for line in panel.get_lines()
        if len(line.get_xdata()) == 2 and line.get_xdata()[0] == line.get_xdata()[1] and line.is_dashed()
    }
    levels = levels_of(four)
    assert lines == {1.0: levels.colour(0), 2.0: levels.colour(1), 3.0: levels.colour(3)}
    assert [text.get_text() for text in panel.texts if text.get_text().startswith("κ")] == list(levels.names)


def test_names_of_close_targets_are_moved_apart(four):
    moved = model_of(four, kind="rbm", mu2=4.0, kappa=[2.001, 2.0, 2.0, 1.0])
    panel = plot_waterfall(moved).axes[0]
    places = sorted(text.get_position()[0] for text in panel.texts if text.get_text().startswith("κ"))
    assert np.min(np.diff(places)) * panel.get_figure().get_figwidth() > 0.15


def test_the_trained_levels_are_steps_at_their_times(trained):
    panel = plot_waterfall(trained).axes[0]
    bases = panel.get_yticks()
    steps = [patch.get_data() for patch in panel.patches]
    assert len(steps) == 3 * 4
    for data in steps:
        base = float(data.baseline)
        assert base in {bases[1], bases[4], bases[8]}
        total = np.sum((data.values - base) * np.diff(np.sqrt(data.edges)))
        assert total == pytest.approx(1.0, abs=1e-9)
    assert "steps: histograms of the trained levels" in labels_of(plot_waterfall(trained))


def test_of_many_times_ten_rows_are_drawn(several):
    result = several.four_levels(evolution=several.evolution(n_times=57))
    assert len(plot_waterfall(result).axes[0].get_yticks()) == 11
    labels = [label.get_text() for label in plot_waterfall(result).axes[0].get_yticklabels()]
    assert labels[-1] == "300"


def test_the_axis_is_linear_where_nothing_is_close_to_a_wall(several, four, pair):
    assert coordinate_of(four.evolution) == Coordinate(root=True)
    assert coordinate_of(pair.evolution) == Coordinate(root=False)
    panel = plot_waterfall(pair).axes[0]
    assert panel.get_xscale() == "linear"
    assert panel.get_xlabel() == "level x"
    assert holds(panel, panel.get_yticks()[3] + pair.evolution.density[3, 1], pair.evolution.x[1])


def test_densities_on_different_cells_add_up():
    edges = np.array([[0.0, 1.0, 2.0], [0.5, 1.5, 3.5]])
    density = np.array([[0.4, 0.6], [0.5, 0.25]])
    common, total = summed(edges, density, Coordinate())
    np.testing.assert_array_equal(common, [0.0, 0.5, 1.0, 1.5, 2.0, 3.5])
    np.testing.assert_allclose(total, [0.4, 0.9, 1.1, 0.85, 0.25])


def test_trajectories_are_drawn_in_quiet_bins(several):
    evolution, exact = several.evolution(noisy=True, cells=1600), several.evolution(cells=1600)
    assert trajectory_count(evolution) == pytest.approx(4000, rel=0.05)
    tables, total = drawn_tables(evolution, evolution.density[-1], Coordinate(root=True))
    for level, (edges, density) in enumerate(tables):
        assert set(edges) <= set(evolution.edges[level])
        assert np.sum(density * np.diff(edges)) == pytest.approx(1.0, abs=1e-12)
        law = several.normal_averages(edges, exact.mean[-1, level], exact.std[-1, level])
        widths = np.diff(evolution.edges[level])
        before = np.sum(np.abs(evolution.density[-1, level] - exact.density[-1, level]) * widths)
        after = np.sum(np.abs(density - law) * np.diff(edges))
        # Noise falls like the root of the number of bins: eight to one here.
        assert after < 0.5 * before
        middle = np.searchsorted(edges, exact.mean[-1, level])
        iqr = 2 * 0.6745 * exact.std[-1, level]
        assert np.diff(edges)[middle] == pytest.approx(2 * iqr * 4000 ** (-1 / 3), rel=0.25)
    assert np.sum(total[1] * np.diff(total[0])) == pytest.approx(4.0, abs=1e-12)
    assert draws(plot_waterfall(several.four_levels(evolution=evolution)))


# Bands and moments


def test_bands_are_quantiles(four):
    quantiles = level_quantiles(four.evolution)
    mean, std = four.evolution.mean, four.evolution.std
    normal = np.array([-1.6448536269514722, -0.6744897501960817, 0.0, 0.6744897501960817, 1.6448536269514722])
    expected = mean[:, :, None] + std[:, :, None] * normal
    np.testing.assert_allclose(quantiles, expected, atol=0.02 * float(std.max()))
    panel = plot_band(four).axes[0]
    for level in range(4):
        assert holds(panel, quantiles[:, level, 2], four.evolution.times)
    assert panel.get_xscale() == "log"
    bands = [collection.get_paths()[0].vertices for collection in panel.collections]
    assert len(bands) == 8
    for level in range(4):
        for band, (low, high) in zip(bands[2 * level : 2 * level + 2], ((0, 4), (1, 3)), strict=True):
            heights = set(np.round(band[:, 1], 12))
            assert set(np.round(quantiles[:, level, [low, high]].ravel(), 12)) <= heights


def test_points_of_the_band_are_quantiles_of_the_sample(trained):
    panel = plot_band(trained).axes[0]
    sample = trained.sample
    for level in range(4):
        for row in np.quantile(sample.levels[:, :, level], [0.05, 0.25, 0.5, 0.75, 0.95], axis=0):
            assert holds(panel, row, sample.times)
    assert "trained: median" in labels_of(plot_band(trained))
    untimed = dataclasses.replace(trained, sample=dataclasses.replace(sample, times=np.full(4, np.nan)))
    assert "trained: median" not in labels_of(plot_band(untimed))


def test_moments_of_levels_are_those_of_the_result(four):
    figure = plot_moments(four)
    for panel, name in zip(figure.axes, ("mean", "std"), strict=True):
        for level in range(4):
            assert holds(panel, getattr(four.evolution, name)[:, level], four.evolution.times)
    assert labels_of(figure) == ["κ = 3", "κ = 2", "κ = 1", "upper level of a pair"]


# Stationary law and pairs


def test_the_stationary_panel_holds_all_levels_and_their_sum(four):
    figure = plot_stationary(four)
    panel = figure.axes[0]
    assert len(figure.axes) == 1
    law = four.stationary
    for x, density in zip(law.x, law.density, strict=True):
        assert holds(panel, density, x)
    assert holds(panel, 4 * law.total_density)
    edges = law.total_edges
    assert np.sum(4 * law.total_density * np.diff(edges)) == pytest.approx(4.0, abs=1e-9)
    assert "all levels together (integral = 4)" in labels_of(figure)


def test_joint_panels(four, several, pair):
    figure = plot_pairs(four)
    panels = [axes for axes in figure.axes if axes.get_label() != "<colorbar>"]
    assert [axes.get_xlabel() for axes in panels] == ["level 0, x", "level 1, x", "level 2, x"]
    assert [axes.get_title("left") for axes in panels] == ["", "levels 1, 2 (κ = 2)", ""]
    assert figure.get_suptitle().startswith("stationary law")
    evolved = plot_pairs(pair)
    titles = [axes.get_title("left") for axes in evolved.axes if axes.get_label() != "<colorbar>"]
    assert len(titles) == 6
    assert (titles[0], titles[-1]) == ("t = 0.05", "t = 5")


def test_the_smooth_joint_density_is_that_of_the_law(several, pair):
    sigmas, _ = several.pair_evolution()
    table = joint_tables(pair, -1)[0][0]
    assert np.sum(table.masses) == pytest.approx(1.0, abs=1e-4)
    x_edges, y_edges, density = smooth_density(table)
    x, y = np.meshgrid(0.5 * (x_edges[1:] + x_edges[:-1]), 0.5 * (y_edges[1:] + y_edges[:-1]), indexing="ij")
    s = sigmas[-1]
    exact = np.where(y > x, (y - x) * np.exp(-(x**2 + y**2) / (2 * s**2)), 0.0) / (2 * np.sqrt(np.pi) * s**3)
    assert np.max(np.abs(density - exact)) < 0.03 * np.max(exact)
    areas = np.outer(np.diff(x_edges), np.diff(y_edges))
    assert np.sum(density * areas) == pytest.approx(1.0, abs=5e-3)
    for share, height in zip((0.9, 0.5), enclosing_levels(density, areas), strict=True):
        assert np.sum((exact * areas)[exact > height]) == pytest.approx(share, abs=0.01)


# Spacings


def test_spacings_come_from_the_evolution_if_it_knows_them(several, four, pair):
    sigmas, _ = several.pair_evolution()
    (table,), origin = spacing_tables(pair, (0,), 2)
    assert origin == "evolution, t = 0.186"
    exact = several.surmise_masses(table.edges, sigmas[2]) / np.diff(table.edges)
    np.testing.assert_allclose(table.density, exact, atol=1e-12)
    # Bins as wide as the cells, 0.1, out of 512 of 1/64.
    np.testing.assert_allclose(np.diff(table.edges)[:-1], 6.0 / 64.0)
    assert table.mean == pytest.approx(np.sqrt(np.pi) * sigmas[2], rel=5e-3)
    law = four.stationary.pairs
    (table,), origin = spacing_tables(four, (1,))
    assert origin == "stationary law"
    np.testing.assert_array_equal(table.density, law.spacing_density[1])
    # An evolution with tables of its own comes before the stationary law.
    course = dataclasses.replace(
        law,
        density=np.stack([law.density] * 8),
        spacing_density=np.stack([law.spacing_density] * 7 + [2 * law.spacing_density]),
    )
    evolved = dataclasses.replace(four, evolution=dataclasses.replace(four.evolution, pairs=course))
    (table,), origin = spacing_tables(evolved, (1,))
    assert origin == "evolution, t = 300"
    edges = law.spacing_edges[1]
    cumulative = np.append(0.0, np.cumsum(2 * law.spacing_density[1] * np.diff(edges)))
    shares = np.diff(np.interp(table.edges, edges, cumulative))
    np.testing.assert_allclose(table.density * np.diff(table.edges), shares, atol=1e-13)
    assert plot_spacing(evolved).get_suptitle() == "Lines: evolution, t = 300"


def test_spacing_curves_have_the_masses_of_their_bins(several):
    edges = np.linspace(0.0, 2.0, 15)
    table = SpacingTable(0, edges, several.surmise_masses(edges, 0.3) / np.diff(edges))
    s, density = table.curve()
    exact = s / (2 * 0.3**2) * np.exp(-(s**2) / (4 * 0.3**2))
    np.testing.assert_allclose(density, exact, atol=0.02 * exact.max())
    assert density[0] == 0.0
    fine = np.interp(np.linspace(0, 2, 14001), s, density)
    masses = np.add.reduceat(fine[:-1], np.arange(0, 14000, 1000)) * (2 / 14000)
    np.testing.assert_allclose(masses, table.density * np.diff(edges), atol=2e-3)


def test_the_spacing_figure_collapses_onto_the_surmise(four):
    figure = plot_spacing(four)
    left, right, below = figure.axes
    (table,), _ = spacing_tables(four, (1,))
    s, density = table.curve()
    assert holds(left, density, s)
    assert holds(right, table.mean * density, s / table.mean)
    surmise = next(line for line in right.get_lines() if line.get_linewidth() > 3)
    x = surmise.get_xdata()
    np.testing.assert_allclose(surmise.get_ydata(), np.pi / 2 * x * np.exp(-np.pi * x * x / 4), rtol=1e-12)
    left_over = max((line for line in below.get_lines()), key=lambda line: len(line.get_xdata())).get_ydata()
    assert np.max(np.abs(left_over)) < 2e-3
    assert figure.get_suptitle() == "Lines: stationary law"
    assert labels_of(figure)[0] == "levels 1, 2 (κ = 2), ⟨S⟩ = 0.240"


def test_points_of_the_spacing_figure_are_the_last_record(trained):
    left, right, below = plot_spacing(trained).axes
    spacings = trained.sample.levels[:, -1, 2] - trained.sample.levels[:, -1, 1]
    points = left.containers[0][0]
    heights, middle = points.get_ydata(), points.get_xdata()
    width = middle[1] - middle[0]
    counts = np.histogram(spacings, np.append(middle - width / 2, middle[-1] + width / 2))[0]
    np.testing.assert_allclose(heights, counts / (spacings.size * width), rtol=1e-9)
    assert np.sum(heights) * width == pytest.approx(1.0, abs=1e-9)
    scaled = right.containers[0][0]
    np.testing.assert_allclose(scaled.get_xdata(), middle / spacings.mean(), rtol=1e-12)
    np.testing.assert_allclose(scaled.get_ydata(), heights * spacings.mean(), rtol=1e-12)
    assert below.containers


# Correlations


def test_the_map_and_the_lines_are_the_correlations(four):
    figure = plot_correlation(four)
    heat, course = (axes for axes in figure.axes if axes.get_label() != "<colorbar>")
    evolution = four.evolution
    np.testing.assert_array_equal(heat.images[0].get_array(), evolution.correlation.T)
    for pair in range(3):
        assert holds(course, evolution.correlation[:, pair], evolution.times)
    marks = [line.get_ydata()[0] for line in course.get_lines() if line.get_marker() == "<"]
    np.testing.assert_array_equal(marks, four.stationary.pairs.correlation)
    numbers = [text.get_text() for text in heat.texts]
    assert len(numbers) == 24
    assert numbers[:2] == ["25", f"{50 / (1 + evolution.times[1]):.0f}"]
    assert numbers.count("40") == 8


def test_with_a_sample_the_map_is_of_levels(trained):
    matrix, title = correlation_matrix(trained, 4)
    expected = np.corrcoef(trained.sample.levels[:, -1], rowvar=False)
    low = np.tril_indices(4, -1)
    np.testing.assert_array_equal(matrix[low], expected[low])
    np.testing.assert_array_equal(np.diagonal(matrix, 1), trained.evolution.correlation[-1])
    assert np.all(np.isnan(np.triu(matrix, 2)[np.triu_indices(4, 2)]))
    assert (
        title
        == "above the diagonal: evolution, t = 300\nbelow: trained levels, 30000 updates\nnumbers: correlation in %"
    )
    course = [axes for axes in plot_correlation(trained).axes if axes.get_label() != "<colorbar>"][1]
    squares = [line for line in course.get_lines() if line.get_marker() == "s"]
    assert len(squares) == 4 * 3
    first = np.corrcoef(trained.sample.levels[:, 0], rowvar=False)
    assert squares[0].get_ydata()[0] == pytest.approx(first[0, 1], rel=1e-12)


def test_two_levels_have_lines_only(pair):
    figure = plot_correlation(pair)
    assert len(figure.axes) == 1
    assert labels_of(figure) == ["levels 0, 1"]


def test_the_same_result_gives_the_same_bytes(four):
    for draw in (plot_waterfall, plot_pairs):
        assert render(draw(four), "png", dpi=40) == render(draw(four), "png", dpi=40)


# -- alignment ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def turning(trained):
    """Ten replicas whose eigenvectors turn: 0.3, 0.5, … in every record, with a known scatter."""
    sample = trained.sample
    replicas, records, levels = sample.levels.shape
    scatter = 0.01 * np.linspace(-1, 1, replicas)[:, None, None]
    alignment = 0.1 + 0.8 * np.linspace(0, 1, records)[:, None] * np.linspace(1, 0.5, levels) + scatter
    return dataclasses.replace(trained, sample=dataclasses.replace(sample, alignment=alignment))


def test_alignment_shows_the_mean_of_every_group(turning):
    figure = plot_alignment(turning)
    panel, sample = figure.axes[0], turning.sample
    for group in levels_of(turning).groups:
        assert holds(panel, sample.alignment[:, :, list(group)].mean(axis=(0, 2)), sample.times)
    # Random directions in four dimensions: one of four, and two of four for the pair.
    for value in (0.25, 0.5):
        assert holds(panel, [value, value])
    _, error = group_alignment(sample, levels_of(turning))
    spread = 0.01 * np.linspace(-1, 1, sample.levels.shape[0]).std(ddof=1) / np.sqrt(sample.levels.shape[0])
    assert error == pytest.approx(spread, rel=1e-9)


def test_random_directions_count_all_modes_of_the_target(turning):
    """Six visible units, of which three share the κ of the pair: the four levels are those of the smallest κ."""
    case = json.loads(turning.resolved)
    case["sgd"] = {"kind": "rbm", "kappa": [3.5, 3.0, 2.0, 2.0, 2.0, 1.0]}
    told = dataclasses.replace(turning, resolved=json.dumps(case))
    levels = dataclasses.replace(levels_of(turning), groups=((0, 1, 2), (3,)), names=("κ = 2", "κ = 1"))
    assert random_alignment(told, levels) == pytest.approx([0.5, 1 / 6])


def test_alignment_is_drawn_where_there_is_a_course(turning, trained):
    assert "alignment" in figures_of(turning)
    assert "alignment" not in figures_of(trained)
    short = dataclasses.replace(turning, sample=turning.sample.at(np.arange(2)))
    assert "alignment" not in figures_of(short)
    with pytest.raises(ValueError, match="no alignment"):
        plot_alignment(trained)
    clockless = dataclasses.replace(turning.sample, times=np.full(turning.sample.times.size, np.nan))
    figure = plot_alignment(dataclasses.replace(turning, sample=clockless))
    assert figure.axes[0].get_xlabel() == "updates"
