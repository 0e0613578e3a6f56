"""Panel quadrature against SciPy's laws and special functions."""

import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln, gammaln

from fpsolve.exact.quadrature import NotNormalisableError, panel_quadrature

LINE = (-np.inf, np.inf)
HALF = (0.0, np.inf)


def test_gaussian_of_any_width_and_offset() -> None:
    for mean, std in ((0.0, 1.0), (3e3, 1e-4), (-2.0, 1e6)):
        law = panel_quadrature(lambda x, m=mean, s=std: 0.5 * ((x - m) / s) ** 2, LINE, anchors=((mean, 1.7 * std),))
        # x itself is only known to ε |mean|.
        rounding = 1e-14 + 1e-16 * abs(mean) / std
        assert abs(law.log_total - np.log(std * np.sqrt(2 * np.pi))) < rounding
        assert law.points.size < 1500
        assert abs(law.mean - mean) < 1e-12 * std + 1e-15 * abs(mean)
        assert abs(law.std / std - 1) < 1e-12 + rounding


@pytest.mark.parametrize("shape", [0.05, 0.5, 1.0, 6.3, 400.0])
def test_gamma_law_and_its_power_at_the_wall(shape: float) -> None:
    with np.errstate(divide="ignore"):
        law = panel_quadrature(
            lambda x: x - (shape - 1) * np.log(x), HALF, anchors=((shape, np.sqrt(shape)),), powers=(shape - 1, 0.0)
        )
    assert abs(law.log_total - gammaln(shape)) < 1e-13 * max(1, abs(gammaln(shape)))
    np.testing.assert_allclose([law.mean, law.std], [shape, np.sqrt(shape)], rtol=1e-12)
    edges = np.concatenate([[0.0], np.geomspace(1e-6, 3.0, 60)]) * shape
    np.testing.assert_allclose(law.cell_masses(edges), np.diff(stats.gamma(shape).cdf(edges)), atol=1e-14)


@pytest.mark.parametrize(("p", "q"), [(-0.95, -0.95), (-0.5, 2.5), (0.3, -0.9)])
def test_beta_law_with_powers_at_both_walls(p: float, q: float) -> None:
    law = panel_quadrature(
        lambda x: -p * np.log(x) - q * np.log1p(-x), (0.0, 1.0), anchors=((0.5, 0.3),), powers=(p, q)
    )
    assert abs(law.log_total - betaln(p + 1, q + 1)) < 1e-12
    edges = np.linspace(0.0, 1.0, 38)
    np.testing.assert_allclose(law.cell_masses(edges), np.diff(stats.beta(p + 1, q + 1).cdf(edges)), atol=1e-13)


@pytest.mark.parametrize("tail", [1.05, 2.05, 2.5, 3.05, 3.5, 8.0])
def test_power_law_tail(tail: float) -> None:
    # Inverse gamma x^{−tail} e^{−1/x}: total Γ(tail − 1), mean finite for tail > 2, variance for tail > 3.
    law = panel_quadrature(lambda x: tail * np.log(x) + 1 / x, HALF, anchors=((1 / tail, 0.3),))
    truth = stats.invgamma(tail - 1)
    assert abs(law.log_total - gammaln(tail - 1)) < 1e-12
    assert np.isinf(law.mean) == (tail <= 2)
    assert np.isinf(law.std) == (tail <= 3)
    if tail > 3:
        np.testing.assert_allclose([law.mean, law.std], [truth.mean(), truth.std()], rtol=1e-10)
    edges = np.linspace(0.05, 60.0, 41)
    np.testing.assert_allclose(law.cell_masses(edges), np.diff(truth.cdf(edges)), atol=1e-14)


def test_narrow_wells_far_apart() -> None:
    s = 1e-4
    law = panel_quadrature(
        lambda x: -np.logaddexp(-0.5 * ((x - 1) / s) ** 2, np.log(3) - 0.5 * ((x + 1) / s) ** 2),
        (-2.0, 2.0),
        anchors=((-1.0, s), (1.0, s)),
    )
    assert abs(law.log_total - np.log(4 * s * np.sqrt(2 * np.pi))) < 1e-13
    assert abs(law.mean + 0.5) < 1e-13


@pytest.mark.parametrize(
    ("confinement", "walls", "powers"),
    [
        (lambda x: x, LINE, (0.0, 0.0)),
        (np.zeros_like, LINE, (0.0, 0.0)),
        (lambda x: -(x**2), LINE, (0.0, 0.0)),
        (lambda x: 0.5 * np.log1p(x * x), LINE, (0.0, 0.0)),
        (lambda x: x + np.log(x), HALF, (-1.0, 0.0)),
    ],
)
def test_weights_that_cannot_be_normalised(confinement: object, walls: tuple, powers: tuple) -> None:
    with pytest.raises(NotNormalisableError, match="diverges"):
        panel_quadrature(confinement, walls, anchors=((1.0, 1.0),), powers=powers)
