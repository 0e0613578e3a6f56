"""Joint law of two Dyson–Ornstein–Uhlenbeck levels at any time, as masses of cells; loaded by runpy."""

import numpy as np
from scipy.special import ndtr


def exact_pair_masses(edges, time, g2=0.01, mean=0.3, std=0.05):
    """Cell masses of |x2 − x1| e^{−Σ(x_i−m)²/(2s)}/(2√π s^{3/2}), x1 < x2: eigenvalues of a symmetric OU matrix (Ω = 1)."""
    m, s = mean * np.exp(-time), g2 * (1.0 - np.exp(-2.0 * time)) + std**2 * np.exp(-2.0 * time)
    z = (edges - m) / np.sqrt(s)
    zeroth = np.sqrt(2.0 * np.pi * s) * np.where(z[:-1] > 0, ndtr(-z[:-1]) - ndtr(-z[1:]), ndtr(z[1:]) - ndtr(z[:-1]))
    first = -s * np.diff(np.exp(-0.5 * z**2))
    masses = np.triu(np.outer(zeroth, first) - np.outer(first, zeroth), 1)
    # Both levels in one cell: x2 = edge + h a, x1 = edge + h a b
    nodes, weights = np.polynomial.legendre.leggauss(12)
    a, b = 0.5 * (1.0 + nodes[:, None]), 0.5 * (1.0 + nodes[None, :])
    h = np.diff(edges)[:, None, None]
    upper, lower = edges[:-1, None, None] + h * a, edges[:-1, None, None] + h * a * b
    tie = (upper - lower) * np.exp(-((upper - m) ** 2 + (lower - m) ** 2) / (2.0 * s)) * h**2 * a
    masses[np.diag_indices(zeroth.size)] = (0.25 * np.outer(weights, weights) * tie).sum(axis=(1, 2))
    return masses / (2.0 * np.sqrt(np.pi) * s**1.5)


def pair_masses(evolution, k):
    """Masses behind the joint density of the lowest two levels at output time k."""
    widths = np.diff(evolution.edges[0])
    area = np.outer(widths, widths)
    np.fill_diagonal(area, 0.5 * widths**2)
    return evolution.pair_density[k, 0] * area
