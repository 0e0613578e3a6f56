"""Identities that tie Φ, D and b of every model together."""

import itertools

import mpmath
import numpy as np
import pytest

from fpsolve import models
from fpsolve.models import PcdNoise

# Central differences of order 8.
OFFSETS = np.array([-4, -3, -2, -1, 1, 2, 3, 4])
WEIGHTS = np.array([1 / 280, -4 / 105, 1 / 5, -4 / 5, 4 / 5, -1 / 5, 4 / 105, -1 / 280])


def pcd(sweeps, data, *, kappa=1.0, mu2=2.0, learning_rate=0.01):
    return models.rbm(kappa=[kappa], mu2=mu2, noise=PcdNoise(learning_rate, 16, sweeps, data))


GASES = {
    "rbm": models.rbm(kappa=[1.5, 1.0], mu2=2.0, g2=[0.01, 0.02]),
    "rbm_tight": models.rbm(kappa=[4.0], mu2=9.0, g2=1e-3),
    **{f"pcd_{k}_{data}": pcd(k, data) for k in (1, 2, 3, 40) for data in ("batch", "exact")},
    "pcd_strong": pcd(3, "batch", learning_rate=1.5),
    "pcd_wide": pcd(3, "exact", kappa=4.0, mu2=9.0),
    "dyson": models.dyson(levels=2, stiffness=[1.0, 2.0], centre=[-0.3, 0.4], g2=0.05),
    "laguerre": models.laguerre(rows=5, levels=2, weight_decay=0.7, temperature=0.2),
    "laguerre_multiplicative": models.laguerre(rows=5, weight_decay=0.7, temperature=0.2, multiplicative=0.03),
    "laguerre_heavy": models.laguerre(rows=1, weight_decay=1.0, temperature=0.1, multiplicative=0.4),
    "laguerre_square": models.laguerre(rows=3, levels=3, weight_decay=1.0, temperature=0.1),
    "geometric": models.geometric(source=0.5, growth=-0.4, saturation=0.3, strength=0.2, levels=2),
    "jacobi": models.jacobi(p=-0.5, q=1.5, strength=0.8, levels=2),
    "jacobi_flat": models.jacobi(p=0.0, q=0.0),
    "potential": models.potential(
        lambda x: x**4 / 4 - x**2 / 2,
        lambda x: x**3 - x,
        lambda x: 3 * x**2 - 1,
        domain=(-2.0, 2.0),
        g2=0.03,
    ),
}


def inside(body, n=40):
    """Random points inside the walls, and for each the distance to the nearest wall (at most 1)."""
    lower, upper = max(body.walls[0], -3.0), min(body.walls[1], 6.0)
    x = lower + (upper - lower) * np.random.default_rng(5).uniform(0.02, 0.98, n)
    return x, np.minimum(np.minimum(x - lower, upper - x), 1.0)


def derivative(function, x, step):
    return sum(w * function(x + k * step) for k, w in zip(OFFSETS, WEIGHTS, strict=True)) / step


@pytest.fixture(params=[(name, i) for name, gas in GASES.items() for i in range(gas.n)], ids=lambda p: f"{p[0]}-{p[1]}")
def body(request):
    name, level = request.param
    return GASES[name].levels[level]


@pytest.mark.parametrize(
    ("function", "slope"),
    [
        ("confinement", "confinement_slope"),
        ("confinement_slope", "confinement_curvature"),
        ("diffusion", "diffusion_slope"),
    ],
)
def test_derivatives(body, function, slope):
    x, room = inside(body)
    step = 0.01 * room
    # Next to μ², (x/μ²)^{2k} has structure on the scale μ²/k.
    step = step / max(getattr(body, "sweeps", 1) / 4.0, 1.0)
    numerical = derivative(getattr(body, function), x, step)
    exact = getattr(body, slope)(x)
    scale = np.abs(exact) + np.abs(getattr(body, function)(x)) * 1e-3 / step + 1e-30
    assert np.max(np.abs(numerical - exact) / scale) < 1e-9


def test_confinement_slope_is_that_of_drift_and_diffusion(body):
    x, _ = inside(body)
    d, d1, b = body.diffusion(x), body.diffusion_slope(x), body.drift(x)
    scale = (np.abs(d1) + np.abs(b)) / d + np.abs(body.confinement_slope(x))
    assert np.max(np.abs((d1 - b) / d - body.confinement_slope(x)) / scale) < 1e-12


def test_noise_of_factor_one_changes_nothing(body):
    assert body.with_noise(1.0) == body


def test_noise_scales_the_diffusion(body):
    x, _ = inside(body)
    assert body.with_noise(2.5).diffusion(x) == pytest.approx(2.5 * body.diffusion(x), rel=1e-14)


