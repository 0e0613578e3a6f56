"""Reading, overriding and completing cases."""

from __future__ import annotations

import runpy
from pathlib import Path

import numpy as np
import pytest

from fpsolve.cases.build import build_initial, build_model
from fpsolve.cases.costs import evolution_times
from fpsolve.cases.load import case_from_tables, case_from_text, load_case
from fpsolve.errors import CaseError, ModelError
from fpsolve.results import Sample

BASE = runpy.run_path(str(Path(__file__).with_name("malformed.py")))["BASE"]

PCD = """\
schema = 1
[model]
kind = "rbm"
mu2 = 2
kappa = 1
noise = { kind = "pcd" }
[sgd]
kind = "rbm"
learning_rate = 0.01
batch_size = 16
steps = 1000
"""


def messages(load) -> list[str]:
    with pytest.raises(CaseError) as caught:
        load()
    return [str(problem) for problem in caught.value.problems]


def test_all_faults_of_a_file_come_together_in_its_order(tmp_path):
    path = tmp_path / "case.toml"
    path.write_text("""\
schema = 1
sed = 4
[model]
kind = "rbm"
mu2 = "2.0"
kapa = [1.0]
noise = { kind = "pcd", lerning_rate = 0.01 }
[grid]
cells = 2
domain = [0.0, nan]
[evolve]
times = [
  0.1,
  0.1,
]
[sgd]
kind = "linear_network"
[validat]
[validate]
against = ["stationry"]
""")
    found = messages(lambda: load_case(path, overrides=["spectrum.states=0"]))
    heads = [message.removeprefix(f"{path}:").split(":")[0] for message in found]
    assert heads == ["2", "5", "6", "7", "9", "10", "11", "14", "16", "18", "20", "--set spectrum.states=0"]
    assert "[model] mu2: must be a number" in found[1]
    assert "needs an [initial] section" in found[6]


