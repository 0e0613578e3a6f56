"""Which points a sweep has, their cases and seeds, and what is refused before anything runs."""

from __future__ import annotations

import itertools
import re

import pytest

from fpsolve.cases.load import case_from_text, load_case
from fpsolve.errors import CaseError
from fpsolve.run import run_case
from fpsolve.sweeps import plan_sweep

BASE = """\
schema = 1
seed = 9
[model]
kind = "rbm"
mu2 = 9.0
kappa = [5.0, 4.0]
noise = { kind = "pcd" }
[stationary]
method = "gaussian_matrix"
[sgd]
kind = "rbm"
learning_rate = 0.01
batch_size = 16
steps = 10
replicas = 4
"""


def planned(sweep, base=BASE, overrides=()):
    return plan_sweep(case_from_text(f"{base}[sweep]\n{sweep}\n", overrides=overrides))


def refusal(sweep, **given):
    with pytest.raises(CaseError) as caught:
        planned(sweep, **given)
    return str(caught.value)


def values(plan):
    return [point.values for point in plan.points]


RATES, BATCHES, KAPPAS = (0.01, 0.02, 0.05), (8, 32), ((5.0, 4.0), (5.0, 5.0))
AXES = 'axes = { "sgd.learning_rate" = [0.01, 0.02, 0.05], "sgd.batch_size" = [8, 32], "model.kappa" = [[5.0, 4.0], [5.0, 5.0]] }'


class TestPointSets:
    def test_a_grid_is_the_product_with_the_last_axis_fastest(self):
        plan = planned(AXES)
        names = ("sgd.learning_rate", "sgd.batch_size", "model.kappa")
        expected = [dict(zip(names, row, strict=True)) for row in itertools.product(RATES, BATCHES, KAPPAS)]
        assert values(plan) == expected
        for point, (rate, batch, kappa) in zip(plan.points, itertools.product(RATES, BATCHES, KAPPAS), strict=True):
            case = point.case
            assert (case.sgd.learning_rate, case.sgd.batch_size, case.model.kappa) == (rate, batch, kappa)
            # What depends on the values is derived again: the noise takes rate and batch from the training.
            assert (case.model.noise.learning_rate, case.model.noise.batch_size) == (rate, batch)
            assert case.sweep is None

    def test_zip_takes_the_axes_together(self):
        plan = planned('mode = "zip"\naxes = { "sgd.learning_rate" = [0.1, 0.2], "sgd.steps" = [20, 10] }')
        assert values(plan) == [
            {"sgd.learning_rate": rate, "sgd.steps": steps} for rate, steps in zip((0.1, 0.2), (20, 10), strict=True)
        ]
        assert [(point.case.sgd.learning_rate, point.case.sgd.steps) for point in plan.points] == [(0.1, 20), (0.2, 10)]

    def test_a_list_keeps_what_a_point_does_not_name(self):
        plan = planned('mode = "list"\npoints = [{ "model.mu2" = 8.0 }, { "model.mu2" = 7.0, "sgd.steps" = 33 }]')
        assert [(point.case.model.mu2, point.case.sgd.steps) for point in plan.points] == [(8.0, 10), (7.0, 33)]
        assert plan.axes == {"model.mu2": (8.0, 7.0), "sgd.steps": (33,)}

    def test_a_key_may_be_given_by_the_axis_alone(self):
        base = BASE.replace("learning_rate = 0.01\n", "")
        plan = planned('axes = { "sgd.learning_rate" = [0.5, 0.25] }', base=base)
        assert [point.case.sgd.learning_rate for point in plan.points] == [0.5, 0.25]

    def test_texts_and_whole_numbers_stay_what_they_are(self):
        plan = planned('axes = { "sgd.data" = ["batch", "exact"], "sgd.sweeps" = [1, 2] }')
        assert [(point.case.sgd.data, point.case.sgd.sweeps) for point in plan.points] == [
            ("batch", 1), ("batch", 2), ("exact", 1), ("exact", 2),
        ]  # fmt: skip

    def test_a_base_and_what_is_put_over_it(self, tmp_path):
        (tmp_path / "sub").mkdir()
        (tmp_path / "sub" / "base.toml").write_text(BASE + '[initial]\nkind = "samples"\npath = "start.npy"\n')
        path = tmp_path / "scan.toml"
        path.write_text(
            'schema = 1\n[sgd]\nsteps = 77\n[sweep]\nbase = "sub/base.toml"\naxes = { "sgd.batch_size" = [8, 32] }\n'
        )
        import numpy as np

        np.save(tmp_path / "sub" / "start.npy", np.ones((4, 2)) * [4.0, 5.0])
        plan = plan_sweep(load_case(path, overrides=("sgd.replicas=3",)))
        assert [(p.case.sgd.steps, p.case.sgd.replicas, p.case.sgd.batch_size) for p in plan.points] == [
            (77, 3, 8), (77, 3, 32),
        ]  # fmt: skip
        assert plan.points[0].case.input_path(plan.points[0].case.initial.path) == tmp_path / "sub" / "start.npy"

    def test_the_text_of_a_point_is_a_case_that_gives_the_same_numbers(self, trained):
        point = plan_sweep(load_case(trained)).points[3]
        again = case_from_text(point.case.text)
        first, second = run_case(point.case), run_case(again)
        assert (first.sample.levels == second.sample.levels).all()
        assert first.resolved == second.resolved


