"""The kernels behind trajectories: the exact pair step, χ² numbers, the choice of links, the scheme itself."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from fpsolve.kernels.chi_square import chi_square
from fpsolve.kernels.normals import normal_pair
from fpsolve.kernels.particle_forces import INVERSE_STEP, LOWER, SCALE, START, UPPER, close_links
from fpsolve.kernels.particle_noise import move_pair
from fpsolve.kernels.particle_order import restore_order
from fpsolve.kernels.particles import advance_particles

DRAWS = 4000


def keys_of(lanes, seed=7):
    return np.random.default_rng(seed).integers(0, 2**64, size=(2, lanes), dtype=np.uint64)


def linear_gas(scales, slope=0.0, walls=(-np.inf, np.inf)):
    """Tables of levels with constant noise g = `scales` and the one-body force slope · y."""
    n = len(scales)
    frame = np.zeros((n, 10))
    frame[:, START], frame[:, INVERSE_STEP], frame[:, SCALE] = -50.0, 0.01, scales
    frame[:, LOWER], frame[:, UPPER] = walls
    own = np.zeros((n, 1, 4))
    own[:, 0, :2] = -50.0 * slope, 100.0 * slope
    empty = np.zeros((n, 0, 4))
    return frame, empty, own, empty, np.zeros(n + 1, dtype=np.bool_)


def advance(gas, start, span, step, *, beta=1.0, seed=7, fraction=1e-9, keys=None, factors=(1.0,)):
    """Run the kernel; with the default `fraction` every link closes that can. Returns levels x, steps and exchanges."""
    start = np.array(start, dtype=np.float64)
    lanes = start.shape[0]
    keys = keys_of(lanes, seed) if keys is None else keys
    y = start / gas[0][:, SCALE]
    out, tally, counters = np.empty_like(y), np.zeros(2, dtype=np.int64), np.zeros((lanes, 2), dtype=np.int64)
    fractions = np.array([fraction, 1e9])
    advance_particles(keys, counters, *gas, beta, np.array(factors), span, step, fractions, y, out, tally)
    return out, tally


@pytest.mark.parametrize("freedom", [0.2, 1.0, 1.7, 2.0, 3.0, 5.5, 40.0])
def test_chi_square_has_its_law(freedom):
    key = keys_of(1)[:, 0]
    draws, counter = np.empty(DRAWS), 0
    for k in range(DRAWS):
        draws[k], counter = chi_square(freedom, key[0], key[1], counter)
    assert stats.kstest(draws, stats.chi2(freedom).cdf).pvalue > 1e-3
    assert abs(np.corrcoef(draws[1:], draws[:-1])[0, 1]) < 4.0 / np.sqrt(DRAWS)


def test_chi_square_of_nothing_is_zero_and_takes_no_numbers():
    assert chi_square(0.0, np.uint64(1), np.uint64(2), 5) == (0.0, 5)


def test_pair_step_moves_gap_and_conjugate_centre_as_stated():
    lower, upper, g, noise, chi = -0.3, 0.4, (0.7, 1.9), 0.13, 2.5
    d = np.square(g)
    s = d.sum()
    below, above = move_pair(lower, upper, *g, noise, chi, 0.8, -1.2)
    gap = np.sqrt((upper - lower + np.sqrt(s * noise) * 0.8) ** 2 + s * noise * chi)
    moved = (d[1] * below + d[0] * above) / s - (d[1] * lower + d[0] * upper) / s
    assert above - below == pytest.approx(gap, rel=1e-14)
    assert moved == pytest.approx(-1.2 * np.sqrt(noise * d[0] * d[1] / s), rel=1e-13)


@pytest.mark.parametrize("beta", [0.0, 0.6, 1.0, 2.0])
def test_two_free_levels_are_exact_in_one_step_of_any_length(beta):
    """R'²/(2(D_i + D_j)t) is noncentral χ² of 1 + β degrees of freedom, here with 4 t larger than the gap squared."""
    scales, start, time = (0.8, 1.3), (0.0, 1.0), 1.5
    levels, tally = advance(linear_gas(scales), np.tile(start, (DRAWS, 1)), time, 10.0, beta=beta)
    spread = 2.0 * np.dot(scales, scales) * time
    gap = np.diff(levels, axis=1)[:, 0]
    assert tally.tolist() == [DRAWS, 0]
    assert stats.kstest(gap**2 / spread, stats.ncx2(1.0 + beta, 1.0 / spread).cdf).pvalue > 1e-3
    d = np.square(scales)
    centre = (d[1] * levels[:, 0] + d[0] * levels[:, 1]) / d.sum()
    law = stats.norm(d[0] / d.sum(), np.sqrt(2.0 * time * d.prod() / d.sum()))
    assert stats.kstest(centre, law.cdf).pvalue > 1e-3
    assert abs(stats.spearmanr(centre, gap).statistic) < 4.0 / np.sqrt(DRAWS)


