"""Ten levels from random weights to the stationary law by joint laws of neighbours: accuracy, time and memory."""

import resource
import sys
from pathlib import Path

import numpy as np
import pytest

from fpsolve.models.initial import marchenko_pastur
from fpsolve.models.lattice import lattice_scalar_1d
from fpsolve.models.rbm import rbm
from fpsolve.solvers.evolve import evolve

pytestmark = pytest.mark.bench

sys.path.insert(0, str(Path(__file__).parents[1] / "reference"))
from compare import deviation, load


def test_ten_levels_in_ten_minutes():
    """Means and widths to 1 % of a standard deviation, correlations to 0.03, each plus three standard errors."""
    target = lattice_scalar_1d(10, mass2=4.0)
    fixed = 9.0 - np.array(target.kappa)
    overlap = (fixed / 9.0) ** 2
    strength = 2.0 * 0.01 / 16.0 * (fixed / target.kappa) ** 2 * ((1.0 + overlap) / (1.0 - overlap) + 1.0)
    model, start = rbm(target=target, mu2=9.0, g2=list(strength)), marchenko_pastur(10, 0.1, levels=10)
    times = [2.0, 10.0, 30.0, 100.0, 300.0, 1000.0]
    evolution = evolve(model, start, times=times, method="markov_log_gas")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    found = deviation(evolution, load())
    print(
        f"markov_log_gas: {evolution.seconds:.0f} s, {memory:.2f} GiB, {evolution.unknowns} unknowns, "
        f"{evolution.steps} steps\n{found}"
    )
    assert found.moments_beyond(0.01) <= 0.0
    assert np.max(np.abs(found.correlation) - 3.0 * found.correlation_error) <= 0.03
    assert evolution.seconds < 600.0
    assert memory < 4.0
