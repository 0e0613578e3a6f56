"""Draw the figures of the manual from the results of the flagship cases.

    fpsolve run cases/rbm_one_level.toml
    fpsolve run cases/rbm_learning_ten_levels.toml
    python docs/figures.py rbm_one_level.h5 rbm_learning_ten_levels.h5

They are the figures that ``fpsolve run`` leaves, at 130 dots per inch instead of 300 and with a palette of 256 colours.
"""

from __future__ import annotations

import sys
from pathlib import Path

from gallery import small_png  # beside this file

import fpsolve as fp

FIGURES = {
    "rbm_one_level": ("density", "spectrum", "histogram"),
    "rbm_learning_ten_levels": ("waterfall", "band", "spacing", "correlation"),
}

if __name__ == "__main__":
    for path in map(Path, sys.argv[1:]):
        drawn = fp.plots.figures_of(fp.open(path))
        for name in FIGURES[path.stem]:
            target = Path(__file__).parent / "figures" / f"{name}.png"
            target.write_bytes(small_png(drawn[name]()))
