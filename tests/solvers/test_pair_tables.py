"""Tables of adjacent pairs against the exact joint law of two levels, P ∝ (y − x) e^{−(x² + y²)/2}, and by identities."""

import numpy as np
import pytest

from fpsolve.kernels.spacing import spacing_histogram
from fpsolve.solvers.pair_tables import BINS, CELLS, PairMasses, pair_tables


def pair_masses(edges, sigma=1.0):
    """Midpoint rule; a sixth of h³ for the tie cell, whose part above the diagonal counts."""
    x = 0.5 * (edges[1:] + edges[:-1])
    h = np.diff(edges)
    gap = np.maximum(x - x[:, None], 0.0) + np.diag(h / 6.0)
    masses = gap * np.exp(-0.5 * (x**2 + x[:, None] ** 2) / sigma**2) * h * h[:, None]
    return masses / masses.sum()


def tables(cells, sigmas=(1.0, 0.5)):
    edges = np.linspace(-6.0, 7.0, cells + 1)
    return edges, pair_tables(edges, [[PairMasses.of(edges, pair_masses(edges, sigma))] for sigma in sigmas])


def test_normalised_and_ordered():
    _, found = tables(500)
    assert found.density.shape[:2] == (2, 1)
    assert found.density.shape[2] == found.density.shape[3] <= CELLS
    area = np.diff(found.edges[0, 0])[:, None] * np.diff(found.edges[0, 1])
    np.testing.assert_allclose((found.density[:, 0] * area).sum(axis=(1, 2)), 1.0, rtol=1e-12)
    np.testing.assert_allclose((found.spacing_density * np.diff(found.spacing_edges)).sum(axis=2), 1.0, rtol=1e-12)
    below = found.edges[0, 1, 1:] <= found.edges[0, 0, :-1, None]
    assert below.any()
    assert np.all(found.density[:, 0][:, below] == 0.0)
    assert found.spacing_density.shape == (2, 1, BINS)
    assert found.spacing_edges[0, 0] == 0.0


@pytest.mark.parametrize("sigma", [1.0, 0.5])
def test_spacings_follow_the_surmise(sigma):
    """P(S) = S/(2σ²) e^{−S²/4σ²}; the error falls with the square of the cells."""
    errors = []
    for cells in (60, 120, 240):
        edges = np.linspace(-6.0, 7.0, cells + 1)
        found = pair_tables(edges, [[PairMasses.of(edges, pair_masses(edges, sigma))]])
        exact = np.diff(1.0 - np.exp(-((found.spacing_edges[0] / (2.0 * sigma)) ** 2)))
        errors.append(np.abs(found.spacing_density[0, 0] * np.diff(found.spacing_edges[0]) - exact).sum())
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(orders > 1.6), (errors, orders)
    assert errors[-1] < 4e-3 / sigma**2, errors


def test_correlation_and_marginals():
    """⟨S²⟩ = 4σ², ⟨S⟩² = πσ² and Var(x + y) = 2σ² give Cov(x, y) = (2 − (4 − π))σ²/4 and Var x = (2 + (4 − π))σ²/4."""
    edges, found = tables(480)
    covariance = (2.0 - (4.0 - np.pi)) / 4.0
    variance = (2.0 + (4.0 - np.pi)) / 4.0
    np.testing.assert_allclose(found.correlation[:, 0], covariance / variance, rtol=2e-3)
    coarse = np.interp(found.edges[0, 0], edges, np.concatenate([[0.0], np.cumsum(pair_masses(edges).sum(axis=1))]))
    width = np.diff(found.edges[0, 1])
    np.testing.assert_allclose(
        (found.density[0, 0] * width).sum(axis=1) * np.diff(found.edges[0, 0]), np.diff(coarse), atol=2e-9
    )


def test_windows_are_placed():
    """Masses given on windows of the axis are those given on all of it."""
    edges = np.linspace(-6.0, 7.0, 201) ** 3
    masses = pair_masses(edges, 40.0)
    masses[:50] = masses[:, :70] = masses[120:] = masses[:, 150:] = 0.0
    whole = PairMasses.of(edges, masses)
    part = PairMasses.of(edges, masses[50:120, 70:150], lower=50, upper=70)
    np.testing.assert_allclose(part.masses, whole.masses, atol=1e-16)
    np.testing.assert_allclose(part.spacings, whole.spacings, atol=1e-16)
    assert part.correlation == pytest.approx(whole.correlation, rel=1e-12)


def moments(lower, upper):
    """Mass, mean and second moment of the distances of one cell."""
    edges, out = np.linspace(0.0, 6.0, 60001), np.zeros(60000)
    spacing_histogram(np.array(lower), np.array(upper), np.array([[2.0]]), edges, out)
    s = 0.5 * (edges[1:] + edges[:-1])
    return out.sum(), out @ s / 2.0, out @ s**2 / 2.0


def test_one_rectangle():
    """With the weight t = y − x: ⟨t⟩ → ⟨t²⟩/⟨t⟩ and ⟨t²⟩ → ⟨t³⟩/⟨t⟩ of independent uniform x and y."""
    m, variance = 4.4 - 1.15, (0.3**2 + 0.8**2) / 12.0
    total, mean, square = moments([1.0, 1.3], [4.0, 4.8])
    assert total == pytest.approx(2.0, rel=1e-12)
    assert mean == pytest.approx((m**2 + variance) / m, rel=1e-6)
    assert square == pytest.approx((m**3 + 3.0 * m * variance) / m, rel=1e-6)


def test_tie_cell():
    """Two points of one cell with the weight t: density 6 t(h − t)/h³."""
    total, mean, square = moments([1.0, 1.5], [1.0, 1.5])
    assert total == pytest.approx(2.0, rel=1e-12)
    assert mean == pytest.approx(0.25, rel=1e-6)
    assert square == pytest.approx(0.3 * 0.25, rel=1e-6)
