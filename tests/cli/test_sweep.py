"""``fpsolve sweep``, ``resume``, and sweeps in ``check``, ``show``, ``plot``, ``run``."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

import fpsolve as fp
from fpsolve.cases.load import case_from_text
from fpsolve.cli import main

LAW = """\
schema = 1
title = "One level"
seed = 5
[model]
kind = "dyson"
levels = 1
stiffness = 2.0
centre = 0.3
noise = { kind = "constant", g2 = 0.02 }
[stationary]
[sweep]
axes = { "model.stiffness" = [1.0, 2.0], "model.noise.g2" = [0.01, 0.02] }
"""
DIVERGING = """\
schema = 1
seed = 11
[model]
kind = "rbm"
mu2 = 2.0
kappa = [1.0]
noise = { kind = "pcd" }
[sgd]
kind = "rbm"
learning_rate = 0.02
batch_size = 16
steps = 60
replicas = 40
[sweep]
axes = { "sgd.learning_rate" = [0.01, 0.9] }
"""


def run(*args: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(list(args))
    return int(stop.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "law.toml").write_text(LAW)
    (tmp_path / "diverging.toml").write_text(DIVERGING)
    return tmp_path


def test_sweep_prints_a_table_and_leaves_index_points_and_figures(folder, capsys):
    assert run("sweep", "law.toml", "--workers", "1") == 0
    out, err = capsys.readouterr()
    assert "One level · 4 points: 4 complete" in out
    assert "Index: law.h5" in out
    assert "0.070710" in out  # √(g²/κ) = √(0.01/2)
    assert "sweep: 4 points, 1 at a time" in err
    assert {"law.h5", "law"} <= {entry.name for entry in folder.iterdir()}
    names = {entry.name for entry in (folder / "law").iterdir()}
    assert {f"point_{k:05d}.h5" for k in range(4)} <= names
    assert [name for name in names if name.endswith(".png")]


@pytest.mark.parametrize(("width", "shown"), [(120, True), (60, False)])
def test_a_narrow_table_leaves_numbers_out_and_breaks_no_word(folder, capsys, monkeypatch, width, shown):
    run("sweep", "law.toml", "--workers", "1", "-q")
    capsys.readouterr()
    monkeypatch.setenv("COLUMNS", str(width))
    assert run("show", "law.h5") == 0
    out = capsys.readouterr().out
    words = out.split()
    assert {"stiffness", "noise", "g2", "status", "complete"} <= set(words)
    assert ("log_partition_function" in words) == shown
    table = out[out.index("complete\n") : out.index("More numbers")]
    assert max(map(len, table.splitlines())) <= width


def test_json_is_one_object(folder, capsys):
    assert run("sweep", "law.toml", "--workers", "1", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["counts"] == {"complete": 4, "rejected": 0, "failed": 0, "pending": 0}
    assert printed["axes"] == {"model.stiffness": [1.0, 2.0], "model.noise.g2": [0.01, 0.02]}
    assert printed["points"][2]["scalars"]["stationary.levels.std.0"] == pytest.approx(0.005**0.5, rel=1e-9)
    assert run("show", "law.h5", "--json") == 0
    assert json.loads(capsys.readouterr().out) == printed


def test_show_takes_columns(folder, capsys):
    run("sweep", "law.toml", "--workers", "1", "-q")
    capsys.readouterr()
    assert run("show", "law.h5", "--columns", "stationary.log_partition_function") == 0
    out = capsys.readouterr().out
    assert "log_partition_function" in out
    assert "levels.std.0" not in out
    assert run("show", "law.h5", "--columns", "stationary.levels.std") == 2
    assert "did you mean stationary.levels.std.0" in capsys.readouterr().err
    assert run("show", "law/point_00000.h5", "--columns", "a") == 2
    assert run("show", "law.h5", "--case") == 0
    assert capsys.readouterr().out == LAW


def test_the_case_of_a_point_runs_alone_to_the_same_numbers(folder, capsys):
    run("sweep", "diverging.toml", "--workers", "1", "-q")
    capsys.readouterr()
    assert run("show", "diverging/point_00000.h5", "--case") == 0
    (folder / "again.toml").write_text(capsys.readouterr().out)
    assert run("sgd", "again.toml", "-q", "--workers", "1") == 0
    again, point = fp.open("again.h5"), fp.open("diverging/point_00000.h5")
    assert (again.sample.levels == point.sample.levels).all()


def test_plot_draws_again(folder, capsys):
    run("sweep", "law.toml", "--workers", "1", "-q")
    capsys.readouterr()
    assert run("plot", "law.h5") == 2
    assert run("plot", "law.h5", "-o", "figures", "--format", "pdf") == 0
    assert all(Path(name).stat().st_size > 0 for name in capsys.readouterr().out.split())


def test_a_failed_point_gives_exit_code_1_and_the_way_on(folder, capsys):
    assert run("sweep", "diverging.toml", "--workers", "1") == 1
    out, err = capsys.readouterr()
    assert "1 complete, 1 failed" in out
    assert "1: failed: training diverged" in out
    assert "1 of 2 points failed; try them again with: fpsolve resume diverging.h5" in err
    assert "Traceback" not in err
    assert run("resume", "diverging.h5") == 1
    assert "sweep: 1 of 2 points are left" in capsys.readouterr().err


def test_a_rejected_point_gives_exit_code_3(folder, capsys):
    assert run("sweep", "law.toml", "--workers", "1", "--set", 'expect={"stationary.levels.mean"={value=[0.4]}}') == 3
    assert "4 of 4 points were rejected" in capsys.readouterr().err


def test_an_index_that_exists_is_kept_and_the_ways_on_are_told(folder, capsys):
    run("sweep", "law.toml", "--workers", "1", "-q")
    before = (folder / "law.h5").read_bytes()
    capsys.readouterr()
    assert run("sweep", "law.toml") == 2
    err = capsys.readouterr().err
    assert "--overwrite" in err
    assert "fpsolve resume law.h5" in err
    assert (folder / "law.h5").read_bytes() == before
    assert run("sweep", "law.toml", "--workers", "1", "-q", "--overwrite") == 0


def test_all_faults_come_before_anything_is_written(folder, capsys):
    axes = 'sweep.axes={ "model.stiffness" = [-1.0, 1.0], "model.noise.g2" = [0.01, -0.02] }'
    assert run("sweep", "law.toml", "--set", axes) == 2
    err = capsys.readouterr().err
    assert "value -1.0 of the sweep" in err
    assert "value -0.02 of the sweep" in err
    assert not (folder / "law.h5").exists()


def test_sections_that_are_missing(folder, capsys):
    (folder / "plain.toml").write_text(LAW.partition("[sweep]")[0])
    assert run("sweep", "plain.toml") == 2
    assert "[sweep]: this section is missing" in capsys.readouterr().err
    for verb in ("run", "solve", "stationary", "validate"):
        assert run(verb, "law.toml") == 2
        assert "fpsolve sweep law.toml" in capsys.readouterr().err
    assert sorted(entry.name for entry in folder.iterdir()) == ["diverging.toml", "law.toml", "plain.toml"]


def test_check_counts_points_and_cost(folder, capsys):
    assert run("check", "law.toml") == 0
    out = capsys.readouterr().out
    assert "a sweep of 4 points, grid of model.stiffness (2) × model.noise.g2 (2)" in out
    again = case_from_text(out)
    assert again.sweep.axes == {"model.stiffness": (1.0, 2.0), "model.noise.g2": (0.01, 0.02)}
    assert run("check", "law.toml", "--json") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["points"], report["tasks"], len(report["point_seconds"])) == (4, ["stationary"], 4)
    assert run("check", "law.toml", "--set", 'sweep.axes={"model.stiffness"=[-1.0]}') == 2


def test_resume_of_what_is_no_sweep(folder, capsys):
    run("sweep", "law.toml", "--workers", "1", "-q")
    capsys.readouterr()
    assert run("resume", "law/point_00000.h5") == 0
    assert "point_00000.h5 is complete" in capsys.readouterr().err
    assert run("resume", "nowhere.h5") == 1
    assert "there is no such file" in capsys.readouterr().err


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_may_not_be_written(folder, capsys):
    closed = folder / "closed"
    closed.mkdir(mode=0o555)
    assert run("sweep", "law.toml", "-o", "closed/law.h5") == 2
    assert "not writable" in capsys.readouterr().err


def test_output_in_a_folder_that_is_not_there(folder, capsys):
    assert run("sweep", "law.toml", "-o", "nowhere/law.h5") == 2
    assert "does not exist" in capsys.readouterr().err
