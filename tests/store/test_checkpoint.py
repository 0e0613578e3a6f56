"""The checkpoint: what is added comes back to the bit, whole records only, of this run only, for one process only."""

from __future__ import annotations

import resource
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from fpsolve.errors import OutputError, StorageError
from fpsolve.store.checkpoint import Checkpoint, checkpoint_path

RNG = np.random.default_rng(5)
PARTS = [
    ("sgd", 0, 3, (RNG.standard_normal((3, 2, 4)), RNG.standard_normal((3, 2, 4)))),
    ("evolve", 0, 2, (RNG.standard_normal((2, 2, 1)), np.array([7, 2**40]))),
    ("sgd", 10, 1, (np.full((1, 2, 4), np.nan), None)),
    ("sgd", 3, 2, (RNG.standard_normal((4, 2, 2)).T, np.empty((2, 0)))),
]


@pytest.fixture
def output(tmp_path):
    return tmp_path / "out.h5"


def written(output, parts=PARTS, identity="one", **options):
    checkpoint = Checkpoint(output, identity, **options)
    for task, first, count, part in parts:
        checkpoint.add(task, first, count, part)
    checkpoint.flush()
    checkpoint.close()
    return checkpoint.path


def found(output, task="sgd", identity="one"):
    checkpoint = Checkpoint(output, identity).resume()
    parts = list(checkpoint.parts(task))
    checkpoint.close()
    return parts


def assert_equal(ours, theirs):
    assert [(first, count) for first, count, _ in ours] == [(first, count) for first, count, _ in theirs]
    for (_, _, left), (_, _, right) in zip(ours, theirs, strict=True):
        for a, b in zip(left, right, strict=True):
            assert (a is None) == (b is None)
            if a is not None:
                assert a.dtype == b.dtype
                np.testing.assert_array_equal(a, b)


def of(task, parts=PARTS):
    return [part[1:] for part in parts if part[0] == task]


def test_what_is_added_comes_back(output):
    assert written(output) == checkpoint_path(output) == output.with_name("out.h5.part")
    assert_equal(found(output), of("sgd"))
    assert_equal(found(output, "evolve"), of("evolve"))


def test_a_second_run_adds_to_the_first(output):
    written(output, PARTS[:2])
    checkpoint = Checkpoint(output, "one").resume()
    assert_equal(list(checkpoint.parts("sgd")), of("sgd", PARTS[:2]))
    for task, first, count, part in PARTS[2:]:
        checkpoint.add(task, first, count, part)
    checkpoint.flush()
    checkpoint.close()
    assert_equal(found(output), of("sgd"))


def test_cut_anywhere_it_holds_the_whole_records_before(output):
    path = written(output)
    data = path.read_bytes()
    most = 0
    for length in range(len(data)):
        path.write_bytes(data[:length])
        ours = found(output)
        assert_equal(ours, of("sgd")[: len(ours)])
        most = max(most, len(ours))
    assert most == 2


def test_what_is_broken_is_written_over(output):
    path = written(output)
    path.write_bytes(path.read_bytes()[:-5])
    checkpoint = Checkpoint(output, "one").resume()
    checkpoint.add("sgd", 20, 1, (np.ones(1),))
    checkpoint.flush()
    checkpoint.close()
    assert_equal(found(output), [*of("sgd")[:2], (20, 1, (np.ones(1),))])


@pytest.mark.parametrize("place", [2, 40, 200, -9])
def test_a_flipped_bit_ends_the_file(output, place):
    path = written(output)
    data = bytearray(path.read_bytes())
    data[place] ^= 4
    path.write_bytes(data)
    ours = found(output)
    assert len(ours) < 3
    assert_equal(ours, of("sgd")[: len(ours)])


def test_records_of_another_run_are_not_taken(output):
    written(output)
    assert found(output, identity="two") == []
    written(output, PARTS[:1], identity="two")
    assert_equal(found(output, identity="two"), of("sgd", PARTS[:1]))


@pytest.mark.parametrize("data", [b"", b"hello", bytes(1000), RNG.bytes(5000)])
def test_other_files_hold_nothing(output, data):
    checkpoint_path(output).write_bytes(data)
    assert found(output) == []


def test_nothing_is_made_before_there_is_something(output):
    told = []
    checkpoint = Checkpoint(output, "one", interval=1e9, before=lambda: told.append(checkpoint.path.exists()))
    assert list(checkpoint.resume().parts("sgd")) == []
    checkpoint.add("sgd", *PARTS[0][1:])
    assert not checkpoint.path.exists()
    checkpoint.flush()
    assert told == [False]
    assert checkpoint.path.exists()
    checkpoint.remove()
    assert not checkpoint.path.exists()


def test_two_runs_do_not_share_one(output):
    first = Checkpoint(output, "one")
    first.add("sgd", *PARTS[0][1:])
    first.flush()
    with pytest.raises(OutputError, match="another fpsolve is at work"):
        Checkpoint(output, "one").resume()
    second = Checkpoint(output, "one")
    second.add("sgd", *PARTS[0][1:])
    with pytest.raises(StorageError, match="another fpsolve is at work"):
        second.flush()
    second.remove()
    assert first.path.exists()
    first.close()
    assert_equal(found(output), of("sgd", PARTS[:1]))


@pytest.mark.skipif(not hasattr(resource, "RLIMIT_FSIZE"), reason="limits the size of files")
def test_a_full_disk_keeps_what_was_written(output):
    script = """
        import resource, sys
        import numpy as np
        from fpsolve.errors import StorageError
        from fpsolve.store.checkpoint import Checkpoint

        checkpoint = Checkpoint(sys.argv[1], "one", interval=0.0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10000, 10000))
        for first in range(100):
            try:
                checkpoint.add("sgd", first, 1, (np.full(100, float(first)),))
            except StorageError as error:
                print(first, error)
                break
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(output)], capture_output=True, text=True, check=True
    )
    number, _, message = done.stdout.partition(" ")
    assert 5 < int(number) < 13
    assert "could not be written" in message
    assert_equal(found(output), [(k, 1, (np.full(100, float(k)),)) for k in range(int(number))])
