"""Ten-level trajectories a minute and core, with constant and with derived noise."""

import runpy
import time
from pathlib import Path

import numpy as np
import pytest

from fpsolve.models import PcdNoise, initial, lattice_scalar_1d, rbm
from fpsolve.solvers.particles import particle_ensemble

pytestmark = pytest.mark.bench

TEN = runpy.run_path(str(Path(__file__).parents[1] / "reference" / "make_ten_levels.py"))


def derived_noise():
    noise = PcdNoise(learning_rate=TEN["RATE"], batch_size=TEN["BATCH"], sweeps=1, data="batch")
    model = rbm(target=lattice_scalar_1d(10, mass2=4.0), mu2=TEN["MU2"], noise=noise)
    return model, initial.marchenko_pastur(10, TEN["VARIANCE"], levels=10)


@pytest.mark.parametrize("problem", [TEN["ten_levels"], derived_noise])
def test_four_thousand_trajectories_a_minute_and_core(problem):
    """To t = 1000; the time of the process itself, so that other work on the machine does not count."""
    model, start = problem()
    trajectories, times = 256, np.array([1000.0])
    particle_ensemble(model, start, times=times, trajectories=1, rng=1)
    began = time.process_time()
    ensemble = particle_ensemble(model, start, times=times, trajectories=trajectories, rng=1)
    seconds = time.process_time() - began
    rate = 60.0 * trajectories / seconds
    print(
        f"{problem.__name__}: {rate:.0f} trajectories a minute and core, {ensemble.steps / trajectories:.0f} steps each, "
        f"{1e9 * seconds / ensemble.steps:.0f} ns a step, {ensemble.exchanges} exchanges"
    )
    assert rate >= 4000.0
