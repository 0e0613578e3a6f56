"""Stationary laws of one level against closed forms, and the operator's law against them."""

import mpmath as mp
import numpy as np
import pytest
from scipy import stats
from scipy.special import betaln, gammaln

from fpsolve.errors import GridError, MethodError, ModelError
from fpsolve.models import PcdNoise, dyson, potential, rbm
from fpsolve.models.geometric import geometric
from fpsolve.models.jacobi import jacobi
from fpsolve.models.laguerre import laguerre
from fpsolve.models.schedule import Schedule
from fpsolve.solvers.stationary import stationary

CLOSED = [
    (dyson(levels=1, stiffness=2.0, centre=0.7, g2=0.3), stats.norm(0.7, np.sqrt(0.15)), 0.5 * np.log(0.3 * np.pi)),
    (dyson(levels=1, stiffness=2.0, centre=0.7, g2=2e-8), stats.norm(0.7, 1e-4), 0.5 * np.log(2e-8 * np.pi)),
    *(
        (laguerre(rows=m, temperature=0.1), stats.gamma(m / 2, scale=0.2), gammaln(m / 2) + m / 2 * np.log(0.2))
        for m in (1, 2, 3, 12, 200)
    ),
    *(
        (jacobi(p=p, q=q, strength=1.0), stats.beta(p + 1, q + 1), betaln(p + 1, q + 1))
        for p, q in ((0.0, 0.0), (-0.5, -0.5), (-0.9, 3.3), (60.0, 0.25))
    ),
    (geometric(source=0.5, strength=0.5, growth=-1.5), stats.invgamma(4.0), gammaln(4.0)),
]


@pytest.mark.parametrize(("model", "truth", "log_total"), CLOSED)
def test_exact_law(model: object, truth: object, log_total: float) -> None:
    law = stationary(model)
    edges = law.edges[0]
    masses = np.diff(truth.cdf(edges))
    np.testing.assert_allclose(law.density[0] * np.diff(edges), masses / masses.sum(), atol=5e-14)
    assert abs(law.log_partition_function - log_total) < 1e-13 * max(1.0, abs(log_total))
    np.testing.assert_allclose([law.mean[0], law.std[0]], [truth.mean(), truth.std()], rtol=1e-12)
    assert law.density.shape == (1, edges.size - 1)
    assert law.method == "exact"


def test_rbm_law_by_an_independent_integral() -> None:
    with mp.workdps(30):
        points = [0, 0.5, 0.8, 0.9, 1, 1.1, 1.2, 1.5, 2]

        def weight(x: mp.mpf) -> mp.mpf:
            return (2 - x) ** 200 * mp.exp(100 * (x * x / 2 + x))

        total = mp.quad(weight, points)
        mean = mp.quad(lambda x: x * weight(x), points) / total
        spread = mp.sqrt(mp.quad(lambda x: (x - mean) ** 2 * weight(x), points) / total)
    law = stationary(rbm(kappa=[1.0], mu2=2.0, g2=0.01))
    assert abs(law.log_partition_function / float(mp.log(total)) - 1) < 1e-14
    np.testing.assert_allclose([law.mean[0], law.std[0]], [float(mean), float(spread)], rtol=1e-13)


def test_pcd_law_where_it_is_known() -> None:
    # White model noise, exact data term, k → ∞: x^{ν−3/2}(μ²−x)² exp{(B/2α)[x²/(2κ) − (2μ²/κ − 1)x]}.
    ratio, kappa, mu2 = 0.01, 4.0, 9.0
    model = rbm(kappa=[kappa], mu2=mu2, noise=PcdNoise(learning_rate=ratio, batch_size=1, sweeps=400, data="exact"))
    law = stationary(model, cells=400, domain=(3.5, 6.5))
    x = np.linspace(3.5, 6.5, 400 * 50 + 1)
    x = 0.5 * (x[1:] + x[:-1])
    nu = mu2 * (mu2 - kappa) / kappa / (2 * ratio)
    log = (nu - 1.5) * np.log(x) + 2 * np.log(mu2 - x) + (x**2 / (2 * kappa) - (2 * mu2 / kappa - 1) * x) / (2 * ratio)
    weight = np.exp(log - log.max()).reshape(400, 50).sum(axis=1)
    np.testing.assert_allclose(law.density[0] * 0.0075, weight / weight.sum(), atol=1e-7)


