"""Several levels through the commands: case file, result file, tables, JSON, verdicts."""

from __future__ import annotations

import json
import math
from pathlib import Path

import h5py
import numpy as np
import pytest

from fpsolve.cases.build import build_initial, build_model
from fpsolve.cases.load import load_case
from fpsolve.cli import main
from fpsolve.exact.coulomb_gas import ordered_gas
from fpsolve.store.read import read_result

xarray = pytest.importorskip("xarray")

GOE = """\
schema = 1
title = "Three levels of a matrix"
seed = 3
[model]
kind = "dyson"
levels = 3
stiffness = 1.0
noise = { kind = "constant", g2 = 0.05 }
[initial]
kind = "gaussian"
mean = [-0.9, 0.0, 0.9]
std = 0.05
[evolve]
times = [0.5, 8.0]
[stationary]
"""

LEARNING = """\
schema = 1
title = "Ten levels"
seed = 5
[model]
kind = "rbm"
mu2 = 9.0
target = { kind = "lattice_scalar_1d", sites = 10, mass2 = 4.0 }
noise = { kind = "pcd" }
[initial]
kind = "marchenko_pastur"
rows = 10
variance = 0.1
[grid]
cells = 200
[evolve]
method = "log_gas"
times = [2.0]
[sgd]
kind = "rbm"
learning_rate = 0.02
batch_size = 16
steps = 50
replicas = 300
record_at = [25, 50]
init = "gaussian"
variance = 0.1
[validate]
against = ["evolve"]
statistics = ["wasserstein"]
"""


