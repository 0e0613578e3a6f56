"""Noise that changes with time: exact Gaussian laws, order in time, no step across a jump."""

import itertools

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from fpsolve.grids.axis import Axis
from fpsolve.models import dyson, rbm
from fpsolve.models.initial import gaussian, tabulated
from fpsolve.models.schedule import Schedule
from fpsolve.operators.scharfetter_gummel import scharfetter_gummel
from fpsolve.solvers.evolve import evolve
from fpsolve.solvers.finite_volume_stepper import MovingRates

START = gaussian(0.3, 0.05)
KNOTS = ((0.0, 0.01), (0.4, 0.002), (0.9, 0.005))


def masses(evolution, k=0):
    return evolution.density[k, 0] * np.diff(evolution.edges[0])


@pytest.mark.parametrize("kind", ["piecewise", "linear", "cosine", "exponential"])
def test_ornstein_uhlenbeck_stays_gaussian(kind: str) -> None:
    """dσ²/dt = −2σ² + 2g²(t); the mean does not see the noise."""
    schedule = Schedule(learning_rate=KNOTS, batch_size=((0.0, 8.0), (0.6, 16.0)), kind=kind)
    model = dyson(g2=0.01, schedule=schedule)
    times = [0.2, 0.5, 1.0, 2.0]
    evolution = evolve(model, START, times=times, cells=1000, domain=(-1.0, 1.0), richardson=True, rtol=1e-9)
    for k, time in enumerate(times):
        pieces = [0.0, *[b for b in schedule.breakpoints if 0.0 < b < time], time]
        source = sum(
            quad(lambda s: 0.02 * schedule.noise_factor(s) * np.exp(2.0 * (s - time)), a, b, epsabs=1e-13)[0]
            for a, b in itertools.pairwise(pieces)
        )
        std = np.sqrt(0.05**2 * np.exp(-2.0 * time) + source)
        exact = gaussian(0.3 * np.exp(-time), std).masses(evolution.edges[0])
        assert np.abs(masses(evolution, k) - exact).sum() < 2e-6
    assert np.abs(evolution.mass - 1.0).max() < 1e-12


def test_order_of_the_step_is_four() -> None:
    schedule = Schedule(learning_rate=((0.0, 0.01), (1.0, 0.001)), kind="cosine")
    model, axis = rbm(kappa=[1.0], mu2=2.0, g2=0.01, schedule=schedule), Axis(0.0, 2.0, 200)

    def rates(time):
        generator = scharfetter_gummel(model.at(time).levels[0], axis)
        return generator.up, generator.down

    start = START.masses(axis.edges)

    def advance(count):
        stepper, state = MovingRates(rates, periodic=False), start
        for k in range(count):
            state = stepper.step(k / count, 1.0 / count, state)
        return state

    reference = advance(128)
    errors = np.array([np.abs(advance(count) - reference).sum() for count in (4, 8, 16, 32)])
    np.testing.assert_allclose(np.log2(errors[1:-1] / errors[2:]), 4.0, atol=0.1, err_msg=f"errors {errors}")


@pytest.mark.parametrize("rtol", [1e-5, 1e-8])
def test_error_control_against_radau_with_the_same_moving_operator(rtol: float) -> None:
    schedule = Schedule(learning_rate=((0.0, 0.01), (2.0, 0.001)), kind="exponential")
    model, axis = rbm(kappa=[1.0], mu2=2.0, g2=0.01, schedule=schedule), Axis(0.0, 2.0, 200)

    def matrix(time):
        return scharfetter_gummel(model.at(time).levels[0], axis).matrix().tocsc()

    start = START.masses(axis.edges)
    options = {"method": "Radau", "rtol": 1e-9, "atol": 1e-14}
    reference = solve_ivp(lambda t, m: matrix(t) @ m, (0.0, 3.0), start, jac=lambda t, _: matrix(t), **options).y[:, -1]
    evolution = evolve(model, START, times=[3.0], cells=200, domain=(0.0, 2.0), rtol=rtol)
    assert np.abs(masses(evolution) - reference).sum() <= rtol
    assert evolution.minimum.min() >= 0.0


def test_a_jump_is_an_end_of_a_step() -> None:
    """In one go, and stopped and started again at the jump: the same law, with no more than a handful of steps."""
    schedule = Schedule(learning_rate=((0.0, 0.01), (0.37, 0.001)))
    model = dyson(g2=0.01, schedule=schedule)
    options = {"cells": 300, "domain": (-1.0, 1.0), "rtol": 1e-10}
    whole = evolve(model, START, times=[1.0], **options)
    first = evolve(dyson(g2=0.01), START, times=[0.37], **options)
    middle = tabulated(first.edges[0], masses(first))
    second = evolve(dyson(g2=0.001), middle, times=[0.63], **options)
    assert np.abs(masses(whole) - masses(second)).sum() < 1e-11
    assert whole.steps <= 8


def test_constant_schedule_is_no_schedule() -> None:
    model = dyson(g2=0.01, schedule=Schedule(learning_rate=((0.0, 0.01), (1.0, 0.01)), kind="linear"))
    with_schedule = evolve(model, START, times=[2.0], cells=200, domain=(-1.0, 1.0))
    without = evolve(dyson(g2=0.01), START, times=[2.0], cells=200, domain=(-1.0, 1.0))
    assert np.abs(masses(with_schedule) - masses(without)).sum() < 1e-9
