from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

from fpsolve.store import layout_table, read_sweep, write_result, write_sweep
from fpsolve.store.layout import HISTOGRAM, PAIRS, RECORDS, SCHEMA, TABLES


@pytest.fixture(scope="module")
def result(examples):
    return examples.rbm_result(replicas=500)


@pytest.fixture(scope="module")
def path(result, tmp_path_factory):
    path = tmp_path_factory.mktemp("xarray") / "a.h5"
    write_result(result, path)
    return path


def test_every_group_opens_alone_with_equal_values(result, path):
    with xr.open_dataset(path, group="evolution", engine="h5netcdf") as data:
        np.testing.assert_array_equal(data.t, result.evolution.times)
        assert data.density.dims == ("t", "level", "cell")
        np.testing.assert_array_equal(data.density, result.evolution.density)
        np.testing.assert_array_equal(data.x, result.evolution.x[0])
        np.testing.assert_array_equal(data.edges, result.evolution.edges[0])
        np.testing.assert_array_equal(data["mean"], result.evolution.mean)
        assert data.density.attrs["units"] == "1/x"
        assert "integral over x = mass(t)" in data.density.attrs["long_name"]
        assert data.attrs["method"] == "scharfetter_gummel"
        assert float(data.seconds) == result.evolution.seconds
    with xr.open_dataset(path, group="spectrum", engine="h5netcdf") as data:
        np.testing.assert_array_equal(data.psi, result.spectrum.psi)
        np.testing.assert_array_equal(data.energy, result.spectrum.energies)
        assert data.psi.dims == ("state", "point")
    with xr.open_dataset(path, group="stationary", engine="h5netcdf") as data:
        np.testing.assert_array_equal(data.density, result.stationary.density)
    with xr.open_dataset(path, group="sgd", engine="h5netcdf") as data:
        assert data.levels.dims == ("replica", "step", "level")
        np.testing.assert_array_equal(data.levels, result.sample.levels)
        np.testing.assert_array_equal(data.step, result.sample.steps)
        assert int(data.attrs["seed"]) == result.sample.seed
    with xr.open_dataset(path, group="provenance", engine="h5netcdf") as data:
        assert str(data.version.sel(package="numpy").values) == "2.4.6"
    with xr.open_dataset(path, group="case", engine="h5netcdf") as data:
        assert str(data.text.values) == result.case_text
    with xr.open_dataset(path, group="validation", engine="h5netcdf") as data:
        assert float(data.value.sel(statistic="wasserstein")) == 0.0213
        assert np.isnan(data.threshold.sel(statistic="wasserstein"))


def test_the_whole_file_opens_as_a_tree(result, path):
    with xr.open_datatree(path, engine="h5netcdf") as tree:
        names = {group.lstrip("/") for group in tree.groups}
        assert names >= {"evolution", "spectrum", "stationary", "sgd", "case", "provenance", "validation"}
        assert tree.attrs["title"] == result.title
        for index, histogram in enumerate(result.report.histograms):
            node = tree[f"validation/histogram_{index:02d}"]
            np.testing.assert_array_equal(node["counts"], histogram["counts"])
            np.testing.assert_array_equal(node["expected"], histogram["expected"])
            assert node.attrs["against"] == histogram["against"]
        loaded = tree["evolution"].to_dataset().sel(t=4.0)
        np.testing.assert_array_equal(loaded.density, result.evolution.density[1])


def test_levels_with_cells_of_their_own(examples, tmp_path):
    pair = examples.pair_result()
    write_result(pair, tmp_path / "pair.h5")
    with xr.open_datatree(tmp_path / "pair.h5", engine="h5netcdf") as tree:
        assert tree["evolution/x"].dims == ("level", "cell")
        np.testing.assert_array_equal(tree["evolution/x"], pair.evolution.x)
        np.testing.assert_array_equal(tree["stationary/density"], pair.stationary.density)


