"""What a chamber is said to cost, against what it takes."""

import time
import tracemalloc

import numpy as np
import pytest

import fpsolve as fp
from fpsolve import models
from fpsolve.errors import MethodError, ModelError
from fpsolve.grids.chamber import chamber_unknowns
from fpsolve.models import Schedule, initial
from fpsolve.solvers.chamber_cost import chamber_cost


def gas(levels, **options):
    return models.dyson(levels=levels, g2=0.01, **options)


def start(levels):
    return initial.gaussian(np.linspace(0.0, 0.6, levels).tolist(), 0.05)


def peak(run):
    """Largest memory [bytes] that was held at one time."""
    run()
    tracemalloc.start()
    run()
    _, largest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return largest


@pytest.mark.parametrize("levels", [2, 3])
def test_cells_and_unknowns_are_those_of_the_solvers(levels):
    cost = chamber_cost(gas(levels), start(levels), task="evolve")
    found = fp.evolve(gas(levels), start(levels), times=[0.01], method="chamber")
    np.testing.assert_array_equal(cost.axis.edges, found.edges[0])
    assert cost.unknowns == found.unknowns == chamber_unknowns(cost.cells, levels)
    assert cost.domain == (found.edges[0, 0], found.edges[0, -1])
    spectrum = fp.bound_states(gas(levels), states=3, method="chamber", cells=24)
    assert chamber_cost(gas(levels), None, task="spectrum", cells=24, states=3).unknowns == spectrum.unknowns


@pytest.mark.parametrize("levels", [3, 4])
def test_memory_is_what_is_held(levels):
    cells = {3: 64, 4: 28}[levels]
    # A Gaussian start takes draws of its own.
    law = initial.point(np.linspace(0.0, 0.6, levels).tolist())
    for outputs in (1, 12):
        cost = chamber_cost(gas(levels), law, task="evolve", cells=cells, outputs=outputs)
        times = np.linspace(0.001, 0.002, outputs)
        held = peak(lambda times=times: fp.evolve(gas(levels), law, times=times, cells=cells, method="chamber"))
        assert 0.6 < cost.memory_bytes / held < 1.7
    moving = gas(levels, schedule=Schedule(learning_rate=((0.0, 0.01), (1.0, 0.005)), kind="linear"))
    cost = chamber_cost(moving, law, task="evolve", cells=cells)
    held = peak(lambda: fp.evolve(moving, law, times=[1e-4], cells=cells, method="chamber", rtol=1e-2))
    assert 0.6 < cost.memory_bytes / held < 1.7
    cells = {3: 30, 4: 16}[levels]
    cost = chamber_cost(gas(levels), None, task="spectrum", cells=cells, states=5)
    held = peak(lambda: fp.bound_states(gas(levels), states=5, cells=cells))
    assert 0.6 < cost.memory_bytes / held < 1.7


def test_nothing_is_solved():
    chamber_cost(gas(4), start(4), task="evolve")
    begun = time.process_time()
    cost = chamber_cost(gas(5), start(5), task="evolve")
    assert time.process_time() - begun < 1.0
    assert cost.unknowns > 1_000_000
    assert cost.seconds > 3.0


def test_time_grows_with_what_is_asked_for():
    def seconds(levels=3, task="evolve", **options):
        return chamber_cost(gas(levels), None if task == "spectrum" else start(levels), task=task, **options).seconds

    assert seconds(end=0.1) < seconds(end=1.0) < seconds(end=10.0)
    # Once the law is stationary nothing is left to do.
    assert seconds(end=1e3) == seconds(end=1e6)
    assert seconds(cells=40) < seconds(cells=80) < seconds(cells=80, outputs=20)
    assert seconds(task="spectrum", states=4) < seconds(task="spectrum", states=12)
    assert seconds(levels=2) < seconds(levels=3) < seconds(levels=4)


def test_what_the_solver_refuses_is_refused():
    with pytest.raises(
        MethodError, match=r"unknowns and takes .* GiB are available .* cells fit; what remains: log_gas \(N one"
    ):
        chamber_cost(gas(6), start(6), task="evolve", cells=300)
    with pytest.raises(MethodError, match=r"unknowns and takes .* GiB are available .* at most \d+ cells fit$"):
        chamber_cost(gas(6), None, task="spectrum", cells=300)
    with pytest.raises(ModelError, match="both start at"):
        chamber_cost(gas(2), initial.point([0.2, 0.2]), task="evolve")
