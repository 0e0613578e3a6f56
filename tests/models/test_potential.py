"""Potential models: wells, anchors, walls, and the refusal of bad input."""

from dataclasses import dataclass

import numpy as np
import pytest

from fpsolve import models
from fpsolve.errors import ModelError


def bistable(**keys):
    options = {"domain": (-2.0, 2.0), "g2": 0.01, **keys}
    return models.potential(lambda x: x**4 / 4 - x**2 / 2, lambda x: x**3 - x, lambda x: 3 * x**2 - 1, **options)


def test_anchors_of_a_double_well():
    (left, left_std), (right, right_std) = sorted(bistable(g2=1e-4).levels[0].anchors)
    assert (left, right) == pytest.approx((-1.0, 1.0), abs=1e-14)
    assert (left_std, right_std) == pytest.approx((np.sqrt(1e-4 / 2),) * 2, rel=0.02)


def test_deepest_well_comes_first():
    gas = models.potential(
        lambda x: x**4 / 4 - x**2 / 2 - 0.1 * x,
        lambda x: x**3 - x - 0.1,
        lambda x: 3 * x**2 - 1,
        domain=(-2.0, 2.0),
        g2=0.01,
    )
    centres = [centre for centre, _ in gas.levels[0].anchors]
    assert centres[0] > 0.0 > centres[1]
    assert all(abs(c**3 - c - 0.1) < 1e-14 for c in centres)


def test_a_minimum_at_a_wall_has_the_scale_of_the_slope():
    """V = 2x on [0, 1]: the density is e^{−2x/g²}, and V has risen by g²/2 at g²/4."""
    gas = models.potential(lambda x: 2 * x, lambda _: 2.0, lambda _: 0.0, domain=(0.0, 1.0), g2=0.02)
    ((centre, width),) = gas.levels[0].anchors
    assert centre == 0.0
    assert width == pytest.approx(0.005, rel=1e-6)


def test_a_flat_potential_has_one_anchor():
    gas = models.potential(lambda _: 0.0, lambda _: 0.0, lambda _: 0.0, domain=(0.0, 2.0), g2=0.1)
    assert gas.levels[0].anchors == ((1.0, 2.0),)


def test_a_quartic_bottom_has_a_width():
    gas = models.potential(lambda x: x**4, lambda x: 4 * x**3, lambda x: 12 * x**2, domain=(-1.0, 1.0), g2=2e-4)
    ((centre, width),) = gas.levels[0].anchors
    assert centre == pytest.approx(0.0, abs=1e-9)
    assert width == pytest.approx(0.1, rel=1e-6)


def test_a_constant_formula_is_spread_over_the_points():
    body = models.potential(lambda x: 2 * x, lambda _: 2.0, lambda _: 0.0, domain=(0.0, 1.0), g2=0.5).levels[0]
    assert body.confinement_slope(np.zeros((2, 3))).tolist() == [[4.0] * 3] * 2
    assert body.drift(np.zeros(2)).tolist() == [-2.0, -2.0]


@dataclass(frozen=True)
class Parabola:
    centre: float

    def value(self, x):
        return (x - self.centre) ** 2

    def slope(self, x):
        return 2 * (x - self.centre)

    def curvature(self, x):
        return np.full_like(x, 2.0)


def test_one_potential_object_per_level():
    gas = models.potential([Parabola(-0.5), Parabola(0.5)], domain=(-2.0, 2.0), g2=[0.1, 0.2])
    assert [round(body.anchors[0][0], 12) for body in gas.levels] == [-0.5, 0.5]
    assert [body.g2 for body in gas.levels] == [0.1, 0.2]
    assert models.potential(Parabola(0.0), domain=(-1.0, 1.0), g2=0.1, levels=3).n == 3


def test_boundary_words():
    assert bistable().boundary == ("reflecting", "reflecting")
    assert bistable(boundary="absorbing").boundary == ("absorbing", "absorbing")
    assert bistable(boundary=["reflecting", "absorbing"]).boundary == ("reflecting", "absorbing")


def ring(phase=0.0, tilt=0.0):
    return models.potential(
        lambda x: np.cos(x - phase) + tilt * x,
        lambda x: -np.sin(x - phase) + tilt,
        lambda x: -np.cos(x - phase),
        domain=(0.0, 2 * np.pi),
        g2=0.1,
        boundary="periodic",
    )


@pytest.mark.parametrize("phase", [0.0, 1.0, np.pi, 5.0])
def test_a_ring_has_one_well_wherever_the_seam_is(phase):
    gas = ring(phase)
    ((centre, _),) = gas.levels[0].anchors
    assert np.exp(1j * (centre - phase - np.pi)) == pytest.approx(1.0, abs=1e-9)
    assert len(gas.levels[0].landscape.barriers) == 1
    assert gas.boundary == ("periodic", "periodic")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ring(tilt=0.1), "on a periodic domain V must close"),
        (lambda: bistable(domain=(1.0, -1.0)), "domain must increase"),
        (lambda: bistable(domain=(1.0, 1.0)), "domain must increase"),
        (lambda: bistable(domain=(0.0, np.inf)), r"domain\[1\] must be a finite number"),
        (lambda: bistable(domain=(0.0, 1.0, 2.0)), "domain must be two numbers"),
        (lambda: bistable(boundary="open"), "boundary must be one of reflecting, absorbing, periodic"),
        (lambda: bistable(boundary=["periodic", "reflecting"]), "periodic boundary stands on both sides"),
        (lambda: bistable(boundary=["reflecting"]), "boundary must be one of"),
        (lambda: bistable(g2=-1.0), "g2 must be positive"),
        (lambda: bistable(levels=0), "levels must be a whole number"),
        (lambda: models.potential(np.cos, domain=(0.0, 1.0), g2=0.1), "needs its first and second derivative"),
        (lambda: models.potential(np.log, np.reciprocal, np.sin, domain=(-1.0, 1.0), g2=0.1), "V must be finite"),
        (
            lambda: models.potential([Parabola(0.0)] * 2, domain=(-1.0, 1.0), g2=0.1, levels=3),
            "2 potentials .* 3 levels",
        ),
        (lambda: models.potential([], domain=(-1.0, 1.0), g2=0.1), "0 potentials"),
    ],
)
def test_bad_potentials_are_named(make, message):
    with pytest.raises(ModelError, match=message):
        make()


def test_a_potential_may_be_singular_at_a_wall():
    gas = models.potential(lambda x: x - np.log(x), lambda x: 1 - 1 / x, lambda x: 1 / x**2, domain=(0.0, 5.0), g2=0.1)
    with np.errstate(divide="ignore"):
        ((centre, _),) = gas.levels[0].anchors
    assert centre == pytest.approx(1.0, abs=1e-12)


def test_a_bottomless_wall_is_an_anchor():
    """V = ln x falls without end towards the wall at 0; no warning, and the whole domain is its width."""
    gas = models.potential(np.log, np.reciprocal, lambda x: -1 / x**2, domain=(0.0, 5.0), g2=2.0)
    assert gas.levels[0].anchors == ((0.0, 5.0),)
