"""Jump rates between the states of a chamber, and their action on vectors.

States are weakly increasing multi-indices c_0 ≤ … ≤ c_{N−1}, numbered by Σ_i C(c_i + i, i + 1). A run of states that
differ in c_0 only is contiguous, and within it every neighbour lies at a constant distance in memory.

``choose`` is the table of binomial coefficients C(a, b), shape (cell + level, level + 1); ``below[i, s]`` is the rate into
state s from the state with level i one cell lower, ``above[i, s]`` from the one with level i one cell higher, both of shape
(level, state) and 0 where there is no such state; ``leaving[s]`` is the sum of all rates out of s.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import inlined, kernel
from fpsolve.kernels.tridiagonal import FLUSH

__all__ = ["chamber_marginals", "chamber_radius", "chamber_rates", "chamber_symmetric", "chamber_term"]

Array = NDArray[np.float64]
Indices = NDArray[np.int64]


@inlined
def _next_state(state: Indices, cells: int) -> None:
    """Turn a multi-index into the one with the next number."""
    levels = state.shape[0]
    for i in range(levels):
        limit = state[i + 1] if i + 1 < levels else cells - 1
        if state[i] < limit or i + 1 == levels:
            state[i] += 1
            return
        state[i] = 0


@inlined
def _next_run(state: Indices, cells: int) -> None:
    """Turn a multi-index with c_0 = 0 into the next such one."""
    levels = state.shape[0]
    for i in range(1, levels):
        limit = state[i + 1] if i + 1 < levels else cells - 1
        if state[i] < limit or i + 1 == levels:
            state[i] += 1
            return
        state[i] = 0


@inlined
def _jump(state: Indices, i: int, step: int, alone: Array, pair: Array, leave: Array, enter: Array) -> float:
    """Rate of level i into its next cell up (step 1) or down (step −1)."""
    here = state[i]
    rate = float(alone[i, here])
    company, ahead = 0, 0
    for j in range(state.shape[0]):
        company += state[j] == here
        ahead += state[j] == here + step
        if j != i:
            rate *= pair[here, state[j]]
    return rate * float(leave[company]) * float(enter[ahead])


@kernel
def chamber_rates(
    choose: Indices,
    up: Array,
    down: Array,
    pair_up: Array,
    pair_down: Array,
    leave: Array,
    enter: Array,
    below: Array,
    above: Array,
    leaving: Array,
) -> None:
    """Fill the rates of all states.

    Parameters
    ----------
    choose : ndarray, shape (cell + level, level + 1)
    up, down : ndarray, shape (level, cell)
        Rates of a lone level; the last `up` and the first `down` are not used.
    pair_up, pair_down : ndarray, shape (cell, cell)
        Factor by which a level in cell b changes the rate of one in cell a, [a, b].
    leave, enter : ndarray, shape (level + 1,)
        Factors for leaving a cell that holds m levels, and for entering one that holds m already.
    below, above, leaving
        See the module; overwritten.
    """
    levels, cells = up.shape
    state = np.zeros(levels, dtype=np.int64)
    below[:] = 0.0
    above[:] = 0.0
    for s in range(leaving.shape[0]):
        total = 0.0
        for i in range(levels):
            here = state[i]
            if here < cells - 1 and (i == levels - 1 or state[i + 1] > here):
                rate = _jump(state, i, 1, up, pair_up, leave, enter)
                below[i, s + choose[here + i, i]] = rate
                total += rate
            if here > 0 and (i == 0 or state[i - 1] < here):
                rate = _jump(state, i, -1, down, pair_down, leave, enter)
                above[i, s - choose[here - 1 + i, i]] = rate
                total += rate
        leaving[s] = total
        _next_state(state, cells)


@kernel
def chamber_symmetric(choose: Indices, below: Array, above: Array, same_below: Array, same_above: Array) -> None:
    """Fill the off-diagonal entries √(rate there · rate back) of the symmetric matrix that is similar to the generator.

    Parameters
    ----------
    choose, below, above
        See the module.
    same_below, same_above : ndarray, shape (level, state)
        The entries, arranged like `below` and `above`; overwritten.
    """
    levels, size = below.shape
    cells = choose.shape[0] - levels
    state = np.zeros(levels, dtype=np.int64)
    same_below[:] = 0.0
    same_above[:] = 0.0
    for s in range(size):
        for i in range(levels):
            here = state[i]
            if here > 0 and (i == 0 or state[i - 1] < here):
                lower = s - choose[here - 1 + i, i]
                root = np.sqrt(below[i, s] * above[i, lower])
                same_below[i, s] = root
                same_above[i, lower] = root
        _next_state(state, cells)


@kernel
def chamber_radius(choose: Indices, below: Array, above: Array, leaving: Array) -> float:
    """Gershgorin's bound r of the symmetric matrix: the spectrum of the generator lies in [−r, 0]."""
    levels, size = below.shape
    cells = choose.shape[0] - levels
    state = np.zeros(levels, dtype=np.int64)
    largest = 0.0
    for s in range(size):
        reach = leaving[s]
        for i in range(levels):
            here = state[i]
            if here > 0 and (i == 0 or state[i - 1] < here):
                reach += np.sqrt(below[i, s] * above[i, s - choose[here - 1 + i, i]])
            if here < cells - 1 and (i == levels - 1 or state[i + 1] > here):
                reach += np.sqrt(above[i, s] * below[i, s + choose[here + i, i]])
        largest = max(largest, reach)
        _next_state(state, cells)
    return largest


