"""Case files with one fault each: what is written, and where and how it must be answered.

`MALFORMED` is data for two tests: the loader's (file, line, key, message) and the command line's (exit code 2, nothing
written, no traceback).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Malformed:
    """A case file with one fault.

    Attributes
    ----------
    name : str
    text : bytes
        Contents of the file.
    line : int or None
        The line that must be named.
    key : str
        The dotted key that must be named; "" for a fault of the file.
    fragment : str
        Part of the message.
    """

    name: str
    text: bytes
    line: int | None
    key: str
    fragment: str


BASE = """\
schema = 1
[model]
kind = "rbm"
mu2 = 2.0
kappa = [1.0]
noise = { kind = "constant", g2 = 0.01 }
[initial]
kind = "gaussian"
mean = 0.2
std = 0.05
[grid]
cells = 400
[evolve]
times = [0.1, 1.0]
[spectrum]
states = 3
[sgd]
kind = "rbm"
learning_rate = 0.01
batch_size = 16
steps = 100
[validate]
statistics = ["ks"]
"""

GAS = """\
schema = 1
[model]
kind = "dyson"
levels = 3
stiffness = 1.0
noise = { kind = "constant", g2 = 0.05 }
[initial]
kind = "gaussian"
mean = [-1.0, 0.0, 1.0]
std = 0.1
[evolve]
times = [0.5]
"""

PAIR = """\
schema = 1
[model]
kind = "rbm"
mu2 = 2.0
kappa = [1.5, 1.0]
noise = { kind = "pcd_constant" }
[sgd]
kind = "rbm"
learning_rate = 0.01
batch_size = 16
steps = 10
"""

POTENTIAL = """\
schema = 1
[model]
kind = "potential"
V = "x**4/4 - x**2/2"
domain = [-2.0, 2.0]
noise = { kind = "constant", g2 = 0.1 }
[initial]
kind = "point"
at = 0.5
[evolve]
times = [1.0]
"""


def swap(old: str, new: str, base: str = BASE) -> bytes:
    """The base case with one piece of text, which must occur once, replaced."""
    if base.count(old) != 1:
        msg = f"{old!r} must occur once in the base case"
        raise ValueError(msg)
    return base.replace(old, new).encode()


def expression(text: str) -> bytes:
    """The potential case with another V."""
    return swap('"x**4/4 - x**2/2"', f"'''{text}'''", POTENTIAL)


MATRIX = """\
schema = 1
[model]
kind = "laguerre"
rows = 3
levels = 2
weight_decay = 1.0
temperature = 0.1
[sgd]
kind = "matrix_langevin"
learning_rate = 0.1
steps = 10
"""


def gas(*edits: tuple[str, str]) -> bytes:
    """The three Dyson levels with some pieces of text replaced."""
    text = GAS
    for old, new in edits:
        text = swap(old, new, text).decode()
    return text.encode()


START = 'kind = "gaussian"\nmean = [-1.0, 0.0, 1.0]\nstd = 0.1'
EVOLVE = "[evolve]\ntimes = [0.5]\n"


# fmt: off
MALFORMED = [
    # Typos
    Malformed("section_typo", swap("[evolve]", "[evolv]"), 13, "evolv", "did you mean [evolve]?"),
    Malformed("unknown_section", swap("[grid]", "[turbulence]"), 11, "turbulence", "unknown section; allowed: [model], [initial]"),
    Malformed("key_typo", swap("kappa =", "kapa ="), 5, "model.kapa", 'did you mean "kappa"?'),
    Malformed("inline_key_typo", swap("g2 =", "g_2 ="), 6, "model.noise.g_2", 'did you mean "g2"?'),
    Malformed("kind_typo", swap('[model]\nkind = "rbm"', '[model]\nkind = "rmb"'), 2, "model", 'did you mean "rbm"?'),
    Malformed("noise_kind_typo", swap('"constant"', '"constnat"'), 6, "model.noise", 'did you mean "constant"?'),
    Malformed("kind_unknown", swap('"gaussian"', '"lorentzian"'), 7, "initial", '"gaussian", "point", "marchenko_pastur"'),
    Malformed("method_typo", swap("times =", 'method = "legende"\ntimes ='), 14, "evolve.method", 'did you mean "legendre"?'),
    Malformed("statistic_typo", swap('["ks"]', '["ks", "waserstein"]'), 23, "validate.statistics", 'did you mean "wasserstein"?'),
    Malformed("key_of_another_section", swap("states = 3", "cells = 3"), 16, "spectrum.cells", "it belongs to [grid]"),
    Malformed("key_of_an_inner_table", swap("mu2 = 2.0", "mu2 = 2.0\ng2 = 0.01"), 5, "model.g2", "it belongs to [model.noise]"),
    Malformed("key_above_sections", swap("schema = 1", "schema = 1\ncells = 4"), 2, ".cells", "it belongs to [grid]"),
    Malformed("title_typo", swap("schema = 1", 'schema = 1\ntitl = "x"'), 2, ".titl", 'did you mean "title"?'),
    Malformed("student_without_teacher", swap('[sgd]\nkind = "rbm"', '[sgd]\nkind = "teacher_student"'), 17, "sgd.teacher", "required and missing; give it here: the model has none"),
    Malformed("sgd_kind_unknown", swap('[sgd]\nkind = "rbm"', '[sgd]\nkind = "adam"'), 17, "sgd", 'unknown kind "adam"; it must be "rbm", "matrix_langevin", "teacher_student", "linear_network" or "file"'),
    # Missing
    Malformed("schema_missing", swap("schema = 1\n", ""), None, ".schema", "write schema = 1"),
    Malformed("model_missing", b'schema = 1\n[initial]\nkind = "gaussian"\nmean = 0.2\nstd = 0.05\n', None, "model", "required and missing"),
    Malformed("mu2_missing", swap("mu2 = 2.0\n", ""), 2, "model.mu2", "required and missing: μ²"),
    Malformed("kind_missing", swap('[initial]\nkind = "gaussian"', "[initial]"), 7, "initial", "kind is missing"),
    Malformed("noise_missing", swap('noise = { kind = "constant", g2 = 0.01 }\n', ""), 2, "model.noise", "required and missing"),
    Malformed("kappa_missing", swap("kappa = [1.0]\n", ""), 2, "model.kappa", "lattice_scalar_1d"),
    Malformed("initial_missing", swap('[initial]\nkind = "gaussian"\nmean = 0.2\nstd = 0.05\n', ""), 9, "evolve", "needs an [initial] section"),
    Malformed("sgd_missing", swap('[sgd]\nkind = "rbm"\nlearning_rate = 0.01\nbatch_size = 16\nsteps = 100\n', ""), 17, "validate", "needs an [sgd] section"),
    Malformed("learning_rate_missing", swap("learning_rate = 0.01\n", ""), 17, "sgd.learning_rate", "give it here or in the schedule"),
    # Types
    Malformed("schema_of_the_future", swap("schema = 1", "schema = 2"), 1, ".schema", "must be 1, not 2"),
    Malformed("text_for_number", swap("mu2 = 2.0", 'mu2 = "2.0"'), 4, "model.mu2", 'must be a number, not "2.0"'),
    Malformed("boolean_for_number", swap("mu2 = 2.0", "mu2 = true"), 4, "model.mu2", "must be a number, not true"),
    Malformed("text_in_list", swap("[1.0]", '["1.0"]'), 5, "model.kappa", 'entry 1: must be a number, not "1.0"'),
    Malformed("date_for_number", swap("std = 0.05", "std = 2024-07-23"), 10, "initial.std", "must be a number, not 2024-07-23"),
    Malformed("fraction_for_count", swap("cells = 400", "cells = 400.5"), 12, "grid.cells", "must be a whole number, not 400.5"),
    Malformed("list_for_text", swap("schema = 1", 'schema = 1\ntitle = ["a"]'), 2, ".title", "must be text in quotes"),
    Malformed("number_for_section", b'schema = 1\nmodel = 5\n', 2, "model", "must be a table, not 5"),
    Malformed("number_for_times", swap("times = [0.1, 1.0]", "times = 1.0"), 14, "evolve.times", "must be a list of times or a table"),
    Malformed("list_for_flag", swap("states = 3", "vectors = []"), 16, "spectrum.vectors", "must be true or false, not []"),
    # Values
    Malformed("negative_noise", swap("g2 = 0.01", "g2 = -0.01"), 6, "model.noise.g2", "must be > 0, not -0.01"),
    Malformed("zero_noise", swap("g2 = 0.01", "g2 = 0"), 6, "model.noise.g2", "must be > 0, not 0"),
    Malformed("nan", swap("mu2 = 2.0", "mu2 = nan"), 4, "model.mu2", "must be a finite number, not nan"),
    Malformed("infinity", swap("mean = 0.2", "mean = -inf"), 9, "initial.mean", "must be a finite number, not -inf"),
    Malformed("overflow", swap("mean = 0.2", "mean = 1e999"), 9, "initial.mean", "must be a finite number, not inf"),
    Malformed("huge_integer", swap("mean = 0.2", "mean = 1" + "0" * 400), 9, "initial.mean", "must be a number, not a huge number"),
    Malformed("zero_std", swap("std = 0.05", "std = 0.0"), 10, "initial.std", "must be > 0"),
    Malformed("empty_grid", swap("cells = 400", "cells = 0"), 12, "grid.cells", "must be ≥ 4, not 0"),
    Malformed("empty_times", swap("[0.1, 1.0]", "[]"), 14, "evolve.times", "must have at least 1 entry, not 0"),
    Malformed("negative_seed", swap("schema = 1", "schema = 1\nseed = -1"), 2, ".seed", "must be ≥ 0, not -1"),
    Malformed("zero_batch", swap("batch_size = 16", "batch_size = 0"), 20, "sgd.batch_size", "must be ≥ 1, not 0"),
    Malformed("rtol_above_one", swap("times =", "rtol = 2\ntimes ="), 14, "evolve.rtol", "must be ≤ 0.1, not 2"),
    Malformed("findiff_order", swap("states = 3", 'method = "findiff"\norder = 3'), 17, "spectrum.order", "must be 2, 4, 6 or 8, not 3"),
    # Order and sizes
    Malformed("unordered_levels", swap("[1.0]", "[\n  1.0,\n  1.5,\n]"), 7, "model.kappa", "must descend"),
    Malformed("kappa_above_mu2", swap("[1.0]", "[2.0]"), 5, "model.kappa", "must be < mu2 = 2, not 2"),
    Malformed("kappa_negative", swap("[1.0]", "[-1.0]"), 5, "model.kappa", "must be > 0, not -1"),
    Malformed("target_above_mu2", swap("kappa = [1.0]", 'target = { kind = "lattice_scalar_1d", sites = 4, mass2 = 1.0 }'), 4, "model.mu2", "must be > 5, the largest kappa of the target"),
    Malformed("kappa_and_target", swap("kappa = [1.0]", 'kappa = [1.0]\ntarget = { kind = "lattice_scalar_1d", sites = 1, mass2 = 1.0 }'), 6, "model.target", "cannot stand beside kappa"),
    Malformed("noise_per_level", swap("g2 = 0.01", "g2 = [0.01, 0.02]"), 6, "model.noise.g2", "has 2 entries, but there is 1 level"),
    Malformed("times_unordered", swap("[0.1, 1.0]", "[1.0, 0.1]"), 14, "evolve.times", "entry 2: must increase strictly, but 0.1 follows 1"),
    Malformed("times_at_zero", swap("[0.1, 1.0]", "[0.0, 1.0]"), 14, "evolve.times", "entry 1: must be > 0"),
    Malformed("times_rule_backwards", swap("[0.1, 1.0]", '{ kind = "linear", first = 2.0, last = 1.0, n = 3 }'), 14, "evolve.times.last", "must be > first = 2"),
    Malformed("record_after_the_end", swap("steps = 100", "steps = 100\nrecord_at = [50, 200]"), 22, "sgd.record_at", "entry 2: must be ≤ steps = 100, not 200"),
    Malformed("records_unordered", swap("steps = 100", "steps = 100\nrecord_at = [50, 50]"), 22, "sgd.record_at", "must increase strictly"),
    Malformed("sgd_kappa_above_mu2", swap("steps = 100", "steps = 100\nkappa = [3.0]"), 22, "sgd.kappa", "must be < mu2 = 2, not 3"),
    Malformed("other_number_of_levels", swap("steps = 100", "steps = 100\nkappa = [1.5, 1.0]"), 17, "sgd", "trains 2 levels, but the model has 1"),
    Malformed("start_outside_the_walls", swap("mean = 0.2", "mean = 2.5"), 9, "initial.mean", "must lie inside the walls [0, 2], not 2.5"),
    Malformed("start_outside_the_grid", swap("cells = 400", "domain = [0.5, 1.5]"), 9, "initial.mean", "must lie inside the grid [0.5, 1.5], not 0.2"),
    Malformed("domain_outside_the_model", swap("cells = 400", "domain = [-1.0, 2.0]"), 12, "grid.domain", "must lie inside the walls [0, 2]"),
    Malformed("domain_empty", swap("cells = 400", "domain = [1.0, 1.0]"), 12, "grid.domain", "lower < upper"),
    Malformed("domain_of_one", swap("cells = 400", "domain = [1.0]"), 12, "grid.domain", "required and missing"),
    Malformed("rows_below_levels", b'schema = 1\n[model]\nkind = "laguerre"\nrows = 2\nlevels = 3\nweight_decay = 1\ntemperature = 1\n', 4, "model.rows", "must be ≥ levels = 3, not 2"),
    Malformed("geometric_growth", b'schema = 1\n[model]\nkind = "geometric"\nsource = 1\ngrowth = 1\nstrength = 0.5\n', 5, "model.growth", "must be < strength = 0.5"),
    Malformed("dyson_centres", b'schema = 1\n[model]\nkind = "dyson"\nlevels = 2\nstiffness = 1\ncentre = [1.0, 0.0]\nnoise.kind = "constant"\nnoise.g2 = 0.1\n', 6, "model.centre", "must ascend"),
    Malformed("schedule_start", swap("kappa = [1.0]", "kappa = [1.0]\nschedule = { learning_rate = [[1.0, 0.01]] }").replace(b"[validate]\nstatistics = [\"ks\"]\n", b""), 6, "model.schedule.learning_rate", "must be at time 0, not 1"),
    # Combinations
    Malformed("method_for_many_levels", swap("times =", 'method = "chamber"\ntimes ='), 14, "evolve.method", "it takes 2 to 6 levels, the model has 1; what remains: scharfetter_gummel, legendre"),
    Malformed("statistic_of_a_pair", swap('["ks"]', '["surmise"]'), 23, "validate.statistics", "degenerate pair of levels, and the model has none"),
    Malformed("fail_if_not_computed", swap('["ks"]', '["ks"]\nfail_if = { wasserstein = 0.1 }'), 24, "validate.fail_if.wasserstein", "add it there"),
    Malformed("variance_of_aligned", swap("steps = 100", "steps = 100\nvariance = 0.1"), 22, "sgd.variance", 'belongs to init = "gaussian"'),
    Malformed("expect_section", swap("[sgd]", '[expect]\n"spectra.energies" = { value = 0 }\n[sgd]'), 18, "expect.spectra.energies", 'did you mean "spectrum"?'),
    Malformed("expect_absent_section", swap("[sgd]", '[expect]\n"stationary.method" = { value = "exact" }\n[sgd]'), 18, "expect.stationary.method", "the case has no [stationary] section"),
    Malformed("sweep_axis", swap("[sgd]", '[sweep]\naxes = { "sgd.batchsize" = [1] }\n[sgd]'), 18, "sweep.axes.sgd.batchsize", "is no key of a case"),
    Malformed("sgd_file_missing", swap('kind = "rbm"\nlearning_rate = 0.01\nbatch_size = 16\nsteps = 100', 'kind = "file"\npath = "nowhere.npy"'), 19, "sgd.path", "no such file"),
    Malformed("absorbing_and_stationary", swap("domain = [-2.0, 2.0]", 'domain = [-2.0, 2.0]\nboundary = "absorbing"', POTENTIAL) + b"[stationary]\n", 13, "stationary", "an absorbing wall takes all probability"),
    Malformed("stationary_start_absorbing", swap('kind = "point"\nat = 0.5', 'kind = "stationary"', POTENTIAL).replace(b"2.0]\n", b'2.0]\nboundary = "absorbing"\n'), 9, "initial.kind", "an absorbing wall takes all probability"),
    Malformed("stationary_and_schedule", swap("kappa = [1.0]", "kappa = [1.0]\nschedule = { learning_rate = [[0, 0.01]] }").replace(b'[spectrum]\nstates = 3\n', b"[stationary]\n").replace(b"[validate]\nstatistics = [\"ks\"]\n", b""), 16, "stationary", "the schedule changes the noise with time"),
    Malformed("spectrum_and_schedule", swap("kappa = [1.0]", "kappa = [1.0]\nschedule = { learning_rate = [[0, 0.01]] }").replace(b"[validate]\nstatistics = [\"ks\"]\n", b""), 16, "spectrum.method", "it takes constant noise"),
    Malformed("stationary_one_step_of_constant_noise", BASE.encode() + b'[stationary]\nmethod = "one_step"\n', 25, "stationary.method", 'it takes an rbm with derived noise (noise = "pcd")'),
    Malformed("stationary_gaussian_matrix_of_constant_noise", BASE.encode() + b'[stationary]\nmethod = "gaussian_matrix"\n', 25, "stationary.method", "what remains: exact"),
    Malformed("stationary_gaussian_matrix_of_frozen_noise", PAIR.encode() + b'[stationary]\nmethod = "gaussian_matrix"\n', 13, "stationary.method", "only that says which training is meant"),
    Malformed("stationary_one_step_of_two_levels", swap("pcd_constant", "pcd", PAIR) + b'[stationary]\nmethod = "one_step"\n', 13, "stationary.method", "takes one level, not 2; what remains: exact"),
    Malformed("stationary_gaussian_matrix_of_complex_weights", swap("pcd_constant", "pcd", PAIR).replace(b"mu2 = 2.0", b"mu2 = 2.0\nbeta = 2") + b'[stationary]\nmethod = "gaussian_matrix"\n', 14, "stationary.method", "it takes beta = 1"),
    Malformed("stationary_method_typo", BASE.encode() + b'[stationary]\nmethod = "gausian_matrix"\n', 25, "stationary.method", 'did you mean "gaussian_matrix"?'),
    Malformed("langevin_of_an_rbm", swap('kind = "rbm"\nlearning_rate = 0.01\nbatch_size = 16\n', 'kind = "matrix_langevin"\nlearning_rate = 0.01\n'), 17, "sgd", 'is the matrix of a laguerre model, the model is "rbm"'),
    Malformed("langevin_batch_size", swap("steps = 10", "steps = 10\nbatch_size = 4", MATRIX), 12, "sgd.batch_size", "unknown key here; it belongs to"),
    Malformed("langevin_key_typo", swap("steps = 10", "steps = 10\nweight_deacy = 1", MATRIX), 12, "sgd.weight_deacy", 'did you mean "weight_decay"?'),
    Malformed("langevin_learning_rate_missing", swap("learning_rate = 0.1\n", "", MATRIX), 8, "sgd.learning_rate", "required and missing: Time α of an update"),
    Malformed("langevin_rows", swap("steps = 10", "steps = 10\nrows = 1", MATRIX), 12, "sgd.rows", "must be ≥ levels = 2 of the model, not 1"),
    Malformed("langevin_temperature", swap("steps = 10", "steps = 10\ntemperature = 0", MATRIX), 12, "sgd.temperature", "must be > 0, not 0"),
    Malformed("langevin_records", swap("steps = 10", "steps = 10\nrecord_at = [4, 11]", MATRIX), 12, "sgd.record_at", "entry 2: must be ≤ steps = 10, not 11"),
    Malformed("langevin_variance_of_aligned", swap("steps = 10", "steps = 10\nvariance = 0.1", MATRIX), 12, "sgd.variance", 'belongs to init = "gaussian"'),
    Malformed("langevin_schedule", swap("levels = 2", "levels = 2\nschedule = { learning_rate = [[0.0, 0.1], [1.0, 0.01]] }", MATRIX), 6, "model.schedule", "whose noise is constant"),
    Malformed("option_of_another_method", swap("times =", "modes = 40\ntimes ="), 14, "evolve.modes", 'belongs to method "legendre", not to "scharfetter_gummel"'),
    Malformed("spectrum_on_a_ring", swap("domain = [-2.0, 2.0]", 'domain = [-2.0, 2.0]\nboundary = "periodic"', POTENTIAL).replace(b"x**4/4 - x**2/2", b"cos(pi*x)") + b'[spectrum]\nmethod = "bidiagonal"\n', 14, "spectrum.method", "what remains: legendre"),
    Malformed("domain_cuts_absorbing_wall", swap("domain = [-2.0, 2.0]", 'domain = [-2.0, 2.0]\nboundary = "absorbing"', POTENTIAL) + b"[grid]\ndomain = [-1.0, 2.0]\n", 14, "grid.domain", "cuts off the absorbing wall"),
    Malformed("default_grid_too_large", swap("std = 0.05\n[grid]\ncells = 400", "std = 1e-7"), None, "grid", "give cells"),
    Malformed("ring_does_not_close", swap("domain = [-2.0, 2.0]", 'domain = [-1.0, 2.0]\nboundary = "periodic"', POTENTIAL), 4, "model.V", "V must take the same value at both ends"),
    # Many levels
    Malformed("gas_means_unordered", gas(("[-1.0, 0.0, 1.0]", "[0.0, -1.0, 1.0]")), 9, "initial.mean", "entry 2: must ascend, as the levels do, but -1 follows 0"),
    Malformed("gas_means_for_other_levels", gas(("[-1.0, 0.0, 1.0]", "[-1.0, 1.0]")), 9, "initial.mean", "has 2 entries, but there are 3 levels"),
    Malformed("gas_points_unordered", gas((START, 'kind = "point"\nat = [1.0, 0.0, 2.0]')), 9, "initial.at", "entry 2: must ascend"),
    Malformed("gas_points_coincide", gas((START, 'kind = "point"\nat = [0.0, 1.0, 1.0]')), 9, "initial.at", "entry 3: is 1 like the one before, but levels repel"),
    Malformed("gas_one_point_for_all", gas((START, 'kind = "point"\nat = 0.5')), 9, "initial.at", "puts all 3 levels at 0.5, but levels repel"),
    Malformed("gas_pair_for_three", gas((START, 'kind = "pair"\nmean = 0.0\nstd = 0.1')), 8, "initial.kind", '"pair" is the law of 2 levels, but the model has 3'),
    Malformed("gas_never_in_order", gas(("levels = 3", "levels = 12"), ("[-1.0, 0.0, 1.0]", "0.0"), ("times", 'method = "particles"\ntimes')), 7, "initial", "draws from the initial law are in ascending order"),
    Malformed("gas_outside_the_walls", b'schema = 1\n[model]\nkind = "rbm"\nmu2 = 2\nkappa = [1.5, 1.0]\nnoise.kind = "constant"\nnoise.g2 = 0.01\n[initial]\nkind = "marchenko_pastur"\nrows = 60\nvariance = 1\n[evolve]\nmethod = "particles"\ntimes = [1]\n', 8, "initial", "lie between the walls 0 and 2; start somewhere more likely"),
    Malformed("gas_rows", gas((START, 'kind = "marchenko_pastur"\nrows = 2\nvariance = 1.0')), 9, "initial.rows", "must be ≥ the number of levels 3, not 2"),
    Malformed("gas_beta_negative", gas(("levels = 3", "levels = 3\nbeta = -1")), 5, "model.beta", "must be ≥ 0, not -1"),
    Malformed("gas_noise_per_level", gas(("g2 = 0.05", "g2 = [0.1, 0.1]")), 6, "model.noise.g2", "has 2 entries, but there are 3 levels"),
    Malformed("gas_legendre", gas(("times", 'method = "legendre"\ntimes')), 12, "evolve.method", "it takes 1 to 2 levels, the model has 3; what remains: log_gas,"),
    Malformed("gas_too_many_for_chamber", gas(("levels = 3", "levels = 7"), ("[-1.0, 0.0, 1.0]", "[-3, -2, -1, 0, 1, 2, 3]"), ("times", 'method = "chamber"\ntimes')), 12, "evolve.method", "it takes 2 to 6 levels, the model has 7; what remains: log_gas,"),
    Malformed("gas_too_many_for_log_gas", gas(("levels = 3", "levels = 17"), ("[-1.0, 0.0, 1.0]", str(list(range(17)))), ("times", 'method = "log_gas"\ntimes')), 12, "evolve.method", "it takes 2 to 16 levels, the model has 17; what remains: particles; cost here: particles about"),
    Malformed("gas_beta_of_log_gas", gas(("levels = 3", "levels = 3\nbeta = 2"), ("times", 'method = "log_gas"\ntimes')), 13, "evolve.method", "it takes beta = 1, the model has 2; what remains: particles, chamber; cost here: particles about"),
    Malformed("gas_chamber_too_large", gas(("times", 'method = "chamber"\ntimes')) + b"[grid]\ncells = 20000\n", 15, "grid.cells", "a chamber of 3 levels on 20000 cells has 1.33e+12"),
    Malformed("gas_too_many_trajectories", gas(("times", 'method = "particles"\ntrajectories = 1_000_000_000\ntimes')), 13, "evolve.trajectories", "more than the 4 GiB that are kept"),
    Malformed("gas_option_of_particles", gas(("times", 'method = "log_gas"\ntrajectories = 100\ntimes')), 13, "evolve.trajectories", 'belongs to method "particles", not to "log_gas"'),
    Malformed("gas_spectrum_legendre", gas((EVOLVE, '[spectrum]\nmethod = "legendre"\n')), 12, "spectrum.method", "it takes one level, the model has 3; what remains: chamber; cost here: chamber about"),
    Malformed("gas_spectrum_of_eight", gas(("levels = 3", "levels = 8"), ("[-1.0, 0.0, 1.0]", "0.0"), (EVOLVE, "[spectrum]\nstates = 2\n")), 11, "spectrum.method", "chamber: it takes 2 to 6 levels, the model has 8"),
    Malformed("gas_spectrum_too_large", gas((EVOLVE, "[spectrum]\nstates = 2\n[grid]\ncells = 5000\n")), 14, "grid.cells", "a chamber of 3 levels on 5000 cells has 2.08e+10"),
    Malformed("gas_spectrum_points", gas((EVOLVE, "[spectrum]\npoints = 100\n")), 12, "spectrum.points", 'not to "chamber"'),
    Malformed("gas_stationary_of_17", gas(("levels = 3", "levels = 17"), ("[-1.0, 0.0, 1.0]", "0.0"), (EVOLVE, "[stationary]\n")), 11, "stationary.method", "beta = 1 with up to 16 levels (work and memory double with each)"),
    Malformed("gas_stationary_beta", gas(("levels = 3", "levels = 3\nbeta = 4"), (EVOLVE, "[stationary]\n")), 12, "stationary.method", "what remains: evolve to long times"),
    Malformed("gas_stationary_operator", gas((EVOLVE, '[stationary]\nmethod = "operator"\n')), 12, "stationary.method", "takes one level, not 3; what remains: exact"),
    Malformed("gas_stationary_start_beta", gas(("levels = 3", "levels = 3\nbeta = 2"), (START, 'kind = "stationary"'), ("times", 'method = "particles"\ntimes')), 8, "initial", "can be sampled for beta = 1, not 2"),
    Malformed("levels_of_an_rbm", swap("kappa = [1.5, 1.0]", "kappa = [1.5, 1.0]\nlevels = 3", PAIR), 6, "model.levels", "one level for every entry of kappa, or for every site of target"),
    Malformed("sgd_trains_other_levels", swap("steps = 10", "steps = 10\nkappa = [1.5, 1.2, 1.0]\n[validate]", PAIR), 7, "sgd", "trains 3 levels, but the model has 2"),
    Malformed("frozen_noise_without_batch", swap("batch_size = 16\n", "", PAIR), 6, "model.noise.batch_size", "give it here, in [sgd] or in the schedule"),
    Malformed("triplet_is_no_pair", swap("[1.5, 1.0]", "[1.0, 1.0, 1.0]", PAIR) + b'[validate]\nstatistics = ["surmise"]\n', 13, "validate.statistics", "degenerate pair of levels, and the model has none"),
    Malformed("spacing_without_a_pair", swap('["ks"]', '["spacing"]'), 23, "validate.statistics", '"spacing" is about a degenerate pair of levels'),
    Malformed("distinct_levels_are_no_pair", PAIR.encode() + b'[validate]\nstatistics = ["binder"]\n', 13, "validate.statistics", "degenerate pair of levels, and the model has none"),
    # Hostile or broken expressions
    Malformed("expression_attribute", expression("x.__class__"), 4, "model.V", "an attribute is not allowed"),
    Malformed("expression_import", expression("__import__(x)"), 4, "model.V", 'unknown function "__import__"'),
    Malformed("expression_tower", expression("9**9**9**9"), 4, "model.V", "exponents must stay within ±64"),
    Malformed("expression_subscript", expression("x[0]"), 4, "model.V", 'the character "[" is not allowed'),
    Malformed("expression_lambda", expression("lambda: x"), 4, "model.V", 'the character ":" is not allowed'),
    Malformed("expression_too_long", expression("x+" * 300 + "x"), 4, "model.V", "at most 500 are allowed"),
    Malformed("expression_brackets", expression("(" * 100 + "x" + ")" * 100), 4, "model.V", "more than 40 nested brackets"),
    Malformed("expression_confusable", expression("х**2"), 4, "model.V", "(U+0445) is not allowed"),
    Malformed("expression_syntax", expression("x**2 +"), 4, "model.V", "column 7"),
    Malformed("expression_name", expression("y**2"), 4, "model.V", 'unknown name "y"'),
    Malformed("expression_not_smooth", expression("abs(x)"), 4, "model.V", "is not smooth"),
    Malformed("expression_infinite", expression("1/x**2 + log(x - 1)"), 4, "model.V", "not a finite number at x ="),
    Malformed("expression_empty", expression("  "), 4, "model.V", "is empty"),
    # Not a case at all
    Malformed("binary_junk", bytes(range(256)) * 4, 2, "", "not UTF-8 text"),
    Malformed("zero_bytes", b"schema = 1\n\0\0\0", 2, "", "zero bytes"),
    Malformed("empty_file", b"", None, "", "is empty"),
    Malformed("only_white_space", b" \n\n\t\n", None, "", "is empty"),
    Malformed("unquoted_text", swap('"gaussian"', "gaussian"), 8, "", 'text needs quotes: kind = "gaussian"'),
    Malformed("unclosed_list", swap("[0.1, 1.0]\n", "[0.1, 1.0\n"), 15, "", "not valid TOML"),
    Malformed("section_twice", swap("[grid]\ncells = 400", "[initial]\nmean = 1"), 11, "", "not valid TOML"),
    Malformed("key_twice", swap("mu2 = 2.0", "mu2 = 2.0\nmu2 = 3.0"), 5, "", "not valid TOML"),
    Malformed("yaml", b"schema: 1\nmodel:\n  kind: rbm\n", 1, "", "not valid TOML"),
    Malformed("deep_nesting", b"x = " + b"[" * 5000 + b"]" * 5000, None, "", "nested too deeply"),
    Malformed("number_of_5000_digits", b"x = " + b"9" * 5000, None, "", "not valid TOML"),
]
# fmt: on
