"""Blocks over processes: order, progress, errors, interruption, seeds."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from fpsolve.errors import FpsolveError, ModelError
from fpsolve.parallel import Hands, local_engine, replica_keys, seed_sequence, spread_blocks
from fpsolve.parallel.blocks import missing


def map_tasks(function, tasks, **options):
    """One task a block, outcomes in the order of the tasks."""
    found = [None] * len(tasks)

    def receive(first, count, outcome):
        assert count == 1
        found[first] = outcome

    spread_blocks(function, lambda first, _: tasks[first], len(tasks), size=1, receive=receive, **options)
    return found


@pytest.fixture
def child_functions(tmp_path, monkeypatch):
    """A module that spawned processes can import."""
    source = """
        import os, signal, time
        from fpsolve.errors import ModelError

        def wait_for(path, seconds=60.0):
            deadline = time.monotonic() + seconds
            while not path.exists():
                if time.monotonic() > deadline:
                    raise TimeoutError(path)
                time.sleep(0.002)

        def square(task):
            number, mark, awaited = task
            if awaited is not None:
                wait_for(awaited)
            mark.touch()
            return number * number

        def threads(_):
            return [os.environ.get(name) for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")]

        def fail_at_three(task):
            number, never = task
            if number == 3:
                raise ModelError("three is not allowed")
            if number > 3:
                wait_for(never)
            return number

        def interrupt_self(_):
            os.kill(os.getpid(), signal.SIGINT)
            return "alive"

        def die(_):
            os._exit(9)
    """
    (tmp_path / "child_functions.py").write_text(textwrap.dedent(source))
    monkeypatch.syspath_prepend(str(tmp_path))
    import child_functions

    yield child_functions
    del sys.modules["child_functions"]


@pytest.mark.parametrize("workers", [1, 3])
def test_results_keep_the_order_of_the_tasks(workers, child_functions, tmp_path):
    """With several workers every second task ends after the one that follows it."""
    marks = [tmp_path / str(number) for number in range(8)]
    seen = []
    found = map_tasks(
        child_functions.square,
        [(n, mark, marks[n + 1] if workers > 1 and n % 2 == 0 else None) for n, mark in enumerate(marks)],
        workers=workers,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert found == [n * n for n in range(8)]
    assert seen == [(n, 8) for n in range(1, 9)]


def test_children_have_one_thread_and_the_parent_keeps_its_own(child_functions, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    assert map_tasks(child_functions.threads, range(2), workers=2) == [["1", "1"]] * 2
    assert os.environ["OMP_NUM_THREADS"] == "5"
    assert "NUMBA_NUM_THREADS" not in os.environ


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_of_a_task_is_raised_here(workers, child_functions, tmp_path):
    """What has started behind it, here tasks that wait a minute for nothing, is not waited for."""
    start = time.monotonic()
    with pytest.raises(ModelError, match="three is not allowed"):
        map_tasks(child_functions.fail_at_three, [(n, tmp_path / "never") for n in range(50)], workers=workers)
    assert time.monotonic() - start < 30.0


def test_a_dead_worker_is_explained(child_functions):
    with pytest.raises(FpsolveError, match=r"the worker process died.*__main__"):
        map_tasks(child_functions.die, range(2), workers=2)


def test_workers_must_be_positive():
    with pytest.raises(ValueError, match="workers must be at least 1, not 0"):
        map_tasks(abs, [1], workers=0)


def test_no_tasks():
    assert map_tasks(abs, [], workers=2) == []


@pytest.mark.skipif(os.name != "posix", reason="sends a signal")
def test_workers_leave_interrupts_to_the_parent(child_functions):
    assert map_tasks(child_functions.interrupt_self, range(2), workers=2) == ["alive", "alive"]


def group_is_alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(os.name != "posix", reason="sends a signal to a process group")
@pytest.mark.parametrize("workers", [1, 3])
def test_interrupt_ends_everything_soon(workers, tmp_path):
    script = """
        import sys, time
        from fpsolve.parallel import spread_blocks

        def compute(seconds):
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                pass

        if __name__ == "__main__":
            try:
                spread_blocks(compute, lambda first, _: 60.0 * (first > 1), 4, size=1, receive=lambda *_: None,
                              workers=int(sys.argv[1]), progress=lambda done, total: print(done, flush=True))
            except KeyboardInterrupt:
                sys.exit(130)
    """
    path = tmp_path / "script.py"
    path.write_text(textwrap.dedent(script))
    process = subprocess.Popen(
        [sys.executable, str(path), str(workers)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        start_new_session=True,
    )
    assert process.stdout.readline() == "1\n"
    assert process.stdout.readline() == "2\n"
    start = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=20)
    assert process.returncode == 130
    assert time.monotonic() - start < 5.0
    assert "Traceback" not in errors
    while group_is_alive(process.pid) and time.monotonic() - start < 10.0:
        time.sleep(0.05)
    assert not group_is_alive(process.pid)


def test_keys_are_the_words_of_the_spawned_children():
    seed = np.random.SeedSequence(123, spawn_key=(4,))
    keys = replica_keys(seed, 2, 3)
    children = np.random.SeedSequence(123, spawn_key=(4,)).spawn(5)[2:]
    assert np.array_equal(keys.T, [child.generate_state(2, np.uint64) for child in children])
    assert np.array_equal(replica_keys(seed, 3, 1)[:, 0], keys[:, 1])


def test_keys_are_cheap():
    start = time.perf_counter()
    replica_keys(np.random.SeedSequence(1), 0, 5000)
    assert time.perf_counter() - start < 1.0  # 1e5 replicas in well under 20 s


def test_seeds_from_every_kind_of_rng():
    assert seed_sequence(5).entropy == 5
    own = np.random.SeedSequence(9)
    assert seed_sequence(own) is own
    generator = np.random.default_rng(7)
    first, second = seed_sequence(generator), seed_sequence(generator)
    assert first.entropy == second.entropy == 7
    assert (first.spawn_key, second.spawn_key) == ((0,), (1,))
    assert seed_sequence(None).entropy != seed_sequence(None).entropy


@pytest.mark.parametrize(
    ("there", "gaps"),
    [
        ([], [(0, 10)]),
        ([(0, 10)], []),
        ([(4, 2)], [(0, 4), (6, 10)]),
        ([(8, 2), (0, 3), (3, 1)], [(4, 8)]),
        ([(0, 3), (2, 3), (0, 1)], [(5, 10)]),
    ],
)
def test_gaps_between_what_is_there(there, gaps):
    assert missing(there, 10) == gaps


class Kept:
    """A ledger in memory."""

    def __init__(self, parts):
        self.parts = parts
        self.added = []

    def kept(self):
        return iter(self.parts)

    def keep(self, first, count, part):
        self.added.append((first, count, part))


def test_what_is_kept_is_not_computed_again():
    ledger, whole, seen = Kept([(4, 3, (np.arange(4, 7),))]), np.full(10, -1), []

    def receive(first, count, part):
        whole[first : first + count] = part[0]

    spread_blocks(
        lambda block: (np.arange(*block),),
        lambda first, count: (first, first + count),
        10,
        size=2,
        receive=receive,
        workers=Hands(local_engine(1), ledger),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert np.array_equal(whole, np.arange(10))
    assert [(first, count) for first, count, _ in ledger.added] == [(0, 2), (2, 2), (7, 2), (9, 1)]
    assert seen == [(n, 5) for n in range(1, 6)]
