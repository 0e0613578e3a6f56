"""B(z) = z/(e^z − 1) against mpmath, and the detailed balance of the pair."""

import mpmath
import numpy as np
import pytest

from fpsolve.kernels.bernoulli import bernoulli_pair

POINTS = np.concatenate([[0.0], np.geomspace(1e-300, 690.0, 60), -np.geomspace(1e-300, 690.0, 60), [1e-8, -1e-8, 2.5]])


def pair(z):
    forward, backward = np.empty_like(z), np.empty_like(z)
    bernoulli_pair(z, forward, backward)
    return forward, backward


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_both_members_have_full_relative_accuracy(sign: float) -> None:
    with mpmath.workdps(60):
        exact = np.array([float(z / mpmath.expm1(z)) if z else 1.0 for z in (mpmath.mpf(sign * v) for v in POINTS)])
    found = pair(POINTS)[0 if sign > 0.0 else 1]
    np.testing.assert_allclose(found, exact, rtol=4e-16)


def test_ratio_is_the_boltzmann_factor() -> None:
    z = np.linspace(-60.0, 60.0, 241)
    forward, backward = pair(z)
    np.testing.assert_allclose(forward / backward, np.exp(-z), rtol=1e-15)


def test_huge_differences_give_an_upwind_rate_and_zero() -> None:
    forward, backward = pair(np.array([800.0, -1e6]))
    assert forward.tolist() == [0.0, 1e6]
    assert backward.tolist() == [800.0, 0.0]
