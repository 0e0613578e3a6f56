"""Weights e^{−Φ} on panels, without the rounding errors of a large Φ."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fpsolve.exact.gas_level import GasLevel, log_weights, wall_power
from fpsolve.exact.gas_panels import INTEGRATION, RULE, GasPanels

__all__ = ["local_log_weights", "window_log_weights"]

Array = NDArray[np.float64]

_EPS = float(np.finfo(float).eps)
# Confinements beyond this lose digits that matter: e^{−Φ} has the relative error ε|Φ|.
_LARGE = 50.0
# Errors of Φ itself, in units of ε|Φ|, beyond which its derivative is not what was integrated.
_AGREE = 64.0


def window_log_weights(level: GasLevel, panels: GasPanels) -> tuple[Array, float]:
    """−Φ at the nodes of adjoining panels as (values, constant to be added); where Φ is large, from the integral of Φ'.

    At small noise Φ = V/g² reaches 1e6 and more, and e^{−Φ} would carry a relative error of 1e-10 that no quadrature
    can smooth away. The integral of Φ' over the window is as accurate as the differences of Φ that matter; only the
    constant is taken from Φ itself, averaged over the nodes. The sum is not formed: it would be rounded.
    """
    direct, slope = _values(level, panels)
    if slope is None:
        return direct, 0.0
    with np.errstate(invalid="ignore"):
        starts = np.concatenate([[0.0], np.cumsum(slope @ RULE)[:-1]])
        smooth = starts[:, None] + slope @ INTEGRATION
    relevant = np.isfinite(direct) & (direct > np.max(direct) - 100.0)
    constant = (direct - smooth)[relevant]
    if not np.all(np.isfinite(smooth)) or np.ptp(constant) > _AGREE * _EPS * np.max(np.abs(direct[relevant])):
        return direct, 0.0
    return np.asarray(smooth), float(np.mean(constant))


def local_log_weights(level: GasLevel, panels: GasPanels) -> Array:
    """−Φ at the nodes of any panels up to one constant per panel, shape (panel, point)."""
    direct, slope = _values(level, panels)
    if slope is None:
        return direct
    with np.errstate(invalid="ignore"):
        smooth = slope @ INTEGRATION
        constant = direct - smooth
        error = np.ptp(constant, axis=1)
        good = error <= _AGREE * _EPS * np.max(np.abs(direct), axis=1)
    return np.where(good[:, None], smooth, direct)


def _values(level: GasLevel, panels: GasPanels) -> tuple[Array, Array | None]:
    """−Φ, and −dΦ/du where Φ is so large that it is needed."""
    direct = log_weights([level], panels.x)[0]
    for side, sign in ((0, 1.0), (1, -1.0)):
        rooted = (panels.power != 1.0) & (panels.sign == sign) & (panels.origin == level.walls[side])
        if rooted.any():
            direct[rooted] = _next_to_wall(level, panels.part(np.flatnonzero(rooted)), side)
    if np.max(np.abs(direct), where=np.isfinite(direct), initial=0.0) <= _LARGE:
        return direct, None
    with np.errstate(all="ignore"):
        slope = -np.asarray(level.confinement_slope(panels.x)) * panels.slope
    return direct, slope


def _next_to_wall(level: GasLevel, panels: GasPanels, side: int) -> Array:
    """−Φ with the exact distance in its power: x next to a wall that is not at 0 has lost the digits of the distance."""
    power, wall = wall_power(level, side), level.walls[side]
    inside = np.nextafter(wall, np.inf if side == 0 else -np.inf)
    x = np.maximum(panels.x, inside) if side == 0 else np.minimum(panels.x, inside)
    direct = log_weights([level], x)[0]
    if not np.isfinite(power) or power == 0.0:
        return np.asarray(direct)
    exact = panels.power[:, None] * np.log(panels.y)
    return np.asarray(direct + power * (exact - np.log(np.abs(x - wall))))