def test_one_step_of_one_level_is_the_stochastic_heun_step():
    rate, h, start = 0.9, 0.4, np.array([[0.7], [-1.1]])
    keys = keys_of(2)
    levels, _ = advance(linear_gas([1.0], -rate), start, h, h, keys=keys)
    for lane in range(2):
        normal = normal_pair(keys[0, lane], keys[1, lane], np.uint64(0), np.uint64(0))[0] * np.sqrt(2.0 * h)
        a = rate * h
        expected = (1.0 - a + 0.5 * a * a) * start[lane, 0] + (1.0 - 0.5 * a) * normal
        assert levels[lane, 0] == pytest.approx(expected, rel=1e-12)


def test_weak_order_two_with_a_closed_pair():
    """⟨Σx²⟩ of two repelling levels in a well tends to 3g²/Ω; long steps show the error, far above the noise."""
    gas, start, time, errors = linear_gas([1.0, 1.0], -1.0), np.tile([-0.1, 0.1], (200_000, 1)), 2.0, []
    exact = 3.0 + (0.02 - 3.0) * np.exp(-2.0 * time)
    for step in (0.5, 0.25):
        squares = np.sum(advance(gas, start, time, step)[0] ** 2, axis=1)
        errors.append((squares.mean() - exact) / (squares.std() / np.sqrt(squares.size)))
    # 4 in the limit; one level alone gives 4.5 at these steps: its variance is 2h(1 − h/2)²/[1 − (1 − h + h²/2)²].
    assert errors[1] < -7.0, errors
    assert 3.5 < errors[0] / errors[1] < 5.5, errors


def test_noise_factor_is_taken_at_the_middle_of_a_step():
    levels, _ = advance(linear_gas([1.0]), np.zeros((DRAWS, 1)), 1.0, 1.0, factors=(0.5, 1.5, 4.0))
    assert levels.var() == pytest.approx(2.0 * 1.5, rel=5.0 * np.sqrt(2.0 / DRAWS))


def test_a_trajectory_does_not_depend_on_its_neighbours():
    gas, keys = linear_gas([1.0, 1.2, 0.8], -1.0), keys_of(6)
    start = np.sort(np.random.default_rng(1).normal(size=(6, 3)), axis=1)
    together, _ = advance(gas, start, 2.0, 0.05, keys=keys, fraction=0.02)
    for part in (slice(0, 1), slice(1, 4), slice(4, 6)):
        alone, _ = advance(gas, start[part], 2.0, 0.05, keys=np.ascontiguousarray(keys[:, part]), fraction=0.02)
        assert np.array_equal(alone, together[part])


def test_links_are_closed_greedily():
    rng = np.random.default_rng(4)
    for _ in range(200):
        sizes, limit = rng.exponential(size=rng.integers(2, 12)), rng.exponential()
        closed, order = np.zeros(sizes.size, dtype=np.bool_), rng.permutation(sizes.size)
        shortest = close_links(sizes, limit, order, closed)
        assert not any(a and b for a, b in pairwise(closed))
        assert np.array_equal(sizes[order], np.sort(sizes))
        for k in np.flatnonzero(~closed):
            beside = [j for j in (k - 1, k + 1) if 0 <= j < sizes.size and closed[j]]
            assert sizes[k] >= limit or any(sizes[j] <= sizes[k] for j in beside)
        assert shortest == (sizes[~closed].min() if np.any(~closed) else np.inf)
        assert np.all(sizes[closed] < limit)


def test_levels_come_back_in_order_and_inside():
    frame, place, _, _, shared = linear_gas([2.0, 1.0, 0.5], walls=(-1.0, 30.0))
    y = np.array([-1.5, -4.0, 3.0])
    exchanges = restore_order(y, frame, place, shared)
    x = y * frame[:, SCALE]
    assert exchanges == 1
    # Reflected to y = (-0.5, 2, 3), that is x = (-1, 2, 1.5); the upper two are exchanged.
    assert x == pytest.approx([-1.0, 1.5, 2.0], abs=1e-15)


def test_levels_do_not_cross_while_open_gaps_are_resolved():
    gas = linear_gas([1.0] * 5, -1.0)
    start = np.sort(np.random.default_rng(2).normal(size=(200, 5)), axis=1)
    levels, tally = advance(gas, start, 1.0, 0.05, fraction=0.025)
    assert np.all(np.diff(levels, axis=1) > 0.0)
    assert tally[1] <= 1e-4 * tally[0]
