from __future__ import annotations

import h5py
import numpy as np
import pytest

from fpsolve.errors import SampleError
from fpsolve.store import read_levels, write_result


def complaint(path, **options):
    with pytest.raises(SampleError) as caught:
        read_levels(path, **options)
    text = str(caught.value)
    assert text.startswith(str(path))
    assert "\n" not in text
    return text[len(str(path)) :]


@pytest.mark.parametrize("shape", [(5,), (5, 2), (5, 3, 2)])
@pytest.mark.parametrize("dtype", ["f8", "f4", "i4", ">f8"])
def test_npy_of_every_shape(tmp_path, shape, dtype):
    levels = (10 * np.random.default_rng(0).random(shape)).astype(dtype)
    np.save(tmp_path / "my levels.npy", levels)
    sample = read_levels(tmp_path / "my levels.npy")
    whole = levels.reshape({1: (5, 1, 1), 2: (5, 1, 2), 3: (5, 3, 2)}[len(shape)]).astype(float)
    np.testing.assert_array_equal(sample.levels, np.sort(whole, axis=2))
    assert sample.label == "my levels.npy"
    assert sample.steps.tolist() == list(range(whole.shape[1]))
    assert np.isnan(sample.times).all()


def test_fortran_order_and_steps_and_times(tmp_path):
    levels = np.asfortranarray(np.random.default_rng(0).random((4, 2, 3)))
    np.save(tmp_path / "a.npy", levels)
    sample = read_levels(tmp_path / "a.npy", steps=[10, 20], times=[0.1, 0.2])
    np.testing.assert_array_equal(sample.levels, np.sort(levels, axis=2))
    assert sample.steps.tolist() == [10, 20]
    assert sample.times.tolist() == [0.1, 0.2]


def test_csv_with_comment_header_and_byte_order_mark(tmp_path):
    (tmp_path / "a.csv").write_bytes("\ufeff# x1, x2\n0.5, 0.25\n\n1e-3,2 # last\r\n".encode())
    sample = read_levels(tmp_path / "a.csv")
    assert sample.levels.tolist() == [[[0.25, 0.5]], [[0.001, 2.0]]]


def test_h5_with_steps_and_times(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["levels"] = np.arange(12.0).reshape(3, 2, 2)
        file["steps"] = [5, 9]
        file["time"] = [0.5, 0.9]
    sample = read_levels(tmp_path / "a.h5")
    assert sample.steps.tolist() == [5, 9]
    assert sample.times.tolist() == [0.5, 0.9]
    assert read_levels(tmp_path / "a.h5", steps=[1, 2]).steps.tolist() == [1, 2]


def test_a_result_file_is_a_level_file(examples, tmp_path):
    result = examples.rbm_result(replicas=20, cells=40)
    write_result(result, tmp_path / "a.h5")
    sample = read_levels(tmp_path / "a.h5")
    np.testing.assert_array_equal(sample.levels, result.sample.levels)
    np.testing.assert_array_equal(sample.steps, result.sample.steps)
    np.testing.assert_array_equal(sample.times, result.sample.times)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((2, 2, 2, 2)), "shape (2, 2, 2, 2)"),
        (np.zeros(()), "shape ()"),
        (np.zeros((0, 3)), "(0, 3)"),
        (np.array([1.0, np.nan]), "(1, 0, 0)"),
        (np.array([[1.0, np.inf]]), "must be finite"),
        (np.array([1j]), "complex"),
        (np.array([True]), "truth values"),
        (np.array(["a"]), "<U1"),
        (np.zeros(2, dtype=[("a", "f8")]), "data of type"),
    ],
)
def test_npy_that_holds_something_else(tmp_path, array, words):
    np.save(tmp_path / "a.npy", array)
    assert words in complaint(tmp_path / "a.npy")


def test_pickled_objects_are_never_loaded(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    np.save(tmp_path / "a.npy", np.array([Trap()], dtype=object), allow_pickle=True)
    assert "never loaded" in complaint(tmp_path / "a.npy")
    assert not (tmp_path / "sprung").exists()


def test_files_that_are_not_what_their_ending_says(tmp_path):
    np.savez(tmp_path / "zip.npz", np.zeros(3))
    (tmp_path / "zip.npz").rename(tmp_path / "zip.npy")
    assert "not a .npy file" in complaint(tmp_path / "zip.npy")
    (tmp_path / "empty.npy").touch()
    complaint(tmp_path / "empty.npy")
    np.save(tmp_path / "cut.npy", np.zeros(1000))
    (tmp_path / "cut.npy").write_bytes((tmp_path / "cut.npy").read_bytes()[:500])
    assert "cut short" in complaint(tmp_path / "cut.npy")
    (tmp_path / "junk.h5").write_bytes(b"junk" * 1000)
    assert "not an HDF5 file" in complaint(tmp_path / "junk.h5")
    (tmp_path / "junk.csv").write_bytes(bytes(range(255, 100, -1)))
    assert "not a text file" in complaint(tmp_path / "junk.csv")
    (tmp_path / "a.txt").write_text("1\n")
    assert ".npy, .csv or .h5" in complaint(tmp_path / "a.txt")
    (tmp_path / "folder.npy").mkdir()
    assert "is a directory" in complaint(tmp_path / "folder.npy")
    for name in ("none.npy", "none.csv", "none.h5"):
        assert "no such file" in complaint(tmp_path / name)


def test_a_header_that_promises_terabytes(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(10))
    data = (tmp_path / "a.npy").read_bytes().replace(b"(10,), }" + b" " * 13, b"(99999999999999999,),}")
    (tmp_path / "a.npy").write_bytes(data)
    complaint(tmp_path / "a.npy")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no rows"),
        ("# only a header\n", "no rows"),
        ("x1,x2\n1,2\n", ":1: 'x1' is not a number; if this is a header"),
        ("1,2\n3,b\n", ":2: column 2 holds 'b'"),
        ("1;2\n", ":1: the numbers are separated by semicolons; use commas"),
        ("1,5;2,5\n", "semicolons"),
        ("1\t2\n", "tabs"),
        ("1 2\n", "spaces"),
        ("1,2\n3\n", ":2: 1 columns, but the first row has 2"),
        ("1,2,\n", ":1: column 3 is empty"),
        ("1,2\n3,nan\n", ":2: column 2 holds nan"),
        ("1,inf\n", "finite"),
        ("0x10\n", "not a number"),
    ],
)
def test_csv_complaints_name_the_line(tmp_path, text, words):
    (tmp_path / "a.csv").write_text(text)
    assert words in complaint(tmp_path / "a.csv")


def test_h5_without_levels_lists_what_it_holds(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["runs/weights"] = np.zeros(3)
        file.create_group("levels")
    assert "no dataset `levels` (it holds: runs/weights)" in complaint(tmp_path / "a.h5")
    with h5py.File(tmp_path / "b.h5", "w") as file:
        file["levels"] = "text"
    assert "data of type" in complaint(tmp_path / "b.h5")


def test_steps_that_do_not_fit(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((3, 2, 1)))
    assert "steps has shape (3,)" in complaint(tmp_path / "a.npy", steps=[1, 2, 3])
    assert "increase strictly" in complaint(tmp_path / "a.npy", steps=[2, 1])
    assert "times has shape (1,)" in complaint(tmp_path / "a.npy", times=[2.0])
