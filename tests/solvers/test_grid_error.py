"""The error that finite volumes state for their cells, against the exact Ornstein–Uhlenbeck law."""

from __future__ import annotations

import numpy as np
import pytest

import fpsolve as fp
from fpsolve.exact import OrnsteinUhlenbeck

TIMES = [0.3, 1.0, 3.0]


def setting(g2: float, mean: float, std: float):
    exact = OrnsteinUhlenbeck(stiffness=1.0, centre=0.0, g2=g2, initial_mean=mean, initial_std=std)
    return fp.models.dyson(stiffness=1.0, g2=g2), fp.initial.gaussian(mean, std), exact


def true_error(evolution, exact) -> np.ndarray:
    edges = evolution.edges[0]
    masses = np.array([np.diff(exact.cdf(edges, time)) for time in TIMES])
    return np.abs(evolution.density[:, 0] * np.diff(edges) - masses).sum(axis=1)


# Half of an odd number of cells shares no edges with the whole, which blurs the estimate.
@pytest.mark.parametrize(("cells", "tolerance"), [(400, 0.15), (401, 0.5), (800, 0.15)])
def test_stated_error_is_the_true_one(cells, tolerance):
    model, start, exact = setting(0.01, 0.3, 0.05)
    evolution = fp.evolve(model, start, times=TIMES, cells=cells, domain=(-1.0, 1.0))
    truth = true_error(evolution, exact)
    assert evolution.grid_error is not None
    assert evolution.grid_error.shape == (3,)
    np.testing.assert_allclose(evolution.grid_error, truth, rtol=tolerance)


def test_default_cells_meet_their_target_where_the_drift_dominates():
    """A narrow start far out is carried many of its widths: 400 cells smear it by 8 %."""
    model, start, exact = setting(1e-4, 0.8, 0.02)
    few = fp.evolve(model, start, times=TIMES, cells=400)
    assert true_error(few, exact).max() > 0.01
    evolution = fp.evolve(model, start, times=TIMES)
    assert evolution.grid_error is not None
    assert evolution.grid_error.max() < 1e-3
    assert true_error(evolution, exact).max() < 1.2e-3


def test_extrapolation_is_better_than_it_states():
    model, start, exact = setting(0.01, 0.3, 0.05)
    evolution = fp.evolve(model, start, times=TIMES, cells=400, domain=(-1.0, 1.0), richardson=True)
    assert evolution.grid_error is not None
    assert np.all(true_error(evolution, exact) < evolution.grid_error)
