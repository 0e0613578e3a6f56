"""Spacings from a table of a joint law, against the exact surmise of a Gaussian pair and against samples."""

from __future__ import annotations

import numpy as np

from fpsolve.kernels.spacing import spacing_histogram


def gaussian_pair(cells, reach=5.0):
    """Cell masses of |x − y| exp{−(x² + y²)/2}/(2√π), x < y, from moments of the normal weight over cells."""
    edges = np.linspace(-reach, reach, cells + 1)
    nodes, weights = np.polynomial.legendre.leggauss(10)
    h, u = edges[1] - edges[0], 0.5 * (nodes + 1)
    x = edges[:-1, None] + h * u
    weight = np.exp(-(x**2) / 2) * weights / 2 * h
    zeroth, first = weight.sum(axis=1), (weight * x).sum(axis=1)
    masses = np.triu(zeroth[:, None] * first[None, :] - first[:, None] * zeroth[None, :], 1)
    for a in range(cells):
        low = edges[a] + h * u[:, None] * np.ones(10)
        high = low + (edges[a + 1] - low) * u[None, :]
        jacobian = h * np.outer(weights / 2, weights / 2) * (edges[a + 1] - low)
        masses[a, a] = np.sum(jacobian * (high - low) * np.exp(-(low**2 + high**2) / 2))
    return edges, masses / (2 * np.sqrt(np.pi))


def spacing_masses(lower, upper, masses, bins):
    """Masses of the bins of the spacing."""
    out = np.zeros(bins.size - 1)
    spacing_histogram(lower, upper, masses, bins, out)
    return out


def surmise_shares(edges):
    """Masses of S exp(−S²/4)/2."""
    return np.diff(-np.expm1(-(edges**2) / 4))


def test_the_spacing_of_a_gaussian_pair_is_the_surmise_to_second_order():
    bins = np.linspace(0.0, 6.0, 25)
    cells = (50, 100, 200)
    errors = []
    for count in cells:
        edges, masses = gaussian_pair(count)
        errors.append(np.sum(np.abs(spacing_masses(edges, edges, masses, bins) - surmise_shares(bins))))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(np.abs(orders - 2.0) < 0.1), (errors, orders)
    assert errors[-1] < 4e-4, errors


def test_small_spacings_are_right_though_cells_are_wide():
    edges, masses = gaussian_pair(100)
    bins = np.array([0.0, 0.1, 0.2])
    # The bins are as wide as the cells; only the linear start of the density inside cells makes this possible.
    np.testing.assert_allclose(spacing_masses(edges, edges, masses, bins), surmise_shares(bins), rtol=0.01)


def test_uneven_cells_and_different_axes_of_the_levels():
    rng = np.random.default_rng(11)
    z = rng.standard_normal((1_000_000, 2)) * np.array([1.0, 0.3]) + np.array([0.0, 1.0])
    # The law of independent levels weighted with their distance, so that every cell holds a law proportional to it.
    gap = z[:, 1] - z[:, 0]
    weight = np.maximum(gap, 0.0)
    lower, upper = np.linspace(-1.6, 1.45, 61) ** 3, np.linspace(-1.0, 1.5, 81) ** 3
    masses = np.histogram2d(z[:, 0], z[:, 1], bins=(lower, upper), weights=weight)[0]
    inside = (z[:, 0] > lower[0]) & (z[:, 0] < lower[-1]) & (z[:, 1] > upper[0]) & (z[:, 1] < upper[-1])
    bins = np.linspace(0.0, 4.0, 9)
    total = weight[inside].sum()
    found = np.histogram(gap[inside], bins, weights=weight[inside])[0] / total
    np.testing.assert_allclose(spacing_masses(lower, upper, masses / total, bins), found, atol=3e-3)


def test_scale_and_shift_do_not_matter():
    edges, masses = gaussian_pair(60)
    bins = np.linspace(0.0, 7.0, 41)
    found = spacing_masses(1e-6 * edges + 3.0, 1e-6 * edges + 3.0, 5.0 * masses, 1e-6 * bins)
    np.testing.assert_allclose(found, 5.0 * spacing_masses(edges, edges, masses, bins), rtol=1e-5, atol=1e-9)
