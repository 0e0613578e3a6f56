"""The public function: conventions of the result, choice of method, refusals; the same answers by every method."""

import subprocess
import sys

import numpy as np
import pytest

from fpsolve.errors import GridError, MethodError, ModelError
from fpsolve.models import PcdNoise, dyson, potential, rbm
from fpsolve.models.geometric import geometric
from fpsolve.models.laguerre import laguerre
from fpsolve.models.schedule import Schedule
from fpsolve.solvers.bound_states import bound_states

RBM = rbm(kappa=[1.0], mu2=2.0, g2=0.01)
METHODS = ["legendre", "bidiagonal", "findiff"]


def _bistable(g2: float, **options: object):
    return potential(
        lambda x: x**4 / 4 - x**2 / 2, lambda x: x**3 - x, lambda x: 3 * x**2 - 1, domain=(-2.0, 2.0), g2=g2, **options
    )


@pytest.mark.parametrize("method", METHODS)
def test_conventions_of_the_result(method: str) -> None:
    spectrum = bound_states(RBM, states=5, method=method)
    assert spectrum.method == method
    assert spectrum.energies.shape == spectrum.residuals.shape == (5,)
    assert spectrum.psi.shape == (5, spectrum.x.size)
    assert spectrum.potential.shape == spectrum.x.shape
    np.testing.assert_allclose(spectrum.rates, 2.0 * spectrum.energies)
    # Orthonormal in x: the table stands at the midpoints of equal cells.
    width = spectrum.x[1] - spectrum.x[0]
    np.testing.assert_allclose(np.diff(spectrum.x), width, rtol=1e-9)
    np.testing.assert_allclose(spectrum.psi @ spectrum.psi.T * width, np.eye(5), atol=1e-6)
    between = spectrum.x[2:-2] + 0.3 * width
    reference = bound_states(RBM, states=5).wavefunctions(between)
    np.testing.assert_allclose(spectrum.wavefunctions(between), reference, atol=2e-3)
    # Nodes: ψ_n has n of them; the uppermost lobe is positive.
    for n in range(5):
        psi = spectrum.psi[n]
        large = psi[np.abs(psi) > 1e-4 * np.abs(psi).max()]
        assert np.count_nonzero(np.diff(np.sign(large))) == n
        assert large[-1] > 0.0
    expected = (RBM.levels[0].drift(spectrum.x)) ** 2 / 0.08 - (2.0 / (2.0 - spectrum.x) ** 2 - 1.0) / 4
    np.testing.assert_allclose(spectrum.potential, expected, rtol=1e-10)
    # ψ_0 = √P_s, from e^{−V/g²} written out here.
    v = -(spectrum.x**2) / 2 - spectrum.x - 2.0 * np.log(2.0 - spectrum.x)
    root = np.exp(-(v - v.min()) / 0.02)
    root /= np.sqrt(np.sum(root**2) * (spectrum.x[1] - spectrum.x[0]))
    assert np.abs(spectrum.psi[0] - root).max() < 1e-6
    assert spectrum.ground_state_error < {"legendre": 1e-11, "bidiagonal": 1e-13, "findiff": 1e-6}[method]
    assert spectrum.residuals.max() < 1e-8
    assert spectrum.kramers is None


@pytest.mark.parametrize(
    ("model", "tolerance"),
    [
        (RBM, 1e-4),
        (rbm(kappa=[1.0], mu2=2.0, noise=PcdNoise(learning_rate=0.002, batch_size=16)), 1e-3),
        (_bistable(0.04), 1e-3),
        (geometric(source=1.0, strength=0.1, saturation=1.0), 3e-3),
    ],
)
def test_three_methods_agree(model: object, tolerance: float) -> None:
    exact = bound_states(model, states=4).energies[1:]
    volumes = bound_states(model, states=4, method="bidiagonal").energies[1:]
    extrapolated = bound_states(model, states=4, method="bidiagonal", richardson=True).energies[1:]
    differences = bound_states(model, states=4, method="findiff", order=8).energies[1:]
    np.testing.assert_allclose(volumes, exact, rtol=tolerance)
    np.testing.assert_allclose(extrapolated, exact, rtol=0.02 * tolerance)
    np.testing.assert_allclose(differences, exact, rtol=3e-7)


def test_no_table_without_vectors() -> None:
    for method in METHODS:
        spectrum = bound_states(RBM, states=3, method=method, vectors=False)
        assert spectrum.x.size == spectrum.potential.size == 0
        assert spectrum.psi.shape == (3, 0)
        np.testing.assert_allclose(spectrum.energies, bound_states(RBM, states=3, method=method).energies, atol=1e-12)


