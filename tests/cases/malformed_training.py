"""Case files with one fault each in what trains, compares and sweeps; as in `malformed.py`."""

from __future__ import annotations

import runpy
from pathlib import Path

_shared = runpy.run_path(str(Path(__file__).with_name("malformed.py")))
Malformed, swap, PAIR, MATRIX = (_shared[name] for name in ("Malformed", "swap", "PAIR", "MATRIX"))

STUDENT = """\
schema = 1
[model]
kind = "teacher_student"
teacher = [2.0, 2.0]
second_layer = [1.0, 4.0]
[sgd]
kind = "teacher_student"
learning_rate = 0.1
batch_size = 16
gradient_noise = 0.1
steps = 200
[validate]
statistics = ["ks"]
"""

SWEEP = PAIR + '[sweep]\naxes = { "sgd.batch_size" = [8, 32] }\n'
AXES = 'axes = { "sgd.batch_size" = [8, 32] }'
HEAVY = MATRIX.replace("levels = 2\n", "multiplicative = 0.1\n")


def student(old: str, new: str) -> bytes:
    """The student with one piece of text replaced."""
    return swap(old, new, STUDENT)


# fmt: off
MALFORMED = [
    # [model] teacher_student
    Malformed("student_teacher_unordered", student("[2.0, 2.0]", "[2.0, 1.0]"), 4, "model.teacher", "entry 2: must ascend"),
    Malformed("student_teacher_negative", student("[2.0, 2.0]", "[-2.0, 2.0]"), 4, "model.teacher", "entry 1: must be > 0, not -2.0"),
    Malformed("student_second_layer", student("[1.0, 4.0]", "[1.0, 2.0, 4.0]"), 5, "model.second_layer", "has 3 entries, but there are 2 levels"),
    Malformed("student_beta", student("teacher = [2.0, 2.0]", "teacher = [2.0, 2.0]\nbeta = 2"), 5, "model.beta", 'it belongs to kind "rbm", "dyson"'),
    Malformed("student_observable", student("teacher = [2.0, 2.0]", 'teacher = [2.0, 2.0]\nobservable = "singlar"'), 5, "model.observable", 'must be "singular", "symmetric" or "squared", not "singlar"; did you mean "singular"?'),
    Malformed("student_without_noise", student("gradient_noise = 0.1\n", ""), 2, "model.noise", "neither gradient_noise nor label_noise > 0, here or in [sgd]"),
    Malformed("student_without_rate", student("learning_rate = 0.1\n", ""), 2, "model.noise.learning_rate", "give it here, in [sgd] or in the schedule"),
    Malformed("student_fixed_data_in_noise", student("teacher = [2.0, 2.0]", 'teacher = [2.0, 2.0]\nnoise.data = "fixed"'), 5, "model.noise.data", 'must be "batch" or "exact", not "fixed"'),
    # [sgd] teacher_student and linear_network: what cannot be read there does not make the model a student without noise
    Malformed("student_kind", student('[sgd]\nkind = "teacher_student"', '[sgd]\nkind = "linear_net"'), 6, "sgd", 'did you mean "linear_network"?'),
    Malformed("student_gradient_noise", student("gradient_noise = 0.1", "gradient_noise = -0.1"), 10, "sgd.gradient_noise", "must be ≥ 0, not -0.1"),
    Malformed("student_data", student("steps = 200", 'steps = 200\ndata = "fixd"'), 12, "sgd.data", 'must be "batch", "exact" or "fixed", not "fixd"; did you mean "fixed"?'),
    Malformed("student_samples_of_fresh_data", student("steps = 200", "steps = 200\nsamples = 160"), 12, "sgd.samples", 'belongs to data = "fixed"'),
    Malformed("student_samples_and_batches", student("steps = 200", 'steps = 200\ndata = "fixed"\nsamples = 100'), 13, "sgd.samples", "must be a multiple of batch_size = 16, not 100"),
    Malformed("student_other_levels", student("steps = 200", "steps = 200\nteacher = [1.0, 2.0, 3.0]\nsecond_layer = 1.0"), 12, "sgd.teacher", "has 3 levels, but the model has 2: nothing to compare"),
    Malformed("student_other_observable", student("steps = 200", 'steps = 200\nobservable = "squared"'), 12, "sgd.observable", 'records "squared" levels, the model\'s are "singular"'),
    Malformed("network_of_singular_values", student('[sgd]\nkind = "teacher_student"', '[sgd]\nkind = "linear_network"'), 2, "model.observable", "give the same"),
    Malformed("network_observable", student('[sgd]\nkind = "teacher_student"', '[sgd]\nobservable = "squared"\nkind = "linear_network"'), 7, "sgd.observable", 'it belongs to kind "teacher_student"'),
    # [model] multiplicative, mixing; [sgd] target
    Malformed("multiplicative_of_two_levels", swap("levels = 2", "levels = 2\nmultiplicative = 0.1", MATRIX), 6, "model.multiplicative", "goes with one level, not 2"),
    Malformed("multiplicative_too_strong", swap("multiplicative = 0.1", "multiplicative = 1.5", HEAVY), 5, "model.multiplicative", "must be < weight_decay/(beta rows - 2) = 1, not 1.5"),
    Malformed("multiplicative_negative", swap("steps = 10", "steps = 10\nmultiplicative = -1", MATRIX), 12, "sgd.multiplicative", "must be ≥ 0, not -1"),
    Malformed("target_unordered", swap("steps = 10", "steps = 10\ntarget = [2.0, 1.0]", MATRIX), 12, "sgd.target", "entry 2: must ascend"),
    Malformed("target_of_an_rbm", swap("steps = 10", 'steps = 10\ntarget = { kind = "lattice_scalar_1d" }', MATRIX), 12, "sgd.target", "must be a number, not a table"),
    Malformed("mixing_of_constant_noise", swap('"pcd_constant"', '"pcd_constant", mixing = true', PAIR), 6, "model.noise.mixing", 'it belongs to kind "pcd"'),
    Malformed("mixing_in_words", swap('"pcd_constant"', '"pcd", mixing = "yes"', PAIR), 6, "model.noise.mixing", 'must be true or false, not "yes"'),
    # Comparison
    Malformed("groups_typo", student('["ks"]', '["ks"]\ngroups = "level"'), 14, "validate.groups", 'must be "multiplets" or "levels", not "level"; did you mean "levels"?'),
    Malformed("alternatives_without_a_pair", student('[2.0, 2.0]', '[1.0, 2.0]').replace(b'["ks"]', b'["alternatives"]'), 13, "validate.statistics", "degenerate pair of levels, and the model has none"),
    Malformed("exponential_of_one_record", student('["ks"]', '["exponential"]'), 13, "validate.statistics", "needs 4 records from t = 0 on, but sgd.record_at gives 1"),
    Malformed("exponential_p_value", student('["ks"]', '["exponential"]\nfail_if = { exponential_p = 0.1 }').replace(b"steps = 200", b"steps = 200\nrecord_at = [50, 100, 150, 200]"), 15, "validate.fail_if.exponential_p", 'did you mean "exponential"?'),
    Malformed("fit_from_without_a_fit", student('["ks"]', '["ks"]\nfit_from = 2.0'), 14, "validate.fit_from", 'belongs to "exponential"'),
    Malformed("tail_of_a_student", student('["ks"]', '["tail"]'), 13, "validate.statistics", "laguerre model with multiplicative noise"),
    Malformed("tail_on_the_way", (HEAVY + '[initial]\nkind = "point"\nat = 0.1\n[evolve]\ntimes = [1.0]\n[validate]\nagainst = ["evolve"]\nstatistics = ["tail"]\n').encode(), 19, "validate.statistics", 'add "stationary" to against'),
    Malformed("ratio_of_a_student", student('["ks"]', '["ratio"]'), 13, "validate.statistics", "closed form for an rbm and for dyson"),
    # Sweeps
    Malformed("sweep_mode", swap("axes", 'mode = "gird"\naxes', SWEEP), 13, "sweep.mode", 'did you mean "grid"?'),
    Malformed("axis_typo", swap("sgd.batch_size", "sgd.batchsize", SWEEP), 13, "sweep.axes.sgd.batchsize", 'did you mean "sgd.batch_size"?'),
    Malformed("axis_without_section", swap('"sgd.batch_size"', '"batch_size"', SWEEP), 13, "sweep.axes.batch_size", '"model.noise.batch_size" or "sgd.batch_size"?'),
    Malformed("axis_without_quotes", swap(AXES, "axes = { sgd.batch_size = [8, 32] }", SWEEP), 13, "sweep.axes.sgd", 'write the whole key in quotes, e.g. "sgd.batch_size" ='),
    Malformed("axis_of_another_kind", swap('"sgd.batch_size"', '"sgd.gradient_noise"', SWEEP), 13, "sgd.gradient_noise", 'it belongs to kind "teacher_student" or "linear_network"'),
    Malformed("axis_nan", swap("[8, 32]", "[8, nan]", SWEEP), 13, "sweep.axes.sgd.batch_size", "entry 2: must be a finite number, not nan"),
    Malformed("axis_of_one_number", swap("[8, 32]", "8", SWEEP), 13, "sweep.axes.sgd.batch_size", "must be a list, not 8"),
    Malformed("axes_of_unequal_lengths", swap(AXES, 'mode = "zip"\naxes = { "sgd.batch_size" = [8, 32], "sgd.steps" = [9] }', SWEEP), 14, "sweep.axes", "must have equal lengths"),
    Malformed("points_without_mode", swap(AXES, 'points = [{ "sgd.batch_size" = 8 }]', SWEEP), 13, "sweep.points", 'goes with mode = "list", not "grid"'),
]
# fmt: on
