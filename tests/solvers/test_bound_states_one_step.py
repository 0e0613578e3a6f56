"""The spectrum of the discrete chain: linear response, the Fokker–Planck limit, what is refused, what is exported."""

import numpy as np
import pytest

import fpsolve as fp
from fpsolve.errors import GridError, MethodError, ModelError
from fpsolve.models import PcdNoise, Schedule, rbm
from fpsolve.run.as_json import result_json
from fpsolve.solvers.bound_states import bound_states
from fpsolve.store import read_result, write_result


def machine(alpha, batch=16, *, data="batch", sweeps=1):
    return rbm(mu2=9.0, kappa=[4.0], noise=PcdNoise(alpha, batch, sweeps, data))


def linear_rates(alpha, sweeps):
    """−ln|λ|/(2α) of y' = ry + (1 − r)δ/κ², δ' = δ − 2αx y': level and chains without noise."""
    x, kappa, mu2 = 5.0, 4.0, 9.0
    r, a = (x / mu2) ** (2 * sweeps), 2.0 * alpha * x / kappa**2
    values = np.linalg.eigvals(np.array([[1.0 - a * (1.0 - r), -a * r], [1.0 - r, r]]))
    return np.sort(-np.log(np.abs(values)) / (2.0 * alpha))


@pytest.mark.parametrize(("alpha", "sweeps"), [(0.02, 1), (0.2, 3)])
def test_the_slowest_rate_is_that_of_linear_response(alpha, sweeps):
    """B → ∞; the error is of first order in α/B."""
    truth = linear_rates(alpha, sweeps)[0]
    errors = [
        bound_states(machine(alpha, batch, sweeps=sweeps), states=2, method="one_step").rates[1] / truth - 1.0
        for batch in (10**3, 10**4)
    ]
    assert abs(errors[1]) < 2e-4
    assert np.log10(errors[0] / errors[1]) == pytest.approx(1.0, abs=0.1), errors


def test_overtones_of_the_linear_chain():
    """Nearly Gaussian noise: λ_n = λ_1^n, so that energies are E_n = nE_1."""
    found = bound_states(machine(0.05, 10**5), states=4, method="one_step")
    assert found.energies[1:] / found.energies[1] == pytest.approx([1.0, 2.0, 3.0], rel=1e-4)
    assert found.energies[0] == 0.0


def test_it_departs_from_the_fokker_planck_equation_in_first_order():
    """At fixed α/B the differences are of first order in α, less what the third cumulant leaves at α = 0."""
    differences = []
    for batch in (8, 16, 32):
        model = machine(batch * 1e-4, batch)
        chain, continuous = (
            bound_states(model, states=2, method=name, vectors=False) for name in ("one_step", "legendre")
        )
        differences.append(chain.rates[1] / continuous.rates[1] - 1.0)
    steps = np.diff(differences)
    assert np.log2(steps[1] / steps[0]) == pytest.approx(1.0, abs=0.1), differences


def test_what_it_says_of_itself():
    found = bound_states(machine(0.1), states=3, method="one_step")
    assert found.method == "one_step"
    assert found.x.size == found.potential.size == 0
    assert found.psi.shape == (3, 0)
    assert np.all(found.residuals < 4e-3)
    # Single updates of α = 0.3 move the level by a third of its width: fast modes are not claimed.
    assert 1 < bound_states(machine(0.3), states=6, method="one_step").energies.size < 6


def test_what_it_refuses():
    with pytest.raises(MethodError, match="derived noise"):
        bound_states(rbm(mu2=9.0, kappa=[4.0], g2=0.01), method="one_step")
    with pytest.raises(MethodError, match="one level"):
        bound_states(rbm(mu2=9.0, kappa=[5.0, 4.0], noise=PcdNoise(0.01, 16)), method="one_step")
    schedule = Schedule(learning_rate=((0.0, 0.01), (1.0, 0.005)))
    moving = rbm(mu2=9.0, kappa=[4.0], noise=PcdNoise(0.01, 16), schedule=schedule)
    with pytest.raises(MethodError, match="schedule"):
        bound_states(moving, method="one_step")
    with pytest.raises(MethodError, match="modes is an option of method legendre"):
        bound_states(machine(0.01), method="one_step", modes=20)
    with pytest.raises(GridError, match="points = 10"):
        bound_states(machine(0.01), method="one_step", points=10)
    with pytest.raises(ModelError, match="states"):
        bound_states(machine(0.01), method="one_step", states=0)


def test_a_case_prints_and_stores_it(tmp_path):
    case = tmp_path / "chain.toml"
    case.write_text(
        'schema = 1\nseed = 1\n[model]\nkind = "rbm"\nmu2 = 9.0\nkappa = [4.0]\n'
        'noise = { kind = "pcd", learning_rate = 0.1, batch_size = 16 }\n'
        '[spectrum]\nmethod = "one_step"\nstates = 3\n[stationary]\nmethod = "one_step"\n',
        encoding="utf-8",
    )
    result = fp.run_case(fp.load_case(case))
    printed = result_json(result, None)
    chain = bound_states(machine(0.1), states=3, method="one_step")
    assert printed["spectrum"]["rates"] == pytest.approx(chain.rates)
    write_result(result, tmp_path / "chain.h5")
    again = read_result(tmp_path / "chain.h5")
    assert again.spectrum.method == "one_step"
    assert np.array_equal(again.spectrum.energies, result.spectrum.energies)
    # Skewness of the chain: + 0.26, where the Fokker–Planck law has + 0.46.
    assert printed["stationary"]["levels"]["skewness"][0] == pytest.approx(0.265, abs=2e-3)
