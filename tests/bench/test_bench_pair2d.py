"""Two Dyson–Ornstein–Uhlenbeck levels from an off-centre start to t = 1: errors and times beside other programs.

py-pde and scikit-fem take part where they are installed (``pip install py-pde scikit-fem``), SciPy always.
"""

import importlib.util
import runpy
import time
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.sparse import coo_array
from scipy.sparse.linalg import expm_multiply, splu

import fpsolve as fp
from fpsolve import models
from fpsolve.models import initial

pytestmark = pytest.mark.bench

PAIR = models.dyson(levels=2, g2=0.01)
START = initial.pair(0.3, 0.05)
PAIR_LAW = runpy.run_path(str(Path(__file__).parents[1] / "reference" / "pair_law.py"))
exact_pair_masses, pair_masses = PAIR_LAW["exact_pair_masses"], PAIR_LAW["pair_masses"]


def fastest(function, repeats=5):
    """Shortest of several wall times, and the last result."""
    seconds = []
    for _ in range(repeats):
        begun = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - begun)
    return min(seconds), result


def test_spectral_pair_reaches_1e_8_in_half_a_second():
    seconds, found = fastest(lambda: fp.evolve(PAIR, START, times=[1.0], method="legendre", rtol=1e-8))
    error = np.abs(pair_masses(found, 0) - exact_pair_masses(found.edges[0], 1.0)).sum()
    print(f"\nlegendre: {found.unknowns} unknowns, L1 error {error:.1e}, {seconds:.3f} s")
    assert error <= 1e-8
    assert seconds <= 0.5


def density(x, y, time, g2=0.01, mean=0.3, std=0.05):
    """|x − y| e^{−Σ(x_i − m)²/(2s)}/(4√π s^{3/2}) on the whole square."""
    m, s = mean * np.exp(-time), g2 * (1.0 - np.exp(-2.0 * time)) + std**2 * np.exp(-2.0 * time)
    return np.abs(x - y) * np.exp(-((x - m) ** 2 + (y - m) ** 2) / (2.0 * s)) / (4.0 * np.sqrt(np.pi) * s**1.5)


def square_of_cells(n, low=-0.7, high=0.75, g2=0.01):
    """Scharfetter–Gummel rates on the square, and the cells: P_s ∝ |x − y| e^{−(x² + y²)/(2g²)} at midpoints, h/3 for x = y."""
    edges = np.linspace(low, high, n + 1)
    x, h = 0.5 * (edges[1:] + edges[:-1]), edges[1] - edges[0]
    gap = np.abs(x[:, None] - x[None, :]) + np.eye(n) * h / 3.0
    phi = (x[:, None] ** 2 + x[None, :] ** 2) / (2.0 * g2) - np.log(gap)
    number = np.arange(n * n).reshape(n, n)
    rows, columns, rates = [], [], []
    for a, b in ((np.s_[:-1, :], np.s_[1:, :]), (np.s_[:, :-1], np.s_[:, 1:])):
        z = phi[b] - phi[a]
        for there, here, step in ((b, a, z), (a, b, -z)):
            rate = g2 / h**2 * np.where(np.abs(step) < 1e-9, 1.0, step / np.expm1(np.where(step == 0.0, 1.0, step)))
            rows += [number[there].ravel(), number[here].ravel()]
            columns += [number[here].ravel()] * 2
            rates += [rate.ravel(), -rate.ravel()]
    triplets = (np.concatenate(rates), (np.concatenate(rows), np.concatenate(columns)))
    return edges, coo_array(triplets, shape=(n * n, n * n)).tocsc()


def square_error(edges, masses):
    """L1 error of masses on the square, both orders of the levels added up."""
    table = masses.reshape(edges.size - 1, -1)
    ordered = np.triu(table + table.T)
    ordered[np.diag_indices(len(table))] *= 0.5
    return np.abs(ordered - exact_pair_masses(edges, 1.0)).sum()


def scipy_square(n, integrate):
    """SciPy: finite volumes on the square, by Krylov steps or by BDF."""
    edges, matrix = square_of_cells(n)
    half = exact_pair_masses(edges, 0.0)
    start = (0.5 * (half + half.T)).ravel()

    def solve():
        if integrate == "expm_multiply":
            return expm_multiply(matrix, start)
        done = solve_ivp(
            lambda t, mass: matrix @ mass, (0.0, 1.0), start, method="BDF", jac=matrix, rtol=1e-5, atol=1e-9
        )
        return done.y[:, -1]

    seconds, masses = fastest(solve, repeats=1)
    return square_error(edges, masses), seconds


def py_pde_staggered(n, low=-0.7, high=0.75, g2=0.01):
    """py-pde: central differences, the axes shifted against each other by half a cell so that x = y is no point of the grid."""
    import pde

    h = (high - low) / n
    grid = pde.CartesianGrid([[low, high], [low + 0.5 * h, high + 0.5 * h]], [n, n])
    x, y = grid.cell_coords[..., 0], grid.cell_coords[..., 1]
    force = f"d_dx(x * p - {g2} * p / (x - y)) + d_dy(y * p - {g2} * p / (y - x))"
    equation = pde.PDE({"p": f"{g2} * laplace(p) + {force}"}, bc={"value": 0.0})
    start = pde.ScalarField(grid, density(x, y, 0.0))
    steps = int(np.ceil(1.0 / (0.2 * h**2 / g2)))

    step = pde.RungeKuttaSolver(equation).make_stepper(start, dt=1.0 / steps)

    def solve():
        now = start.copy()
        step(now, 0.0, 1.0)
        return now

    # The first call compiles.
    solve()
    seconds, found = fastest(solve, repeats=2)
    return np.abs(found.data - density(x, y, 1.0)).sum() * h**2, seconds


