"""SIGKILL at any moment: the index opens or is absent, the workers are gone, and the resumed sweep is the undisturbed one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import fpsolve as fp
from fpsolve.store import read_result
from fpsolve.sweeps.resume import resume_sweep

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals")

# Twelve points of a few tenths of a second.
MANY = (
    'sweep.axes={ "sgd.learning_rate" = [0.005, 0.01, 0.02], "sgd.batch_size" = [8, 12, 16, 24], "sgd.steps" = [6000] }'
)


def started(folder, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "fpsolve", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(condition, seconds=90.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def group_is_gone(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


def kill_and_resume(trained, folder, whole, timeless, *, wait, workers):
    """Kill a sweep `wait` seconds after its index has appeared; return how many points were finished by then."""
    folder.mkdir()
    path = folder / "trained.h5"
    run = started(folder, "sweep", str(trained), "--set", MANY, "--workers", str(workers), "-q")
    wait_for(lambda: path.exists() or run.poll() is not None)
    time.sleep(wait)
    run.kill()
    run.communicate()
    half = fp.open(path)
    for point in half.points:
        if point.status != "pending":
            assert read_result(folder / point.file).sample is not None
    wait_for(lambda: group_is_gone(run.pid), 20.0)
    found, _ = resume_sweep(path)
    assert timeless(found) == timeless(whole)
    assert fp.open(path) == found
    for ours, theirs in zip(found.points, whole.points, strict=True):
        left, right = read_result(folder / ours.file), read_result(trained.parent / theirs.file)
        np.testing.assert_array_equal(left.sample.levels, right.sample.levels)
        np.testing.assert_array_equal(left.stationary.density, right.stationary.density)
    assert not [entry for entry in folder.rglob(".*") if "partial" not in entry.name]
    return half.count("complete")


@pytest.fixture
def whole(trained):
    case = fp.load_case(trained, overrides=(MANY,))
    return fp.sweep(case, output=trained.parent / "trained.h5")


def test_killed_and_resumed(trained, tmp_path, whole, timeless):
    rng = np.random.default_rng(20240723)
    course = sum(point.seconds for point in whole.points)
    for number, workers in enumerate((1, 2)):
        wait = float(rng.uniform(0.1, 0.9)) * course / workers
        kill_and_resume(trained, tmp_path / str(number), whole, timeless, wait=wait, workers=workers)


@pytest.mark.nightly
def test_killed_and_resumed_many_times(trained, tmp_path, whole, timeless):
    rng = np.random.default_rng(7)
    course = sum(point.seconds for point in whole.points)
    finished = [
        kill_and_resume(
            trained,
            tmp_path / str(number),
            whole,
            timeless,
            wait=float(rng.uniform(0.0, 1.1)) * course,
            workers=1 + number % 2,
        )
        for number in range(60)
    ]
    assert len(set(finished)) > 5  # the moments were spread over the course


@pytest.mark.slow
def test_interrupt_keeps_what_was_finished(trained, tmp_path, whole, timeless):
    folder = tmp_path / "interrupted"
    folder.mkdir()
    run = started(folder, "sweep", str(trained), "--set", MANY, "--workers", "2", "-q")
    wait_for(lambda: len(list(folder.glob("trained/point_*.h5"))) >= 2 or run.poll() is not None)
    os.killpg(run.pid, signal.SIGINT)
    _, errors = run.communicate(timeout=30)
    assert run.returncode == 130, errors
    assert "Traceback" not in errors
    assert "what was finished is kept; go on with: fpsolve resume trained.h5" in errors
    half = fp.open(folder / "trained.h5")
    # A file that was written in the last moment may not be in the index yet; resume finds it.
    assert half.count("complete") >= 1
    assert half.count("pending") >= 1
    wait_for(lambda: group_is_gone(run.pid), 20.0)
    resume = started(folder, "resume", "trained.h5", "-q")
    _, errors = resume.communicate(timeout=120)
    assert resume.returncode == 0, errors
    assert timeless(fp.open(folder / "trained.h5")) == timeless(whole)
