from __future__ import annotations

import dataclasses

import h5py
import numpy as np
import pytest

from fpsolve.results import AdjacentPairs, Report, Sample, Statistic
from fpsolve.store import read_header, read_result, write_result
from fpsolve.store.layout import PAIRS, RECORDS, TABLES

NAMES = [
    "rbm_result",
    "pair_result",
    "sampled_pair_result",
    "absorbing_result",
    "oscillator_result",
    "bistable_result",
    "bare_result",
]


def same(left, right, place="result"):
    """Equality of records to the bit; tuples and lists are alike, nan equals nan."""
    if dataclasses.is_dataclass(left):
        assert type(left) is type(right), place
        for field in dataclasses.fields(left):
            same(getattr(left, field.name), getattr(right, field.name), f"{place}.{field.name}")
    elif isinstance(left, np.ndarray):
        assert isinstance(right, np.ndarray), place
        assert (left.dtype, left.shape) == (right.dtype, right.shape), place
        assert left.tobytes() == np.ascontiguousarray(right).tobytes(), place
    elif isinstance(left, dict):
        assert sorted(left) == sorted(right), place
        for key in left:
            same(left[key], right[key], f"{place}[{key}]")
    elif isinstance(left, (tuple, list)):
        assert len(left) == len(right), place
        for index, (one, other) in enumerate(zip(left, right, strict=True)):
            same(one, other, f"{place}[{index}]")
    else:
        assert type(left) is type(right), f"{place}: {left!r} {right!r}"
        both_nan = isinstance(left, float) and np.isnan(left) and np.isnan(right)
        assert left == right or both_nan, f"{place}: {left!r} {right!r}"


@pytest.mark.parametrize("name", NAMES)
def test_every_example_comes_back_to_the_bit(examples, tmp_path, name):
    result = getattr(examples, name)()
    write_result(result, tmp_path / "a.h5")
    same(result, read_result(tmp_path / "a.h5"))


def test_awkward_values_come_back(examples, tmp_path):
    rng = np.random.default_rng(5)
    levels = np.sort(rng.standard_normal((7, 2, 3)), axis=2)
    levels[0, 0, 0] = -0.0
    levels[1, 0, 0] = np.nextafter(0.0, -1.0)
    sample = Sample(levels, np.array([3, 9]), np.array([np.nan, 0.1]), "ümlaut, 日本.npy", seed=None, correlated=True)
    statistic = Statistic(
        "ks", np.inf, None, None, 3.5, ({"value": np.nan, "levels": [0, 2], "text": 'a"\\\n'},), False
    )
    report = Report((statistic,), ({"against": "stationary", "label": "", "levels": [1], "time": None, "step": 9,
                                    "edges": np.array([0.0, 0.1]), "counts": np.array([2.5]),
                                    "expected": np.array([1e-300])},))  # fmt: skip
    result = dataclasses.replace(
        examples.bare_result(),
        title="日本 <b>",
        case_text="# \u00e9\n" * 40000,
        overrides=("a.b = 'x\ny'", ""),
        sample=sample,
        report=report,
        provenance=examples.provenance(seed=2**200 + 1),
        expectations=({"key": "a", "found": None, "passed": False},),
    )
    write_result(result, tmp_path / "a.h5")
    back = read_result(tmp_path / "a.h5")
    same(result, back)
    assert not back.passed
    assert read_header(tmp_path / "a.h5").seed == 2**200 + 1


def test_no_wavefunctions_asked_for(examples, tmp_path):
    whole = examples.oscillator_result()
    empty = dataclasses.replace(
        whole.spectrum, x=np.zeros(0), psi=np.zeros((5, 0)), potential=np.zeros(0), kramers=np.zeros(0)
    )
    write_result(dataclasses.replace(whole, spectrum=empty), tmp_path / "a.h5")
    same(empty, read_result(tmp_path / "a.h5").spectrum)


def test_a_spectrum_of_any_empty_shape_is_written(examples, tmp_path):
    whole = examples.oscillator_result()
    empty = dataclasses.replace(whole.spectrum, x=np.zeros(0), psi=np.zeros(0), potential=np.zeros(0))
    write_result(dataclasses.replace(whole, spectrum=empty), tmp_path / "a.h5")
    assert read_result(tmp_path / "a.h5").spectrum.psi.size == 0


def test_axes_that_disagree_are_refused_and_leave_nothing(examples, tmp_path):
    from fpsolve.errors import StorageError

    whole = examples.oscillator_result()
    wrong = dataclasses.replace(whole.spectrum, residuals=np.zeros(3))
    with pytest.raises(StorageError, match="residual: axis state has 3 entries, but 5"):
        write_result(dataclasses.replace(whole, spectrum=wrong), tmp_path / "a.h5")
    assert list(tmp_path.iterdir()) == []


def test_root_attributes_and_status(examples, tmp_path):
    write_result(examples.rbm_result(), tmp_path / "a.h5", status="running")
    with h5py.File(tmp_path / "a.h5") as file:
        root = dict(file.attrs)
    assert root == {
        "fpsolve_schema": 1,
        "version": "0.1.0",
        "created_at": "2026-03-01T12:00:00+00:00",
        "status": "running",
        "kind": "rbm",
        "title": "One RBM level <κ = 1>",
        "seed": "20240723",
        "creation_library": "fpsolve",
        "creation_library_version": "0.1.0",
    }
    header = read_header(tmp_path / "a.h5")
    assert (header.status, header.kind, header.seed) == ("running", "rbm", 20240723)
    assert set(header.groups) == {"case", "provenance", "evolution", "spectrum", "stationary", "sgd", "validation"}


def test_only_the_types_promised_and_compressed_by_time(examples, tmp_path):
    write_result(examples.rbm_result(), tmp_path / "a.h5")
    kinds = set()
    with h5py.File(tmp_path / "a.h5") as file:

        def visit(name, item):
            if isinstance(item, h5py.Dataset):
                text = h5py.check_string_dtype(item.dtype)
                kinds.add(f"text {text.encoding} {text.length}" if text else item.dtype.name)
                assert item.attrs["long_name"], name
                assert item.attrs["units"], name

        file.visititems(visit)
        density = file["evolution/density"]
        assert (density.chunks, density.compression, density.shuffle) == ((1, 1, 300), "gzip", True)
    assert kinds == {"float64", "int64", "int8", "text utf-8 None"}


def test_no_field_of_a_record_is_forgotten():
    for _, record, group in RECORDS:
        kept = {variable.field for variable in group.variables} | {attribute.name for attribute in group.attributes}
        assert kept >= {field.name for field in dataclasses.fields(record)} - {"pairs"}, record
    for group in PAIRS.values():
        assert {variable.field for variable in group.variables} - {"times", ""} == {
            field.name for field in dataclasses.fields(AdjacentPairs)
        }
    columns = {variable.field for variable in TABLES["validation"].variables}
    assert columns >= {field.name for field in dataclasses.fields(Statistic)}


def test_cells_shared_by_all_levels_are_written_once(examples, tmp_path):
    write_result(examples.rbm_result(), tmp_path / "one.h5")
    write_result(examples.pair_result(), tmp_path / "two.h5")
    with h5py.File(tmp_path / "one.h5") as one, h5py.File(tmp_path / "two.h5") as two:
        assert one["evolution/x"].shape == (300,)
        assert two["evolution/x"].shape == (2, 160)