@inlined
def _flow(
    state: Indices,
    first: np.uint64,
    choose: Indices,
    below: Array,
    above: Array,
    leaving: Array,
    now: Array,
    flow: Array,
) -> np.uint64:
    """Net flow into the states of one run, flow[k] for state first + k; returns their number.

    `state` is the run with c_0 = 0 and `first` its number. A rate that leads nowhere is 0, and its neighbour is then read
    at the state itself. Indices are unsigned: for signed ones Numba tests whether they count from the end, and the loops
    are then not vectorised, which costs a factor of 3.
    """
    levels = state.shape[0]
    cells = choose.shape[0] - levels
    one = np.uint64(1)
    length = np.uint64((state[1] if levels > 1 else cells - 1) + 1)
    for k in range(length):
        flow[k] = -leaving[first + k] * now[first + k]
    for k in range(length - one):
        flow[k] += above[0, first + k] * now[first + k + one]
    for k in range(one, length):
        flow[k] += below[0, first + k] * now[first + k - one]
    for i in range(1, levels):
        limit = state[i + 1] if i + 1 < levels else cells - 1
        ahead, behind = first, first
        if state[i] < limit:
            ahead = first + np.uint64(choose[state[i] + i, i])
        # Level 1 cannot fall from the last state of the run, where level 0 shares its cell.
        if state[i] > 0 and (i == 1 or state[i] > state[i - 1]):
            behind = first - np.uint64(choose[state[i] - 1 + i, i])
        for k in range(length):
            flow[k] += above[i, first + k] * now[ahead + k] + below[i, first + k] * now[behind + k]
    return length


@kernel
def chamber_term(
    choose: Indices,
    below: Array,
    above: Array,
    leaving: Array,
    scale: float,
    shift: float,
    weight: float,
    now: Array,
    total: Array,
    before: Array,
) -> None:
    """One term of a three-term recursion: before ← scale·A·now + shift·now − before, then total += weight·before.

    Parameters
    ----------
    choose, below, above, leaving
        See the module; A is the generator that they define, or its symmetric form.
    scale, shift, weight : float
    now : ndarray, shape (state,)
        The last term.
    total : ndarray, shape (state,)
        The sum so far, updated.
    before : ndarray, shape (state,)
        The term before the last, overwritten by the new one.
    """
    levels = below.shape[0]
    cells = choose.shape[0] - levels
    state = np.zeros(levels, dtype=np.int64)
    flow = np.empty(cells)
    first = np.uint64(0)
    while first < np.uint64(now.shape[0]):
        length = _flow(state, first, choose, below, above, leaving, now, flow)
        for k in range(length):
            s = first + k
            # Far tails would end in denormal numbers, with which each operation takes a hundred times longer.
            value = ((scale * flow[k] + shift * now[s] - before[s]) + FLUSH) - FLUSH
            before[s] = value
            total[s] += weight * value
        first += length
        _next_run(state, cells)


@kernel
def chamber_marginals(mass: Array, single: Array, pair: Array) -> None:
    """Masses of every level's cells and of the cells of neighbouring levels.

    Parameters
    ----------
    mass : ndarray, shape (state,)
    single : ndarray, shape (level, cell)
        Overwritten.
    pair : ndarray, shape (level − 1, cell, cell)
        Entry [i, a, b]: level i in cell a and level i + 1 in cell b; overwritten.
    """
    levels, cells = single.shape
    state = np.zeros(levels, dtype=np.int64)
    single[:] = 0.0
    pair[:] = 0.0
    for s in range(mass.shape[0]):
        for i in range(levels):
            single[i, state[i]] += mass[s]
            if i > 0:
                pair[i - 1, state[i - 1], state[i]] += mass[s]
        _next_state(state, cells)
