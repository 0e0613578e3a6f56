"""The shipped sweeps of one level: every point against numbers that no solver of the package made."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad

from fpsolve.cases.catalogue import shipped_case
from fpsolve.cases.load import load_case
from fpsolve.run import run_case
from fpsolve.sweeps.plan import plan_sweep

# Finite volumes on a grid of their own, refined until five digits stood.
ENERGIES = {
    (4.0, 0.01): [0.0, 0.06655, 0.15177, 0.19137, 0.29420],
    (4.0, 0.001): [0.0, 0.06859, 0.15581, 0.20353, 0.31074],
    (6.0, 0.01): [0.0, 0.02194, 0.03409, 0.05314, 0.07748],
    (6.0, 0.001): [0.0, 0.02636, 0.04103, 0.07519, 0.08073],
}


def points_of(name, *, overrides=()):
    return plan_sweep(load_case(shipped_case(name), overrides=overrides)).points


@pytest.mark.parametrize("kappa", [4.0, 6.0])
def test_double_well(kappa):
    points = points_of("rbm_double_well", overrides=(f"model.kappa=[{kappa}]", "expect={}"))
    assert [point.values["model.noise.g2"] for point in points] == [0.01, 0.001]
    for point in points:
        energies = run_case(point.case, workers=1).spectrum.energies
        expected = ENERGIES[kappa, point.values["model.noise.g2"]]
        np.testing.assert_allclose(energies[:5], expected, atol=6e-6)


def moments(density, low, high):
    """Mean, variance and skewness of a density by adaptive quadrature."""
    norm = quad(density, low, high, limit=400)[0]
    mean = quad(lambda x: x * density(x), low, high, limit=400)[0] / norm
    second, third = (quad(lambda x, k=k: (x - mean) ** k * density(x), low, high, limit=400)[0] / norm for k in (2, 3))
    return mean, second, third / second**1.5


def constant_noise(ratio):
    """Moments of P ∝ exp(−V/g²), V = −x²/(2κ) − x − μ² ln(μ² − x), κ = 4 and μ² = 9, with g² = (2α/B)(x_s/κ)²E."""
    r = (5 / 9) ** 6
    g2 = 2 * ratio * (5 / 4) ** 2 * (1 + r) / (1 - r)

    def potential(x):
        return -(x**2) / 8 - x - 9 * np.log(9 - x)

    return moments(lambda x: np.exp(-(potential(x) - potential(5.0)) / g2), 0.0, 8.99)


def test_three_laws_at_three_noise_levels():
    found = {}
    for point in points_of("rbm_noise_levels"):
        law = run_case(replace(point.case, sgd=None, validate=None, expect={}), workers=1).stationary
        key = (point.values["sgd.batch_size"], point.values["model.noise.kind"], point.values["stationary.method"])
        found[key] = (float(law.mean[0]), float(law.std[0]) ** 2, law.law().skewness)
    assert len(found) == 9
    r = (5 / 9) ** 6
    for batch in (64, 16, 4):
        ratio = 0.1 / batch
        constant, derived, chain = (
            found[batch, kind, method]
            for kind, method in (("pcd_constant", "exact"), ("pcd", "exact"), ("pcd", "one_step"))
        )
        np.testing.assert_allclose(constant, constant_noise(ratio), rtol=2e-3)
        # Exact linear response of the chain, 2(α/B) x E/(1 − αΩ/E); the next order in α/B is 0.7 % at B = 4.
        factor = (1 + r) / (1 - r)
        assert chain[1] == pytest.approx(2 * ratio * 5 * factor / (1 - 0.1 * 5 / 16 / factor), rel=1e-2)
        # The wrong side, too far on the right side, and between them.
        assert constant[2] < 0.0 < 2.0 * chain[2] < derived[2]
