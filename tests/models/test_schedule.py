"""Schedules at their knots, between them and outside."""

import numpy as np
import pytest

from fpsolve import models
from fpsolve.errors import ModelError
from fpsolve.models import Schedule

KNOTS = ((0.0, 0.08), (4.0, 0.02), (8.0, 0.01))


@pytest.mark.parametrize("kind", ["piecewise", "linear", "cosine", "exponential"])
def test_values_at_knots_and_outside(kind):
    schedule = Schedule(learning_rate=KNOTS, kind=kind)
    assert [schedule.learning_rate_at(t, 9.0) for t in (-1.0, 0.0, 4.0, 8.0, 100.0)] == pytest.approx(
        [0.08, 0.08, 0.02, 0.01, 0.01], rel=1e-15
    )


@pytest.mark.parametrize(
    ("kind", "quarter", "half"),
    [
        ("piecewise", 0.08, 0.08),
        ("linear", 0.065, 0.05),
        ("cosine", 0.05 + 0.03 / np.sqrt(2), 0.05),
        ("exponential", 0.08 / np.sqrt(2), 0.04),
    ],
)
def test_values_between_knots(kind, quarter, half):
    schedule = Schedule(learning_rate=KNOTS, kind=kind)
    assert schedule.learning_rate_at(1.0, 9.0) == pytest.approx(quarter, rel=1e-14)
    assert schedule.learning_rate_at(2.0, 9.0) == pytest.approx(half, rel=1e-14)


def test_noise_is_the_quotient_relative_to_the_start():
    schedule = Schedule(learning_rate=((0.0, 0.1), (1.0, 0.05)), batch_size=((0.0, 8.0), (2.0, 32.0)))
    assert [schedule.noise_factor(t) for t in (0.0, 0.5, 1.0, 2.0)] == pytest.approx([1.0, 1.0, 0.5, 0.125])
    assert schedule.breakpoints == (0.0, 1.0, 2.0)
    assert schedule.batch_size_at(3.0, 1.0) == 32.0


def test_what_is_not_scheduled_keeps_its_value():
    assert Schedule(batch_size=((0.0, 8.0),)).learning_rate_at(5.0, 0.3) == 0.3
    assert Schedule(learning_rate=((0.0, 8.0),)).batch_size_at(5.0, 16.0) == 16.0


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({}, "needs knots"),
        ({"learning_rate": ((1.0, 0.1),)}, "must start at 0"),
        ({"learning_rate": ((0.0, 0.1), (0.0, 0.2))}, "increase strictly"),
        ({"batch_size": ((0.0, 1.0), (np.inf, 0.2))}, "batch_size: times"),
        ({"batch_size": ((0.0, 0.0),)}, "positive and finite"),
        ({"learning_rate": ((0.0, np.nan),)}, "positive and finite"),
    ],
)
def test_bad_schedules(keys, message):
    with pytest.raises(ModelError, match=message):
        Schedule(**keys)


def test_a_gas_knows_its_noises_and_where_a_march_stops():
    schedule = Schedule(learning_rate=((0.0, 0.01), (0.5, 0.002), (2.0, 0.004)), kind="piecewise")
    gas = models.dyson(levels=2, g2=0.01, schedule=schedule)
    found = [noise.levels[0].diffusion(np.zeros(1))[0] for noise in gas.noises]
    np.testing.assert_allclose(found, [0.01, 0.002, 0.004])
    assert [gas.stops(end) for end in (0.5, 2.0, 3.0)] == [[], [0.5], [0.5, 2.0]]
    alone = gas.at(0.7)
    assert alone.noises == [alone]
    assert alone.stops(3.0) == []


def test_the_fastest_rate_is_that_of_the_stiffest_level():
    """dx = −Ω x dt + √(2g²) dB relaxes at Ω, whatever g²."""
    gas = models.dyson(levels=3, g2=[0.02, 0.01, 0.5], stiffness=[1.0, 3.0, 2.0])
    assert gas.fastest_rate == pytest.approx(3.0, rel=1e-12)
