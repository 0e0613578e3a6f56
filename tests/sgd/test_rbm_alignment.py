"""Alignment of trained eigenvectors with the target: its definition, its bookkeeping, and its law."""

import numpy as np
import pytest

from fpsolve.models.lattice import lattice_scalar_1d
from fpsolve.results import Provenance, Result, Sample
from fpsolve.sgd import train_rbm
from fpsolve.sgd.rbm_alignment import levels_and_alignment, target_spaces
from fpsolve.store import read_result, write_result

KAPPA = np.array([8.0, 7.0, 7.0, 5.0, 5.0, 4.0])
GROUPS = [[0], [1, 2], [3, 4], [5]]


def turn(size, first, second, angle):
    """Rotation by `angle` in the plane of two modes."""
    matrix = np.eye(size)
    matrix[[first, second], [first, second]] = np.cos(angle)
    matrix[first, second], matrix[second, first] = -np.sin(angle), np.sin(angle)
    return matrix


@pytest.mark.parametrize(
    ("plane", "expected"),
    [
        ((0, 5), [0.75, 1.0, 1.0, 1.0, 1.0, 0.75]),  # cos² 30° between two modes of their own
        ((1, 2), [1.0] * 6),  # inside one eigenspace nothing is lost
        ((2, 3), [1.0, 1.0, 0.75, 0.75, 1.0, 1.0]),
    ],
)
def test_turned_modes_lose_the_square_of_the_sine(plane, expected):
    levels = np.array([1.0, 2.0, 2.3, 4.0, 4.4, 5.0])
    weights = turn(6, *plane, np.pi / 6) @ np.diag(np.sqrt(levels))
    found, alignment = levels_and_alignment(weights[:, :, None], target_spaces(KAPPA, 6))
    np.testing.assert_allclose(found[0], levels, rtol=1e-14)
    np.testing.assert_allclose(alignment[0], expected, atol=1e-14)


@pytest.mark.parametrize("hidden", [1, 4, 6, 9])
def test_equals_the_definition_in_the_basis_of_the_sites(hidden):
    # K and W on the sites of a ring; projectors from the eigenvectors of K, u_i from those of W W^T.
    rng = np.random.default_rng(3)
    lattice = lattice_scalar_1d(6, mass2=4.0)
    kernel = 6.0 * np.eye(6) - np.roll(np.eye(6), 1, axis=0) - np.roll(np.eye(6), -1, axis=0)
    kappa, modes = np.linalg.eigh(kernel)
    np.testing.assert_allclose(kappa[::-1], lattice.kappa, rtol=1e-14)
    weights = rng.normal(size=(6, hidden, 3))
    count = min(6, hidden)
    levels, alignment = levels_and_alignment(weights, target_spaces(np.array(lattice.kappa), count))
    for lane in range(3):
        on_sites = modes[:, ::-1] @ weights[:, :, lane]
        squares, vectors = np.linalg.eigh(on_sites @ on_sites.T)
        np.testing.assert_allclose(levels[lane], squares[6 - count :], rtol=1e-12)
        for level in range(count):
            own = lattice.kappa[6 - count + level]
            basis = modes[:, np.abs(kappa - own) < 1e-6]
            projected = basis @ basis.T @ vectors[:, 6 - count + level]
            assert alignment[lane, level] == pytest.approx(projected @ projected, abs=1e-12)


def test_projectors_hold_degenerate_partners_without_a_level():
    spaces = target_spaces(KAPPA, 4)
    expected = [[0, 0, 0, 0], [1, 0, 0, 0], [1, 0, 0, 0], [0, 1, 1, 0], [0, 1, 1, 0], [0, 0, 0, 1]]
    assert spaces.astype(int).tolist() == expected
    rounded = KAPPA * (1.0 + 4e-16 * np.arange(6))
    assert np.array_equal(target_spaces(rounded, 4), spaces)


