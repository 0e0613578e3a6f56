"""Default cells: the domain holds the law, the cells resolve it, users' wishes are kept or refused in words."""

import numpy as np
import pytest

from fpsolve.errors import GridError, ModelError
from fpsolve.models import dyson, geometric, laguerre, potential, rbm
from fpsolve.models.initial import gaussian, point
from fpsolve.models.schedule import Schedule
from fpsolve.operators.default_axis import MAX_CELLS, MIN_CELLS, default_axis

RBM = rbm(kappa=[1.0], mu2=2.0, g2=0.01)
START = gaussian(0.2, 0.05)


def box(lower, upper, boundary="reflecting"):
    return potential(lambda x: x**2 / 2, lambda x: x, np.ones_like, domain=(lower, upper), g2=0.01, boundary=boundary)


def test_rbm_has_its_full_walls_and_at_least_400_cells() -> None:
    axis = default_axis(RBM, START)
    assert (axis.lower, axis.upper, axis.cells, axis.grading) == (0.0, 2.0, MIN_CELLS, "uniform")


@pytest.mark.parametrize("g2", [1e-2, 1e-3, 1e-4, 1e-5])
def test_the_narrowest_law_has_eight_cells_per_std(g2: float) -> None:
    axis = default_axis(rbm(kappa=[1.0], mu2=2.0, g2=g2), START)
    assert axis.step <= min(0.05, np.sqrt(g2)) / 8.0


def test_a_narrow_start_is_resolved_and_a_point_is_not_asked_for() -> None:
    assert default_axis(RBM, gaussian(0.2, 0.001)).step <= 0.001 / 8.0
    assert default_axis(RBM, point(0.2)).cells == MIN_CELLS


def test_start_and_stationary_law_are_both_inside() -> None:
    axis = default_axis(dyson(g2=0.01), gaussian(3.0, 0.2))
    assert axis.lower <= -1.0
    assert axis.upper >= 3.0 + 8.0 * 0.2


def test_an_exponential_tail_is_followed_to_1e_16() -> None:
    axis = default_axis(laguerre(rows=1, temperature=0.1), None)
    assert axis.lower == 0.0
    assert axis.grading == "sqrt"
    # e^{−x/0.2} = 1e-16 at x = 7.4; ten standard deviations of the gamma law end at 3.
    assert 7.0 < axis.upper < 16.0


def test_a_power_law_keeps_what_its_anchors_ask_for() -> None:
    axis = default_axis(geometric(source=1.0, strength=1.0), None)
    assert np.isfinite(axis.upper)
    assert axis.lower == 0.0


def test_far_walls_are_left_out_unless_something_happens_there() -> None:
    far = default_axis(box(-1000.0, 1000.0), START)
    assert far.lower > -3.0
    assert far.upper < 3.0
    near = default_axis(box(-2.0, 2.0), START)
    assert (near.lower, near.upper) == (-2.0, 2.0)
    absorbing = default_axis(box(-100.0, 100.0, ("reflecting", "absorbing")), START)
    assert absorbing.upper == 100.0


def test_the_strongest_noise_of_a_schedule_fits_in() -> None:
    schedule = Schedule(learning_rate=((0.0, 0.01), (10.0, 0.04)))
    calm, driven = dyson(g2=0.01), dyson(g2=0.01, schedule=schedule)
    assert default_axis(calm, None).upper == pytest.approx(1.0)
    assert default_axis(driven, None).upper == pytest.approx(2.0)


def test_wishes_are_kept() -> None:
    axis = default_axis(RBM, START, cells=123, domain=(0.0, 1.5), grading="sqrt")
    assert (axis.lower, axis.upper, axis.cells, axis.grading) == (0.0, 1.5, 123, "sqrt")


def test_a_domain_cut_off_the_lower_wall_is_uniform() -> None:
    assert default_axis(laguerre(rows=1, temperature=0.1), None, domain=(0.5, 3.0)).grading == "uniform"


@pytest.mark.parametrize(
    ("model", "options", "error", "words"),
    [
        (RBM, {"domain": (-0.5, 2.0)}, GridError, r"leaves the walls of the model, \[0, 2\]"),
        (RBM, {"domain": (0.0, 2.5)}, GridError, "leaves the walls"),
        (RBM, {"domain": (1.0, 0.5)}, GridError, "increasing"),
        (RBM, {"domain": (0.0, np.inf)}, GridError, "finite"),
        (RBM, {"cells": 2}, GridError, "at least 4 cells"),
        (box(-2.0, 2.0, "absorbing"), {"domain": (-1.0, 2.0)}, GridError, "cuts off the absorbing wall at -2"),
        (box(-2.0, 2.0, "periodic"), {"domain": (-2.0, 1.0)}, GridError, "cuts off the periodic wall at 2"),
        (rbm(kappa=[1.0], mu2=2.0, g2=1e-9), {}, GridError, f"more than the {MAX_CELLS}"),
        (dyson(levels=2, g2=0.01), {}, ModelError, "1 levels, but the model has 2"),
    ],
)
def test_refusals(model, options, error, words) -> None:
    with pytest.raises(error, match=words):
        default_axis(model, START, **options)


def test_a_start_outside_the_walls_is_refused() -> None:
    with pytest.raises(GridError, match="outside the walls"):
        default_axis(box(-0.01, 0.01), gaussian(5.0, 0.01), domain=None).edges  # noqa: B018
