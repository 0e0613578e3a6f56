"""Ornstein–Uhlenbeck process from a Gaussian start: Gaussian at all times, so every error is known."""

import numpy as np
import pytest

from fpsolve.exact.ornstein_uhlenbeck import OrnsteinUhlenbeck
from fpsolve.models import dyson
from fpsolve.models.initial import gaussian
from fpsolve.solvers.evolve import evolve

MODEL = dyson(stiffness=1.0, centre=0.0, g2=0.01)
START = gaussian(0.3, 0.05)
EXACT = OrnsteinUhlenbeck(stiffness=1.0, centre=0.0, g2=0.01, initial_mean=0.3, initial_std=0.05)
DOMAIN = (-1.0, 1.0)


def masses(evolution, k=0):
    return evolution.density[k, 0] * np.diff(evolution.edges[0])


def exact_masses(edges, time):
    law = gaussian(EXACT.mean(time), np.sqrt(EXACT.variance(time)))
    return law.masses(edges)


def error(**options) -> float:
    evolution = evolve(MODEL, START, times=[1.0], domain=DOMAIN, **options)
    return float(np.abs(masses(evolution) - exact_masses(evolution.edges[0], 1.0)).sum())


def test_finite_volumes_are_of_second_order() -> None:
    errors = np.array([error(cells=cells) for cells in (100, 200, 400, 800)])
    np.testing.assert_allclose(np.log2(errors[:-1] / errors[1:]), 2.0, atol=0.1, err_msg=f"errors {errors}")


def test_finite_volumes_reach_their_limit() -> None:
    assert error(cells=400) <= 6e-4


def test_two_grids_extrapolated_are_of_fourth_order() -> None:
    errors = np.array([error(cells=cells, richardson=True, rtol=1e-11) for cells in (50, 100, 200, 400)])
    np.testing.assert_allclose(np.log2(errors[:-1] / errors[1:])[1:], 4.0, atol=0.1, err_msg=f"errors {errors}")
    assert errors[-1] <= 1e-6


def test_legendre_reaches_1e_10_with_96_modes() -> None:
    assert error(method="legendre", modes=96, cells=400, rtol=1e-11) <= 1e-10


def test_legendre_converges_faster_than_any_power() -> None:
    errors = [error(method="legendre", modes=modes, cells=400, rtol=1e-11) for modes in (32, 48, 64, 80)]
    assert np.all(np.diff(np.log(errors)) < -4.0), f"errors {errors}"
    assert np.all(np.diff(np.log(errors), 2) < 0.0), f"errors {errors}"


@pytest.mark.parametrize("rtol", [1e-4, 1e-8])
def test_legendre_chooses_modes_that_keep_rtol(rtol: float) -> None:
    evolution = evolve(MODEL, START, times=[0.3, 1.0], domain=DOMAIN, cells=400, method="legendre", rtol=rtol)
    for k, time in enumerate(evolution.times):
        found = np.abs(masses(evolution, k) - exact_masses(evolution.edges[0], time)).sum()
        assert found <= evolution.error_estimate <= rtol


@pytest.mark.parametrize("method", ["scharfetter_gummel", "legendre"])
def test_moments_at_all_outputs(method: str) -> None:
    times = [1e-4, 0.01, 0.3, 1.0, 30.0]
    evolution = evolve(MODEL, START, times=times, domain=DOMAIN, cells=400, method=method)
    assert evolution.times.tolist() == times
    assert evolution.method == method
    accuracy = 1e-4 if method == "scharfetter_gummel" else 1e-9
    np.testing.assert_allclose(evolution.mean[:, 0], [EXACT.mean(t) for t in times], atol=accuracy)
    np.testing.assert_allclose(evolution.std[:, 0], [np.sqrt(EXACT.variance(t)) for t in times], atol=accuracy)


def test_outputs_in_between_change_nothing() -> None:
    few = evolve(MODEL, START, times=[0.5, 1.0], cells=200, rtol=1e-10)
    many = evolve(MODEL, START, times=np.linspace(0.02, 1.0, 50), cells=200, rtol=1e-10)
    assert np.abs(masses(few, 1) - masses(many, 49)).sum() < 2e-10
    assert np.abs(masses(few, 0) - masses(many, 24)).sum() < 2e-10


def test_start_is_reported_on_the_same_cells_and_mass_beyond_is_put_back() -> None:
    whole = evolve(MODEL, START, times=[0.1], cells=400, domain=DOMAIN)
    np.testing.assert_allclose(
        whole.initial_density[0] * np.diff(whole.edges[0]), START.masses(whole.edges[0]), atol=1e-16
    )
    assert whole.beyond < 1e-15
    for method in ("scharfetter_gummel", "legendre"):
        cut = evolve(MODEL, START, times=[0.1], cells=400, domain=(-1.0, 0.3), method=method, rtol=1e-4)
        assert cut.beyond == pytest.approx(0.5, abs=1e-12)
        assert cut.mass == pytest.approx(1.0, abs=1e-12)


def test_progress_is_told() -> None:
    seen = []
    evolve(MODEL, START, times=[0.1, 0.2, 0.3], cells=100, progress=lambda done, total: seen.append((done, total)))
    assert seen == [(1, 3), (2, 3), (3, 3)]
