"""The density that the levels of a random matrix tend to when it is large."""

from __future__ import annotations

import json

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from fpsolve.exact.marchenko_pastur import MarchenkoPastur
from fpsolve.plots.style import PREDICTION
from fpsolve.results import Result

__all__ = ["draw_large_matrix", "large_matrix_law"]

_DASHES = (0, (4.0, 2.0))


def large_matrix_law(result: Result) -> MarchenkoPastur | None:
    """Marchenko–Pastur law behind a stationary Laguerre gas, r = N/M and σ² = T/λ; None for other models."""
    try:
        model = json.loads(result.resolved)["model"]
        alike = model["kind"] == "laguerre" and float(model.get("beta", 1.0)) == 1.0 and int(model["levels"]) > 1
        if not alike or model.get("schedule") is not None:
            return None
        variance = float(model["temperature"]) / float(model["weight_decay"])
        return MarchenkoPastur(int(model["rows"]), int(model["levels"]), variance)
    except (ValueError, TypeError, KeyError):
        return None


def draw_large_matrix(panel: Axes, law: MarchenkoPastur, *, factor: float = 1.0) -> Line2D:
    """Draw `factor` times the density inside the limits of x; return what the legend shows."""
    low, high = law.support
    # Edges where the density is 0, and a square matrix where it is infinite: points crowd at both ends.
    angle = np.linspace(0.0, np.pi, 800)[1:-1]
    x = low + 0.5 * (high - low) * (1.0 - np.cos(angle))
    shown = (x >= panel.get_xlim()[0]) & (x <= panel.get_xlim()[1])
    style = {"color": PREDICTION, "linewidth": 0.9, "linestyle": _DASHES}
    panel.plot(x[shown], factor * law.pdf(x[shown]), scalex=False, scaley=False, **style)  # type: ignore[arg-type]
    return Line2D([], [], label=f"Marchenko–Pastur, r = {law.ratio:.3g}, N → ∞", **style)  # type: ignore[arg-type]
