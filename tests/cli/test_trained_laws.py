"""Laws of real trainings through the commands: matrices with weight decay, and RBMs at their finite learning rate."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from fpsolve.cases.catalogue import shipped_case
from fpsolve.cases.load import case_from_text
from fpsolve.cli import main
from fpsolve.run.training import record_times
from fpsolve.sgd import train_matrix_langevin
from fpsolve.store.read import read_result

MATRIX = """\
schema = 1
title = "Two levels of a matrix"
seed = 11
[model]
kind = "laguerre"
rows = 5
levels = 2
weight_decay = 2.0
temperature = 0.3
[initial]
kind = "marchenko_pastur"
rows = 5
variance = 0.4
[sgd]
kind = "matrix_langevin"
learning_rate = 0.02
steps = 300
replicas = 2000
record_at = [10, 300]
[evolve]
method = "log_gas"
times = [0.2]
[validate]
against = ["stationary", "evolve"]
statistics = ["ks", "wasserstein"]
fail_if = { ks = 0.04, wasserstein = 0.08 }
"""

TRAINED = """\
schema = 1
title = "A pair at its finite learning rate"
seed = 8
[model]
kind = "rbm"
mu2 = 2.0
kappa = [1.0, 1.0]
noise = { kind = "pcd" }
[stationary]
method = "gaussian_matrix"
[sgd]
kind = "rbm"
learning_rate = 0.01
batch_size = 16
steps = 400
replicas = 2000
[validate]
statistics = ["spacing", "ks"]
fail_if = { spacing = 0.06, spacing_p = 0.0001, ks = 0.06 }
"""

ONE = (
    TRAINED[: TRAINED.index("[sgd]")]
    .replace("[1.0, 1.0]", "[1.0]")
    .replace('"pcd" }', '"pcd", learning_rate = 0.01, batch_size = 16 }')
)


def run(*args: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(list(args))
    return int(stop.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "matrix.toml").write_text(MATRIX)
    (tmp_path / "trained.toml").write_text(TRAINED)
    (tmp_path / "one.toml").write_text(ONE)
    return tmp_path


def variance(time: float) -> float:
    """Variance of a weight, exact."""
    return 0.15 * (1.0 - math.exp(-4.0 * time)) + 0.4 * math.exp(-4.0 * time)


@pytest.mark.parametrize("start", ["aligned", "gaussian"])
def test_matrices_follow_the_laguerre_gas(start, folder, capsys):
    own = ["--set", "sgd.init=gaussian", "--set", "sgd.variance=0.4"] if start == "gaussian" else []
    assert run("validate", "matrix.toml", "--json", "-q", "--workers", "1", *own) == 0
    found = json.loads(capsys.readouterr().out)
    sample = read_result(folder / "matrix.h5").sample
    assert sample is not None
    np.testing.assert_allclose(sample.times, [0.2, 6.0], rtol=1e-14)
    for time, trace in zip(sample.times, sample.levels.sum(axis=2).T, strict=True):
        # tr WᵀW has mean MN v and variance 2MN v²; four standard errors of 2000 matrices
        assert trace.mean() == pytest.approx(10.0 * variance(time), rel=4.0 * math.sqrt(0.2 / 2000))
    assert {entry["against"] for entry in found["statistics"]["ks"]["details"]} == {"stationary", "evolve"}
    assert found["passed"] is True


def test_a_wrong_temperature_of_the_training_is_rejected(folder):
    assert run("validate", "matrix.toml", "-q", "--workers", "1", "--set", "sgd.temperature=0.36") == 3


def test_training_takes_from_the_model_what_it_leaves_out():
    sgd = case_from_text(MATRIX).sgd
    assert (sgd.rows, sgd.weight_decay, sgd.temperature, sgd.variance) == (5, 2.0, 0.3, None)
    case = case_from_text(MATRIX, overrides=["sgd.rows=7", "sgd.temperature=1", "sgd.init=gaussian"])
    assert (case.sgd.rows, case.sgd.weight_decay, case.sgd.temperature, case.sgd.variance) == (7, 2.0, 1.0, 0.01)
    assert (case.model.rows, case.model.temperature) == (5, 0.3)
    assert record_times(case, None) == pytest.approx([0.2, 6.0], rel=1e-14)
    without = MATRIX.replace("record_at = [10, 300]\n", "")
    assert case_from_text(without).sgd.record_at == (300,)


def test_the_case_trains_what_the_library_trains(folder):
    run("sgd", "matrix.toml", "-q", "--workers", "1", "--set", "sgd.init=gaussian", "--set", "sgd.replicas=20")
    sample = read_result(folder / "matrix.h5").sample
    assert sample is not None
    direct = train_matrix_langevin(
        5, 2, temperature=0.3, weight_decay=2.0, learning_rate=0.02, steps=300, replicas=20, record_at=[10, 300], rng=11
    )
    np.testing.assert_array_equal(sample.levels, direct.levels)


def test_without_a_start_the_aligned_matrix_is_zero(folder, capsys):
    lines = MATRIX[: MATRIX.index("[evolve]")].replace(MATRIX[MATRIX.index("[initial]") : MATRIX.index("[sgd]")], "")
    (folder / "zero.toml").write_text(lines.replace("[10, 300]", "[0, 10]"))
    assert run("sgd", "zero.toml", "--json", "-q", "--workers", "1") == 0
    levels = json.loads(capsys.readouterr().out)["levels"]
    assert levels[0]["mean"] == [0.0, 0.0]
    expected = 10.0 * 0.15 * (1.0 - math.exp(-0.8))
    assert sum(levels[1]["mean"]) == pytest.approx(expected, rel=4.0 * math.sqrt(0.2 / 2000))


def test_check_tells_the_size_of_the_ensemble(capsys):
    assert run("check", str(shipped_case("laguerre_matrix")), "--json") == 0
    plan = json.loads(capsys.readouterr().out)["plans"]["sgd"]
    assert plan["size"] == "60000 replicas × 4 records"
    assert plan["memory_bytes"] == 60000 * 4 * 6 * 8


def test_gaussian_matrix_of_one_level_has_the_variance_of_the_theory(folder, capsys):
    assert run("stationary", "one.toml", "--json", "-q") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["method"] == "gaussian_matrix"
    # σ² = (2α/B)(μ² − κ)(E + 1) with E = 5/3, to O(α/B)
    assert found["levels"]["std"][0] == pytest.approx(math.sqrt(16.0 / 3.0 * 0.01 / 16.0), rel=0.03)
    assert found["levels"]["mean"][0] == pytest.approx(1.0, abs=0.02)
    assert run("stationary", "one.toml", "--json", "-q", "-o", "step.h5", "--set", "stationary.method=one_step") == 0
    step = json.loads(capsys.readouterr().out)
    assert step["method"] == "one_step"
    assert step["levels"]["std"][0] == pytest.approx(found["levels"]["std"][0], rel=0.03)
    assert read_result(folder / "step.h5").stationary is not None


def test_the_spacing_of_a_trained_pair_is_the_predicted_one(folder, capsys):
    assert run("validate", "trained.toml", "--json", "-q", "--workers", "1") == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found["statistics"]) == ["spacing", "ks"]
    (detail,) = found["statistics"]["spacing"]["details"]
    assert detail["levels"] == [0, 1]
    assert abs(detail["mean_spacing_z"]) < 4.0


def test_the_spacing_of_a_wrong_noise_is_rejected(folder):
    wrong = "model.noise={kind='pcd', learning_rate=0.02, batch_size=16}"
    assert run("validate", "trained.toml", "-q", "--workers", "1", "--set", wrong) == 3


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["stationary.method=one_step"], "takes one level, not 2"),
        (["model.noise={kind='constant', g2=0.01}"], "only that says which training is meant"),
        (["model.beta=2"], "it takes beta = 1"),
    ],
)
def test_what_the_laws_of_training_refuse(overrides, message, folder, capsys):
    arguments = [part for override in overrides for part in ("--set", override)]
    assert run("stationary", "trained.toml", "-q", *arguments) == 2
    assert message in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["matrix.toml", "one.toml", "trained.toml"]