class TestFiles:
    def test_missing_file_near_another(self, tmp_path):
        (tmp_path / "one_level.toml").write_text(BASE)
        path = tmp_path / "one_levle.toml"
        assert messages(lambda: load_case(path)) == [f'{path}: no such file; did you mean "{tmp_path}/one_level.toml"?']

    def test_missing_file_that_is_shipped(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (message,) = messages(lambda: load_case("rbm_one_levl.toml"))
        assert message.startswith("rbm_one_levl.toml: no such file; ")
        assert "fpsolve cases rbm_one_level copies it here" in message

    def test_missing_file_in_a_missing_folder(self):
        (message,) = messages(lambda: load_case("/nowhere/at/all.toml"))
        assert message.startswith("/nowhere/at/all.toml: no such file; ")

    def test_folder(self, tmp_path):
        (tmp_path / "inside.toml").write_text(BASE)
        (message,) = messages(lambda: load_case(tmp_path))
        assert message == f"{tmp_path}: is a folder, not a case file; it holds inside.toml"

    def test_name_through_a_file(self, tmp_path):
        (tmp_path / "file").write_text("")
        (message,) = messages(lambda: load_case(tmp_path / "file" / "case.toml"))
        assert "cannot be read: Not a directory" in message

    def test_name_that_no_file_can_have(self):
        (message,) = messages(lambda: load_case("a\0b.toml"))
        assert "cannot be read" in message or "no such file" in message

    def test_very_long_file(self, tmp_path):
        path = tmp_path / "long.toml"
        path.write_bytes(b"#" * 3_000_000)
        assert messages(lambda: load_case(path)) == [f"{path}: is 3.0 MB long; a case file is a short text"]

    def test_byte_order_mark_and_windows_line_ends(self, tmp_path):
        path = tmp_path / "windows.toml"
        path.write_bytes(b"\xef\xbb\xbf" + BASE.replace("\n", "\r\n").encode())
        assert load_case(path).model.mu2 == 2.0
        path.write_bytes(path.read_bytes().replace(b"cells", b"cels"))
        assert messages(lambda: load_case(path))[0].startswith(f"{path}:12: [grid] cels:")

    def test_input_paths_are_relative_to_the_case(self, tmp_path, monkeypatch):
        (tmp_path / "case.toml").write_text(
            PCD[: PCD.index("[sgd]")] + '[sgd]\nkind = "file"\npath = "levels.npy"\n'
            "learning_rate = 0.01\nbatch_size = 16\n"
        )
        (tmp_path / "levels.npy").write_bytes(b"")
        monkeypatch.chdir("/")
        case = load_case(tmp_path / "case.toml")
        assert case.input_path(case.sgd.path) == tmp_path / "levels.npy"
        assert case.model.noise.learning_rate == 0.01


class TestOverrides:
    @pytest.mark.parametrize(
        ("override", "value"),
        [
            ("evolve.times=[0.5]", (0.5,)),
            ("evolve.times = [0.5, 1]", (0.5, 1.0)),
            ("evolve.rtol=1e-4", 1e-4),
            ("spectrum.method=findiff", "findiff"),
            ('spectrum.method="findiff"', "findiff"),
            ("spectrum.vectors=false", False),
            ("model.noise.g2=0.5", 0.5),
            ("title=a b = c", "a b = c"),
            ("seed=7", 7),
        ],
    )
    def test_value(self, override, value):
        case = case_from_text(BASE, overrides=[override])
        section, _, key = override.split("=")[0].strip().rpartition(".")
        holder = case
        for part in filter(None, section.split(".")):
            holder = getattr(holder, part)
        assert getattr(holder, key) == value
        assert case.overrides == (override,)
        assert case.text == BASE

    def test_later_ones_win_and_sections_can_be_added(self):
        case = case_from_text(BASE, overrides=["grid.cells=10", "grid.cells=20", "stationary.method=operator"])
        assert case.grid.cells == 20
        assert case.stationary.method == "operator"

    def test_inner_tables_are_kept(self):
        case = case_from_text(BASE, overrides=["model.noise.g2=0.5"])
        assert (case.model.noise.kind, case.model.noise.g2) == ("constant", 0.5)

    @pytest.mark.parametrize(
        ("override", "expected"),
        [
            ("grid.cells", "--set grid.cells: must be KEY=VALUE"),
            ("=5", "--set =5: must be KEY=VALUE"),
            ("grid..cells=5", '"grid..cells" is not a dotted key'),
            ("grid.cells=5\nx=3", "[grid] cells: must be a whole number"),
            ("grid.cells=", 'no value after "="'),
            ("evolve.times=[1.0", "the value [1.0 is not valid TOML"),
            ("grid.cels=5", '--set grid.cels=5: [grid] cels: unknown key; did you mean "cells"?'),
            ("grid.cells=many", '--set grid.cells=many: [grid] cells: must be a whole number, not "many"'),
            ("model.mu2=0.5", "[model] kappa: must be < mu2 = 0.5"),
            ("mode.mu2=3", "--set mode.mu2=3: [mode]: unknown section; did you mean [model]?"),
            ("model.mu2.x=3", '[model] mu2.x: "mu2" is a value, not a table'),
            ("a." * 2000 + "b=1", "is not a dotted key"),
        ],
    )
    def test_fault(self, override, expected):
        found = messages(lambda: case_from_text(BASE, overrides=[override]))
        assert len(found) == 1
        assert expected in found[0]

    def test_the_option_is_named_for_every_key_that_it_brought(self):
        found = messages(lambda: case_from_text(BASE, overrides=['initial={kind="gaussian", mean=9, sdt=1}']))
        assert len(found) == 1
        assert found[0].startswith('--set initial={kind="gaussian", mean=9, sdt=1}: [initial] sdt: unknown key')


class TestSharedSettings:
    def test_noise_takes_from_the_training(self):
        noise = case_from_text(PCD).model.noise
        assert (noise.learning_rate, noise.batch_size, noise.sweeps, noise.data) == (0.01, 16, 1, "batch")

    def test_training_takes_from_the_noise(self):
        text = PCD.replace('"pcd"', '"pcd", learning_rate = 0.02, batch_size = 8, sweeps = 3, data = "exact"')
        text = text.replace("learning_rate = 0.01\nbatch_size = 16\n", "")
        case = case_from_text(text)
        assert (case.sgd.learning_rate, case.sgd.batch_size, case.sgd.sweeps, case.sgd.data) == (0.02, 8, 3, "exact")
        assert case.warnings == ()

    def test_frozen_noise_is_that_of_the_fixed_points(self):
        """g² = (2α/B)(x_s/κ)²(E + χ_d): 16/3 · α/B for κ = 1, μ² = 2, and 10/3 · α/B with the exact data term."""
        text = PCD.replace('"pcd"', '"pcd_constant"')
        for data, factor in (("batch", 16.0 / 3.0), ("exact", 10.0 / 3.0)):
            case = case_from_text(text, overrides=[f"sgd.data={data}"])
            assert (case.model.noise.kind, case.model.noise.batch_size, case.model.noise.data) == (
                "pcd_constant",
                16,
                data,
            )
            model = build_model(case)
            assert model.labels["noise"] == "constant"
            assert model.labels["g2"] == pytest.approx([factor * 0.01 / 16.0], rel=1e-12)
        two = build_model(case_from_text(text.replace("kappa = 1", "kappa = [1.5, 1.0]")))
        # x_s = 1/2, ρ = 1/4: E = 17/15
        assert two.labels["g2"] == pytest.approx([2e-2 / 16.0 * (32.0 / 15.0) / 9.0, 0.16 / 48.0], rel=1e-12)

    def test_training_takes_target_and_sizes_from_the_model(self):
        sgd = case_from_text(PCD).sgd
        assert (sgd.kappa, sgd.mu2, sgd.hidden, sgd.record_at, sgd.variance) == ((1.0,), 2.0, 1, (1000,), None)
        assert case_from_text(PCD, overrides=["sgd.init=gaussian"]).sgd.variance == 0.01

    def test_lattice_target(self):
        text = PCD.replace("kappa = 1", 'target = { kind = "lattice_scalar_1d", sites = 4, mass2 = 0.5 }')
        case = case_from_text(text, overrides=["model.mu2=9"])
        # κ_q = m² + 2 − 2 cos(2πq/4): 4.5, 2.5 twice, 0.5
        assert case.sgd.kappa == pytest.approx((4.5, 2.5, 2.5, 0.5), abs=1e-14)
        assert build_model(case).n == 4

    def test_different_values_stay_and_make_one_warning_each(self):
        case = case_from_text(PCD.replace('"pcd"', '"pcd", batch_size = 24, sweeps = 1'))
        assert (case.model.noise.batch_size, case.sgd.batch_size) == (24, 16)
        (warning,) = case.warnings
        assert warning.startswith("batch_size is 24 in [model] noise but 16 in [sgd]")

    def test_wrong_target_for_the_training(self):
        case = case_from_text(PCD, overrides=["sgd.kappa=1.2"])
        assert (case.model.kappa, case.sgd.kappa) == (1.0, (1.2,))

    def test_schedule_gives_the_first_values(self):
        text = PCD.replace("learning_rate = 0.01\nbatch_size = 16\n", "")
        schedule = "model.schedule={learning_rate=[[0, 0.02], [5, 0.01]], batch_size=[[0, 8]], kind='cosine'}"
        case = case_from_text(text, overrides=[schedule])
        assert (case.sgd.learning_rate, case.model.noise.batch_size) == (0.02, 8)
        assert build_model(case).schedule.kind == "cosine"

    def test_schedule_against_a_given_value(self):
        found = messages(lambda: case_from_text(PCD, overrides=["model.schedule.learning_rate=[[0, 0.02]]"]))
        assert found == [
            ":9: [sgd] learning_rate: is 0.01, but the schedule starts with 0.02; leave it out or give the same"
        ]

    def test_schedule_of_broken_batches(self):
        found = messages(lambda: case_from_text(PCD, overrides=["model.schedule.batch_size=[[0, 16], [1, 2.5]]"]))
        assert len(found) == 1
        assert "entry 2: batch size 2.5 is not a whole number" in found[0]

    def test_collapse_is_found_at_loading(self):
        # The level collapses to 0 unless α/B < μ²(μ² − κ)/κ (exact data term): here 2.
        fits = ["model.mu2=2", "sgd.data=exact", "sgd.batch_size=1"]
        (message,) = messages(lambda: case_from_text(PCD, overrides=[*fits, "sgd.learning_rate=2.01"]))
        assert message.startswith(":2: [model]: the level kappa = 1 collapses to 0")
        case_from_text(PCD, overrides=[*fits, "sgd.learning_rate=1.99"])


class TestResolved:
    def test_read_again_it_is_the_same_case(self):
        resolved = case_from_text(PCD, path=Path("x/pcd.toml")).resolved()
        again = case_from_tables(resolved).resolved()
        assert again == resolved
        assert resolved["title"] == "pcd"
        assert resolved["model"]["noise"] == {
            "kind": "pcd", "learning_rate": 0.01, "batch_size": 16, "sweeps": 1, "data": "batch", "mixing": False,
        }  # fmt: skip

    def test_what_the_gas_leaves_out_is_told(self):
        """Levels of several κ with the noise of training; one κ is a gas exactly, and constant noise claims nothing."""
        for kappa, noise, told in (
            ("[1.5, 1.0]", '{ kind = "pcd" }', 1),
            ("[1.5, 1.0]", '{ kind = "pcd_constant" }', 1),
            ("[1.0, 1.0]", '{ kind = "pcd" }', 0),
            ("[1.5, 1.0]", '{ kind = "constant", g2 = 0.01 }', 0),
        ):
            case = case_from_text(PCD.replace("kappa = 1", f"kappa = {kappa}").replace('{ kind = "pcd" }', noise))
            assert len(case.warnings) == told, (kappa, noise)

    def test_methods_are_chosen(self):
        case = case_from_text(BASE)
        # Bound states choose when they run: a gap that is lost in rounding needs another method.
        assert (case.evolve.method, case.spectrum.method) == ("scharfetter_gummel", None)

    def test_expectations_may_be_written_without_quotes(self):
        text = BASE + "[expect]\nspectrum.energies = { value = [0, 0.2], atol = 1 }\n"
        assert case_from_text(text).expect["spectrum.energies"].value == (0.0, 0.2)

    def test_sweep_over_another_file(self, tmp_path):
        (tmp_path / "base.toml").write_text(BASE)
        path = tmp_path / "sweep.toml"
        path.write_text(
            'schema = 1\n[sweep]\nbase = "base.toml"\nmode = "zip"\n'
            'axes = { "model.noise.g2" = [0.1, 0.2], "evolve.method" = ["legendre", "scharfetter_gummel"] }\n'
        )
        case = load_case(path)
        base = load_case(tmp_path / "base.toml")
        assert (case.model, case.spectrum, case.title) == (base.model, base.spectrum, "sweep")
        assert case.sweep.axes["model.noise.g2"] == (0.1, 0.2)
        # The text holds both files, so that it can be read without the base.
        again = case_from_text(case.text, path=path)
        assert again.resolved() == case.resolved()


class TestBuild:
    def test_rbm_with_constant_noise(self):
        body = build_model(case_from_text(BASE)).levels[0]
        x = np.array([0.3, 1.2])
        assert body.drift(x) == pytest.approx((1.0 - 1.0 / (2.0 - x)) * x, rel=1e-14)
        assert body.diffusion(x) == pytest.approx([0.01, 0.01])

    def test_rbm_with_derived_noise(self):
        body = build_model(case_from_text(PCD)).levels[0]
        # D = (2αx²/B)[c²E + 1/κ²], c = 1/(μ² − x), E = (1 + ρ²)/(1 − ρ²), ρ = x/μ²
        x = np.array([0.3, 1.2])
        rho2 = (x / 2.0) ** 2
        expected = 2 * 0.01 / 16 * x**2 * ((1 + rho2) / (1 - rho2) / (2.0 - x) ** 2 + 1.0)
        assert body.diffusion(x) == pytest.approx(expected, rel=1e-13)

    @pytest.mark.parametrize(
        ("section", "drift", "diffusion"),
        [
            ('kind="dyson"\nstiffness=2\ncentre=1\nnoise={kind="constant",g2=0.3}', lambda x: -2 * (x - 1), lambda x: 0.3 + 0 * x),
            ('kind="laguerre"\nrows=5\nweight_decay=0.5\ntemperature=0.2', lambda x: -x + 2 * 0.2 * 5, lambda x: 0.8 * x),
            ('kind="geometric"\nsource=1\ngrowth=-2\nsaturation=3\nstrength=0.5', lambda x: 1 - 2 * x - 3 * x**2, lambda x: 0.5 * x**2),
            ('kind="jacobi"\np=0.5\nq=1\nstrength=2', lambda x: 2 * (1.5 - 3.5 * x), lambda x: 2 * x * (1 - x)),
            ('kind="potential"\nV="x**4/4"\ndomain=[-2,2]\nnoise={kind="constant",g2=0.3}', lambda x: -(x**3), lambda x: 0.3 + 0 * x),
        ],
    )  # fmt: skip
    def test_one_level_of_every_model(self, section, drift, diffusion):
        body = build_model(case_from_text(f"schema = 1\n[model]\n{section}\n")).levels[0]
        x = np.array([0.2, 0.7])
        assert body.drift(x) == pytest.approx(drift(x), rel=1e-12)
        assert body.diffusion(x) == pytest.approx(diffusion(x), rel=1e-12)

    @pytest.mark.parametrize(
        ("boundary", "expected"),
        [('"absorbing"', ("absorbing", "absorbing")), ('["reflecting", "absorbing"]', ("reflecting", "absorbing"))],
    )
    def test_boundary(self, boundary, expected):
        text = f'schema=1\n[model]\nkind="potential"\nV="0"\ndomain=[0,1]\nnoise={{kind="constant",g2=1}}\nboundary={boundary}\n'
        assert build_model(case_from_text(text)).boundary == expected

    def test_start_is_cut_at_the_wall(self):
        case = case_from_text(BASE, overrides=["initial.mean=0.02"])
        model = build_model(case)
        draws = build_initial(case, model).sample(4000, 3)
        assert draws.min() >= 0.0
        # Mean of a normal law cut at 0: m + s φ(m/s)/Φ(m/s) with m/s = 0.4
        assert draws.mean() == pytest.approx(0.02 + 0.05 * 0.3682701 / 0.6554217, abs=0.003)

    def test_start_from_a_file(self, tmp_path):
        (tmp_path / "levels.npy").write_bytes(b"")
        case = case_from_text(
            BASE.replace('kind = "gaussian"\nmean = 0.2\nstd = 0.05', 'kind = "samples"\npath = "levels.npy"'),
            path=tmp_path / "case.toml",
        )
        model = build_model(case)
        levels = np.stack([np.full((40, 1), 1.9), np.linspace(0.4, 0.6, 40)[:, None]], axis=1)
        law = build_initial(case, model, read_levels=lambda path: Sample.from_array(levels, label=str(path)))
        assert law.mean == pytest.approx([0.5], abs=1e-3)
        with pytest.raises(ModelError, match="holds 2 levels, but the model has 1"):
            build_initial(case, model, read_levels=lambda _: Sample.from_array(np.ones((3, 2))))

    def test_times(self):
        text = BASE.replace("[0.1, 1.0]", '{ kind = "geometric", first = 0.1, last = 10.0, n = 3 }')
        assert evolution_times(case_from_text(text).evolve) == pytest.approx([0.1, 1.0, 10.0], rel=1e-14)
        text = BASE.replace("[0.1, 1.0]", '{ kind = "linear", first = 1, last = 3, n = 5 }')
        assert evolution_times(case_from_text(text).evolve).tolist() == [1.0, 1.5, 2.0, 2.5, 3.0]
