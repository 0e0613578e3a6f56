"""The commands as a user meets them: what they print, what they leave, their exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fpsolve.cli import VERBS, main
from fpsolve.store.read import read_result

OU = """\
schema = 1
title = "Ornstein-Uhlenbeck"
seed = 5
[model]
kind = "dyson"
levels = 1
stiffness = 2.0
centre = 0.3
noise = { kind = "constant", g2 = 0.02 }
[initial]
kind = "gaussian"
mean = 0.1
std = 0.05
[grid]
cells = 400
[evolve]
method = "scharfetter_gummel"
times = [0.25, 1.0]
[spectrum]
method = "legendre"
states = 4
[stationary]
method = "exact"
"""

TRAINED = """\
schema = 1
title = "One RBM level"
seed = 11
[model]
kind = "rbm"
mu2 = 2.0
kappa = [1.0]
noise = { kind = "pcd" }
[initial]
kind = "gaussian"
mean = 0.6
std = 0.05
[evolve]
method = "scharfetter_gummel"
times = [1.0]
[sgd]
kind = "rbm"
learning_rate = 0.02
batch_size = 16
steps = 200
replicas = 400
record_at = [50, 200]
[validate]
against = ["stationary", "evolve"]
statistics = ["ks", "wasserstein"]
"""


def run(*args: str) -> int:
    with pytest.raises(SystemExit) as stop:
        main(list(args))
    return int(stop.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ou.toml").write_text(OU)
    (tmp_path / "trained.toml").write_text(TRAINED)
    return tmp_path


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(verb, capsys):
    assert run(verb, "--help") == 0
    out = capsys.readouterr().out
    assert f"fpsolve {verb}" in out
    assert "Example" in out


def test_unknown_verb_suggests(capsys):
    assert run("specturm") == 2
    assert "Did you mean 'spectrum'?" in capsys.readouterr().err


def test_solve_json_keys_and_exact_moments(folder, capsys):
    assert run("solve", "ou.toml", "--json", "-q") == 0
    found = json.loads(capsys.readouterr().out)
    assert found["times"] == [0.25, 1.0]
    assert found["output"] == "ou.h5"
    assert set(found) >= {"times", "mass", "minimum", "levels", "seconds", "unknowns", "output"}
    np.testing.assert_allclose(found["mass"], 1.0, atol=1e-12)
    assert min(found["minimum"]) >= 0.0
    for time, levels in zip(found["times"], found["levels"], strict=True):
        decay = np.exp(-2.0 * time)
        mean = 0.3 + (0.1 - 0.3) * decay
        std = np.sqrt(0.05**2 * decay**2 + 0.02 / 2.0 * (1.0 - decay**2))
        np.testing.assert_allclose(levels["mean"], [mean], rtol=1e-3)
        np.testing.assert_allclose(levels["std"], [std], rtol=2e-3)


def test_spectrum_json_keys_and_exact_energies(folder, capsys):
    assert run("spectrum", "ou.toml", "--json", "-q") == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) >= {"energies", "rates", "residuals", "method"}
    np.testing.assert_allclose(found["energies"], [0.0, 1.0, 2.0, 3.0], atol=1e-9)
    np.testing.assert_allclose(found["rates"], [0.0, 2.0, 4.0, 6.0], atol=1e-9)


def test_stationary_json_keys_and_exact_moments(folder, capsys):
    assert run("stationary", "ou.toml", "--json", "-q") == 0
    found = json.loads(capsys.readouterr().out)
    np.testing.assert_allclose(found["levels"]["mean"], [0.3], rtol=1e-9)
    np.testing.assert_allclose(found["levels"]["std"], [0.1], rtol=1e-9)
    np.testing.assert_allclose(found["log_partition_function"], 0.5 * np.log(2.0 * np.pi * 0.01), rtol=1e-9)


def test_run_leaves_file_figures_and_report(folder, capsys):
    assert run("run", "trained.toml", "--workers", "1") == 0
    out = capsys.readouterr().out
    assert "trained.h5" in out
    result = read_result(folder / "trained.h5")
    assert result.evolution is not None
    assert result.evolution.times.tolist() == [1.0]
    assert result.sample is not None
    assert result.sample.levels.shape == (400, 2, 1)
    assert result.report is not None
    assert (folder / "trained" / "report.html").stat().st_size > 10_000
    assert {file.name for file in (folder / "trained").glob("*.png")} >= {"density.png", "histogram.png"}
    assert run("show", "trained.h5") == 0
    assert "Trained levels" in capsys.readouterr().out
    assert run("show", "trained.h5", "--case") == 0
    assert capsys.readouterr().out == TRAINED


def test_sgd_does_not_depend_on_workers(folder):
    assert run("sgd", "trained.toml", "-q", "--workers", "1", "-o", "one.h5") == 0
    assert run("sgd", "trained.toml", "-q", "--workers", "2", "-o", "two.h5") == 0
    one, two = read_result(folder / "one.h5"), read_result(folder / "two.h5")
    np.testing.assert_array_equal(one.sample.levels, two.sample.levels)


def test_seed_option_replaces_the_case_seed(folder):
    assert run("sgd", "trained.toml", "-q", "--seed", "12", "-o", "other.h5", "--set", "sgd.replicas=8") == 0
    assert read_result(folder / "other.h5").provenance.seed == 12


def test_rejected_prediction_exits_with_3(folder, capsys):
    code = run("validate", "trained.toml", "-q", "--json", "--set", "validate.fail_if={ wasserstein = 1e-9 }")
    assert code == 3
    found = json.loads(capsys.readouterr().out)
    assert found["passed"] is False
    assert found["statistics"]["wasserstein"]["threshold"] == 1e-9


def test_expectations_are_judged(folder, capsys):
    case = OU + '[expect]\n"spectrum.energies" = { value = [0.0, 1.0], atol = 1e-9 }\n'
    (folder / "good.toml").write_text(case)
    assert run("spectrum", "good.toml", "-q") == 0
    (folder / "wrong.toml").write_text(case.replace("[0.0, 1.0]", "[0.0, 1.1]"))
    assert run("spectrum", "wrong.toml", "-q") == 3
    (folder / "lost.toml").write_text(case.replace("spectrum.energies", "spectrum.energy"))
    capsys.readouterr()
    assert run("spectrum", "lost.toml", "-q") == 3
    assert "no 'energy' here; there is: energies" in capsys.readouterr().err
    assert read_result(folder / "lost.h5").spectrum is not None


def test_existing_output_is_refused_and_untouched(folder, capsys):
    (folder / "ou.h5").write_bytes(b"precious")
    assert run("solve", "ou.toml") == 2
    assert "--overwrite" in capsys.readouterr().err
    assert (folder / "ou.h5").read_bytes() == b"precious"
    assert run("solve", "ou.toml", "-q", "--overwrite") == 0
    assert read_result(folder / "ou.h5").evolution is not None


def test_missing_section_is_refused(folder, capsys):
    assert run("sgd", "ou.toml") == 2
    assert "[sgd]" in capsys.readouterr().err
    assert list(folder.glob("*.h5")) == []


def test_check_prints_grid_and_writes_nothing(folder, capsys):
    before = sorted(folder.iterdir())
    assert run("check", "trained.toml") == 0
    out = capsys.readouterr().out
    assert "cells" in out
    assert "scharfetter_gummel" in out
    assert sorted(folder.iterdir()) == before


def test_cases_lists_and_copies(folder, capsys):
    assert run("cases") == 0
    assert "rbm_one_level" in capsys.readouterr().out
    assert run("cases", "rbm_one_level") == 0
    assert (folder / "rbm_one_level.toml").exists()
    assert run("cases", "rbm_one_level") == 2
    assert run("cases", "rbm_one_levl") == 2
    assert "rbm_one_level" in capsys.readouterr().err


def test_schema_is_json(capsys):
    assert run("schema") == 0
    schema = json.loads(capsys.readouterr().out)
    assert "model" in schema["properties"]


def test_about_names_versions(capsys):
    assert run("about", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert {"fpsolve", "python", "numpy", "numba"} <= set(facts)


def test_help_imports_nothing_heavy():
    code = (
        "import sys\n"
        "from fpsolve.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'numpy', 'scipy', 'numba', 'h5py', 'matplotlib', 'pydantic', 'sympy', 'findiff'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
