"""One step of the master equation by the rational exponential of order 16 (CRAM).

The best uniform rational approximation of e^z on (−∞, 0] of degree 16 has the error 2e−16 there, so one step is exact
to rounding for any length, as long as the pseudospectrum of the generator stays near the axis; the caller controls the
error by comparing steps. Poles and weights: M. Pusa, Nucl. Sci. Eng. 169, 155 (2011) with the corrections of Nucl.
Sci. Eng. 182, 297 (2016), in partial fractions,

    e^z ≈ a_0 + 2 Re Σ_k a_k / (z − θ_k),    e^{τA} m ≈ a_0 m − (2/τ) Re Σ_k a_k (θ_k/τ − A)^{−1} m.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.kernels._jit import kernel
from fpsolve.kernels.tridiagonal import FLUSH, factor_shifted, solve_shifted

__all__ = ["CRAM_CONSTANT", "CRAM_POLES", "CRAM_WEIGHTS", "cram_apply", "cram_apply_ring", "cram_factor"]

Array = NDArray[np.float64]

CRAM_CONSTANT = 2.1248537104952237488e-16
CRAM_POLES = np.array(
    [
        -1.0843917078696988026e1 + 1.9277446167181652284e1j,
        -5.2649713434426468895e0 + 1.6220221473167927305e1j,
        5.9481522689511774808e0 + 3.5874573620183222829e0j,
        3.5091036084149180974e0 + 8.4361989858843750826e0j,
        6.4161776990994341923e0 + 1.1941223933701386874e0j,
        1.4193758971856659786e0 + 1.0925363484496722585e1j,
        4.9931747377179963991e0 + 5.9968817136039422260e0j,
        -1.4139284624888862114e0 + 1.3497725698892745389e1j,
    ]
)
CRAM_WEIGHTS = np.array(
    [
        -5.0901521865224915650e-7 - 2.4220017652852287970e-5j,
        2.1151742182466030907e-4 + 4.3892969647380673918e-3j,
        1.1339775178483930527e2 + 1.0194721704215856450e2j,
        1.5059585270023467528e1 - 5.7514052776421819979e0j,
        -6.4500878025539646595e1 - 2.2459440762652096056e2j,
        -1.4793007113557999718e0 + 1.7686588323782937906e0j,
        -6.2518392463207918892e1 - 1.1190391094283228480e1j,
        4.1023136835410021273e-2 - 1.5743466173455468191e-1j,
    ]
)
_POLES_RE, _POLES_IM = CRAM_POLES.real.copy(), CRAM_POLES.imag.copy()
_WEIGHTS_RE, _WEIGHTS_IM = CRAM_WEIGHTS.real.copy(), CRAM_WEIGHTS.imag.copy()


@kernel
def cram_factor(up: Array, down: Array, step: float, inverse_re: Array, inverse_im: Array) -> None:
    """Factor the eight shifted generators of one step length.

    Parameters
    ----------
    up, down : ndarray, shape (cell,)
        Jump rates [1/time]; the first `down` and the last `up` leave the chain.
    step : float
        τ > 0 [time].
    inverse_re, inverse_im : ndarray, shape (cell, 8)
        Inverse pivots, overwritten.
    """
    factor_shifted(up, down, _POLES_RE / step, _POLES_IM / step, inverse_re, inverse_im)


@kernel
def cram_apply(
    up: Array,
    down: Array,
    step: float,
    inverse_re: Array,
    inverse_im: Array,
    mass: Array,
    part_re: Array,
    part_im: Array,
    out: Array,
) -> None:
    """Advance cell masses by the factored step: out ≈ e^{τA} mass.

    Parameters
    ----------
    up, down, step, inverse_re, inverse_im
        What `cram_factor` was given and made.
    mass, out : ndarray, shape (cell,)
        Masses before and after.
    part_re, part_im : ndarray, shape (cell, 8)
        Scratch.
    """
    solve_shifted(up, down, inverse_re, inverse_im, mass, part_re, part_im)
    _combine(step, mass, part_re, part_im, out)


@kernel
def cram_apply_ring(
    up: Array,
    down: Array,
    step: float,
    inverse_re: Array,
    inverse_im: Array,
    mass: Array,
    part_re: Array,
    part_im: Array,
    out: Array,
) -> None:
    """Advance cell masses on a ring: the last `up` enters cell 0, the first `down` enters the last cell.

    Without its last cell n − 1 the ring is a chain that loses mass at both ends, x = u + x_{n−1} v with
    (z − A') u = b and (z − A') v = (rates out of cell n − 1). Mass balance closes it: (1 + Σ v) x_{n−1} = Σ b/z − Σ u.
    Arguments as in `cram_apply`; `inverse_re`, `inverse_im` belong to the first n − 1 cells, shape (cell − 1, 8).
    """
    last = mass.shape[0] - 1
    entry = np.zeros(last)
    entry[0] += up[last]
    entry[last - 1] += down[last]
    other_re = np.empty_like(inverse_re)
    other_im = np.empty_like(inverse_im)
    solve_shifted(up[:last], down[:last], inverse_re, inverse_im, mass[:last], part_re[:last], part_im[:last])
    solve_shifted(up[:last], down[:last], inverse_re, inverse_im, entry, other_re, other_im)
    total = mass.sum()
    for k in range(_POLES_RE.shape[0]):
        shift = complex(_POLES_RE[k], _POLES_IM[k]) / step
        rest = total / shift - complex(part_re[:last, k].sum(), part_im[:last, k].sum())
        value = rest / (1.0 + complex(other_re[:, k].sum(), other_im[:, k].sum()))
        part_re[last, k] = value.real
        part_im[last, k] = value.imag
        for i in range(last):
            part_re[i, k] += value.real * other_re[i, k] - value.imag * other_im[i, k]
            part_im[i, k] += value.real * other_im[i, k] + value.imag * other_re[i, k]
    _combine(step, mass, part_re, part_im, out)


@kernel
def _combine(step: float, mass: Array, part_re: Array, part_im: Array, out: Array) -> None:
    """Add up the partial fractions: out = a_0 mass − (2/τ) Re Σ_k a_k part_k."""
    for i in range(mass.shape[0]):
        total = 0.0
        for k in range(_WEIGHTS_RE.shape[0]):
            total += _WEIGHTS_RE[k] * part_re[i, k] - _WEIGHTS_IM[k] * part_im[i, k]
        # No denormal numbers, see `tridiagonal`.
        out[i] = ((CRAM_CONSTANT * mass[i] - (2.0 / step) * total) + FLUSH) - FLUSH
