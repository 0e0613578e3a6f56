"""Answers of a sweep, its index and files; what happens to it when points fail, workers die, and files are lost."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
from dataclasses import replace

import h5py
import numpy as np
import pytest
import xarray as xr

import fpsolve as fp
from fpsolve.cases.load import load_case
from fpsolve.errors import CaseError, OutputError, StorageError
from fpsolve.run import run_case
from fpsolve.store import read_result, read_sweep, write_sweep
from fpsolve.store.point_results import PointResults
from fpsolve.sweeps import plan_sweep
from fpsolve.sweeps.resume import resume_sweep


class Told:
    """A sink that keeps what it was told, and calls a function at every step."""

    def __init__(self, at_step=lambda done: None):
        self.steps = []
        self._at_step = at_step

    def start(self, task, note):
        self.note = note

    def advance(self, done, total):
        self.steps.append((done, total))
        self._at_step(done)

    def finish(self, task, seconds):
        pass


class TestAnswers:
    def test_against_the_closed_form(self, law, tmp_path):
        found = fp.sweep(law, output=tmp_path / "law.h5")
        # The stationary law of one level in a harmonic well has variance g²/κ.
        expected = [math.sqrt(g2 / stiffness) for stiffness in (1.0, 2.0) for g2 in (0.01, 0.02, 0.04)]
        np.testing.assert_allclose(found.column("stationary.levels.std.0"), expected, rtol=1e-9)
        np.testing.assert_array_equal(found.column("model.noise.g2"), [0.01, 0.02, 0.04] * 2)
        assert [point.status for point in found.points] == ["complete"] * 6
        assert all(point.seconds > 0.0 and point.attempts == 1 for point in found.points)

    def test_they_do_not_depend_on_workers(self, trained, tmp_path, timeless):
        one = fp.sweep(trained, output=tmp_path / "one.h5", workers=1)
        two = fp.sweep(trained, output=tmp_path / "two.h5", workers=2)
        assert (
            timeless(one).column("sgd.levels.0.mean.0").tolist() == timeless(two).column("sgd.levels.0.mean.0").tolist()
        )
        for left, right in zip(timeless(one).points, timeless(two).points, strict=True):
            assert replace(left, file="") == replace(right, file="")
        for index in range(4):
            left, right = read_result(tmp_path / one.points[index].file), read_result(tmp_path / two.points[index].file)
            np.testing.assert_array_equal(left.sample.levels, right.sample.levels)
            assert left.resolved == right.resolved

    def test_they_do_not_depend_on_order_or_neighbours(self, trained, tmp_path):
        whole = fp.sweep(trained)
        other = load_case(
            trained, overrides=('sweep.axes={ "sgd.batch_size" = [16, 4], "sgd.learning_rate" = [0.02] }',)
        )
        part = fp.sweep(other)
        by_values = {tuple(sorted(point.values.items())): point for point in whole.points}
        shared = [(point, by_values.get(tuple(sorted(point.values.items())))) for point in part.points]
        assert [old is not None for _, old in shared] == [True, False]
        point, old = shared[0]
        assert point.seed == old.seed
        assert point.scalars["sgd.levels.0.mean.0"] == old.scalars["sgd.levels.0.mean.0"]

    def test_a_point_is_the_case_with_its_values_set(self, trained):
        found = fp.sweep(trained)
        point = found.points[2]
        alone = load_case(
            trained,
            overrides=(
                "sgd.learning_rate=0.02",
                "sgd.batch_size=8",
                f"seed={point.seed}",
                'sweep.axes={"sgd.steps"=[60]}',
            ),
        )
        result = run_case(replace(alone, sweep=None))
        assert point.scalars["sgd.levels.0.mean.0"] == float(result.sample.levels.mean(axis=0)[0, 0])

    def test_columns_of_axes_and_scalars(self, law):
        points = '[{ "model.stiffness" = 1.0 }, { "model.noise.g2" = 0.04 }]'
        found = fp.sweep(load_case(law, overrides=('sweep.mode="list"', "sweep.axes={}", f"sweep.points={points}")))
        np.testing.assert_array_equal(found.column("model.stiffness"), [1.0, np.nan])
        np.testing.assert_array_equal(found.column("model.noise.g2"), [np.nan, 0.04])
        # Variance g²/Ω, with the stiffness 2 and the noise 0.02 of the case.
        np.testing.assert_allclose(found.column("stationary.levels.std.0") ** 2, [0.02, 0.02], rtol=1e-6)
        with pytest.raises(KeyError, match="neither an axis nor a scalar"):
            found.column("model.mass")

    def test_progress_counts_points(self, law):
        told = Told()
        fp.sweep(law, sink=told)
        assert told.steps == [(done, 6) for done in range(7)]
        assert told.note == "6 points, 1 at a time"


class TestFiles:
    def test_the_index_is_read_back_to_the_bit(self, trained, tmp_path):
        path = tmp_path / "a.h5"
        found = fp.sweep(trained, output=path)
        assert fp.open(path) == found
        assert isinstance(fp.open(tmp_path / found.points[0].file), fp.Result)
        with h5py.File(path) as file:
            assert file.attrs["kind"] == "sweep"
            assert file.attrs["status"] == "complete"
            assert list(file["sweep/axis"].asstr()) == ["sgd.learning_rate", "sgd.batch_size"]
        assert sorted(entry.name for entry in tmp_path.iterdir()) == ["a", "a.h5", "trained.toml"]
        assert sorted(entry.name for entry in (tmp_path / "a").iterdir()) == [f"point_{k:05d}.h5" for k in range(4)]

    def test_it_opens_in_xarray(self, law, tmp_path):
        found = fp.sweep(law, output=tmp_path / "a.h5")
        with xr.open_dataset(tmp_path / "a.h5", group="sweep", engine="h5netcdf") as data:
            std = data.value.sel(scalar="stationary.levels.std.0")
            assert std.dims == ("point",)
            np.testing.assert_array_equal(std, found.column("stationary.levels.std.0"))
            np.testing.assert_array_equal(data.axis_value.sel(axis="model.noise.g2"), [0.01, 0.02, 0.04] * 2)
            assert data.status.values.tolist() == ["complete"] * 6
        with xr.open_datatree(tmp_path / "a.h5", engine="h5netcdf") as tree:
            tree.load()

    def test_values_of_every_kind_come_back(self, law, tmp_path):
        found = fp.sweep(law)
        points = (
            replace(
                found.points[0],
                values={"a": (1, 2.5), "b": "text"},
                message="broken: «x»\n",
                status="failed",
                scalars={},
            ),
            replace(found.points[1], values={"a": True}, seconds=1.5, attempts=2, scalars={"n": 1e300}),
        )
        odd = replace(found, mode="list", axes={"a": ((1, 2.5), True), "b": ("text",)}, points=points)
        write_sweep(odd, tmp_path / "odd.h5")
        assert read_sweep(tmp_path / "odd.h5") == odd
        bare = replace(odd, points=(replace(points[0], scalars={}),), axes={})
        bare = replace(bare, points=(replace(bare.points[0], values={}),))
        write_sweep(bare, tmp_path / "bare.h5")
        assert read_sweep(tmp_path / "bare.h5") == bare

    def test_results_of_the_points_are_read_on_demand(self, law, tmp_path):
        found = fp.sweep(law, output=tmp_path / "a.h5")
        (tmp_path / "a" / "point_00001.h5").unlink()
        results = PointResults(found, tmp_path / "a.h5")
        assert len(results) == 6
        assert results[0].stationary.std[0] == found.points[0].scalars["stationary.levels.std.0"]
        with pytest.raises(StorageError, match=r"point_00001\.h5"):
            results[1]
        nothing = PointResults(fp.sweep(law), tmp_path / "a.h5")
        assert list(nothing) == [None] * 6

    def test_index_and_result_are_not_confused(self, law, tmp_path):
        found = fp.sweep(law, output=tmp_path / "a.h5")
        with pytest.raises(StorageError, match="the index of a sweep"):
            read_result(tmp_path / "a.h5")
        with pytest.raises(StorageError, match="not the index of a sweep"):
            read_sweep(tmp_path / found.points[0].file)

    def test_what_is_there_is_kept(self, law, tmp_path):
        path = tmp_path / "a.h5"
        fp.sweep(law, output=path)
        before = path.read_bytes()
        with pytest.raises(OutputError, match="exists already"):
            fp.sweep(law, output=path)
        assert path.read_bytes() == before
        stale = tmp_path / "a" / "point_00099.h5"
        stale.write_bytes(b"old")
        fp.sweep(law, output=path, overwrite=True)
        assert not stale.exists()

    def test_a_folder_in_the_way(self, law, tmp_path):
        (tmp_path / "a").mkdir()
        (tmp_path / "a" / "mine.txt").write_text("mine")
        with pytest.raises(OutputError, match="exists already"):
            fp.sweep(law, output=tmp_path / "a.h5")
        assert not (tmp_path / "a.h5").exists()

    def test_faulty_points_write_nothing(self, law, tmp_path):
        case = load_case(law, overrides=('sweep.axes={ "model.stiffness" = [1.0, -1.0] }',))
        with pytest.raises(CaseError, match="value -1.0 of the sweep"):
            fp.sweep(case, output=tmp_path / "a.h5")
        assert [entry.name for entry in tmp_path.iterdir()] == ["law.toml"]


DIVERGING = ('sweep.axes={ "sgd.learning_rate" = [0.01, 0.9, 0.02] }',)


class TestTrouble:
    def test_a_failing_point_does_not_touch_the_others(self, trained, tmp_path):
        found = fp.sweep(load_case(trained, overrides=DIVERGING), output=tmp_path / "a.h5")
        assert [point.status for point in found.points] == ["complete", "failed", "complete"]
        assert "training diverged" in found.points[1].message
        assert (found.points[1].file, found.points[1].scalars) == ("", {})
        with h5py.File(tmp_path / "a.h5") as file:
            assert file.attrs["status"] == "failed"
        assert fp.open(tmp_path / "a.h5") == found

    def test_a_rejected_point_keeps_its_numbers(self, trained, tmp_path):
        case = load_case(trained, overrides=('expect={ "sgd.replicas" = { value = 41 } }',))
        found = fp.sweep(case, output=tmp_path / "a.h5")
        assert {point.status for point in found.points} == {"rejected"}
        assert all("sgd.replicas: found 40, expected 41" in point.message for point in found.points)
        assert all("sgd.levels.0.mean.0" in point.scalars and point.file for point in found.points)

    @pytest.mark.skipif(os.name != "posix", reason="kills a process")
    def test_points_of_a_killed_worker_are_tried_again(self, law, tmp_path, timeless):
        killed = []

        def kill_one(done):
            if done == 2 and not killed:
                victim = multiprocessing.active_children()[0]
                killed.append(victim.pid)
                os.kill(victim.pid, signal.SIGKILL)

        found = fp.sweep(law, output=tmp_path / "a.h5", workers=2, sink=Told(kill_one))
        assert killed
        assert [point.status for point in found.points] == ["complete"] * 6
        assert max(point.attempts for point in found.points) == 2
        quiet = fp.sweep(law, output=tmp_path / "b.h5")
        assert timeless(found).points[0].scalars == timeless(quiet).points[0].scalars

    def test_an_interrupted_sweep_goes_on_where_it_was(self, trained, tmp_path, timeless):
        def interrupt(done):
            if done == 2:
                raise KeyboardInterrupt

        whole = fp.sweep(trained, output=tmp_path / "a.h5")
        (tmp_path / "b").mkdir()
        with pytest.raises(KeyboardInterrupt):
            fp.sweep(trained, output=tmp_path / "b" / "a.h5", sink=Told(interrupt))
        half = fp.open(tmp_path / "b" / "a.h5")
        assert [point.status for point in half.points] == ["complete", "complete", "pending", "pending"]
        told = Told()
        found, _ = resume_sweep(tmp_path / "b" / "a.h5", sink=told)
        assert told.steps[0] == (2, 4)
        assert timeless(found) == timeless(whole)
        assert fp.open(tmp_path / "b" / "a.h5") == found

    def test_what_the_index_did_not_know_yet_is_found(self, trained, tmp_path, timeless):
        whole = fp.sweep(trained, output=tmp_path / "a.h5")
        points = (whole.points[0], *(replace(fp.SweepPoint(p.values), seed=p.seed) for p in whole.points[1:]))
        write_sweep(replace(whole, points=points), tmp_path / "a.h5", overwrite=True, status="running")
        (tmp_path / "a" / "point_00003.h5").write_bytes(b"half a file")
        told = Told()
        found, _ = resume_sweep(tmp_path / "a.h5", sink=told)
        assert told.steps == [(3, 4), (4, 4)]
        assert timeless(found) == timeless(whole)

    def test_lost_files_are_computed_again(self, trained, tmp_path, timeless):
        whole = fp.sweep(trained, output=tmp_path / "a.h5")
        (tmp_path / "a" / "point_00002.h5").unlink()
        found, _ = resume_sweep(tmp_path / "a.h5")
        assert timeless(found) == timeless(whole)
        assert read_result(tmp_path / "a" / "point_00002.h5").sample is not None

    def test_failed_points_are_tried_again(self, trained, tmp_path):
        fp.sweep(load_case(trained, overrides=DIVERGING), output=tmp_path / "a.h5")
        told = Told()
        found, _ = resume_sweep(tmp_path / "a.h5", sink=told)
        assert told.steps == [(2, 3), (3, 3)]
        assert found.points[1].status == "failed"

    def test_a_sweep_of_another_meaning_is_not_continued(self, trained, tmp_path):
        found = fp.sweep(trained, output=tmp_path / "a.h5")
        other = replace(found, case_text=found.case_text.replace("steps = 60", "steps = 61"))
        write_sweep(other, tmp_path / "a.h5", overwrite=True)
        with pytest.raises(CaseError, match=r"must not be mixed \(sgd\.steps"):
            resume_sweep(tmp_path / "a.h5")

    def test_the_case_file_may_be_gone(self, trained, tmp_path, timeless):
        whole = fp.sweep(trained, output=tmp_path / "a.h5")
        trained.unlink()
        (tmp_path / "a" / "point_00000.h5").unlink()
        found, _ = resume_sweep(tmp_path / "a.h5")
        assert timeless(found) == timeless(whole)

    def test_two_at_work_on_one_sweep(self, law, tmp_path):
        seen = []

        def second(done):
            if done == 1:
                with pytest.raises(OutputError, match="another fpsolve is at work"):
                    resume_sweep(tmp_path / "a.h5")
                with pytest.raises(OutputError, match="another fpsolve is at work"):
                    fp.sweep(law, output=tmp_path / "a.h5", overwrite=True)
                seen.append(done)

        fp.sweep(law, output=tmp_path / "a.h5", sink=Told(second))
        assert seen

    def test_a_full_disk_ends_the_sweep_and_keeps_what_is_there(self, trained, tmp_path, monkeypatch):
        import errno

        from fpsolve.store import atomic

        write, count = atomic._write_and_flush, []

        def fill_up(aside, data, *, mode):
            count.append(aside)
            if len(count) > 4:  # the first index, two points with an index each
                raise OSError(errno.ENOSPC, "No space left on device")
            write(aside, data, mode=mode)

        monkeypatch.setattr(atomic, "_write_and_flush", fill_up)
        with pytest.raises(StorageError, match="no space left"):
            fp.sweep(trained, output=tmp_path / "a.h5")
        monkeypatch.undo()
        half = fp.open(tmp_path / "a.h5")
        done = [point for point in half.points if point.status == "complete"]
        assert 1 <= len(done) < 4
        assert all(read_result(tmp_path / point.file).sample is not None for point in done)
        found, _ = resume_sweep(tmp_path / "a.h5")
        assert [point.status for point in found.points] == ["complete"] * 4


def test_a_plan_has_the_axes_of_the_case(law):
    plan = plan_sweep(load_case(law))
    assert plan.axes == {"model.stiffness": (1.0, 2.0), "model.noise.g2": (0.01, 0.02, 0.04)}
    assert plan.mode == "grid"
