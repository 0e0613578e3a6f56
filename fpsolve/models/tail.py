"""Power-law tails of stationary laws."""

from __future__ import annotations

from fpsolve.models.geometric import GeometricLevel
from fpsolve.models.level_gas import LevelGas
from fpsolve.models.multiplicative import MultiplicativeLevel

__all__ = ["tail_exponent"]


def tail_exponent(model: LevelGas) -> float | None:
    """Exponent b of P(X > x) ~ x^{−b} for the highest level's stationary law; None where it falls faster than a power.

    The density falls like x^{−b−1}. A lone geometric level has b = 1 − a/c without saturation; with N of them the highest
    one feels the repulsion x^{β(N−1)} of the others, and b is the same. One level of `laguerre` with multiplicative noise
    has b = 1 + λ/(2D_1) − m/2.

    Parameters
    ----------
    model : LevelGas
        Of any kind.
    """
    top = model.levels[-1]
    if isinstance(top, MultiplicativeLevel):
        return top.tail
    if isinstance(top, GeometricLevel) and top.saturation == 0.0:
        return 1.0 - top.growth / top.strength
    return None
