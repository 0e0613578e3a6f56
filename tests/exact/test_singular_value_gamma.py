"""The published law of singular values against the exact one: where they agree, and by how much they do not."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import gamma

from fpsolve.errors import ModelError
from fpsolve.exact import (
    GammaLaw,
    exact_singular_value_law,
    ordered_gas,
    published_singular_value_law,
)
from fpsolve.models import laguerre
from fpsolve.sgd.matrix_langevin import train_matrix_langevin

# λ = β = 1.3 and T = 2ηD = 0.4: both laws have the same rate.
PRINTED = {"stiffness": 1.3, "learning_rate": 0.1, "diffusion": 2.0}
NOISE = {"weight_decay": 1.3, "temperature": 0.4}


def largest_distance(left, right):
    s = np.linspace(0.0, 12.0, 200_001)
    return np.max(np.abs(left.cdf(s) - right.cdf(s)))


@pytest.mark.parametrize(("rows", "columns"), [(9, 1), (3, 3), (7, 2)])
def test_the_printed_formula(rows, columns):
    law = published_singular_value_law(rows, columns, **PRINTED)
    power, rate = (rows - columns + 3) / 4, 1.3 / (4 * 0.1 * 2.0)
    s = np.linspace(0.01, 6.0, 30)
    printed = 2 * rate**power / gamma(power) * s ** ((rows - columns + 3) / 2 - 1) * np.exp(-rate * s**2)
    np.testing.assert_allclose(law.pdf(s), printed, rtol=1e-12)
    assert quad(law.pdf, 0.0, np.inf)[0] == pytest.approx(1.0, rel=1e-9)
    assert law.cdf(np.array([2.0]))[0] == pytest.approx(quad(law.pdf, 0.0, 2.0)[0], rel=1e-9)
    assert law.exponent == pytest.approx((rows - columns + 1) / 2)


def test_exact_law_is_that_of_one_laguerre_level():
    law = exact_singular_value_law(9, 1, **NOISE)
    body = laguerre(rows=9, weight_decay=1.3, temperature=0.4).levels[0]
    s = np.linspace(0.1, 4.0, 40)
    # σ = √x: the density of σ is 2σ e^{−Φ(σ²)}.
    assert np.ptp(np.log(law.pdf(s)) - np.log(s) + body.confinement(s**2)) < 1e-12
    assert law.level == GammaLaw(4.5, 2 * 0.4 / 1.3)
    # Without its partners a level of a matrix has the same form.
    lone = exact_singular_value_law(7, 3, **NOISE)
    body = laguerre(rows=7, levels=3, weight_decay=1.3, temperature=0.4).levels[0]
    assert np.ptp(np.log(lone.pdf(s)) - np.log(s) + body.confinement(s**2)) < 1e-12


def test_density_at_0():
    """A square matrix: half a normal law of variance T/λ, also at 0; one row more: the density starts like σ."""
    half = exact_singular_value_law(3, 3, **NOISE)
    np.testing.assert_allclose(half.pdf(np.array([-1.0, 0.0])), [0.0, np.sqrt(2 * 1.3 / (np.pi * 0.4))], rtol=1e-14)
    assert exact_singular_value_law(4, 3, **NOISE).pdf(np.zeros(1))[0] == 0.0


@pytest.mark.parametrize(("rows", "columns", "same"), [(2, 1, True), (6, 5, True), (1, 1, False), (9, 1, False)])
def test_the_shapes_coincide_one_row_above_square_only(rows, columns, same):
    published = published_singular_value_law(rows, columns, **PRINTED)
    exact = exact_singular_value_law(rows, columns, **NOISE)
    assert published.rate == pytest.approx(exact.rate, rel=1e-15)
    assert exact.exponent == rows - columns
    assert (published.exponent == exact.exponent) is same
    assert bool(largest_distance(published, exact) < 1e-12) is same
    assert bool(largest_distance(published.with_mean_level(exact.level.mean), exact) < 1e-12) is same


def test_distances_to_trained_vectors():
    """n = 1, m = 9: the exact law is at the floor, the published shape is not, with any rate."""
    replicas = 60000
    sample = train_matrix_langevin(
        9, 1, temperature=0.4, weight_decay=1.3, learning_rate=10.0, steps=1, replicas=replicas, rng=12
    )
    s = np.sort(np.sqrt(sample.levels.ravel()))
    exact = exact_singular_value_law(9, 1, **NOISE)
    published = published_singular_value_law(9, 1, **PRINTED)

    def distance(law):
        values = law.cdf(s)
        return max(
            np.max(np.arange(1, replicas + 1) / replicas - values), np.max(values - np.arange(replicas) / replicas)
        )

    # 1.63/√n is passed once in a hundred.
    assert distance(exact) < 1.63 / np.sqrt(replicas)
    assert distance(published.with_mean_level(exact.level.mean)) == pytest.approx(0.085, abs=0.006)
    assert distance(published) == pytest.approx(0.38, abs=0.01)


def test_no_gamma_law_is_the_density_of_several_levels():
    """Four levels of a 6×4 matrix: the pooled density of the exact gas is far from both laws of one level."""
    gas = ordered_gas(laguerre(rows=6, levels=4, weight_decay=1.3, temperature=0.4).levels)
    s = np.linspace(0.0, 4.0, 2001)
    pooled = np.mean([law.cdf(s**2) for law in gas.laws], axis=0)
    mean = float(np.mean(gas.mean))
    for law in (exact_singular_value_law(6, 4, **NOISE), published_singular_value_law(6, 4, **PRINTED)):
        assert np.max(np.abs(law.cdf(s) - pooled)) > 0.2
        assert np.max(np.abs(law.with_mean_level(mean).cdf(s) - pooled)) > 0.03


@pytest.mark.parametrize(
    ("rows", "columns", "message"), [(2, 3, "rows = 2 must be at least columns = 3"), (2, 0, "columns = 0")]
)
def test_shapes_that_are_refused(rows, columns, message):
    for law, noise in ((exact_singular_value_law, NOISE), (published_singular_value_law, PRINTED)):
        with pytest.raises(ModelError, match=message):
            law(rows, columns, **noise)


def test_numbers_that_are_refused():
    with pytest.raises(ModelError, match="diffusion must be positive, not 0"):
        published_singular_value_law(2, 1, **(PRINTED | {"diffusion": 0.0}))
    with pytest.raises(ModelError, match="weight_decay must be positive, not nan"):
        exact_singular_value_law(2, 1, weight_decay=np.nan, temperature=0.1)
