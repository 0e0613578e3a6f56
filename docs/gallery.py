"""Draw the figures of the gallery from the results in a folder.

    fpsolve sweep cases/rbm_double_well.toml        # and the other commands of docs/gallery.md, in one folder
    python docs/gallery.py FOLDER                   # all of them; or: python docs/gallery.py FOLDER double_well …

They are figures that ``fpsolve run`` and ``fpsolve sweep`` leave, at 130 dots per inch instead of 300 and with a palette of 256
colours. The text of the page is docs/gallery.md.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure
from PIL import Image

import fpsolve as fp

GALLERY = Path(__file__).parent / "gallery"


class Entry(NamedTuple):
    """One picture: its file in docs/gallery, the command whose result shows it, and the figure of that result."""

    image: str
    command: str
    figure: str

    @property
    def case(self) -> str:
        """Name of the shipped case; its result has the same name."""
        return Path(self.command.split()[2]).stem


ENTRIES = (
    Entry("lattice_density", "fpsolve run cases/rbm_lattice_density.toml", "level_density"),
    Entry("pair_density", "fpsolve run cases/rbm_lattice_density.toml", "pair_density"),
    Entry("surmise", "fpsolve run cases/rbm_lattice_density.toml", "spacing"),
    Entry("pair_scaling", "fpsolve sweep cases/rbm_pairs_scan.toml", "pair_scaling"),
    Entry("pair_consistency", "fpsolve sweep cases/rbm_pairs_scan.toml", "pair_consistency"),
    Entry("binder", "fpsolve sweep cases/rbm_pairs_scan.toml", "binder"),
    Entry("learned_over_target", "fpsolve sweep cases/rbm_pairs_scan.toml", "ratio"),
    Entry("pair_scaling_batch", "fpsolve sweep cases/rbm_pairs_batch_scan.toml", "pair_scaling"),
    Entry("one_level_noise", "fpsolve sweep cases/rbm_noise_levels.toml", "overlay"),
    Entry("one_step", "fpsolve sweep cases/rbm_one_step.toml", "scalars"),
    Entry("double_well", "fpsolve sweep cases/rbm_double_well.toml", "potentials"),
    Entry("learning_aligned", "fpsolve run cases/rbm_learning_against_sgd.toml --set sgd.replicas=1000", "waterfall"),
    Entry("learning_unaligned", "fpsolve run cases/rbm_learning_unaligned.toml", "waterfall"),
    Entry("alignment", "fpsolve run cases/rbm_learning_unaligned.toml", "alignment"),
    Entry("training_curves", "fpsolve sweep cases/teacher_student_training_curves.toml", "curves"),
    Entry("two_species", "fpsolve run cases/teacher_student_two_species.toml", "species_density"),
    Entry("random_weights", "fpsolve sweep cases/marchenko_pastur_starts.toml", "random_weights"),
    Entry("laguerre", "fpsolve run cases/laguerre_matrix.toml", "level_density"),
    Entry("power_law", "fpsolve run cases/matrix_power_law.toml", "tail"),
    Entry("kesten", "fpsolve run cases/kesten_tail.toml", "tail"),
)


def small_png(figure: Figure) -> bytes:
    """Turn a figure into a PNG with a palette."""
    image = Image.open(io.BytesIO(fp.plots.render(figure, "png", dpi=130)))
    small = io.BytesIO()
    image.convert("RGB").quantize(256).save(small, "png", optimize=True)
    return small.getvalue()


def draw(entry: Entry, folder: Path) -> bytes:
    """Return one picture."""
    found = fp.open(folder / f"{entry.case}.h5")
    if isinstance(found, fp.Sweep):
        points = [fp.open(folder / point.file) if point.file else None for point in found.points]
        figures = fp.plots.sweep_figures_of(found, points)
    else:
        figures = fp.plots.figures_of(found)
    return small_png(figures[entry.figure]())


if __name__ == "__main__":
    GALLERY.mkdir(exist_ok=True)
    wanted = sys.argv[2:]
    for entry in ENTRIES:
        if not wanted or entry.image in wanted:
            (GALLERY / f"{entry.image}.png").write_bytes(draw(entry, Path(sys.argv[1])))
