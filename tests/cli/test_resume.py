"""Nothing lost: a run that is stopped, killed or out of time goes on where it was, and ends with the same numbers."""

from __future__ import annotations

import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import textwrap
import threading
import time
from itertools import takewhile
from pathlib import Path

import click
import h5py
import numpy as np
import pytest

import fpsolve as fp
from fpsolve.cli.limits import duration
from fpsolve.store import read_header, read_result

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals")

# Trajectories and replicas for a second or two each, in many short blocks.
CASE = """\
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
[stationary]
[evolve]
method = "particles"
times = [0.3, 8.0]
trajectories = 3000
[sgd]
kind = "rbm"
learning_rate = 0.01
batch_size = 16
steps = 4000
replicas = 1500
record_at = [1000, 4000]
[validate]
against = ["stationary", "evolve"]
statistics = ["ks", "wasserstein"]
"""
EAGER = ("--checkpoint-every", "0.01s")


def command(folder, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "fpsolve", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def ended(folder, *arguments, code=0):
    """Run to the end; return stdout and stderr."""
    process = command(folder, *arguments)
    out, err = process.communicate(timeout=120.0)
    assert process.returncode == code, err
    assert "Traceback" not in err
    return out, err


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of the case and of its undisturbed result."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "case.toml").write_text(CASE)
    start = time.monotonic()
    ended(folder, "validate", "case.toml", "-q", "--workers", "1")
    (folder / "seconds").write_text(str(time.monotonic() - start))
    return folder


def assert_same(path, other):
    """Every number of two results, but for seconds."""
    ours, theirs = read_result(path), read_result(other)
    assert ours.resolved == theirs.resolved
    for name in ("stationary", "evolution", "sample"):
        left, right = vars(getattr(ours, name)), vars(getattr(theirs, name))
        assert left.keys() == right.keys()
        for key in left.keys() - {"seconds"}:
            np.testing.assert_equal(left[key], right[key], err_msg=f"{name}.{key}")
    np.testing.assert_equal(ours.report.statistics, theirs.report.statistics)
    np.testing.assert_equal(ours.report.histograms, theirs.report.histograms)
    assert read_header(path).status == read_header(other).status == "complete"


def stopped(folder, *arguments, number, code):
    """Start a run and send a signal when it has added replicas to its checkpoint; return stderr."""
    process = command(folder, *arguments)
    watchdog = threading.Timer(100.0, process.kill)
    watchdog.start()
    told = list(takewhile(lambda line: not line.startswith("sgd: "), process.stderr))
    part = folder / "case.h5.part"
    before = part.stat().st_size
    while part.exists() and part.stat().st_size == before:
        time.sleep(0.002)
    process.send_signal(number)
    _, err = process.communicate()
    watchdog.cancel()
    assert process.returncode == code, "".join(told) + err
    assert "Traceback" not in err
    return err


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        pytest.param(signal.SIGINT, 130, "interrupted", marks=pytest.mark.slow),
        (signal.SIGTERM, 4, r"stopped early: asked to end \(SIGTERM\)"),
    ],
)
def test_finished_tasks_and_replicas_are_taken_over(number, code, words, whole, tmp_path):
    """Stopped in the training of two processes, resumed in one."""
    (tmp_path / "case.toml").write_text(CASE)
    err = stopped(tmp_path, "validate", "case.toml", "--workers", "2", *EAGER, number=number, code=code)
    assert re.search(words, err)
    assert "what was finished is in case.h5; go on with: fpsolve resume case.h5" in err
    assert read_header(tmp_path / "case.h5").status == "failed"
    half = read_result(tmp_path / "case.h5")
    assert half.evolution is not None
    assert half.sample is None
    assert (tmp_path / "case.h5.part").stat().st_size > 1000
    (tmp_path / "case.toml").write_text(CASE.replace("mu2 = 2.0", "mu2 = 2.5"))
    out, err = ended(tmp_path, "resume", "case.h5", "--workers", "1", "--json")
    assert "sgd: " in err
    assert "evolve: " not in err
    assert "stationary: " not in err
    assert re.search(r"case.toml has changed \(.*model\.mu2.*\); the case as it was is continued", err)
    assert set(json.loads(out)) == {"passed", "statistics"}
    assert_same(tmp_path / "case.h5", whole / "case.h5")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["case.h5", "case.toml"]


def test_what_is_complete_stays(whole):
    before = (whole / "case.h5").read_bytes()
    out, err = ended(whole, "resume", "case.h5")
    assert "case.h5 is complete; there is nothing left to compute" in err
    assert "Prediction against training" in out
    assert (whole / "case.h5").read_bytes() == before