def run(*args: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(list(args))
    return int(stop.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "goe.toml").write_text(GOE)
    (tmp_path / "learning.toml").write_text(LEARNING)
    return tmp_path


def totals(time: float) -> tuple[float, float]:
    """Mean and standard deviation of a level picked at random: moments of the trace of a matrix OU process, exact."""
    decay = math.exp(-time)
    second = decay**2 * (2.0 * 0.81 / 3.0 + 0.05**2) + 0.05 * (1.0 - decay**2) * 2.0
    return 0.0, math.sqrt(second)


@pytest.mark.parametrize("method", ["log_gas", "markov_log_gas", "chamber", "particles"])
def test_solve_by_every_method_gives_the_exact_trace(method, folder, capsys):
    assert run("solve", "goe.toml", "--json", "-q", "--workers", "1", "--set", f"evolve.method='{method}'") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["method"] == method
    assert found["times"] == [0.5, 8.0]
    for time, levels, total in zip(found["times"], found["levels"], found["total"], strict=True):
        mean, std = totals(time)
        # 20000 trajectories leave 0.5 % of a standard deviation; the closure keeps the trace.
        assert total["mean"] == pytest.approx(mean, abs=5e-3)
        assert total["std"] == pytest.approx(std, rel=0.02)
        assert len(levels["mean"]) == len(levels["std"]) == 3
        assert ("mean_error" in levels) == (method == "particles")
    assert np.shape(found["correlation"]) == (2, 2)
    assert "exchanges" in found or method != "particles"
    evolution = read_result(folder / "goe.h5").evolution
    assert evolution is not None
    assert evolution.method == method
    assert (evolution.density_error is None) == (method != "particles")
    assert (evolution.pair_density is None) == (method != "chamber")
    gas = ordered_gas(build_model(load_case("goe.toml")).levels)
    np.testing.assert_allclose(evolution.mean[1], gas.mean, atol=0.02 * gas.std.min())
    np.testing.assert_allclose(evolution.correlation[1], gas.correlations, atol=0.03)


def test_files_of_several_levels_open_in_xarray(folder):
    assert run("solve", "goe.toml", "-q", "--set", "evolve.method='chamber'", "--set", "grid.cells=40") == 0
    result = read_result(folder / "goe.h5")
    with xarray.open_datatree(folder / "goe.h5", engine="h5netcdf") as tree:
        assert tree["evolution/density"].dims == ("t", "level", "cell")
        np.testing.assert_array_equal(tree["evolution/correlation"], result.evolution.correlation)
        np.testing.assert_array_equal(tree["evolution/pair_density"], result.evolution.pair_density)
        np.testing.assert_array_equal(tree["evolution/grid_error"], result.evolution.grid_error)
    assert run("stationary", "goe.toml", "-q", "-o", "gas.h5") == 0
    gas = read_result(folder / "gas.h5").stationary
    with xarray.open_datatree(folder / "gas.h5", engine="h5netcdf") as tree:
        np.testing.assert_array_equal(tree["pairs/stationary/spacing_density"], gas.pairs.spacing_density)
        np.testing.assert_array_equal(tree["stationary/total_density"], gas.total_density)


def test_show_prints_every_level_at_every_time(folder, capsys, monkeypatch):
    # Workers of pytest may be given the width of the terminal that started them.
    monkeypatch.delenv("COLUMNS", raising=False)
    assert run("solve", "learning.toml", "-q", "--set", "grid.cells=120", "--set", "evolve.times=[0.2, 0.4]") == 0
    capsys.readouterr()
    assert run("show", "learning.h5") == 0
    lines = capsys.readouterr().out.splitlines()
    evolution = read_result("learning.h5").evolution
    heads = [i for i, line in enumerate(lines) if line.split() == ["t", *map(str, range(10))]]
    assert len(heads) == 2
    for head, table in zip(heads, (evolution.mean, evolution.std), strict=True):
        rows = [[float(word) for word in line.split()] for line in lines[head + 2 : head + 4]]
        np.testing.assert_allclose(rows, np.column_stack([evolution.times, table]), rtol=1e-3)
    assert not any("…" in line for line in lines)


def test_ten_trained_levels_follow_their_evolution(folder):
    """The equation is right to the first order in α/B, and 300 machines tell a level's mean to 6 % of its width."""
    (folder / "aligned.toml").write_text(LEARNING.replace('init = "gaussian"\nvariance = 0.1\n', 'init = "aligned"\n'))
    assert run("validate", "aligned.toml", "-q", "--workers", "1") == 0
    result = read_result("aligned.h5")
    assert result.sample.levels.shape == (300, 2, 10)
    assert result.evolution.times.tolist() == [2.0]
    (statistic,) = result.report.statistics
    # Six groups (four of them pairs) at t = 1 and t = 2.
    assert [detail["levels"] for detail in statistic.details[:6]] == [[0], [1, 2], [3, 4], [5, 6], [7, 8], [9]]
    assert [detail["time"] for detail in statistic.details] == pytest.approx([1.0] * 6 + [2.0] * 6)
    assert statistic.value < 0.25
    assert len(result.report.histograms) == 12


def test_random_weights_lag_behind_while_their_vectors_turn(folder, capsys):
    """A level gas has every level at its own κ; singular vectors of random weights have to turn there first."""
    assert run("validate", "learning.toml", "-q", "--json", "--workers", "1") == 0
    found = json.loads(capsys.readouterr().out)["statistics"]["wasserstein"]
    assert found["details"][0]["levels"] == [0]
    assert 0.3 < found["value"] < 2.0
    highest = [detail["bias"] for detail in found["details"] if detail["levels"] == [9]]
    assert highest[1] < highest[0] < 0.0


def test_figures_and_report_of_several_levels(folder):
    text = LEARNING.replace("sites = 10", "sites = 3").replace("rows = 10", "rows = 3").replace("[25, 50]", "[50]")
    (folder / "three.toml").write_text(text.replace("cells = 200", "cells = 80"))
    assert run("run", "three.toml", "-q", "--workers", "1") == 0
    assert (folder / "three" / "report.html").stat().st_size > 10_000


def test_wrong_prediction_of_ten_levels_is_rejected(folder):
    wrong = ["--set", "initial.variance=0.13", "--set", "validate.fail_if={ wasserstein = 0.25 }"]
    assert run("validate", "learning.toml", "-q", "--workers", "1", *wrong) == 3


def test_start_from_the_stationary_gas_stays(folder, capsys):
    text = GOE.replace('kind = "gaussian"\nmean = [-0.9, 0.0, 0.9]\nstd = 0.05', 'kind = "stationary"')
    (folder / "still.toml").write_text(text)
    for method, atol in (("log_gas", 1e-3), ("chamber", 1e-2), ("particles", 0.01)):
        options = ["--set", f"evolve.method='{method}'", "--set", "evolve.times=[0.5]"]
        assert run("solve", "still.toml", "-q", "--json", "--overwrite", *options) == 0
        found = json.loads(capsys.readouterr().out)
        case = load_case("still.toml")
        gas = build_initial(case, build_model(case))
        np.testing.assert_allclose(found["levels"][0]["mean"], gas.mean, atol=atol * gas.std.max() * 3.0)
        np.testing.assert_allclose(found["levels"][0]["std"], gas.std, rtol=0.02)


@pytest.mark.parametrize("method", ["log_gas", "chamber", "particles"])
def test_what_the_walls_cut_off_the_start_is_told(method, folder, capsys):
    """The lower level is normal with mean and std 0.1 and the order costs nothing: Φ(−1) of it lies below 0."""
    text = (
        LEARNING[: LEARNING.index("[initial]")]
        .replace("mu2 = 9.0", "mu2 = 2.0")
        .replace('kind = "pcd"', 'kind = "constant", g2 = 0.01')
    )
    text = text.replace('target = { kind = "lattice_scalar_1d", sites = 10, mass2 = 4.0 }', "kappa = [1.5, 1.0]")
    text += '[initial]\nkind = "gaussian"\nmean = [0.1, 1.0]\nstd = 0.1\n[evolve]\ntimes = [0.1]\n'
    (folder / "cut.toml").write_text(text)
    options = ["--set", f"evolve.method='{method}'", "--set", "evolve.rtol=0.05"]
    assert run("solve", "cut.toml", *options) == 0
    assert "0.159 of the initial law lies outside the domain" in capsys.readouterr().err
    assert read_result("cut.h5").evolution.beyond == pytest.approx(0.158655, rel=0.01)


def test_levels_from_a_file_start_an_evolution(folder, capsys):
    rng = np.random.default_rng(2)
    np.save(folder / "levels.npy", np.sort(rng.normal([-0.9, 0.0, 0.9], 0.05, (4000, 3)), axis=1))
    text = GOE.replace(
        'kind = "gaussian"\nmean = [-0.9, 0.0, 0.9]\nstd = 0.05', 'kind = "samples"\npath = "levels.npy"'
    )
    (folder / "file.toml").write_text(text)
    assert run("solve", "file.toml", "-q", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["total"][0]["std"] == pytest.approx(totals(0.5)[1], rel=0.02)
    capsys.readouterr()
    np.save(folder / "levels.npy", rng.normal(0.0, 1.0, (50, 2)))
    assert run("solve", "file.toml", "-q", "-o", "other.h5") == 2
    assert "holds 2 levels, but the model has 3" in capsys.readouterr().err
    assert not (folder / "other.h5").exists()


class TestSpectrum:
    CASE = GOE[: GOE.index("[initial]")] + '[spectrum]\nmethod = "chamber"\nstates = 7\n[grid]\ncells = 48\n'

    def test_rates_come_with_multiplicities(self, folder, capsys):
        """Rates n Ω with as many states as there are partitions of n into at most three parts: 1, 1, 2, 3."""
        (folder / "rates.toml").write_text(self.CASE)
        assert run("spectrum", "rates.toml", "--json", "-q") == 0
        found = json.loads(capsys.readouterr().out)
        np.testing.assert_allclose(found["rates"], [0, 1, 2, 2, 3, 3, 3], atol=0.03)
        assert [entry["states"] for entry in found["multiplets"]] == [1, 1, 2, 3]
        assert run("show", "rates.h5") == 0
        lines = [line.split() for line in capsys.readouterr().out.splitlines()]
        assert [line[1] for line in lines if len(line) >= 4 and line[0][:1].isdigit()] == ["1", "1", "2", "3+"]

    def test_file_has_no_wavefunctions(self, folder):
        (folder / "rates.toml").write_text(self.CASE.replace("states = 7", "states = 2"))
        assert run("run", "rates.toml", "-q") == 0
        assert read_result("rates.h5").spectrum.psi.shape == (2, 0)


class TestCheck:
    def test_every_method_with_note_cost_or_reason(self, folder, capsys):
        assert run("check", "goe.toml", "--json", "--set", "evolve.method='chamber'", "--set", "grid.cells=72") == 0
        found = json.loads(capsys.readouterr().out)
        assert found["levels"] == 3
        rows = {row["name"]: row for row in found["methods"]["evolve"]}
        assert {name for name, row in rows.items() if row["fits"]} >= {"log_gas", "chamber", "particles"}
        assert rows["legendre"]["objection"] == "it takes 1 to 2 levels, the model has 3"
        assert "5 % of a standard deviation (measured)" in rows["log_gas"]["note"]
        for row in rows.values():
            assert row["fits"] == ("unknowns" in row)
            if row["fits"]:
                assert row["memory_bytes"] > 0
                assert row["seconds"] > 0.0
        assert rows["chamber"]["unknowns"] == math.comb(72 + 2, 3)
        assert found["plans"]["evolve"]["method"] == next(name for name, row in rows.items() if row["chosen"])
        assert found["memory_bytes"] >= found["plans"]["stationary"]["memory_bytes"] > 0

    def test_text_is_a_case_with_the_same_cells(self, folder, capsys):
        assert run("check", "goe.toml", "--set", "evolve.method='log_gas'") == 0
        text = capsys.readouterr().out
        assert "log_gas (chosen)" in text
        assert max(map(len, text.splitlines())) < 240
        (folder / "again.toml").write_text(text)
        for name in ("goe.toml", "again.toml"):
            method = "evolve.method='log_gas'"
            assert run("solve", name, "-q", "--set", method, "--set", "evolve.times=[0.01]") == 0
        one, two = read_result("goe.h5").evolution, read_result("again.h5").evolution
        np.testing.assert_array_equal(one.edges, two.edges)

    def test_groups_of_the_comparison_are_told(self, folder, capsys):
        assert run("check", "learning.toml") == 0
        out = capsys.readouterr().out
        assert "groups of levels [0] [1, 2] [3, 4] [5, 6] [7, 8] [9]" in out

    def test_nothing_is_written(self, folder):
        before = sorted(folder.rglob("*"))
        assert run("check", "learning.toml") == 0
        assert sorted(folder.rglob("*")) == before


def test_memory_that_the_gas_would_need_is_refused(folder, capsys, monkeypatch):
    monkeypatch.setattr("fpsolve.cases.methods.usable_memory", lambda: 1 << 20)
    (folder / "wide.toml").write_text(GOE.replace("levels = 3", "levels = 12").replace("[-0.9, 0.0, 0.9]", "0.0"))
    assert run("stationary", "wide.toml") == 2
    err = capsys.readouterr().err
    assert "wide.toml:15: [stationary]" in err
    assert "the exact gas of 12 levels needs" in err
    assert "what remains: fewer levels, or evolve by particles" in err
    assert list(folder.glob("*.h5")) == []


def test_more_than_a_hundred_histograms_keep_their_order(folder):
    records = list(range(1, 41))
    text = LEARNING.replace("sites = 10", "sites = 4").replace("rows = 10", "rows = 4")
    text = text.replace("record_at = [25, 50]", f"record_at = {records}").replace("steps = 50", "steps = 40")
    (folder / "many.toml").write_text(
        text.replace("cells = 200", "cells = 60").replace("times = [2.0]", "times = [1.0]")
    )
    assert run("validate", "many.toml", "-q", "--workers", "1") == 0
    histograms = read_result("many.h5").report.histograms
    assert len(histograms) == 120
    assert [histogram["step"] for histogram in histograms] == [step for step in records for _ in range(3)]
    with h5py.File("many.h5") as file:
        assert "histogram_119" in file["validation"]
