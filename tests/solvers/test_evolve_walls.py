"""Absorbing and periodic walls against sums of images, and escape rates against bound states."""

import numpy as np
import pytest
from scipy.special import ndtr

from fpsolve.models import potential
from fpsolve.models.initial import gaussian
from fpsolve.solvers.bound_states import bound_states
from fpsolve.solvers.evolve import evolve

G2, MEAN, STD = 0.02, 0.4, 0.03
FLAT = {"v": np.zeros_like, "dv": np.zeros_like, "d2v": np.zeros_like, "domain": (0.0, 1.0), "g2": G2}
START = gaussian(MEAN, STD)
IMAGES = np.arange(-12, 13)


def exact(kind, edges, time):
    """Cell masses, flux out of both walls and survival of free diffusion on [0, 1] with images of a Gaussian."""
    width = np.sqrt(STD**2 + 2.0 * G2 * time)
    signs, centers = [], []
    for n in IMAGES:
        if kind == "periodic":
            signs.append(1.0), centers.append(MEAN + n)
        elif kind == ("absorbing", "absorbing"):
            signs.extend([1.0, -1.0]), centers.extend([2.0 * n + MEAN, 2.0 * n - MEAN])
        else:  # reflecting below, absorbing above
            flip = (-1.0) ** n
            signs.extend([flip, flip]), centers.extend([2.0 * n + MEAN, 2.0 * n - MEAN])
    signs, centers = np.array(signs), np.array(centers)
    cumulative = ndtr((edges[:, None] - centers) / width) @ signs
    ends = (np.array([0.0, 1.0])[:, None] - centers) / width
    slope = (-ends / width**2 * np.exp(-(ends**2) / 2.0) / np.sqrt(2.0 * np.pi)) @ signs
    return np.diff(cumulative), G2 * slope * np.array([1.0, -1.0])


def masses(evolution, k=0):
    return evolution.density[k, 0] * np.diff(evolution.edges[0])


@pytest.mark.parametrize("kind", [("absorbing", "absorbing"), ("reflecting", "absorbing"), "periodic"])
@pytest.mark.parametrize("richardson", [False, True])
def test_order_and_limit(kind, richardson: bool) -> None:
    model = potential(**FLAT, boundary=kind)
    errors = []
    for cells in (50, 100, 200, 400):
        options = {"cells": cells, "richardson": richardson, "rtol": 1e-11}
        evolution = evolve(model, START, times=[0.5, 4.0], **options)
        parts = [
            np.abs(masses(evolution, k) - exact(kind, evolution.edges[0], t)[0]).sum() for k, t in ((0, 0.5), (1, 4.0))
        ]
        errors.append(parts)
    errors = np.array(errors)
    orders = np.log2(errors[:-1] / errors[1:])
    order = 4.0 if richardson else 2.0
    if kind != "periodic":  # on a ring the law at t = 4 is so flat that its error is next to nothing
        np.testing.assert_allclose(orders[1:], order, atol=0.1, err_msg=f"errors {errors.tolist()}")
    else:
        np.testing.assert_allclose(orders[1:, 0], order, atol=0.1, err_msg=f"errors {errors.tolist()}")
    assert errors[-1].max() < (1e-6 if richardson else 1e-4)


@pytest.mark.parametrize("kind", [("absorbing", "absorbing"), ("reflecting", "absorbing")])
def test_survival_and_first_passage(kind) -> None:
    times = np.linspace(0.0, 6.0, 601)[1:]
    evolution = evolve(potential(**FLAT, boundary=kind), START, times=times, cells=400, richardson=True)
    for k in (49, 199, 599):
        cells, flux = exact(kind, evolution.edges[0], times[k])
        assert evolution.mass[k] == pytest.approx(cells.sum(), abs=1e-6)
        np.testing.assert_allclose(evolution.first_passage[k], flux, atol=2e-6)
    # What has left is the integral of what leaves (trapezoids, h = 0.01), and nothing is lost on the way.
    integral = np.cumsum(
        0.005 * (evolution.first_passage + np.vstack([[0.0, 0.0], evolution.first_passage[:-1]])), axis=0
    )
    np.testing.assert_allclose(evolution.absorbed, integral, atol=2e-5)
    np.testing.assert_allclose(evolution.mass + evolution.absorbed.sum(axis=1), 1.0, atol=1e-12)
    assert np.diff(evolution.mass).max() < 1e-14


def test_reflecting_wall_passes_nothing() -> None:
    evolution = evolve(potential(**FLAT, boundary=("reflecting", "absorbing")), START, times=[1.0, 5.0], cells=200)
    assert np.all(evolution.first_passage[:, 0] == 0.0)
    assert np.all(evolution.absorbed[:, 0] == 0.0)
    assert evolution.minimum.min() >= 0.0


def test_survivors_die_out_at_twice_the_lowest_energy() -> None:
    well = {"v": lambda x: x**2 / 2, "dv": lambda x: x, "d2v": np.ones_like, "domain": (-1.0, 0.6), "g2": 0.05}
    model = potential(**well, boundary=("reflecting", "absorbing"))
    rate = bound_states(model, states=2, method="legendre").rates[0]
    evolution = evolve(model, gaussian(0.0, 0.05), times=[20.0, 40.0], cells=400, richardson=True)
    found = -np.log(evolution.mass[1] / evolution.mass[0]) / 20.0
    assert found == pytest.approx(rate, rel=1e-6)
    # Of the survivors: their mean stays while their number falls.
    assert evolution.mean[0, 0] == pytest.approx(evolution.mean[1, 0], abs=1e-6)


def test_ring_forgets_its_start_and_keeps_its_mass() -> None:
    evolution = evolve(potential(**FLAT, boundary="periodic"), START, times=[1.0, 500.0], cells=100)
    np.testing.assert_allclose(evolution.density[1, 0], 1.0, rtol=1e-9)
    assert np.abs(evolution.mass - 1.0).max() <= 1e-12
    assert evolution.first_passage is None
    assert evolution.absorbed is None


def test_stationary_start_stays_put_on_a_ring() -> None:
    wave = potential(
        lambda x: np.cos(2 * np.pi * x),
        lambda x: -2 * np.pi * np.sin(2 * np.pi * x),
        lambda x: -4 * np.pi**2 * np.cos(2 * np.pi * x),
        domain=(0.0, 1.0),
        g2=0.2,
        boundary="periodic",
    )
    evolution = evolve(wave, "stationary", times=[0.1, 100.0], cells=300)
    assert np.abs(evolution.density - evolution.initial_density).max() <= 1e-12
    x = evolution.x[0]
    exact_law = np.exp(-np.cos(2 * np.pi * x) / 0.2)
    np.testing.assert_allclose(evolution.density[0, 0], exact_law / exact_law.mean(), rtol=1e-8)


def test_the_start_may_stand_across_the_seam_of_a_ring() -> None:
    """Reflecting walls would keep the two halves apart, the ring joins them."""
    model = potential(**FLAT, boundary="periodic")
    low = evolve(model, gaussian(0.1, 0.01), times=[0.5], cells=400)
    high = evolve(model, gaussian(0.6, 0.01), times=[0.5], cells=400)
    np.testing.assert_allclose(low.density[0, 0], np.roll(high.density[0, 0], 200), atol=1e-9)