def test_the_wall_limit_stops_trajectories_too(whole, tmp_path):
    """Again and again, until it is done: what a batch system does."""
    (tmp_path / "case.toml").write_text(CASE)
    arguments, codes = ["validate", "case.toml"], []
    limit = 1.5
    while not codes or codes[-1] == 4:
        process = command(tmp_path, *arguments, "-q", "--workers", "1", "--wall-limit", f"{limit}s", *EAGER)
        _, err = process.communicate(timeout=100.0)
        codes.append(process.returncode)
        assert codes[-1] in (0, 4), err
        if codes[-1] == 4:
            assert "stopped early: the wall limit is reached" in err
            arguments = ["resume", "case.h5"] if (tmp_path / "case.h5").exists() else arguments
            limit *= 2.0
    assert codes.count(4) >= 1
    assert_same(tmp_path / "case.h5", whole / "case.h5")


def kill_and_resume(whole, folder, rng, *, kills=2):
    """Kill a run at a random moment, and its continuation too, then let it finish."""
    seconds = float((whole / "seconds").read_text())
    folder.mkdir()
    (folder / "case.toml").write_text(CASE)
    path = folder / "case.h5"
    for _ in range(kills):
        arguments = ("resume", "case.h5") if path.exists() else ("validate", "case.toml")
        process = command(folder, *arguments, "-q", "--workers", str(rng.choice([1, 2])), *EAGER)
        time.sleep(rng.uniform(0.3, seconds))
        process.kill()
        process.communicate()
        assert process.returncode in (0, -signal.SIGKILL)
        if path.exists():
            read_result(path)
    arguments = ("resume", "case.h5") if path.exists() else ("validate", "case.toml")
    ended(folder, *arguments, "-q", "--workers", str(rng.choice([1, 2])))
    assert_same(path, whole / "case.h5")
    assert not (folder / "case.h5.part").exists()


@pytest.mark.parametrize(
    "number", [1, pytest.param(10, marks=pytest.mark.slow), pytest.param(100, marks=pytest.mark.nightly)]
)
def test_killed_at_any_moment(number, whole, tmp_path):
    rng = random.Random(number)
    for k in range(number):
        kill_and_resume(whole, tmp_path / str(k), rng, kills=1 if number == 1 else 2)


def test_changes_that_would_mix_results_are_refused(whole, tmp_path):
    """The versions that the run was begun with are those of its file."""
    path = tmp_path / "case.h5"
    path.write_bytes((whole / "case.h5").read_bytes())
    with h5py.File(path, "r+") as file:
        file.attrs["status"] = "failed"
        names = list(file["provenance/package"].asstr())
        file["provenance/version"][names.index("numpy")] = "0.9"
    before = path.read_bytes()
    _, err = ended(tmp_path, "resume", "case.h5", code=2)
    assert f"numpy 0.9 → {np.__version__}" in err
    assert "must not be mixed" in err
    assert path.read_bytes() == before


def test_a_run_on_its_way_cannot_be_resumed(tmp_path):
    (tmp_path / "case.toml").write_text(CASE)
    process = command(tmp_path, "sgd", "case.toml", "--set", "sgd.replicas=60000", "--workers", "1", *EAGER)
    deadline = time.monotonic() + 60.0
    while not (tmp_path / "case.h5.part").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        _, err = ended(tmp_path, "resume", "case.h5", code=2)
        assert "another fpsolve is at work" in err
        assert process.poll() is None
    finally:
        process.terminate()
        process.communicate()
    assert process.returncode == 4


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90.0), ("10m", 600.0), ("3h50m", 13800.0), ("1d", 86400.0), ("45", 45.0), ("0.5s", 0.5)],
)
def test_durations(text, seconds):
    assert duration(text) == seconds


@pytest.mark.parametrize("text", ["", "0s", "-5s", "3x", "50m3h", "ten", "1e3s", "nan", "9999999d"])
def test_bad_durations(text):
    with pytest.raises(click.BadParameter, match="like 90s, 10m or 3h50m"):
        duration(text)


@pytest.mark.slow
def test_memory_of_many_replicas(tmp_path):
    """1e5 replicas of ten levels, five records with alignment: 80 MB of numbers."""
    case = """\
        schema = 1
        seed = 1
        [model]
        kind = "rbm"
        mu2 = 9.0
        target = { kind = "lattice_scalar_1d", sites = 10, mass2 = 4.0 }
        noise = { kind = "pcd" }
        [sgd]
        kind = "rbm"
        learning_rate = 0.01
        batch_size = 2
        steps = 5
        replicas = 100000
        record_at = [1, 2, 3, 4, 5]
    """
    (tmp_path / "case.toml").write_text(textwrap.dedent(case))
    script = """
        import resource, subprocess, sys
        subprocess.run([sys.executable, "-m", "fpsolve", "sgd", "case.toml", "-q", "--checkpoint-every", "1s"], check=True)
        print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=True,
    )
    most = int(done.stdout) * (1 if sys.platform == "darwin" else 1024)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0
    assert most < 2**30, f"{most / 2**20:.0f} MiB"
    assert fp.open(tmp_path / "case.h5").sample.levels.shape == (100000, 5, 10)
