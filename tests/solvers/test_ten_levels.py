"""Ten levels that learn, against the table of 200 000 trajectories in tests/reference."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from fpsolve.models import PcdNoise, initial, lattice_scalar_1d, rbm
from fpsolve.solvers.evolve import evolve
from fpsolve.solvers.particles import default_step, particle_ensemble

FOLDER = Path(__file__).parents[1] / "reference"
MAKE, COMPARE = (runpy.run_path(str(FOLDER / name)) for name in ("make_ten_levels.py", "compare.py"))
MODEL, START = MAKE["ten_levels"]()
# Hundreds of comparisons are made here with fixed seeds; a correct code stays within this many standard errors.
FAR = 4.5


@pytest.fixture(scope="module")
def reference():
    return COMPARE["load"]()


def solve(times, **options):
    return evolve(MODEL, START, times=times, method="log_gas", **options)


def test_table_is_what_its_script_makes(reference):
    table = reference.table
    assert table["seed"] == MAKE["SEED"]
    assert table["trajectories"] == MAKE["TRAJECTORIES"] == 200_000
    assert table["times"] == list(MAKE["TIMES"]) == [2.0, 10.0, 30.0, 100.0, 300.0, 1000.0]
    for name in ("common", "own", "spacing"):
        counts = reference.array(name, "counts")
        assert counts.shape[::2] == (6, 48)
        assert np.all(counts.sum(axis=2) == 200_000)
    assert (FOLDER / "ten_levels.json").stat().st_size < 300_000


def test_summary_of_known_samples():
    """Two independent normal levels of known means, far from 0 and from each other."""
    rng, number = np.random.default_rng(1), 40_000
    levels = np.sort(rng.normal([4.0, 9.0], [0.1, 0.2], (2, number, 2)), axis=2)
    found = MAKE["summary"](levels)
    assert found["mean_error"] == pytest.approx(np.array([[0.1, 0.2]] * 2) / 200.0, rel=0.02)
    assert found["std_error"] == pytest.approx(np.array([[0.1, 0.2]] * 2) / np.sqrt(2.0 * number), rel=0.03)
    assert np.array(found["correlation_error"])[:, 0, 1] == pytest.approx(1.0 / 200.0, rel=0.03)
    # Expected L1/2 distance of a histogram to its law: Σ √(2p(1 − p)/(πM))/2.
    own = found["own"]
    edges = np.linspace(own["low"][0][0], own["high"][0][0], 49) ** 2
    p = np.diff(stats.norm(4.0, 0.1).cdf(edges))
    assert own["floor"][0][0] == pytest.approx(0.5 * np.sum(np.sqrt(2.0 * p * (1.0 - p) / (np.pi * number))), rel=0.3)


def in_standard_errors(levels, reference, rows):
    """Means, stds and adjacent correlations of samples minus the reference, over both standard errors together."""
    found = MAKE["summary"](levels)
    z = []
    for key in ("mean", "std", "correlation"):
        error = np.hypot(found[f"{key}_error"], reference.array(f"{key}_error")[rows])
        difference = np.array(found[key]) - reference.array(key)[rows]
        z.append(np.divide(difference, error, out=np.zeros_like(error), where=error > 0.0).ravel())
    return np.concatenate(z)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_other_steps_agree_with_the_table_early(reference, factor):
    step = factor * default_step(MODEL)
    found = particle_ensemble(MODEL, START, times=np.array([2.0, 10.0]), trajectories=6000, step=step, rng=5)
    z = in_standard_errors(found.levels, reference, slice(0, 2))
    assert np.abs(z).max() < FAR, z


@pytest.mark.slow
def test_another_step_agrees_with_the_table(reference):
    step = 2.0 * default_step(MODEL)
    found = particle_ensemble(MODEL, START, times=reference.times, trajectories=8000, step=step, rng=6)
    z = in_standard_errors(found.levels, reference, slice(None))
    assert np.abs(z).max() < FAR, z


@pytest.mark.slow
def test_two_steps_agree_for_derived_noise():
    noise = PcdNoise(MAKE["RATE"], MAKE["BATCH"], sweeps=1, data="batch")
    model = rbm(target=lattice_scalar_1d(10, mass2=4.0), mu2=MAKE["MU2"], noise=noise)
    start, times = initial.marchenko_pastur(10, MAKE["VARIANCE"], levels=10), np.array([10.0, 100.0, 300.0])
    one, two = (
        MAKE["summary"](
            particle_ensemble(
                model, start, times=times, trajectories=3000, step=factor * default_step(model), rng=seed
            ).levels
        )
        for factor, seed in ((0.5, 7), (1.0, 8))
    )
    for key in ("mean", "std", "correlation"):
        error = np.hypot(one[f"{key}_error"], two[f"{key}_error"])
        difference = np.array(one[key]) - two[key]
        assert np.all(np.abs(difference) <= FAR * error + 1e-9), (key, difference / error)


def test_log_gas_early(reference):
    """To t = 10; the marginals of the closure are as close as sampling lets one tell."""
    deviation = COMPARE["deviation"](solve([2.0, 10.0], cells=320), reference)
    print(deviation)
    # Noise that is 15 % too strong gives 0.024.
    for excess in deviation.variation.values():
        assert excess.max() <= 0.01, str(deviation)


@pytest.mark.slow
def test_log_gas(reference):
    """Every marginal at all six times, on the default cells and with their error taken away."""
    plain, extrapolated = solve(reference.times), solve(reference.times, richardson=True)
    closure = COMPARE["deviation"](extrapolated, reference)
    both = COMPARE["deviation"](plain, reference)
    print(f"default cells, {plain.seconds:.0f} s\n{both}\nextrapolated (closure alone), {extrapolated.seconds:.0f} s")
    print(f"{closure}\ncells: mean {np.abs(both.mean - closure.mean).max():.4f} std, ", end="")
    print(f"std {np.abs(both.std - closure.std).max():.4f}, L1 {extrapolated.grid_error.max():.4f}")
    for deviation in (both, closure):
        for excess in deviation.variation.values():
            assert excess.max() <= 0.025, str(deviation)
    # The closure errs in the transient; random weights at first and the gas at last are within its family.
    assert np.abs(closure.mean).max() <= 0.04
    assert np.abs(closure.std).max() <= 0.06
    at_last = slice(-1, None)
    assert np.all(np.abs(closure.mean[at_last]) <= 0.005 + 4.0 * closure.mean_error[at_last])
    assert np.all(np.abs(closure.std[at_last]) <= 0.01 + 4.0 * closure.std_error[at_last])
