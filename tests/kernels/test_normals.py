"""Counter-based normals: the cipher, the polynomials, the law, the independence of streams, and reproducibility."""

import math

import mpmath
import numpy as np
import pytest
from scipy import stats

from fpsolve.kernels import normals
from fpsolve.kernels._jit import python_of
from fpsolve.kernels.normals import fill_normals, minus_two_log, normal_pair, quarter_circle, threefry

U64 = np.uint64


def make_keys(lanes, seed=1):
    return np.random.default_rng(seed).integers(0, 2**64, size=(2, lanes), dtype=np.uint64)


def draw(keys, slot, numbers):
    out = np.empty((numbers, keys.shape[1]))
    fill_normals(keys, slot, out)
    return out


@pytest.fixture(scope="module")
def sample():
    """4 million normals from 64 streams."""
    return draw(make_keys(64), 12345, 62500)


@pytest.fixture
def interpreted(monkeypatch):
    """The module with every compiled function replaced by the Python function behind it."""
    words = (U64(1),) * 4
    # Compile first: a kernel that is compiled after its helpers are gone cannot find them.
    compiled = threefry(*words), normal_pair(*words), minus_two_log(0.5), quarter_circle(0.5), draw(make_keys(1), 0, 1)
    assert len(compiled) == 5
    for name in ("_mix", "threefry", "minus_two_log", "quarter_circle", "normal_pair", "fill_normals"):
        monkeypatch.setattr(normals, name, python_of(getattr(normals, name)))
    with np.errstate(over="ignore"):
        yield normals


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        # Random123, kat_vectors, "threefry2x64 13".
        ((0, 0), (0, 0), (0xF167B032C3B480BD, 0xE91F9FEE4B7A6FB5)),
        ((2**64 - 1,) * 2, (2**64 - 1,) * 2, (0xCCDEC5C917A874B1, 0x4DF53ABCA26CEB01)),
        (
            (0x243F6A8885A308D3, 0x13198A2E03707344),
            (0xA4093822299F31D0, 0x082EFA98EC4E6C89),
            (0xC3AAC71561042993, 0x3FE7AE8801AFF316),
        ),
    ],
)
def test_threefry_gives_the_published_words(counter, key, expected, interpreted):
    words = [U64(w) for w in (*key, *counter)]
    assert tuple(int(w) for w in threefry(*words)) == expected
    assert tuple(int(w) for w in interpreted.threefry(*words)) == expected


def test_logarithm_against_mpmath():
    rng = np.random.default_rng(2)
    near_one = 1.0 - np.arange(1, 200) * 2.0**-53
    u = np.concatenate([rng.random(2000), 2.0 ** -rng.uniform(0, 53, 2000), near_one, [2.0**-53, 0.5, math.sqrt(0.5)]])
    with mpmath.workdps(40):
        exact = [-2 * mpmath.log(mpmath.mpf(float(x))) for x in u]
        errors = [abs(float((minus_two_log(x) - e) / e)) for x, e in zip(u, exact, strict=True)]
    assert max(errors) < 2e-15
    assert minus_two_log(1.0) == 0.0


def test_circle_against_mpmath():
    t = np.concatenate([np.linspace(-0.5, 0.5, 2001), [2.0**-53, -(2.0**-40)]])
    with mpmath.workdps(40):
        for x in t:
            cosine, sine = quarter_circle(x)
            angle = mpmath.pi * mpmath.mpf(float(x)) / 2
            assert abs(float(cosine / mpmath.cos(angle) - 1)) < 1e-15
            assert x == 0.0 or abs(float(sine / mpmath.sin(angle) - 1)) < 1e-15


def test_compiled_equals_python(interpreted):
    keys = make_keys(3)
    out = np.empty((101, 3))
    interpreted.fill_normals(keys, 7, out)
    assert np.array_equal(out, draw(keys, 7, 101))


def test_pair_is_the_box_muller_transform_of_the_words():
    keys = make_keys(200, seed=5)
    for lane in range(200):
        words = (keys[0, lane], keys[1, lane], U64(lane), U64(3))
        word0, word1 = (int(word) for word in threefry(*words))
        first, second = normal_pair(*words)
        assert first**2 + second**2 == pytest.approx(-2 * math.log(((word0 >> 11) + 1) / 2**53), rel=1e-13)
        angle = math.pi / 2 * ((word1 >> 11) / 2**53 - 0.5)
        sign = -1 if word1 & 1 else 1
        near, far = (second, first) if word1 & 2 else (first, second)
        assert math.atan2(sign * far, sign * near) == pytest.approx(angle, rel=1e-13)


