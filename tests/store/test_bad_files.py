from __future__ import annotations

import h5py
import numpy as np
import pytest

from fpsolve.errors import StorageError
from fpsolve.results import Result
from fpsolve.store import read_header, read_result, write_result


@pytest.fixture(scope="module")
def good(examples, tmp_path_factory):
    path = tmp_path_factory.mktemp("good") / "good.h5"
    write_result(examples.rbm_result(replicas=50, cells=40), path)
    return path


def complaint(path):
    with pytest.raises(StorageError) as caught:
        read_result(path)
    text = str(caught.value)
    assert text.startswith(f"{path}: ")
    assert caught.value.exit_code == 1
    return text


def test_missing(tmp_path):
    assert "there is no such file" in complaint(tmp_path / "none.h5")


def test_folder(tmp_path):
    assert "is a folder" in complaint(tmp_path)


@pytest.mark.parametrize("content", [b"", b"x", b"# text\n" * 100, bytes(range(256)) * 40])
def test_not_hdf5(tmp_path, content):
    (tmp_path / "junk.h5").write_bytes(content)
    assert "not an HDF5 file" in complaint(tmp_path / "junk.h5")


def test_foreign(tmp_path):
    with h5py.File(tmp_path / "foreign.h5", "w") as file:
        file["x"] = np.arange(3)
    assert "not a result of fpsolve" in complaint(tmp_path / "foreign.h5")


def test_newer_layout(good, tmp_path):
    path = tmp_path / "newer.h5"
    path.write_bytes(good.read_bytes())
    with h5py.File(path, "r+") as file:
        file.attrs["fpsolve_schema"] = 2
        file.attrs["version"] = "3.1.4"
    text = complaint(path)
    assert "written by fpsolve 3.1.4 in layout 2" in text
    assert "update fpsolve" in text
    with pytest.raises(StorageError, match="update"):
        read_header(path)


@pytest.mark.parametrize("name", ["evolution/density", "spectrum/energy", "validation/counts", "case/text", "case"])
def test_a_missing_part_is_named(good, tmp_path, name):
    path = tmp_path / "part.h5"
    path.write_bytes(good.read_bytes())
    target = "validation/histogram_00/counts" if name == "validation/counts" else name
    with h5py.File(path, "r+") as file:
        del file[target]
    assert f"/{target}" in complaint(path)


def test_a_file_cut_short_at_any_length(good, tmp_path):
    data = good.read_bytes()
    rng = np.random.default_rng(0)
    path = tmp_path / "cut.h5"
    words = set()
    for length in [9, 100, 512, 2048, *rng.integers(1, len(data), 40)]:
        path.write_bytes(data[: int(length)])
        words.add(complaint(path).rsplit(".h5: ", 1)[1].split(":")[0])
    assert "cut short" in words


def test_flipped_bytes_never_raise_anything_else(good, tmp_path):
    data = bytearray(good.read_bytes())
    rng = np.random.default_rng(1)
    path = tmp_path / "flipped.h5"
    refusals = []
    for position in rng.integers(0, len(data), 150):
        copy = bytearray(data)
        copy[position] ^= 0xFF
        path.write_bytes(copy)
        try:
            assert isinstance(read_result(path), Result)
        except StorageError as error:
            refusals.append(str(error))
    assert len(refusals) > 5
    assert all(refusal.startswith(f"{path}: ") for refusal in refusals)
