"""Surmise and two-level semicircle against integrals of the joint law."""

import numpy as np
import pytest

from fpsolve.exact import surmise
from fpsolve.exact.semicircle_two_level import BINDER, TwoLevelSemicircle

CENTRE, SIGMA = 0.4, 0.3


@pytest.fixture(scope="module")
def joint():
    """Ordered pairs on a grid with their probabilities under |x1 − x2| exp(−Σ(x − c)²/(2σ²))."""
    x = CENTRE + SIGMA * np.linspace(-9.0, 9.0, 1501)
    lower, upper = np.meshgrid(x, x, indexing="ij")
    weight = (upper - lower) * np.exp(-((lower - CENTRE) ** 2 + (upper - CENTRE) ** 2) / (2 * SIGMA**2))
    weight = np.where(upper > lower, weight, 0.0)
    return x, weight / weight.sum()


def test_densities_of_the_levels(joint):
    x, weight = joint
    law = TwoLevelSemicircle(CENTRE, SIGMA)
    step = x[1] - x[0]
    assert law.level_pdf(x, 0) * step == pytest.approx(weight.sum(axis=1), abs=1e-7)
    assert law.level_pdf(x, 1) * step == pytest.approx(weight.sum(axis=0), abs=1e-7)
    pooled = 0.5 * (weight.sum(axis=0) + weight.sum(axis=1))
    assert law.pdf(x) * step == pytest.approx(pooled, abs=1e-7)


def test_moments(joint):
    x, weight = joint
    law = TwoLevelSemicircle(CENTRE, SIGMA)
    y = x - CENTRE
    lower, upper = weight.sum(axis=1), weight.sum(axis=0)
    pooled = 0.5 * (lower + upper)
    assert law.variance == pytest.approx(pooled @ y**2, rel=1e-5)
    assert law.fourth_moment == pytest.approx(pooled @ y**4, rel=1e-5)
    assert pytest.approx(law.fourth_moment / (3 * law.variance**2) - 1, rel=1e-14) == BINDER
    assert law.level_mean == pytest.approx((lower @ x, upper @ x), abs=1e-5 * SIGMA)
    assert law.level_std == pytest.approx(np.sqrt(upper @ x**2 - (upper @ x) ** 2), rel=1e-4)


@pytest.mark.parametrize("which", ["pooled", 0, 1])
def test_distribution_functions_are_integrals(which):
    law = TwoLevelSemicircle(CENTRE, SIGMA)
    pdf, cdf = (
        (law.pdf, law.cdf)
        if which == "pooled"
        else (
            lambda x: law.level_pdf(x, which),
            lambda x: law.level_cdf(x, which),
        )
    )
    x = CENTRE + SIGMA * np.linspace(-9.0, 9.0, 2001)
    values, step = pdf(x), x[1] - x[0]
    # The trapezoidal rule on the left half line ends inside the density: Euler–Maclaurin needs its slope there.
    integral = np.cumsum(values) * step - 0.5 * step * values - np.gradient(values, step) * step**2 / 12
    assert cdf(x) == pytest.approx(integral, abs=1e-8)
    assert cdf(x[[0, -1]]) == pytest.approx([0.0, 1.0], abs=1e-14)


def test_spacing(joint):
    x, weight = joint
    spacings = x[None, :] - x[:, None]
    assert np.sum(weight * spacings) == pytest.approx(surmise.mean_spacing(SIGMA), rel=1e-5)
    for bound in (0.2, 0.5, 1.0):
        # Half the weight of the pairs on the bound itself belongs below it.
        below = np.sum(weight[spacings < bound - 1e-9]) + 0.5 * np.sum(weight[np.abs(spacings - bound) <= 1e-9])
        assert surmise.spacing_cdf(bound, SIGMA) == pytest.approx(below, abs=3e-3)


def test_surmise_is_normalised_with_mean_one():
    s = np.linspace(0.0, 8.0, 8001)
    pdf = surmise.surmise_pdf(s)
    step = s[1] - s[0]
    assert np.trapezoid(pdf, s) == pytest.approx(1.0, abs=1e-6)
    assert np.trapezoid(pdf * s, s) == pytest.approx(1.0, abs=1e-6)
    assert np.trapezoid(pdf * s**2, s) == pytest.approx(4 / np.pi, abs=1e-6)
    integral = np.concatenate([[0.0], np.cumsum(0.5 * (pdf[1:] + pdf[:-1]) * step)])
    assert surmise.surmise_cdf(s) == pytest.approx(integral, abs=1e-6)
    assert surmise.surmise_cdf(np.array(-1.0)) == 0.0
    assert surmise.surmise_pdf(np.array(-1.0)) == 0.0


def test_spacing_density():
    spacing = np.linspace(0.0, 2.0, 11)
    direct = spacing / (2 * SIGMA**2) * np.exp(-(spacing**2) / (4 * SIGMA**2))
    assert surmise.spacing_pdf(spacing, SIGMA) == pytest.approx(direct, rel=1e-13)