def test_grid_options_reach_the_methods() -> None:
    assert bound_states(RBM, method="findiff", points=300).unknowns == 300
    assert bound_states(RBM, method="findiff", cells=320).unknowns == 320
    assert bound_states(RBM, method="bidiagonal", cells=320).unknowns == 320
    assert bound_states(RBM, method="bidiagonal", cells=320, points=200).unknowns == 200
    assert bound_states(RBM, modes=70).unknowns == 70
    assert bound_states(RBM, points=333).x.size == 333
    cut = bound_states(RBM, method="legendre", domain=(0.3, 1.5))
    assert 0.3 < cut.x[0] < cut.x[-1] < 1.5
    # The reflecting end at 0.3 takes the well at the wall away.
    assert abs(cut.energies[1] - bound_states(RBM).energies[1]) > 0.05


def test_default_turns_to_finite_volumes_for_a_gap_lost_in_rounding() -> None:
    spectrum = bound_states(_bistable(0.001), states=3)
    assert spectrum.method == "bidiagonal"
    np.testing.assert_allclose(spectrum.energies[1], 5.9987475e-110, rtol=1e-5)
    assert bound_states(_bistable(0.01), states=3).method == "legendre"


def test_kramers_stands_beside_a_double_well() -> None:
    spectrum = bound_states(_bistable(0.01), states=3, method="bidiagonal")
    assert spectrum.kramers is not None
    assert spectrum.kramers.shape == (1,)
    np.testing.assert_allclose(spectrum.kramers[0], np.sqrt(2) / (2 * np.pi) * np.exp(-25.0), rtol=1e-6)
    np.testing.assert_allclose(spectrum.kramers[0], spectrum.energies[1], rtol=0.05)
    one_well = potential(lambda x: x**2 / 2, lambda x: x, np.ones_like, domain=(-3.0, 3.0), g2=0.1)
    assert bound_states(one_well, states=2).kramers is None
    assert bound_states(_bistable(0.1, boundary=("absorbing", "reflecting")), states=2).kramers is None


FLAT = {"v": np.zeros_like, "dv": np.zeros_like, "d2v": np.zeros_like, "g2": 1.0, "domain": (0.0, 1.0)}
RING = potential(**FLAT, boundary="periodic")
TILTED = potential(lambda x: x, np.ones_like, np.zeros_like, domain=(0.0, 1.0), g2=1.0)


@pytest.mark.parametrize(
    ("model", "options", "error", "words"),
    [
        (dyson(levels=2, stiffness=1.0, centre=0.0, g2=1.0), {"method": "bidiagonal"}, MethodError, "one level"),
        (RBM, {"method": "lanczos"}, MethodError, "legendre, bidiagonal, findiff"),
        (RBM, {"states": 0}, ModelError, "states"),
        (RBM, {"method": "bidiagonal", "modes": 50}, MethodError, "modes is an option of method legendre"),
        (RBM, {"order": 4}, MethodError, "order is an option of method findiff"),
        (RBM, {"richardson": True}, MethodError, "richardson is an option of method bidiagonal"),
        (RBM, {"method": "findiff", "order": 3}, MethodError, "order 2, 4, 6 and 8"),
        (RBM, {"method": "findiff", "points": 10}, GridError, "at least"),
        (RBM, {"method": "bidiagonal", "cells": 10}, GridError, "at least"),
        (RBM, {"method": "bidiagonal", "cells": 101, "richardson": True}, GridError, "even number"),
        (RBM, {"modes": 5}, MethodError, "at least 8 modes"),
        (RBM, {"domain": (-1.0, 1.0)}, GridError, "walls"),
        (RING, {"method": "bidiagonal"}, MethodError, "legendre, findiff"),
        (TILTED, {"method": "findiff", "states": 2}, MethodError, "legendre and bidiagonal remain"),
        (laguerre(rows=4, temperature=0.1), {"method": "findiff"}, MethodError, "legendre and bidiagonal remain"),
        (_bistable(0.001), {"states": 3, "method": "legendre"}, MethodError, "method bidiagonal remains"),
        (
            geometric(source=1.0, strength=1.0, saturation=0.01),
            {"method": "bidiagonal"},
            MethodError,
            "legendre remains",
        ),
        (geometric(source=1.0, strength=1.0), {}, ModelError, "fewer than 6 states are bound"),
        (
            rbm(kappa=[1.0], mu2=2.0, g2=0.01, schedule=Schedule(learning_rate=((0.0, 1.0), (1.0, 0.5)))),
            {},
            MethodError,
            "schedule",
        ),
    ],
)
def test_refusals_name_the_reason_and_what_remains(model: object, options: dict, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        bound_states(model, **options)


def test_findiff_and_sympy_are_imported_only_by_the_method_that_needs_them() -> None:
    code = (
        "import sys; from fpsolve.models import rbm; from fpsolve.solvers.bound_states import bound_states;"
        "bound_states(rbm(kappa=[1.0], mu2=2.0, g2=0.01)); bound_states(rbm(kappa=[1.0], mu2=2.0, g2=0.01), method='bidiagonal');"
        "assert not {'findiff', 'sympy', 'matplotlib', 'h5py'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
