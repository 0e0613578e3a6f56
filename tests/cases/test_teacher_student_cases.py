"""Teacher–student cases: what each side takes from the other, starts, refusals, the run from file to verdict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fpsolve.cases.build import build_initial, build_model
from fpsolve.cases.catalogue import shipped_case
from fpsolve.cases.load import case_from_tables, case_from_text, load_case
from fpsolve.errors import CaseError, ModelError
from fpsolve.plots import figures_of
from fpsolve.run import run_case
from fpsolve.run.estimate import estimate
from fpsolve.store import read_result, write_result

MODEL = """
schema = 1
seed = 7
[model]
kind = "teacher_student"
teacher = [2.0, 2.0]
second_layer = [1.0, 4.0]
"""
SGD = """
[sgd]
kind = "teacher_student"
learning_rate = 0.05
batch_size = 16
gradient_noise = 0.1
steps = 40
replicas = 64
"""
DYSON = """
schema = 1
[model]
kind = "dyson"
levels = 2
stiffness = 1.0
noise = { kind = "constant", g2 = 0.1 }
"""
START = """
[initial]
kind = "gaussian"
mean = [1.0, 1.4]
std = 0.02
"""


def loaded(text, *overrides):
    return case_from_text(text, overrides=overrides)


def faults(text, *overrides):
    with pytest.raises(CaseError) as caught:
        loaded(text, *overrides)
    return "\n".join(f"[{problem.key}] {problem.message}" for problem in caught.value.problems)


def test_the_noise_takes_everything_from_the_training_and_the_other_way_round():
    case = loaded(MODEL + SGD)
    noise = case.model.noise
    assert (noise.learning_rate, noise.batch_size, noise.gradient_noise, noise.label_noise, noise.data) == (
        0.05, 16, 0.1, 0.0, "batch",
    )  # fmt: skip
    assert (case.sgd.teacher, case.sgd.second_layer, case.sgd.observable) == ((2.0, 2.0), (1.0, 4.0), "singular")
    assert case.sgd.record_at == (40,)
    other = loaded(
        MODEL + 'noise = { learning_rate = 0.1, batch_size = 4, label_noise = 0.3, data = "exact" }\n'
        '[sgd]\nkind = "linear_network"\nsteps = 3\n', 'model.observable="squared"',
    )  # fmt: skip
    assert (other.sgd.learning_rate, other.sgd.batch_size, other.sgd.label_noise, other.sgd.data) == (
        0.1, 4, 0.3, "exact",
    )  # fmt: skip
    assert case_from_tables(case.resolved()).sgd == case.sgd
    assert build_model(case).labels["gradient_noise"] == 0.1


def test_check_tells_what_a_run_would_take():
    case = loaded(
        MODEL
        + SGD
        + START
        + '[evolve]\nmethod = "gaussian_matrix"\ntimes = [1.0]\n[stationary]\nmethod = "gaussian_matrix"'
    )
    text = estimate(case).text()
    assert "students, init = aligned; 64 replicas × 40 updates" in text
    assert "262144 matrices of 2×2" in text
    assert "gaussian_matrix (chosen): the weight matrix itself" in " ".join(text.replace("# ", "").split())


def test_a_difference_is_kept_and_told():
    case = loaded(MODEL + "noise = { gradient_noise = 0.2 }\n" + SGD)
    assert (case.model.noise.gradient_noise, case.sgd.gradient_noise) == (0.2, 0.1)
    assert any("gradient_noise is 0.2 in [model] noise but 0.1 in [sgd]" in line for line in case.warnings)


def test_a_fixed_data_set_is_a_batch_to_the_theory():
    case = loaded(MODEL + SGD, 'sgd.data="fixed"', "sgd.samples=320")
    assert (case.model.noise.data, case.sgd.data) == ("batch", "fixed")
    assert run_case(case).sample.correlated


def test_other_levels_than_those_of_the_model_make_a_warning():
    laguerre = '[model]\nkind = "laguerre"\nrows = 1\nweight_decay = 1.0\ntemperature = 0.1\n'
    training = f"{SGD}teacher = 0.0\n"
    for text, observable, words in (
        (MODEL + SGD, "singular", None),
        (MODEL + SGD, "symmetric", '"symmetric" in [sgd], but the levels of the model are "singular"'),
        ("schema = 1\n" + laguerre + training, "squared", None),
        (
            "schema = 1\n" + laguerre + training,
            "singular",
            '"singular" in [sgd], but the levels of the model are "squared"',
        ),
    ):
        warnings = [entry for entry in loaded(text, f'sgd.observable="{observable}"').warnings if "observable" in entry]
        assert len(warnings) == (words is not None), warnings
        assert not words or words in warnings[0]


@pytest.mark.parametrize(
    ("text", "overrides", "words"),
    [
        (MODEL + SGD, ["sgd.gradient_noise=0.0"], "neither gradient_noise nor label_noise"),
        (MODEL, [], "[model.noise.learning_rate] is required and missing"),
        (MODEL + SGD, ["model.teacher=[2.0, 1.0]"], "must ascend"),
        (MODEL + SGD, ["model.second_layer=[1.0, 2.0, 3.0]"], "has 3 entries, but there are 2 levels"),
        (MODEL + SGD, ["sgd.teacher=[1.0, 2.0, 3.0]"], "has 3 levels, but the model has 2"),
        (MODEL + SGD, ["sgd.second_layer=[1.0]"], "has 1 entry, but there are 2 levels"),
        (MODEL + SGD, ['sgd.observable="squared"'], "the training records"),
        (MODEL + SGD, ['sgd.kind="linear_network"'], "the training records"),
        (MODEL + SGD, ["sgd.samples=100"], 'belongs to data = "fixed"'),
        (MODEL + SGD, ["sgd.record_at=[50]"], "must be ≤ steps"),
        (MODEL + SGD, ["sgd.variance=0.1"], 'belongs to init = "gaussian"'),
        (MODEL + SGD, ["model.beta=2.0"], "unknown key"),
        (MODEL + SGD + '[stationary]\nmethod = "one_step"', [], 'the stationary method "one_step" does not fit'),
        (MODEL + SGD + '[validate]\nstatistics = ["exponential"]', [], "needs 4 records from t = 0 on"),
        (MODEL + SGD + '[initial]\nkind = "marchenko_pastur"\nrows = 3\nvariance = 0.1', [], "rows must be the number"),
        (
            MODEL + SGD + START + '[evolve]\nmethod = "gaussian_matrix"\ntimes = [1.0]',
            ["model.schedule={learning_rate=[[0.0, 0.05], [1.0, 0.01]]}"],
            "it takes constant noise, the model has a schedule",
        ),
        (
            MODEL + SGD + START + '[evolve]\nmethod = "gaussian_matrix"\ntimes = [1.0]',
            ["sgd.learning_rate=0.3"],
            "jumps over the teacher",
        ),
        (
            DYSON + '[sgd]\nkind = "file"\npath = "x.npy"\n[validate]\nstatistics = ["alternatives"]',
            [],
            "is about a teacher_student model",
        ),
        (
            DYSON + '[initial]\nkind = "point"\nat = [0.0, 1.0]\n[evolve]\nmethod = "gaussian_matrix"\ntimes = [1.0]',
            [],
            "takes teacher_student and laguerre models",
        ),
    ],
)
def test_what_is_wrong_is_said(text, overrides, words):
    assert words in faults(text, *overrides)


def test_an_aligned_start_squares_the_levels():
    case = loaded(MODEL + SGD + START, "sgd.record_at=[0, 40]")
    sample = run_case(case).sample
    drawn = build_initial(case, build_model(case)).sample(
        64, np.random.default_rng(np.random.SeedSequence(7, spawn_key=(2**32 - 1,)))
    )
    np.testing.assert_allclose(sample.levels[:, 0], drawn, rtol=1e-13)
    squared = loaded(MODEL + SGD + START, "sgd.record_at=[0, 40]", 'model.observable="squared"')
    np.testing.assert_allclose(run_case(squared).sample.levels[:, 0], drawn, rtol=1e-13)


def test_an_aligned_start_below_zero_is_refused():
    case = loaded(MODEL + SGD + START, "initial.mean=[0.0, 0.1]")
    with pytest.raises(ModelError, match="draws negative levels .* aligned W"):
        run_case(case)


def test_a_schedule_is_followed_by_gas_and_training():
    case = loaded(
        MODEL + SGD + START + "[evolve]\nmethod = 'chamber'\ntimes = [1.0]\n[grid]\ncells = 60\n",
        "model.schedule={learning_rate=[[0.0, 0.05], [1.0, 0.01]]}",
        "sgd.steps=60",
    )
    assert run_case(case).sample.times[-1] == pytest.approx(20 * 0.05 + 40 * 0.01)


def test_answers_do_not_depend_on_workers():
    case = loaded(MODEL + SGD + START + '[evolve]\nmethod = "gaussian_matrix"\ntimes = [1.0]\n')
    one, two = run_case(case, workers=1), run_case(case, workers=2)
    assert np.array_equal(one.sample.levels, two.sample.levels)
    assert np.array_equal(one.evolution.density, two.evolution.density)


def test_two_species_from_the_file_to_the_figure(tmp_path):
    """The shipped case with a tenth of its students: matrix law kept, the others farther away, a figure from the file."""
    case = load_case(shipped_case("teacher_student_two_species"), overrides=["sgd.replicas=4000", "sgd.steps=120"])
    result = run_case(case)
    assert result.report.passed
    rows = {
        entry["law"]: entry
        for name in result.report.statistics
        if name.name == "alternatives"
        for entry in name.details
    }
    assert list(rows) == ["two-species gas", "ordered gas", "single semicircle, fit"]
    own = next(entry for entry in result.report.statistics if entry.name == "total_variation").details[0]
    assert own["excess"] < 0.5 * own["floor"]
    assert all(entry["excess"] > own["excess"] + 0.005 for entry in rows.values())
    assert rows["ordered gas"]["excess"] > 0.1
    write_result(result, tmp_path / "out.h5")
    again = read_result(tmp_path / "out.h5")
    assert again.report.statistics[-1].details == result.report.statistics[-1].details
    assert "species_density" in figures_of(again)
    figures_of(again)["species_density"]()


def test_training_curves_from_the_file_to_the_figure():
    case = load_case(
        shipped_case("teacher_student_training_curves"),
        overrides=["evolve.times=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]", "sgd.replicas=100"],
    )
    result = run_case(replace(case, sweep=None))
    missed = [entry for entry in result.expectations if not entry["passed"]]
    assert not missed
    fits = next(entry for entry in result.report.statistics if entry.name == "exponential").details
    assert [entry["predicted"] for entry in fits] == pytest.approx([-np.log(0.98) / 0.02, -np.log(0.96) / 0.02])
    assert "training_curves" in figures_of(result)
    figures_of(result)["training_curves"]()