@pytest.mark.parametrize("method", ["exact", "operator"])
def test_density_is_normalised_on_the_domain(method: str) -> None:
    law = stationary(rbm(kappa=[1.0], mu2=2.0, g2=0.01), method=method, cells=137, domain=(0.6, 1.4))
    assert law.edges[0][[0, -1]].tolist() == [0.6, 1.4]
    assert law.density.shape == (1, 137)
    assert abs(np.sum(law.density[0] * np.diff(law.edges[0])) - 1.0) < 1e-13


def test_operator_law_converges_to_the_exact_one_with_second_order() -> None:
    model = rbm(kappa=[1.0], mu2=2.0, g2=0.01)
    exact = stationary(model, cells=50)
    errors = []
    for cells in (100, 200, 400):
        law = stationary(model, method="operator", cells=cells, domain=(0.0, 2.0))
        exact = stationary(model, cells=cells, domain=(0.0, 2.0))
        errors.append(np.sum(np.abs(law.density - exact.density)) * 2.0 / cells)
        assert np.isnan(law.log_partition_function)
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(np.abs(orders - 2.0) < 0.1), (errors, orders)
    np.testing.assert_allclose([law.mean[0], law.std[0]], [exact.mean[0], exact.std[0]], rtol=1e-4)


def test_ring_law_is_flat_or_von_mises() -> None:
    ring = potential(
        lambda x: np.cos(x),
        lambda x: -np.sin(x),
        lambda x: -np.cos(x),
        domain=(0.0, 2 * np.pi),
        g2=0.5,
        boundary="periodic",
    )
    law = stationary(ring)
    assert abs(law.log_partition_function - np.log(2 * np.pi * np.i0(2.0))) < 1e-13
    assert abs(law.mean[0] - np.pi) < 1e-12


def test_infinite_moments_are_infinite() -> None:
    law = stationary(geometric(source=1.0, strength=1.0), cells=400, domain=(0.0, 50.0))
    assert np.isinf(law.mean[0])
    assert np.isinf(law.std[0])
    assert abs(law.log_partition_function) < 1e-12


FLAT = {"v": np.zeros_like, "dv": np.zeros_like, "d2v": np.zeros_like, "g2": 1.0, "domain": (0.0, 1.0)}


@pytest.mark.parametrize(
    ("model", "options", "error", "words"),
    [
        (potential(**FLAT, boundary=("absorbing", "reflecting")), {}, ModelError, "absorbing"),
        (dyson(levels=2, stiffness=1.0, centre=0.0, g2=1.0), {"method": "operator"}, MethodError, "one level"),
        (dyson(levels=1, stiffness=1.0, centre=0.0, g2=1.0), {"method": "guess"}, MethodError, "exact, operator"),
        (dyson(levels=1, stiffness=1.0, centre=0.0, g2=1.0), {"domain": (1.0, 0.0)}, GridError, "domain"),
        (
            rbm(kappa=[1.0], mu2=2.0, g2=0.01, schedule=Schedule(learning_rate=((0.0, 1.0), (1.0, 0.5)))),
            {},
            ModelError,
            "changes with time",
        ),
    ],
)
def test_refusals(model: object, options: dict, error: type, words: str) -> None:
    with pytest.raises(error, match=words):
        stationary(model, **options)


class Runaway:
    """A level on the half line with Φ = ln(1 + x)/2: no stationary law."""

    walls = (0.0, np.inf)
    anchors = ((1.0, 1.0),)
    grading = "uniform"

    def diffusion(self, x):
        return np.ones_like(x)

    def diffusion_slope(self, x):
        return np.zeros_like(x)

    def confinement(self, x):
        return 0.5 * np.log1p(x)

    def confinement_slope(self, x):
        return 0.5 / (1.0 + x)


def test_weight_that_cannot_be_normalised_is_a_model_error() -> None:
    from fpsolve.models.level_gas import LevelGas

    with pytest.raises(ModelError, match="cannot be normalised"):
        stationary(LevelGas(kind="test", levels=(Runaway(),)))
