"""Multiplicative noise, targets and tails in case files: what is resolved, refused, run."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fpsolve.cases.catalogue import shipped_case
from fpsolve.cases.load import case_from_text, load_case
from fpsolve.errors import CaseError
from fpsolve.exact import BetaPrimeLaw, kesten_exponent
from fpsolve.models.multiplicative import MultiplicativeLevel
from fpsolve.run import run_case

HEAD = """
schema = 1
seed = 3
[model]
kind = "laguerre"
rows = 4
temperature = 0.2
weight_decay = 1.0
"""
TRAINING = """
[sgd]
kind = "matrix_langevin"
learning_rate = 0.1
steps = 20
replicas = 400
"""


def with_tail(model="multiplicative = 0.2", sgd="", validate='statistics = ["tail"]'):
    return f"{HEAD}{model}\n[stationary]\n{TRAINING}{sgd}\n[validate]\n{validate}\n"


def test_training_takes_the_noise_of_the_model_unless_it_has_its_own():
    case = case_from_text(with_tail())
    assert case.sgd.multiplicative == case.model.multiplicative == 0.2
    assert case_from_text(with_tail(sgd="multiplicative = 0.3")).sgd.multiplicative == 0.3
    # The other way round: noise that no gas has, in the training of two levels.
    text = f"{HEAD}levels = 2\n{TRAINING}multiplicative = 0.1\ntarget = [0.5, 2.0]\n"
    case = case_from_text(text)
    assert (case.model.multiplicative, case.sgd.multiplicative, case.sgd.target) == (0.0, 0.1, (0.5, 2.0))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (with_tail("levels = 2\nmultiplicative = 0.2"), r"\[model\] multiplicative: goes with one level, not 2"),
        (with_tail("multiplicative = 0.5"), r"\[model\] multiplicative: must be < weight_decay/\(beta rows - 2\) = 0.5"),
        (with_tail("multiplicative = -0.1"), r"multiplicative: must be ≥ 0"),
        (with_tail(""), '"tail" is about a power-law tail'),
        (with_tail(validate='against = ["evolve"]\nstatistics = ["tail"]'), '"tail" is that of the stationary law'),
        (with_tail(validate='statistics = ["ks"]\nfail_if = { tail = 0.1 }'), '"tail" is not among statistics'),
        (with_tail(sgd="target = [1.0, 2.0]"), "target: has 2 entries, but there is 1 level"),
        (with_tail(sgd="target = -1.0"), "target: must be ≥ 0"),
        (f"{HEAD}levels = 2\n{TRAINING}target = [2.0, 1.0]\n", "target: entry 2: must ascend"),
    ],
)  # fmt: skip
def test_what_is_refused(text, message):
    with pytest.raises(CaseError, match=message):
        case_from_text(text)


def test_target_moves_the_trained_levels():
    """W → W_* + N(0, T/λ): the squares sum to |W_*|² + MN T/λ, while the model knows of no target."""
    text = f"{HEAD}levels = 2\n{TRAINING}target = [1.0, 4.0]\nreplicas = 4000\n".replace("replicas = 400\n", "", 1)
    result = run_case(case_from_text(text.replace("learning_rate = 0.1", "learning_rate = 1.0")))
    total = result.sample.levels[:, -1].sum(axis=1)
    exact = 5.0 + 8 * 0.2
    assert abs(total.mean() - exact) < 4.5 * total.std() / np.sqrt(total.size)


def test_power_law_case_small():
    """The shipped case with a tenth of its replicas: prediction, training, verdict and numbers for scripts."""
    case = load_case(shipped_case("matrix_power_law"), overrides=["sgd.replicas=4000", "grid.cells=1600"])
    result = run_case(replace(case, expect={}))
    law = BetaPrimeLaw.from_noise(3, decay=1.0, additive=0.25, multiplicative=0.25)
    x = np.array([0.1, 1.0, 10.0, 100.0])
    np.testing.assert_allclose(result.stationary.law().cdf(x), law.cdf(x), atol=1e-4)
    assert result.stationary.tail == law.b == 1.5
    mean = 3.0 - 2.7 * np.exp(-0.5 * result.evolution.times[:2])
    np.testing.assert_allclose(result.evolution.mean[:2, 0], mean, rtol=5e-3)
    statistic = {entry.name: entry for entry in result.report.statistics}
    assert statistic["ks"].p_value > 1e-3
    assert statistic["tail"].p_value > 1e-3
    assert statistic["tail"].details[0]["exponent_limit"] == 1.5


def test_training_does_not_depend_on_workers():
    text = with_tail("rows = 3\nmultiplicative = 0.2", validate='statistics = ["tail"]').replace("rows = 4\n", "")
    case = case_from_text(text)
    alone, together = (run_case(case, tasks=["sgd"], workers=workers).sample.levels for workers in (1, 2))
    assert np.array_equal(alone, together)


def test_kesten_case_small():
    """The exact exponent of the chain is told beside that of the diffusion, which the sample rejects."""
    case = load_case(shipped_case("kesten_tail"), overrides=["sgd.replicas=20000", "sgd.steps=60"])
    result = run_case(replace(case, expect={}))
    detail = next(entry for entry in result.report.statistics if entry.name == "tail").details[0]
    assert detail["exponent_limit"] == pytest.approx(1.5)
    assert detail["exponent_steps"] == pytest.approx(0.5 * kesten_exponent(1.0, 2))
    assert abs(detail["exponent_steps_z"]) < 4.0
    assert detail["exponent_z"] < -6.0


def test_the_exponent_of_the_steps_is_that_of_the_observable():
    def exponents(**changes):
        keys = "".join(f"\n{key} = {value}" for key, value in changes.items())
        text = (
            f"{HEAD}multiplicative = 0.2\n[stationary]\n[sgd]\nkind = 'teacher_student'\nteacher = 0.0\nlearning_rate = 0.9\n"
            f"batch_size = 2\ngradient_noise = 0.1\nsteps = 4\nreplicas = 400\ninit = 'gaussian'{keys}\n"
            "[validate]\nstatistics = ['tail']\n"
        )
        return run_case(case_from_text(text)).report.statistics[0].details[0].get("exponent_steps")

    exact = kesten_exponent(0.9, 2)
    assert exponents(observable='"singular"') == pytest.approx(exact)
    assert exponents(observable='"squared"') == pytest.approx(0.5 * exact)
    assert exponents(observable='"squared"', second_layer=0.5) == pytest.approx(0.5 * kesten_exponent(0.45, 2))
    assert exponents(observable='"squared"', data='"exact"') is None


def test_stationary_level_is_the_multiplicative_one():
    from fpsolve.cases.build import build_model

    body = build_model(case_from_text(with_tail())).levels[0]
    assert body == MultiplicativeLevel(shape=2.0, weight_decay=1.0, temperature=0.2, multiplicative=0.2)