def test_starts_aligned_or_random():
    settings = {"learning_rate": 0.05, "batch_size": 4, "steps": 1, "record_at": [0], "rng": 1}
    for hidden in (None, 2, 4, 9):
        aligned = train_rbm(KAPPA, 9.0, replicas=3, hidden=hidden, **settings)
        np.testing.assert_allclose(aligned.alignment, 1.0, atol=1e-14)
        assert aligned.alignment.shape == aligned.levels.shape
    random = train_rbm(KAPPA, 9.0, replicas=4000, init="gaussian", **settings).alignment[:, 0]
    dimension = np.array([1, 2, 2, 2, 2, 1])
    # The squared projection of a random direction is Beta(d/2, (6 - d)/2) distributed.
    error = np.sqrt(2 * dimension * (6 - dimension) / (6**2 * 8) / 4000)
    assert np.all(np.abs(random.mean(axis=0) - dimension / 6) < 4.5 * error)
    assert random.min() >= 0.0
    assert random.max() <= 1.0


def test_one_visible_unit_is_always_aligned():
    sample = train_rbm(1.0, 2.0, learning_rate=0.1, batch_size=4, steps=5, replicas=3, hidden=4, init="gaussian", rng=1)
    assert np.array_equal(sample.alignment, np.ones((3, 1, 1)))


@pytest.mark.parametrize("init", ["aligned", "gaussian"])
@pytest.mark.parametrize("hidden", [1, 5, 6])
def test_depends_on_seed_and_replica_only(init, hidden, monkeypatch):
    settings = {
        "learning_rate": 0.05, "batch_size": 8, "steps": 20, "sweeps": 3, "data": "exact", "init": init,
        "hidden": hidden, "rng": 7,
    }  # fmt: skip
    whole = train_rbm(KAPPA, 9.0, replicas=37, record_at=[3, 20], **settings)
    assert np.all(whole.alignment[:, 1] < 1.0)
    one = train_rbm(KAPPA, 9.0, replicas=1, record_at=[20], **settings)
    assert np.array_equal(one.alignment, whole.alignment[:1, 1:])
    for size in (1, 2, 5, 16, 17):
        monkeypatch.setattr("fpsolve.sgd.rbm.block_size", lambda *_, size=size: size)
        part = train_rbm(KAPPA, 9.0, replicas=19, record_at=[3, 20], **settings)
        assert np.array_equal(part.alignment, whole.alignment[:19])
        assert np.array_equal(part.levels, whole.levels[:19])


def test_records_are_chosen_together():
    sample = train_rbm(KAPPA, 9.0, learning_rate=0.05, batch_size=8, steps=9, replicas=3, record_at=[0, 4, 9], rng=1)
    for chosen in (sample.steps > 0, np.array([1, 2])):
        part = sample.at(chosen)
        assert np.array_equal(part.levels, sample.levels[:, 1:])
        assert np.array_equal(part.alignment, sample.alignment[:, 1:])
        assert part.steps.tolist() == [4, 9]
        assert np.array_equal(part.times, sample.times[1:])
        assert (part.label, part.seed) == ("rbm", 1)
    brought = Sample.from_array(sample.levels)
    assert brought.alignment is None
    assert brought.at(np.array([True, False, True])).levels.shape == (3, 2, 6)
    assert brought.at(np.array([0])).alignment is None


def test_file_keeps_the_alignment(tmp_path):
    made = Provenance("2026-01-01T00:00:00+00:00", "python", {"fpsolve": "0"}, "any", "", 1)
    sample = train_rbm(KAPPA, 9.0, learning_rate=0.05, batch_size=8, steps=9, replicas=3, rng=1)
    for name, kept in (("trained", sample), ("brought", Sample.from_array(sample.levels))):
        write_result(Result(title="t", kind="rbm", provenance=made, sample=kept), tmp_path / f"{name}.h5")
        again = read_result(tmp_path / f"{name}.h5").sample
        assert np.array_equal(again.levels, kept.levels)
        assert (again.alignment is None) == (kept.alignment is None)
    assert np.array_equal(read_result(tmp_path / "trained.h5").sample.alignment, sample.alignment)
