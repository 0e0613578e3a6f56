"""What a sweep costs beyond its points: workers that wait, results on their way, files."""

from __future__ import annotations

import time

import pytest

from fpsolve.cases.load import case_from_text
from fpsolve.parallel import local_engine
from fpsolve.sweeps.files import SweepFiles
from fpsolve.sweeps.march import march, pending_sweep
from fpsolve.sweeps.plan import plan_sweep
from fpsolve.sweeps.work import Work, compute_point

pytestmark = pytest.mark.bench

CASE = """\
schema = 1
seed = 3
[model]
kind = "rbm"
mu2 = 2.0
kappa = [1.0]
noise = { kind = "pcd" }
[stationary]
[sgd]
kind = "rbm"
learning_rate = 0.01
batch_size = 16
steps = 2000
replicas = 400
[sweep]
axes = { "seed" = [0, 1, 2, 3, 4, 5, 6, 7], "sgd.batch_size" = [8, 10, 12, 14, 16, 20, 24, 32] }
"""
MOST = 1.15


def test_64_small_points_on_two_workers(tmp_path):
    """Wall time after the start of the workers against half the sum of the points' own times."""
    plan = plan_sweep(case_from_text(CASE))
    assert len(plan.points) == 64
    sweep = pending_sweep(plan, command="bench")
    with local_engine(2) as engine, SweepFiles(tmp_path / "scan.h5") as files:
        files.claim(sweep)
        # Start-up: both workers have imported and compiled what a point needs.
        for future in [engine.submit(compute_point, Work(point.case, "bench")) for point in plan.points[:4]]:
            future.result()
        started = time.perf_counter()
        found = march(plan, sweep, engine, files=files, progress=lambda done, total: None)
        wall = time.perf_counter() - started
    half = 0.5 * sum(point.seconds for point in found.points)
    print(f"\nwall {wall:.2f} s, half the sum of the points {half:.2f} s, ratio {wall / half:.3f}")
    assert found.count("complete") == 64
    assert wall <= MOST * half
