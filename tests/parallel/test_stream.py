"""Tasks over an engine: every outcome once, errors kept, a second try for what a dying worker took along."""

import os
import sys
import textwrap

import numpy as np
import pytest

from fpsolve.errors import FpsolveError
from fpsolve.parallel import local_engine, stream_tasks
from fpsolve.parallel.threads import _controls, one_thread


@pytest.fixture
def child_functions(tmp_path, monkeypatch):
    """A module that spawned processes can import."""
    source = """
        import os
        from pathlib import Path

        def square(number):
            return number * number

        def fail_at_three(number):
            if number == 3:
                raise ValueError("three")
            return number

        def die_at_five(number):
            if number == 5:
                os._exit(9)
            return number

        def die_once(task):
            folder, number = task
            if number == 5 and not (Path(folder) / "died").exists():
                (Path(folder) / "died").touch()
                os._exit(9)
            return number

        def product(size):
            import numpy as np
            rng = np.random.default_rng(1)
            a = rng.standard_normal((size, size))
            return (a @ a).sum(axis=0)
    """
    (tmp_path / "stream_functions.py").write_text(textwrap.dedent(source))
    monkeypatch.syspath_prepend(str(tmp_path))
    import stream_functions

    yield stream_functions
    del sys.modules["stream_functions"]


@pytest.mark.parametrize("workers", [1, 2])
def test_every_task_comes_back_once(workers, child_functions):
    with local_engine(workers) as engine:
        finished = list(stream_tasks(child_functions.square, range(12), engine))
    assert sorted(entry.index for entry in finished) == list(range(12))
    assert all(entry.outcome == entry.index**2 and entry.error is None and entry.attempts == 1 for entry in finished)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_is_the_outcome_of_its_task_alone(workers, child_functions):
    with local_engine(workers) as engine:
        finished = {entry.index: entry for entry in stream_tasks(child_functions.fail_at_three, range(6), engine)}
    assert isinstance(finished[3].error, ValueError)
    assert [finished[k].outcome for k in (0, 1, 2, 4, 5)] == [0, 1, 2, 4, 5]


def test_a_task_that_kills_its_worker_twice_is_told_and_the_others_are_not_lost(child_functions):
    with local_engine(2) as engine:
        finished = {entry.index: entry for entry in stream_tasks(child_functions.die_at_five, range(9), engine)}
    assert isinstance(finished[5].error, FpsolveError)
    assert "the worker process died, and again" in str(finished[5].error)
    assert finished[5].attempts == 2
    assert [finished[k].outcome for k in range(9) if k != 5] == [0, 1, 2, 3, 4, 6, 7, 8]


def test_a_worker_that_dies_once_is_forgiven(child_functions, tmp_path):
    tasks = [(str(tmp_path), number) for number in range(9)]
    with local_engine(2) as engine:
        finished = {entry.index: entry for entry in stream_tasks(child_functions.die_once, tasks, engine)}
    assert [finished[k].outcome for k in range(9)] == list(range(9))
    assert finished[5].attempts == 2


def test_products_have_the_bits_of_a_worker_in_this_process_too(child_functions):
    """How a product is cut into sums depends on the threads; 1 of them here, as there."""
    with local_engine(2) as engine:
        (there,) = stream_tasks(child_functions.product, [700], engine)
    with local_engine(1) as engine:
        (here,) = stream_tasks(child_functions.product, [700], engine)
    np.testing.assert_array_equal(there.outcome, here.outcome)


def test_the_threads_come_back():
    if not _controls():
        pytest.skip("numpy and scipy bring no OpenBLAS here")
    before = [count() for count, _ in _controls()]
    with one_thread():
        assert [count() for count, _ in _controls()] == [1] * len(before)
    assert [count() for count, _ in _controls()] == before


def test_no_tasks():
    with local_engine(2) as engine:
        assert list(stream_tasks(abs, [], engine)) == []


def test_at_least_one_worker():
    with pytest.raises(ValueError, match="workers must be at least 1, not 0"):
        local_engine(0)


def test_the_parent_keeps_its_environment(monkeypatch, child_functions):
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    with local_engine(2) as engine:
        list(stream_tasks(child_functions.square, range(2), engine))
    assert os.environ["OMP_NUM_THREADS"] == "5"