def scikit_fem_quadratic(n, steps=100, low=-0.7, high=0.75, g2=0.01):
    """scikit-fem: quadratic elements with edges along x = y, Crank–Nicolson."""
    import skfem
    from skfem.helpers import dot, grad

    begun = time.perf_counter()
    points = np.linspace(low, high, n + 1)
    x, y = (axis.ravel() for axis in np.meshgrid(points, points, indexing="ij"))
    corner = (np.arange(n)[:, None] * (n + 1) + np.arange(n)[None, :]).ravel()
    right, up = corner + n + 1, corner + 1
    triangles = np.hstack([np.stack([corner, right, right + 1]), np.stack([corner, up, right + 1])])
    basis = skfem.Basis(skfem.MeshTri(np.stack([x, y]), triangles), skfem.ElementTriP2(), intorder=5)

    @skfem.BilinearForm
    def flux(p, test, w):
        x, y = w.x
        push = g2 / (x - y)
        return -g2 * dot(grad(p), grad(test)) + p * ((push - x) * grad(test)[0] - (push + y) * grad(test)[1])

    @skfem.BilinearForm
    def mass(p, test, _):
        return p * test

    stiff, weights = flux.assemble(basis).tocsc(), mass.assemble(basis).tocsc()
    now = density(*basis.doflocs, 0.0)
    half = 0.5 / steps
    solver = splu((weights - half * stiff).tocsc())
    for _ in range(steps):
        now = solver.solve(weights @ now + half * (stiff @ now))
    seconds = time.perf_counter() - begun
    found, where = basis.interpolate(now), basis.global_coordinates()
    return float(np.sum(np.abs(np.asarray(found) - density(*np.asarray(where), 1.0)) * basis.dx)), seconds


PEERS = {
    "scipy, Scharfetter–Gummel, expm_multiply": ("scipy", lambda: scipy_square(100, "expm_multiply")),
    "scipy, Scharfetter–Gummel, BDF": ("scipy", lambda: scipy_square(100, "BDF")),
    "py-pde, staggered, 100 cells": ("pde", lambda: py_pde_staggered(100)),
    "py-pde, staggered, 200 cells": ("pde", lambda: py_pde_staggered(200)),
    "scikit-fem, P2, 24 × 24": ("skfem", lambda: scikit_fem_quadratic(24)),
    "scikit-fem, P2, 50 × 50": ("skfem", lambda: scikit_fem_quadratic(50)),
    "scikit-fem, P2, 100 × 100": ("skfem", lambda: scikit_fem_quadratic(100)),
}


def own(**options):
    """L1 error and seconds of fpsolve."""
    seconds, found = fastest(lambda: fp.evolve(PAIR, START, times=[1.0], **options), repeats=3)
    return np.abs(pair_masses(found, 0) - exact_pair_masses(found.edges[0], 1.0)).sum(), seconds


def test_chamber_reaches_1e_3_in_a_fifth_of_a_second():
    # The first call compiles.
    fp.evolve(PAIR, START, times=[1.0], method="chamber", cells=16)
    error, seconds = own(method="chamber")
    sharp, longer = own(method="chamber", richardson=True)
    print(f"\nchamber: L1 error {error:.1e} in {seconds:.3f} s; extrapolated {sharp:.1e} in {longer:.3f} s")
    assert error <= 1e-3
    assert seconds <= 0.2
    assert sharp <= 5e-5
    assert longer <= 0.2


def test_peers_at_equal_error():
    """For every peer that is here, the fastest of our solutions that is at least as accurate."""
    ours = [(f"chamber, {n} cells", own(method="chamber", cells=n)) for n in (40, 64, 80, 120, 160)]
    ours += [
        (f"chamber, {n} cells, richardson", own(method="chamber", cells=n, richardson=True))
        for n in (40, 64, 80, 120, 160)
    ]
    ours += [(f"legendre, rtol {rtol:g}", own(method="legendre", rtol=rtol)) for rtol in (1e-4, 1e-6, 1e-8)]
    print()
    for name, (error, seconds) in ours:
        print(f"{name:45s} L1 error {error:.1e}  {seconds:8.3f} s")
    ratios = []
    for name, (module, solve) in PEERS.items():
        if importlib.util.find_spec(module) is None:
            print(f"{name:45s} is not installed")
            continue
        error, seconds = solve()
        mine, (_, best) = min((one for one in ours if one[1][0] <= error), key=lambda one: one[1][1])
        ratios.append(seconds / best)
        print(f"{name:45s} L1 error {error:.1e}  {seconds:8.3f} s; {mine}: {seconds / best:.0f} times faster")
    assert min(ratios) > 1.0