def test_numbers_depend_on_key_slot_and_position_only():
    keys = make_keys(37)
    whole = draw(keys, 5, 41)
    for lane in (0, 17, 36):
        assert np.array_equal(draw(keys[:, lane : lane + 1].copy(), 5, 41)[:, 0], whole[:, lane])
    assert np.array_equal(draw(keys[:, 3:19].copy(), 5, 41), whole[:, 3:19])
    for shorter in (1, 2, 40):
        assert np.array_equal(draw(keys, 5, shorter), whole[:shorter])
    assert not np.any(draw(keys, 6, 41) == whole)


def test_moments_to_eighth_order(sample):
    n = sample.size
    for order in range(1, 9):
        moment = float(stats.norm.moment(order))
        error = math.sqrt((float(stats.norm.moment(2 * order)) - moment**2) / n)
        assert abs((sample**order).mean() - moment) < 4.5 * error, order


def test_law_by_kolmogorov_smirnov(sample):
    for half in (sample[:, :32], sample[:, 32:]):
        assert stats.kstest(half.ravel(), "norm").pvalue > 1e-3
    assert stats.kstest(sample[::2].ravel(), sample[1::2].ravel()).pvalue > 1e-3


def test_radius_and_angle_are_independent_and_uniform(sample):
    first, second = sample[0::2].ravel(), sample[1::2].ravel()
    angle = np.arctan2(second, first) / (2 * np.pi) + 0.5
    surviving = np.exp(-0.5 * (first**2 + second**2))
    assert stats.kstest(angle, "uniform").pvalue > 1e-3
    assert stats.kstest(surviving, "uniform").pvalue > 1e-3
    table = np.histogram2d(angle, surviving, bins=16, range=[[0, 1], [0, 1]])[0]
    assert stats.chisquare(table.ravel()).pvalue > 1e-3


@pytest.mark.parametrize("cut", [3.0, 4.0, 4.5])
def test_tails_have_the_right_weight(sample, cut):
    expected = sample.size * 2 * stats.norm.sf(cut)
    assert abs((np.abs(sample) > cut).sum() - expected) < 4.5 * math.sqrt(expected)


@pytest.mark.parametrize("word", [0, 1, 2, 1000])
def test_far_tail_of_the_radius(word):
    # Rare draws cannot be waited for, so the smallest uniforms are put in by hand: r = sqrt(-2 ln((word + 1)/2^53)).
    radius = math.sqrt(minus_two_log((word + 1) * 2.0**-53))
    assert stats.chi2.sf(radius**2, 2) == pytest.approx((word + 1) * 2.0**-53, rel=1e-13)
    assert radius > 7.7


@pytest.mark.slow
def test_far_tail_by_counting():
    keys, cuts = make_keys(64, seed=9), np.array([5.0, 5.5, 6.0])
    counts, n = np.zeros(3), 0
    out = np.empty((20000, 64))
    for slot in range(800):
        fill_normals(keys, slot, out)
        n += out.size
        far = np.abs(out[np.abs(out) > cuts[0]])
        counts += (far[:, None] > cuts).sum(axis=0)
    expected = n * 2 * stats.norm.sf(cuts)
    assert np.all(np.abs(counts - expected) < 4 * np.sqrt(expected) + 1), (counts, expected)


def test_streams_and_lags_are_uncorrelated(sample):
    n = sample.shape[0]
    for values in (sample, sample**2 - 1, sample**3 - 3 * sample):
        unit = values / values.std()
        between = np.corrcoef(unit, rowvar=False)[np.triu_indices(64, 1)]
        assert np.abs(between).max() < 5.5 / math.sqrt(n)
        for lag in (1, 2, 3, 4, 16):
            assert abs((unit[lag:] * unit[:-lag]).mean()) < 4.5 / math.sqrt(unit[lag:].size), lag
    assert abs((sample[:-1] ** 2 * sample[1:]).mean()) < 4.5 * math.sqrt(3 / sample.size)


def test_neighbouring_keys_and_slots_are_independent():
    # Keys that differ in one bit, and successive slots of one key: the worst a counter-based stream can be asked.
    base = make_keys(1)[:, 0]
    bits = U64(1) << np.arange(64, dtype=np.uint64)
    keys = np.concatenate([base[:, None], np.stack([base[0] ^ bits, np.full(64, base[1])])], axis=1)
    out = draw(keys, 0, 20000)
    slots = np.stack([draw(keys[:, :1].copy(), slot, 20000)[:, 0] for slot in range(64)], axis=1)
    for columns in (out, slots):
        between = np.corrcoef(columns, rowvar=False)[np.triu_indices(columns.shape[1], 1)]
        assert np.abs(between).max() < 5.5 / math.sqrt(20000)
        assert stats.kstest(between * math.sqrt(20000), "norm").pvalue > 1e-3
