"""Ten levels from random weights to the stationary law in half a minute, beside trajectories of the same gas."""

import time

import numpy as np
import pytest

from fpsolve.models.initial import marchenko_pastur
from fpsolve.models.lattice import lattice_scalar_1d
from fpsolve.models.rbm import rbm
from fpsolve.solvers.evolve import evolve

pytestmark = pytest.mark.bench


def ten_levels():
    target = lattice_scalar_1d(10, mass2=4.0)
    fixed = 9.0 - np.array(target.kappa)
    overlap = (fixed / 9.0) ** 2
    strength = 2.0 * 0.01 / 16.0 * (fixed / target.kappa) ** 2 * ((1.0 + overlap) / (1.0 - overlap) + 1.0)
    return rbm(target=target, mu2=9.0, g2=list(strength)), marchenko_pastur(10, 0.1, levels=10)


def test_ten_levels_to_the_end_in_thirty_seconds():
    """To t = 1000 on the default cells; trajectories that would be as accurate (20000) take minutes on one core."""
    model, start = ten_levels()
    evolution = evolve(model, start, times=[2.0, 10.0, 30.0, 100.0, 300.0, 1000.0])
    began = time.perf_counter()
    evolve(model, start, times=[1.0], method="particles", trajectories=1000, rng=1)
    particles = time.perf_counter() - began
    print(
        f"log_gas: {evolution.seconds:.1f} s, {evolution.unknowns} unknowns, {evolution.steps} steps; "
        f"1000 trajectories to t = 1: {particles:.2f} s"
    )
    assert evolution.seconds < 30.0


def test_sixteen_levels_take_a_step():
    """The largest gas allowed: work doubles with each level."""
    model, start = rbm(mu2=9.0, kappa=list(np.linspace(8.0, 4.0, 16)), g2=0.002), marchenko_pastur(16, 0.05, levels=16)
    evolution = evolve(model, start, times=[0.05], cells=240, step=0.05)
    print(f"16 levels: {evolution.seconds:.1f} s for {evolution.steps} steps")
    assert evolution.seconds < 120.0
