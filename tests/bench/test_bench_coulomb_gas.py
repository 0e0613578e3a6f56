"""Wall time and memory of the exact gas at the sizes it is meant for."""

import resource
from time import perf_counter

import numpy as np
import pytest

from fpsolve import models
from fpsolve.exact import mehta_log_norm, ordered_gas

pytestmark = pytest.mark.bench


def lattice_gas(sites):
    kappa = np.array(models.lattice_scalar_1d(sites, mass2=4.0).kappa)
    return models.rbm(kappa=kappa, mu2=9.0, g2=list(2 * 0.01 / 16 * ((9.0 - kappa) / kappa) ** 2)).levels


def test_ten_levels_in_a_second():
    ordered_gas(lattice_gas(4))
    times = []
    for _ in range(3):
        start = perf_counter()
        gas = ordered_gas(lattice_gas(10))
        times.append(perf_counter() - start)
    print(f"ten levels: {min(times):.3f} s, error {gas.error_estimate:.1e}")
    assert gas.error_estimate <= 1e-10
    assert min(times) <= 1.0


@pytest.mark.parametrize("kind", ["lattice", "gaussian"])
def test_sixteen_levels_in_three_minutes_and_four_gibibytes(kind):
    levels = lattice_gas(16) if kind == "lattice" else models.dyson(levels=16, g2=0.5).levels
    start = perf_counter()
    gas = ordered_gas(levels)
    seconds = perf_counter() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"sixteen levels, {kind}: {seconds:.1f} s, {memory:.2f} GiB, error {gas.error_estimate:.1e}")
    assert gas.error_estimate <= 1e-10
    assert seconds <= 180.0
    assert memory <= 4.0
    if kind == "gaussian":
        assert gas.log_partition_function == pytest.approx(mehta_log_norm(16, beta=1.0, std=np.sqrt(0.5)), abs=1e-10)
