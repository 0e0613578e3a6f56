"""Figures of sweeps: what is drawn is what the scalars say; a figure is offered exactly where it can be drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fpsolve.plots import plot_scalars, save_sweep_figures, sweep_figures_of
from fpsolve.plots.coordinate import Coordinate
from fpsolve.plots.records import steps_of
from fpsolve.plots.sweep_figures import SWEEP_CAPTIONS
from fpsolve.plots.sweep_points import Points

KAPPA = ["κ = 7.62", "κ = 6.62", "κ = 5.38", "κ = 4.38"]


def without(sweep):
    return [None] * len(sweep.points)


def texts(figure):
    return {text.get_text() for legend in figure.legends for text in legend.get_texts()}


def lines_of(panel, *, points):
    """Coordinates of all lines of a panel with three or more points, or (markers) of all single measured points."""
    drawn = [line.get_xydata() for line in panel.get_lines() if bool(line.get_marker() != "None") == points]
    return [np.asarray(line) for line in drawn if len(line)]


def bars(panel):
    """Half lengths of all vertical error bars, with the places of their middles."""
    segments = np.concatenate([c.get_segments() for container in panel.containers for c in container.lines[2]])
    middle = segments.mean(axis=1)
    return {
        (round(x, 9), round(y, 9)): 0.5 * abs(high - low)
        for (x, y), (low, high) in zip(middle, segments[..., 1], strict=True)
    }


# -- which figures -----------------------------------------------------------------------------------------------------


def test_figures_follow_from_what_the_sweep_holds(sweeps):
    pairs = sweeps.pair_sweep()
    assert list(sweep_figures_of(pairs, without(pairs))) == ["pair_scaling", "pair_consistency", "binder", "ratio"]
    assert list(sweep_figures_of(*sweeps.noise_sweep())) == ["overlay", "scalars"]
    assert list(sweep_figures_of(*sweeps.well_sweep())) == ["potentials", "scalars"]
    empty = sweeps.sweep_of({"model.noise.g2": (1.0, 2.0)}, [({"model.noise.g2": g2}, {}) for g2 in (1.0, 2.0)])
    assert sweep_figures_of(empty, without(empty)) == {}


def test_every_figure_has_a_caption(sweeps):
    drawn = set()
    pairs = sweeps.pair_sweep()
    for sweep, results in (
        (pairs, without(pairs)),
        sweeps.noise_sweep(),
        sweeps.well_sweep(),
        sweeps.wishart_sweep(),
        sweeps.student_sweep(),
    ):
        drawn |= sweep_figures_of(sweep, results).keys()
    assert drawn == SWEEP_CAPTIONS.keys()


def test_results_must_be_those_of_the_points(sweeps):
    with pytest.raises(ValueError, match="2 results were given for 5 points"):
        sweep_figures_of(sweeps.pair_sweep(), [None, None])


def test_one_point_or_one_ratio_scales_nothing(sweeps):
    pairs = sweeps.pair_sweep()
    same = replace(pairs, points=(pairs.points[0], pairs.points[0]))
    assert sweep_figures_of(same, [None, None]) == {}


def test_failed_points_are_passed_over(sweeps):
    pairs = sweeps.pair_sweep()
    broken = replace(pairs.points[1], status="failed", scalars={}, message="no memory")
    partly = replace(pairs, points=(pairs.points[0], broken, *pairs.points[2:]))
    for draw in sweep_figures_of(partly, without(partly)).values():
        draw()
    sweep, results = sweeps.noise_sweep()
    lost = replace(sweep.points[0], status="failed", scalars={})
    figure = sweep_figures_of(replace(sweep, points=(lost, *sweep.points[1:])), [None, *results[1:]])["overlay"]()
    assert len(lines_of(figure.axes[0], points=False)) == 3


# -- pairs -------------------------------------------------------------------------------------------------------------


def test_pairs_are_drawn_against_the_root_of_alpha_over_batch(sweeps):
    pairs = sweeps.pair_sweep()
    figure = sweep_figures_of(pairs, without(pairs))["pair_scaling"]()
    spacing, rest, width, _ = figure.axes
    ratios = np.array([0.04 / 16, 0.01 / 16, 0.1 / 16, 0.1 / 4, 0.1 / 64])
    for panel, factor, error in ((spacing, 1.01 * np.sqrt(np.pi), 0.005 * np.sqrt(np.pi)), (width, 1.02, 0.004)):
        found = bars(panel)
        assert len(found) == 20
        for target in sweeps.TARGETS.values():
            for ratio in ratios:
                sigma = np.sqrt(2 * ratio * target)
                assert found[round(np.sqrt(ratio), 9), round(factor * sigma, 9)] == pytest.approx(error * sigma)
    below = bars(rest)
    np.testing.assert_allclose(sorted({y for _, y in below}), 1.0, rtol=1e-6)
    np.testing.assert_allclose(list(below.values()), 0.5, rtol=1e-6)
    assert texts(figure) >= {*KAPPA, "B = 16", "α = 0.1", "pair without neighbours"}
    assert "α/B" in rest.get_xlabel()


def test_predicted_lines_are_straight_through_the_origin(sweeps):
    """The scalars say predicted = √π √(2x α/B); the line drawn must be that, once for each scan."""
    pairs = sweeps.pair_sweep()
    figure = sweep_figures_of(pairs, without(pairs))["pair_scaling"]()
    curves = [line for line in lines_of(figure.axes[0], points=False) if len(line) == 3]
    slopes = sorted({round(float(y / x), 6) for line in curves for x, y in line})
    np.testing.assert_allclose(slopes, np.sqrt(2 * np.pi * np.array(list(sweeps.TARGETS.values()))), rtol=1e-5)
    # Four pairs and two scans; those of a pair without neighbours begin at the origin.
    assert len(curves) == 8
    alone = [line for line in lines_of(figure.axes[0], points=False) if len(line) == 4]
    assert len(alone) == 8
    assert all(np.all(line[0] == 0.0) for line in alone)


def test_consistency_of_both_widths(sweeps):
    pairs = sweeps.pair_sweep()
    left, right = sweep_figures_of(pairs, without(pairs))["pair_consistency"]().axes
    marks = np.concatenate(lines_of(left, points=True))
    np.testing.assert_allclose(marks[:, 1] / marks[:, 0], 1.02 / 1.01)
    found = bars(right)
    assert len(found) == 20
    np.testing.assert_allclose([y for _, y in found], 100 * 0.01 / 1.01, rtol=1e-6)
    np.testing.assert_allclose(list(found.values()), 100 * 0.003 / 1.01, rtol=1e-6)


def test_the_cumulant_states_its_sign(sweeps):
    pairs = sweeps.pair_sweep()
    figure = sweep_figures_of(pairs, without(pairs))["binder"]()
    (panel,) = figure.axes
    universal = panel.get_lines()[0].get_ydata()
    np.testing.assert_allclose(universal, -4 / 27)
    assert "−U₄" in panel.get_title("left")
    assert texts(figure) >= {*KAPPA, "−4/27, a pair without neighbours"}
    # The pairs are drawn side by side, within a tenth of their α/B.
    ((x, half),) = [(x, half) for (x, y), half in bars(panel).items() if y == round(-4 / 27 + 0.03, 9) and x > 0.02]
    assert (x, half) == (pytest.approx(0.1 / 4, rel=0.1), pytest.approx(0.006))


def test_learned_over_target(sweeps):
    pairs = sweeps.pair_sweep()
    left, right = sweep_figures_of(pairs, without(pairs))["ratio"]().axes
    drawn = {tuple(np.round(place, 9)) for line in lines_of(left, points=True) for place in line}
    assert (round(0.1 / 4, 9), round(1 - 2 * 0.1 / 4, 9)) in drawn
    assert np.min([line[:, 1].min() for line in lines_of(right, points=False)]) < 1
    assert np.max([line[:, 1].max() for line in lines_of(right, points=False)]) > 1


def test_records_on_the_way_are_left_out(sweeps):
    """Entries of an earlier record stand beside those of the last one; only the last ones are drawn."""
    pairs = sweeps.pair_sweep()
    earlier = {"levels.0": 1.0, "levels.1": 2.0, "u4": 5.0, "step": 10.0}
    extra = {f"validate.statistics.binder.details.9.{name}": value for name, value in earlier.items()}
    points = tuple(replace(point, scalars=point.scalars | extra) for point in pairs.points)
    (panel,) = sweep_figures_of(replace(pairs, points=points), without(pairs))["binder"]().axes
    assert max(line[:, 1].max() for line in lines_of(panel, points=True)) < 1


# -- densities ---------------------------------------------------------------------------------------------------------


def test_overlay_shows_all_laws_and_each_training_once(sweeps):
    sweep, results = sweeps.noise_sweep()
    figure = sweep_figures_of(sweep, results)["overlay"]()
    above, *below = figure.axes
    curves = [line for line in above.get_lines() if line.get_marker() == "None"]
    for line, result in zip(curves, results, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), result.stationary.density[0])
    # A histogram for each batch size, of both its points together: an outline and a filling.
    assert len(above.patches) == 4
    assert [panel.get_title("left") for panel in below] == ["B = 16", "B = 4"]
    assert texts(figure) == {"B = 16", "B = 4", "constant noise", "derived noise", "steps: trained levels"}
    assert len({line.get_color() for line in curves}) == 2
    assert [line.get_linestyle() for line in curves] == ["-", "--", "-", "--"]


def test_differences_are_those_of_the_distribution_functions(sweeps):
    """A normal law moved by a tenth of its σ: the largest difference is 100 (Φ(0.05) − Φ(−0.05)) = 3.99 per cent."""
    sweep, results = sweeps.noise_sweep(replicas=40000)
    _, below, _ = sweep_figures_of(sweep, results)["overlay"]().axes
    right, moved = (line.get_ydata() for line in below.get_lines()[1:3])
    assert np.max(np.abs(right)) < 0.7
    assert np.min(moved) == pytest.approx(-3.99, abs=0.7)


def test_different_training_has_histograms_of_its_own(sweeps):
    sweep, results = sweeps.noise_sweep()
    other = [replace(result, resolved=result.resolved.replace("4.0", f"{4 + k}.0")) for k, result in enumerate(results)]
    figure = sweep_figures_of(sweep, other)["overlay"]()
    assert len(figure.axes) == 1
    assert len(figure.axes[0].patches) == 8


def test_potentials_stand_side_by_side(sweeps):
    sweep, results = sweeps.well_sweep()
    panels = [panel for panel in sweep_figures_of(sweep, results)["potentials"]().axes if panel.get_title("left")]
    assert [panel.get_title("left") for panel in panels] == ["g² = 1", "g² = 0.25"]
    for panel, result in zip(panels, results, strict=True):
        curves = [line.get_ydata() for line in panel.get_lines()]
        assert any(np.array_equal(curve, result.spectrum.potential) for curve in curves)
    assert panels[0].get_xlim() == panels[1].get_xlim()


def test_training_curves_stand_side_by_side_on_one_scale(sweeps):
    sweep, results = sweeps.student_sweep()
    panels = sweep_figures_of(sweep, results)["curves"]().axes
    assert [panel.get_title("left") for panel in panels] == ["z = 1, 2", "z = 0.5, 2"]
    for panel, result in zip(panels, results, strict=True):
        means = [container.lines[0].get_ydata() for container in panel.containers]
        np.testing.assert_allclose(means, result.sample.levels.mean(axis=0).T)
    assert panels[0].get_ylim() == panels[1].get_ylim()


# -- scalars -----------------------------------------------------------------------------------------------------------


def scan(sweeps, *, status=None):
    points = [
        ({"sgd.learning_rate": alpha, "sgd.batch_size": batch}, {"a.mean": alpha / batch, "a.mean_error": 1e-3 * batch})
        for alpha in (0.01, 0.02, 0.04)
        for batch in (8, 16)
    ]
    axes = {"sgd.learning_rate": (0.01, 0.02, 0.04), "sgd.batch_size": (8, 16)}
    return sweeps.sweep_of(axes, points, status=status)


def test_scalars_against_an_axis_one_line_for_each_value_of_the_other(sweeps):
    figure = plot_scalars(scan(sweeps), "sgd.learning_rate", ["a.mean"])
    (panel,) = figure.axes
    curves = lines_of(panel, points=False)
    np.testing.assert_allclose(curves[0], [[0.01, 0.01 / 8], [0.02, 0.02 / 8], [0.04, 0.04 / 8]])
    np.testing.assert_allclose(curves[1][:, 1], [0.01 / 16, 0.02 / 16, 0.04 / 16])
    assert texts(figure) == {"B = 8", "B = 16"}
    assert bars(panel)[0.02, 0.02 / 8] == pytest.approx(8e-3)
    assert panel.get_xlabel() == "learning rate α"
    assert panel.get_ylabel() == "a.mean"


def test_scalars_against_a_quotient(sweeps):
    (panel,) = plot_scalars(scan(sweeps), "sgd.learning_rate/sgd.batch_size", {"mean of a": ["a.mean"]}).axes
    (curve,) = lines_of(panel, points=False)
    np.testing.assert_allclose(curve[:, 0], curve[:, 1])
    assert np.all(np.diff(curve[:, 0]) >= 0)
    assert (panel.get_xlabel(), panel.get_ylabel()) == ("α/B", "mean of a")


def test_rejected_points_are_open(sweeps):
    status = ["complete", "rejected", *["complete"] * 4]
    figure = plot_scalars(scan(sweeps, status=status), "sgd.learning_rate", ["a.mean"])
    faces = [line.get_markerfacecolor() for line in figure.axes[0].get_lines() if line.get_marker() == "o"]
    assert faces.count("white") == 1
    assert "rejected" in figure.get_suptitle()


def test_axes_that_advance_together_are_one(sweeps):
    points = [
        ({"sgd.learning_rate": alpha, "sgd.steps": steps}, {"a.mean": alpha})
        for alpha, steps in ((0.01, 400), (0.02, 200), (0.04, 100))
    ]
    zipped = sweeps.sweep_of(
        {"sgd.learning_rate": (0.01, 0.02, 0.04), "sgd.steps": (400, 200, 100)}, points, mode="zip"
    )
    (panel,) = plot_scalars(zipped, "sgd.learning_rate", ["a.mean"]).axes
    assert len(lines_of(panel, points=False)) == 1
    assert Points(zipped, without(zipped)).name(1) == "α = 0.02"


def test_points_without_numbers_stand_in_their_order(sweeps):
    sweep = sweeps.sweep_of(
        {"stationary.method": ("exact", "one_step")},
        [({"stationary.method": method}, {"stationary.levels.mean.0": 1.0}) for method in ("exact", "one_step")],
    )
    (panel,) = sweep_figures_of(sweep, without(sweep))["scalars"]().axes
    assert [label.get_text() for label in panel.get_xticklabels()] == ["Fokker–Planck", "chain of single updates"]


def test_headlines_hold_prediction_and_training(sweeps):
    sweep, results = sweeps.noise_sweep()
    distance, mean, spread = sweep_figures_of(sweep, results)["scalars"]().axes
    assert distance.get_ylabel() == "distance from the prediction"
    trained = {point.values["sgd.batch_size"]: point.scalars["sgd.levels.0.mean.0"] for point in sweep.points[::2]}
    squares = [line.get_xydata()[0] for line in mean.get_lines() if line.get_marker() == "s"]
    for batch, value in trained.items():
        assert any(np.allclose(place, [batch, value]) for place in squares)
    # Standard errors of means of independent replicas: σ/√n.
    half = [size for (x, _), size in bars(mean).items() if x == 4]
    np.testing.assert_allclose(half, np.sqrt(2 * 0.1 / 4 * 5 / 3000), rtol=0.05)
    assert spread.get_ylabel() == "standard deviation of x"


def test_legends_stand_beside_each_other(sweeps):
    """Eight statistics of long names over one panel, ten levels over the next: neither is cut, or lies on the other."""
    names = ("binder", "mean_spacing", "ratio", "spacing", "surmise", "surmise_predicted", "variance", "width")
    scalars = {f"validate.statistics.{name}.value": 0.1 for name in names}
    scalars |= {f"stationary.levels.mean.{level}": float(level) for level in range(10)}
    sweep = sweeps.sweep_of({"sgd.batch_size": [4, 8]}, [({"sgd.batch_size": size}, scalars) for size in (4, 8)])
    figure = sweep_figures_of(sweep, [None, None])["scalars"]()
    figure.draw_without_rendering()
    left, right = (panel.get_legend().get_window_extent() for panel in figure.axes)
    assert left.x0 >= 0.0
    assert left.x1 <= right.x0
    assert right.x1 <= figure.bbox.x1


def test_unknown_names_are_refused(sweeps):
    with pytest.raises(KeyError, match=r"b\.mean"):
        plot_scalars(scan(sweeps), "sgd.learning_rate", ["b.mean"])
    with pytest.raises(KeyError, match=r"sgd\.sweeps"):
        plot_scalars(scan(sweeps), "sgd.sweeps", ["a.mean"])
    with pytest.raises(ValueError, match="one scalar"):
        plot_scalars(scan(sweeps), "sgd.learning_rate", [])


def test_saving_removes_figures_of_an_earlier_sweep(sweeps, tmp_path):
    (tmp_path / "potentials.png").touch()
    (tmp_path / "notes.png").touch()
    save_sweep_figures(*sweeps.noise_sweep(), tmp_path, ("png",))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["notes.png", "overlay.png", "scalars.png"]


def test_a_density_that_diverges_at_a_wall_is_drawn_in_the_singular_value(sweeps):
    sweep, results = sweeps.wishart_sweep()
    (panel,) = sweep_figures_of(sweep, results)["overlay"]().axes
    assert "√x" in panel.get_xlabel()
    assert "integral over √x = 1" in panel.get_ylabel()
    law = panel.get_lines()[0]
    edges = results[0].stationary.edges[0]
    np.testing.assert_allclose(np.sum(law.get_ydata() * np.diff(np.sqrt(edges))), 1.0, rtol=1e-6)
    assert panel.get_ylim()[1] < 2.0


def test_bins_of_pooled_levels_show_the_narrowest():
    """Two levels of σ = 0.02 far apart: bins of the pooled spread would be wider than the peaks."""
    levels = np.random.default_rng(1).normal([1.0, 5.0], 0.02, (4000, 2))
    edges, heights = steps_of(levels, Coordinate())
    top = 0.5 / (0.02 * np.sqrt(2.0 * np.pi))
    assert heights.max() == pytest.approx(top, rel=0.15)
    assert np.sum(heights * np.diff(edges)) == pytest.approx(1.0)
