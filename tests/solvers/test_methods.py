"""The table of methods: every entry keeps its word, refusals name the reason and what remains."""

import numpy as np
import pytest

from fpsolve.errors import ConvergenceError, MethodError, ModelError
from fpsolve.models import PcdNoise, dyson, laguerre, potential, rbm, teacher_student
from fpsolve.models.initial import gaussian
from fpsolve.models.schedule import Schedule
from fpsolve.solvers.bound_states import bound_states
from fpsolve.solvers.evolve import evolve
from fpsolve.solvers.methods import METHODS, choose_method, fitting_methods, method_named, methods_of

RBM = rbm(kappa=[1.0], mu2=2.0, g2=0.01)
START = gaussian(0.2, 0.05)
MOVING = rbm(kappa=[1.0], mu2=2.0, g2=0.01, schedule=Schedule(learning_rate=((0.0, 0.01), (1.0, 0.005))))


def box(boundary):
    """A cosine that is even at both walls: findiff needs that."""
    return potential(
        lambda x: np.cos(np.pi * x),
        lambda x: -np.pi * np.sin(np.pi * x),
        lambda x: -(np.pi**2) * np.cos(np.pi * x),
        domain=(-1, 1),
        g2=0.5,
        boundary=boundary,
    )


@pytest.mark.parametrize(
    "method",
    [method for method in METHODS if method.levels[0] == 1 and method.name != "particles" and method.training is None],
    ids=lambda method: f"{method.task} {method.name}",
)
def test_every_row_for_one_level_is_true(method) -> None:
    """What the table promises runs, what it refuses is refused."""
    for boundary in ("reflecting", "absorbing", "periodic"):
        model = box(boundary)
        solve = {
            "evolve": lambda model=model: evolve(model, gaussian(0.0, 0.1), times=[0.1], method=method.name, cells=60),
            "spectrum": lambda model=model: bound_states(model, states=2, method=method.name),
        }[method.task]
        if boundary in method.boundaries:
            solve()
        else:
            with pytest.raises(MethodError, match="what remains: "):
                solve()


@pytest.mark.parametrize(
    "method",
    [method for method in METHODS if method.training is None],
    ids=lambda method: f"{method.task} {method.name}",
)
def test_objections_follow_the_row(method) -> None:
    low, high = method.levels
    for levels in (1, 2, 3):
        model = dyson(levels=levels, g2=0.1)
        fits = low <= levels and (high is None or levels <= high)
        assert (method.objection(model) is None) == fits
    if low == 1:
        assert (method.objection(MOVING) is None) == method.schedules
        for boundary in ("reflecting", "absorbing", "periodic"):
            assert (method.objection(box(boundary)) is None) == (boundary in method.boundaries)
    if method.only_beta is not None:
        assert method.objection(dyson(levels=2, g2=0.1, beta=method.only_beta + 1.0)) is not None


def test_rows_of_some_kinds_refuse_the_others() -> None:
    row = next(method for method in METHODS if method.name == "gaussian_matrix")
    student = teacher_student([1.0, 1.0], learning_rate=0.1, batch_size=8, gradient_noise=0.1)
    assert row.objection(student) is None
    assert row.objection(laguerre(rows=3, levels=2, temperature=0.1)) is None
    assert "takes teacher_student and laguerre models" in str(row.objection(dyson(g2=0.1)))
    # One level with β = 2 is the length of a complex vector: a real matrix of as many rows has half its mean.
    for levels in (1, 2):
        assert "beta = 1" in str(row.objection(laguerre(rows=3, levels=levels, temperature=0.1, beta=2.0)))
    heavy = laguerre(rows=3, temperature=0.1, multiplicative=0.1)
    assert "multiplicative" in str(row.objection(heavy))
    assert "gaussian_matrix" not in fitting_methods("evolve", heavy)


def test_defaults() -> None:
    assert choose_method("evolve", RBM, None) == "scharfetter_gummel"
    assert choose_method("spectrum", RBM, None) == "legendre"
    assert fitting_methods("evolve", box("periodic")) == ("scharfetter_gummel",)
    assert next(method.name for method in methods_of("evolve")) == "scharfetter_gummel"


@pytest.mark.parametrize(
    ("model", "start", "options", "error", "words"),
    [
        (RBM, START, {"method": "euler"}, MethodError, 'no evolve method "euler"; what remains: scharfetter_gummel'),
        (box("periodic"), START, {"method": "legendre"}, MethodError, "periodic one; what remains: scharfetter_gummel"),
        (box("absorbing"), START, {"method": "legendre"}, MethodError, "absorbing one; what remains"),
        (MOVING, START, {"method": "legendre"}, MethodError, "schedule; what remains: scharfetter_gummel"),
        (RBM, START, {"modes": 64}, MethodError, "modes"),
        (RBM, START, {"method": "legendre", "modes": 2}, MethodError, "at least 4 modes"),
        (RBM, START, {"method": "legendre", "richardson": True}, MethodError, "scharfetter_gummel"),
        (RBM, START, {"rtol": 1e-16}, MethodError, "rtol must lie between"),
        (RBM, START, {"rtol": np.nan}, MethodError, "rtol must lie between"),
        (RBM, START, {"times": []}, MethodError, "finite numbers"),
        (RBM, START, {"times": [np.inf]}, MethodError, "finite numbers"),
        (RBM, START, {"times": [0.0, 1.0]}, MethodError, "increase strictly"),
        (RBM, START, {"times": [1.0, 1.0]}, MethodError, "increase strictly"),
        (RBM, gaussian([0.1, 0.2], 0.1), {}, ModelError, "initial law has 2 levels"),
    ],
)
def test_refusals(model, start, options, error, words) -> None:
    with pytest.raises(error, match=words):
        evolve(model, start, **({"times": [1.0]} | options))


def test_polynomials_that_cannot_resolve_the_law_say_so() -> None:
    with pytest.raises(ConvergenceError, match="scharfetter_gummel") as caught:
        evolve(rbm(kappa=[1.0], mu2=2.0, g2=1e-5), START, times=[5.0], method="legendre", rtol=1e-6, cells=400)
    assert caught.value.residual > caught.value.tolerance


def test_a_row_of_training_takes_derived_noise_only() -> None:
    row = method_named("spectrum", "one_step")
    trained = rbm(kappa=[4.0], mu2=9.0, noise=PcdNoise(0.01, 16))
    assert row.objection(trained) is None
    assert fitting_methods("spectrum", trained)[0] == "legendre"
    assert "derived noise" in row.objection(RBM)
    assert "one_step" not in fitting_methods("spectrum", RBM)
    assert "one level" in row.objection(rbm(kappa=[5.0, 4.0], mu2=9.0, noise=PcdNoise(0.01, 16)))
    with pytest.raises(MethodError, match="only that says which training is meant"):
        bound_states(RBM, method="one_step")