class TestSeeds:
    def test_they_depend_on_seed_and_values_alone(self):
        whole = {str(point.values): point.seed for point in planned(AXES).points}
        assert len(set(whole.values())) == 12
        fewer = planned(
            'axes = { "model.kappa" = [[5.0, 5.0]], "sgd.batch_size" = [32.0], "sgd.learning_rate" = [0.05] }'.replace(
                "32.0", "32"
            )
        )
        (point,) = fewer.points
        key = {"sgd.learning_rate": 0.05, "sgd.batch_size": 32, "model.kappa": (5.0, 5.0)}
        assert point.seed == whole[str(key)]
        other = planned(AXES, overrides=("seed=10",))
        assert not {point.seed for point in other.points} & set(whole.values())

    def test_whole_numbers_are_the_same_values_as_floats(self):
        one, other = planned('axes = { "model.mu2" = [8] }'), planned('axes = { "model.mu2" = [8.0] }')
        assert one.points[0].seed == other.points[0].seed

    def test_an_axis_wins(self):
        plan = planned('axes = { "seed" = [3, 4], "sgd.batch_size" = [8, 16] }')
        assert [point.seed for point in plan.points] == [3, 3, 4, 4]
        assert [point.case.seed for point in plan.points] == [3, 3, 4, 4]

    def test_a_missing_seed_is_drawn_once(self):
        plan = planned(AXES, base=BASE.replace("seed = 9\n", ""))
        assert plan.case.seed is not None
        assert len({point.seed for point in plan.points}) == 12


