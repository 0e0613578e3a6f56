from __future__ import annotations

import subprocess
import sys

import matplotlib as mpl
import pytest

from fpsolve.errors import StorageError
from fpsolve.plots import plot_spectrum, render, save_figures


def test_saving_into_a_folder(examples, tmp_path):
    result = examples.oscillator_result()
    folder = tmp_path / "case"
    files = save_figures(result, folder, ("png", "pdf", "svg"))
    assert sorted(item.name for item in folder.iterdir()) == ["spectrum.pdf", "spectrum.png", "spectrum.svg"]
    assert [file.name for file in files["spectrum"]] == ["spectrum.png", "spectrum.pdf", "spectrum.svg"]
    assert (folder / "spectrum.png").read_bytes().startswith(b"\x89PNG")
    assert (folder / "spectrum.pdf").read_bytes().startswith(b"%PDF")


def test_figures_of_an_earlier_run_go_and_other_files_stay(examples, tmp_path):
    (tmp_path / "density.png").touch()
    (tmp_path / "notes.png").touch()
    save_figures(examples.oscillator_result(), tmp_path, ("png",))
    assert sorted(item.name for item in tmp_path.iterdir()) == ["notes.png", "spectrum.png"]


def test_a_folder_that_cannot_be_made(examples, tmp_path):
    with pytest.raises(StorageError, match="figures could not be written: no such file"):
        save_figures(examples.oscillator_result(), tmp_path / "gone" / "case")


def test_the_same_figure_gives_the_same_bytes(examples):
    result = examples.oscillator_result()
    for kind in ("png", "pdf", "svg"):
        first, second = (render(plot_spectrum(result), kind) for _ in range(2))
        assert first == second, kind


def test_the_style_of_the_user_neither_enters_nor_changes(examples):
    with mpl.rc_context({"font.size": 40, "lines.linewidth": 9, "axes.facecolor": "red"}):
        before = dict(mpl.rcParams)
        shouting = render(plot_spectrum(examples.oscillator_result()), "png", dpi=50)
        assert dict(mpl.rcParams) == before
    assert shouting == render(plot_spectrum(examples.oscillator_result()), "png", dpi=50)


def test_no_display_and_no_pyplot_are_needed():
    program = (
        "import sys, fpsolve.plots as p; from matplotlib.figure import Figure;"
        "f = Figure(); f.subplots().plot([1, 2]); p.render(f, 'png');"
        "sys.exit('matplotlib.pyplot' in sys.modules)"
    )
    environment = {"PATH": "/usr/bin:/bin", "MPLBACKEND": "TkAgg", "HOME": "/tmp"}
    done = subprocess.run([sys.executable, "-c", program], check=False, env=environment, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