def test_shapes_and_signs(body):
    x, _ = inside(body, 12)
    for name in ("diffusion", "diffusion_slope", "confinement", "confinement_slope", "confinement_curvature", "drift"):
        flat = getattr(body, name)(x)
        assert flat.shape == (12,)
        assert flat.dtype == np.float64
        assert np.all(np.isfinite(flat))
        assert np.array_equal(getattr(body, name)(x.reshape(3, 4)), flat.reshape(3, 4))
    assert np.all(body.diffusion(x) > 0.0)


def test_anchors_hold_the_mass(body):
    """All but a thousandth of a lone level's law lies within eight widths of the anchors."""
    lower = max(min(c - 8 * s for c, s in body.anchors), body.walls[0])
    upper = min(max(c + 8 * s for c, s in body.anchors), body.walls[1])
    wide_lower = max(body.walls[0], lower - (upper - lower))
    wide_upper = min(body.walls[1], upper + 30 * (upper - lower))
    edges = np.unique(np.concatenate([np.linspace(wide_lower, wide_upper, 40_001), [lower, upper]]))
    x = 0.5 * (edges[1:] + edges[:-1])
    log = -body.confinement(x)
    mass = np.exp(log - log.max()) * np.diff(edges)
    assert mass[(x < lower) | (x > upper)].sum() / mass.sum() < 1e-3


def mp_pcd(kappa, mu2, ratio, k, chi):
    """D and b of the derived noise as mpmath functions, straight from their definition."""

    def e(x):
        rho2 = (x / mu2) ** (2 * k)
        return (1 + rho2) / (1 - rho2)

    def d(x):
        return 2 * ratio * x**2 * (e(x) / (mu2 - x) ** 2 + mpmath.mpf(chi) / kappa**2)

    def b(x):
        c = 1 / (mu2 - x)
        rho2 = (x / mu2) ** (2 * k)
        e1 = 4 * k * rho2 / (x * (1 - rho2) ** 2)
        return (1 / kappa - c) * x + ratio * x * (c**2 * (2 * e(x) - 1 + 2 * x * e1) + mpmath.mpf(chi) / kappa**2)

    return d, b


@pytest.mark.parametrize(("k", "data"), [(1, "exact"), (1, "batch"), (3, "batch"), (10, "exact")])
def test_pcd_confinement_is_the_integral_of_its_slope(k, data):
    """Φ(x) − Φ(1) against 30-digit quadrature of (D' − b)/D, to 1e-13 of the range of Φ."""
    with mpmath.workdps(30):
        kappa, mu2, ratio, chi = mpmath.mpf(1), mpmath.mpf(2), mpmath.mpf("0.01") / 16, int(data == "batch")
        d, b = mp_pcd(kappa, mu2, ratio, k, chi)
        points = [mpmath.mpf(v) for v in ("0.01", "0.1", "0.4", "0.8", "1", "1.2", "1.6", "1.9", "1.99")]
        steps = [
            mpmath.log(d(right) / d(left)) - mpmath.quad(lambda x: b(x) / d(x), [left, (left + right) / 2, right])
            for left, right in itertools.pairwise(points)
        ]
        truth = np.array([float(mpmath.fsum(steps[:i]) - mpmath.fsum(steps[:4])) for i in range(len(points))])
    body = models.rbm(kappa=[1.0], mu2=2.0, noise=PcdNoise(0.01, 16, k, data)).levels[0]
    found = body.confinement(np.array([float(p) for p in points]))
    assert np.max(np.abs(found - found[4] - truth)) < 1e-13 * np.ptp(truth)


def test_rbm_confinement_is_the_integral_of_its_force():
    with mpmath.workdps(30):
        kappa, mu2 = mpmath.mpf("1.3"), mpmath.mpf("2.1")
        integral = [-mpmath.quad(lambda y: (1 / kappa - 1 / (mu2 - y)) * y, [0, x]) for x in (0.5, 1.0, 2.0)]
    body = models.rbm(kappa=[1.3], mu2=2.1, g2=0.25).levels[0]
    x = np.array([0.0, 0.5, 1.0, 2.0])
    found = body.confinement(x)
    assert found[1:] - found[0] == pytest.approx([float(v) / 0.25 for v in integral], rel=1e-13)


def test_rbm_confinement_at_its_walls():
    body = models.rbm(kappa=[1.0], mu2=2.0, g2=0.01).levels[0]
    assert np.isfinite(body.confinement(np.array([0.0]))[0])
    assert body.confinement(np.array([2.0]))[0] == np.inf


def test_pcd_confinement_at_its_walls():
    body = pcd(1, "batch").levels[0]
    assert np.all(body.confinement(np.array([0.0, 2.0])) == np.inf)
    assert body.diffusion(np.array([0.0, 2.0])).tolist() == [0.0, np.inf]