class TestRefusals:
    def test_all_faults_of_all_points_come_together(self, tmp_path):
        path = tmp_path / "scan.toml"
        path.write_text(BASE + "[sweep]\naxes.'sgd.batch_size' = [0, 8]\naxes.'model.mu2' = [9.0,\n  4.5]\n")
        with pytest.raises(CaseError) as caught:
            plan_sweep(load_case(path))
        lines = str(caught.value).splitlines()
        assert len(lines) == 2, lines
        assert re.fullmatch(
            r".*scan\.toml:17: \[sgd\] batch_size: .*≥ 1.*\(value 0 of the sweep\) \[points 0, 1\]", lines[0]
        )
        assert re.search(r"scan\.toml:\d+: \[model\] .*\[points 1, 3\]", lines[1]), lines[1]

    def test_a_fault_of_every_point_is_told_once(self):
        text = refusal(
            'axes = { "sgd.batch_size" = [8, 16] }', base=BASE.replace("steps = 10", "steps = 10\nrecord_at = [20]")
        )
        assert text.count("must be ≤ steps = 10") == 1
        assert "[point" not in text

    @pytest.mark.parametrize(
        ("sweep", "message"),
        [
            ('axes = { "sgd.batchsize" = [8] }', "is no key of a case"),
            ('axes = { "sgd.batch_size" = [] }', "at least 1"),
            ('axes = { "output.path" = ["a.h5"] }', "cannot be an axis"),
            ('axes = { "sweep.mode" = ["zip"] }', "cannot be an axis"),
            ('axes = { "sgd.batch_size" = [8, 8] }', "points 0 and 1 are the same"),
            ('axes = { "model.mu2" = [9, 9.0] }', "points 0 and 1 are the same"),
            ('mode = "zip"\naxes = { "sgd.steps" = [8, 9], "sgd.batch_size" = [1] }', "equal lengths"),
            ('mode = "list"', "is required for mode"),
            ("", "is required"),
            ('base = "nowhere.toml"\naxes = { "sgd.steps" = [8] }', "no such file"),
            ('axes = { "sgd.batch_size" = ["many"] }', "whole number"),
        ],
    )
    def test_what_a_sweep_cannot_be(self, sweep, message):
        assert message in refusal(sweep)

    def test_an_option_that_would_have_no_effect(self):
        text = refusal('axes = { "sgd.batch_size" = [8] }', overrides=("sgd.batch_size=4",))
        assert text.startswith("--set sgd.batch_size=4: [sgd] batch_size: is an axis of the sweep")

    def test_a_base_that_is_a_sweep(self, tmp_path):
        (tmp_path / "base.toml").write_text(BASE + '[sweep]\naxes = { "sgd.steps" = [8] }\n')
        (tmp_path / "a.toml").write_text('schema = 1\n[sweep]\nbase = "base.toml"\naxes = { "sgd.batch_size" = [8] }\n')
        with pytest.raises(CaseError, match=r"a\.toml:3: \[sweep\] base: .*base\.toml is a sweep itself"):
            load_case(tmp_path / "a.toml")

    def test_a_fault_of_the_base_names_its_file_and_line(self, tmp_path):
        (tmp_path / "base.toml").write_text(BASE.replace("steps = 10", "steps = -1"))
        (tmp_path / "a.toml").write_text('schema = 1\n[sweep]\nbase = "base.toml"\naxes = { "sgd.batch_size" = [8] }\n')
        with pytest.raises(CaseError, match=r"base\.toml:14: \[sgd\] steps"):
            load_case(tmp_path / "a.toml")

    def test_a_fault_of_a_point_names_the_lines_of_both_files(self, tmp_path):
        (tmp_path / "base.toml").write_text(BASE)
        path = tmp_path / "a.toml"
        path.write_text(
            '# One\n# Two\nschema = 1\n[sweep]\nbase = "base.toml"\n\naxes = { "sgd.batch_size" = [8, 0], "model.mu2" = [4.5] }\n'
        )
        with pytest.raises(CaseError) as caught:
            plan_sweep(load_case(path))
        lines = str(caught.value).splitlines()
        kappa = BASE.splitlines().index(next(line for line in BASE.splitlines() if line.startswith("kappa"))) + 1
        assert any(f"base.toml:{kappa}: [model] kappa: " in line for line in lines), lines
        assert any("a.toml:7: [sgd] batch_size: must be ≥ 1" in line for line in lines), lines
        path.write_text('schema = 1\n[sweep]\nbase = "base.toml"\n\naxes = { "sgd.batch_size" = [8, 8] }\n')
        with pytest.raises(CaseError, match=r"a\.toml:5: \[sweep\]: points 0 and 1 are the same"):
            plan_sweep(load_case(path))

    def test_a_case_without_sweep(self):
        with pytest.raises(CaseError, match=r"\[sweep\]: this section is missing"):
            plan_sweep(case_from_text(BASE))

    def test_a_sweep_is_no_single_run(self, law):
        with pytest.raises(CaseError, match="fpsolve sweep"):
            run_case(load_case(law))