def test_the_index_of_a_sweep(examples, tmp_path):
    index = examples.sweep_index()
    write_sweep(index, tmp_path / "scan.h5", status="failed")
    with xr.open_datatree(tmp_path / "scan.h5", engine="h5netcdf") as tree:
        assert (tree.attrs["kind"], tree.attrs["status"]) == ("sweep", "failed")
        points = tree["sweep"].to_dataset().load()
    assert points.status.values.tolist() == ["complete", "failed", "pending"]
    np.testing.assert_array_equal(points.axis_value.sel(axis="model.mu2"), [2.0, 3.0, 4.0])
    np.testing.assert_array_equal(points.value.sel(scalar="sgd.replicas"), [40.0, np.nan, np.nan])
    assert points.axis_text.sel(axis="sgd.data").values.tolist() == ['"batch"', '"exact"', '"batch"']
    assert points.seed.values.tolist() == [7, 8, 2**63 - 1]
    assert points.value.dims == ("point", "scalar")
    again = read_sweep(tmp_path / "scan.h5")
    assert again.points[:2] == index.points[:2]
    assert repr(again.points[2]) == repr(index.points[2])  # its seconds are nan
    assert (again.axes, again.mode, again.provenance) == (index.axes, index.mode, index.provenance)


@pytest.mark.parametrize(
    "name", ["rbm_result", "pair_result", "sampled_pair_result", "absorbing_result", "oscillator_result", "bare_result"]
)
def test_every_axis_has_its_scale_in_its_own_group(examples, tmp_path, name):
    write_result(getattr(examples, name)(), tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5") as file:

        def visit(path, item):
            if isinstance(item, h5py.Dataset) and not item.is_scale:
                for axis in item.dims:
                    (scale,) = axis.values()
                    assert scale.parent == item.parent, path
                    assert scale.name.rsplit("/", 1)[1] == axis.keys()[0], path

        file.visititems(visit)
    with xr.open_datatree(tmp_path / "a.h5", engine="h5netcdf") as tree:
        tree.load()


def test_the_file_holds_what_the_layout_says_and_nothing_else(path, examples, tmp_path):
    write_result(examples.absorbing_result(), tmp_path / "absorbing.h5")
    write_result(examples.bistable_result(), tmp_path / "bistable.h5")
    write_result(examples.sampled_pair_result(), tmp_path / "pair.h5")
    write_sweep(examples.sweep_index(), tmp_path / "scan.h5")
    declared = {}
    for group in (*TABLES.values(), *(group for _, _, group in RECORDS), *PAIRS.values()):
        declared |= {f"{group.name}/{variable.name}": variable for variable in group.variables}
    declared |= {f"histogram/{variable.name}": variable for variable in HISTOGRAM.variables}
    seen = set()
    for file_path in (path, *(tmp_path / f"{name}.h5" for name in ("absorbing", "bistable", "pair", "scan"))):
        with h5py.File(file_path) as file:

            def visit(name, item, seen=seen):
                if isinstance(item, h5py.Dataset):
                    head, _, leaf = name.rpartition("/")
                    key = f"histogram/{leaf}" if "histogram_" in head else name
                    seen.add(key)
                    variable = declared[key]
                    assert item.attrs["units"] == variable.units
                    assert item.attrs["long_name"] == variable.long_name
                    assert item.is_scale == (variable.dims == (variable.name,))

            file.visititems(visit)
    assert seen == set(declared)


def test_the_table_of_the_manual_names_every_variable():
    table = layout_table()
    for group in (*TABLES.values(), *(group for _, _, group in RECORDS), HISTOGRAM):
        assert f"### `/{group.name}`" in table
        for variable in group.variables:
            assert f"| `{variable.name}({', '.join(variable.dims)})`" in table
            assert variable.long_name in table


def test_the_manual_holds_this_table():
    manual = Path(__file__).parents[2] / "docs" / "result_file.md"
    text = manual.read_text(encoding="utf-8")
    assert text.endswith(layout_table()), "docs/result_file.md is stale: end it with the output of layout_table()"
    assert f"describes layout {SCHEMA}." in " ".join(text.split())
