"""A sweep on a Dask cluster: the same answers, also when a worker is killed; no silent fallback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import fpsolve as fp
from fpsolve.cases.load import case_from_text
from fpsolve.errors import EngineError
from fpsolve.parallel import choose_engine
from fpsolve.parallel.dask_engine import _refuse_others, own_versions
from fpsolve.run import run_case

MANY = (
    'sweep.axes={ "sgd.learning_rate" = [0.005, 0.01, 0.02], "sgd.batch_size" = [8, 12, 16, 24], "sgd.steps" = [6000] }'
)


def test_without_the_package_it_says_what_to_install(law, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(EngineError, match=r"pip install 'fpsolve\[cluster\]'"):
        fp.sweep(law, output=tmp_path / "a.h5", engine="dask")
    assert not (tmp_path / "a.h5").exists()
    assert not (tmp_path / "a").exists()


def test_workers_with_other_versions_are_refused():
    ours = own_versions()
    _refuse_others("tcp://a:1", ours, ours)
    with pytest.raises(EngineError, match=r"the worker tcp://a:1 has other versions: numpy 1\.26\.4 \(here "):
        _refuse_others("tcp://a:1", {**ours, "numpy": "1.26.4"}, ours)


def test_engines_that_do_not_exist():
    with pytest.raises(EngineError, match='there are "local" and "dask"'):
        choose_engine("Dask", workers=1)
    with pytest.raises(EngineError, match='a scheduler goes with the engine "dask"'):
        choose_engine("local", workers=1, scheduler="tcp://127.0.0.1:8786")


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers as processes of their own; the scheduler file, and the workers."""
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path, "env": env}
    common = ["--scheduler-file", str(file), "--no-dashboard"]
    scheduler = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", *common], **quiet
    )
    deadline = time.monotonic() + 60.0
    while not (file.exists() and file.read_text().strip().endswith("}")) and time.monotonic() < deadline:
        time.sleep(0.05)
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", *common]
    workers = [subprocess.Popen(worker, **quiet) for _ in range(2)]
    yield file, workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


class KillOne:
    """Kills a worker when four points are done, and counts."""

    def __init__(self, workers):
        self.workers, self.steps = workers, []

    def start(self, task, note):
        pass

    def advance(self, done, total):
        self.steps.append(done)
        if done == 4:
            self.workers[0].send_signal(signal.SIGKILL)

    def finish(self, task, seconds):
        pass


@pytest.mark.slow
def test_a_worker_killed_on_the_way(trained, tmp_path, cluster, timeless):
    file, workers = cluster
    case = fp.load_case(trained, overrides=(MANY,))
    told = KillOne(workers)
    found = fp.sweep(case, output=tmp_path / "dask.h5", engine="dask", scheduler=str(file), sink=told)
    assert told.steps == list(range(13))  # none twice
    assert workers[0].wait(10) == -signal.SIGKILL
    local = fp.sweep(case, output=tmp_path / "local.h5")
    for ours, theirs in zip(timeless(found).points, timeless(local).points, strict=True):
        assert (ours.status, ours.seed, ours.scalars) == ("complete", theirs.seed, theirs.scalars)
    for index in range(12):
        ours, theirs = (fp.open(tmp_path / each.points[index].file) for each in (found, local))
        assert (ours.sample.levels == theirs.sample.levels).all()
    assert json.loads(file.read_text())["address"].startswith("tcp://127.0.0.1")


@pytest.mark.slow
def test_a_cluster_of_its_own(law, tmp_path, timeless):
    pytest.importorskip("distributed")
    found = fp.sweep(law, output=tmp_path / "a.h5", engine="dask", workers=2)
    assert [point.scalars for point in timeless(found).points] == [
        point.scalars for point in timeless(fp.sweep(law)).points
    ]


@pytest.mark.slow
def test_replicas_and_trajectories_of_one_run(cluster):
    """A worker is killed in the training; all blocks arrive, and the numbers are those of this process."""
    file, workers = cluster
    case = case_from_text(
        """\
        schema = 1
        seed = 3
        [model]
        kind = "rbm"
        mu2 = 2.0
        kappa = [1.0]
        noise = { kind = "pcd" }
        [initial]
        kind = "gaussian"
        mean = 0.5
        std = 0.05
        [evolve]
        method = "particles"
        times = [0.3, 2.0]
        trajectories = 1000
        [sgd]
        kind = "rbm"
        learning_rate = 0.01
        batch_size = 16
        steps = 4000
        replicas = 2000
        """
    )
    told = KillOne(workers)
    there = run_case(case, told, tasks=["sgd"], engine="dask", scheduler=str(file))
    assert workers[0].wait(10) == -signal.SIGKILL
    here = run_case(case, tasks=["sgd"])
    assert (there.sample.levels == here.sample.levels).all()
    assert told.steps[-1] == len(told.steps) > 6
    there, here = run_case(case, tasks=["evolve"], engine="dask", scheduler=str(file)), run_case(case, tasks=["evolve"])
    assert (there.evolution.density == here.evolution.density).all()
    assert there.evolution.unknowns == here.evolution.unknowns


@pytest.mark.slow
def test_a_run_has_no_silent_fallback(tmp_path):
    pytest.importorskip("distributed")
    case = case_from_text(
        'schema = 1\n[model]\nkind = "dyson"\nlevels = 1\nstiffness = 1.0\nnoise = { kind = "constant", g2 = 0.1 }\n[stationary]\n'
    )
    with pytest.raises(EngineError, match="no Dask scheduler answers"):
        run_case(case, engine="dask", scheduler=str(tmp_path / "nowhere.json"))
