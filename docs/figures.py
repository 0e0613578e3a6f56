"""Draw the figures of the manual from the result of the flagship case.

    fpsolve run cases/rbm_one_level.toml
    python docs/figures.py rbm_one_level.h5

They are the figures that ``fpsolve run`` leaves, at 130 dots per inch instead of 300.
"""

from __future__ import annotations

import sys
from pathlib import Path

import fpsolve as fp

FIGURES = ("density", "spectrum", "histogram")

if __name__ == "__main__":
    result = fp.open(sys.argv[1])
    drawn = fp.plots.figures_of(result)
    for name in FIGURES:
        target = Path(__file__).parent / "figures" / f"{name}.png"
        target.write_bytes(fp.plots.render(drawn[name](), "png", dpi=130))
