"""Closed-form laws: the truth that solvers are held against, and features of their own.

Names are loaded on first use: tabulated laws are needed everywhere, the others seldom.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fpsolve.exact.beta_law import BetaLaw
    from fpsolve.exact.beta_prime_law import BetaPrimeLaw
    from fpsolve.exact.coulomb_gas import CoulombGas, ordered_gas
    from fpsolve.exact.gamma_law import GammaLaw
    from fpsolve.exact.gaussian_matrix import GaussianMatrix
    from fpsolve.exact.gaussian_matrix_pair import GaussianPair
    from fpsolve.exact.gaussian_matrix_rbm import rbm_matrix_law
    from fpsolve.exact.gaussian_matrix_teacher import TeacherStudentMatrix
    from fpsolve.exact.inverse_gamma_law import InverseGammaLaw
    from fpsolve.exact.kesten import KestenTail, kesten_exponent, kesten_exponent_of_factors
    from fpsolve.exact.kramers import flux_over_population_energies, kramers_energies
    from fpsolve.exact.landscape import Landscape, find_landscape
    from fpsolve.exact.level_law import LevelLaw
    from fpsolve.exact.marchenko_pastur import MarchenkoPastur
    from fpsolve.exact.ornstein_uhlenbeck import OrnsteinUhlenbeck
    from fpsolve.exact.rates import dyson_rates, jacobi_rates, laguerre_rates
    from fpsolve.exact.rbm_gaussian import GaussianRbm
    from fpsolve.exact.rbm_second_order import WhiteNoiseMatrix, rbm_second_order_law
    from fpsolve.exact.rbm_white_noise import WhiteNoiseRbm
    from fpsolve.exact.selberg import jacobi_log_norm, laguerre_log_norm, mehta_log_norm
    from fpsolve.exact.semicircle_two_level import TwoLevelSemicircle
    from fpsolve.exact.singular_value_gamma import (
        SingularValueGamma,
        exact_singular_value_law,
        published_singular_value_law,
    )
    from fpsolve.exact.skewed_matrix import SkewedMatrix
    from fpsolve.exact.student_course import StudentCourse
    from fpsolve.exact.surmise import mean_spacing, spacing_cdf, spacing_pdf, surmise_cdf, surmise_pdf
    from fpsolve.exact.tabulated import TabulatedLaw
    from fpsolve.exact.third_cumulant import ThirdCumulantLaw, third_cumulant_skewness
    from fpsolve.exact.two_species_gas import TwoSpeciesGas
    from fpsolve.exact.unitary_gas import UnitaryGas, determinantal_gas

__all__ = [
    "BetaLaw",
    "BetaPrimeLaw",
    "CoulombGas",
    "GammaLaw",
    "GaussianMatrix",
    "GaussianPair",
    "GaussianRbm",
    "InverseGammaLaw",
    "KestenTail",
    "Landscape",
    "LevelLaw",
    "MarchenkoPastur",
    "OrnsteinUhlenbeck",
    "SingularValueGamma",
    "SkewedMatrix",
    "StudentCourse",
    "TabulatedLaw",
    "TeacherStudentMatrix",
    "ThirdCumulantLaw",
    "TwoLevelSemicircle",
    "TwoSpeciesGas",
    "UnitaryGas",
    "WhiteNoiseMatrix",
    "WhiteNoiseRbm",
    "determinantal_gas",
    "dyson_rates",
    "exact_singular_value_law",
    "find_landscape",
    "flux_over_population_energies",
    "jacobi_log_norm",
    "jacobi_rates",
    "kesten_exponent",
    "kesten_exponent_of_factors",
    "kramers_energies",
    "laguerre_log_norm",
    "laguerre_rates",
    "mean_spacing",
    "mehta_log_norm",
    "ordered_gas",
    "published_singular_value_law",
    "rbm_matrix_law",
    "rbm_second_order_law",
    "spacing_cdf",
    "spacing_pdf",
    "surmise_cdf",
    "surmise_pdf",
    "third_cumulant_skewness",
]

_HOMES = {
    "beta_law": ("BetaLaw",),
    "beta_prime_law": ("BetaPrimeLaw",),
    "coulomb_gas": ("CoulombGas", "ordered_gas"),
    "gamma_law": ("GammaLaw",),
    "gaussian_matrix": ("GaussianMatrix",),
    "gaussian_matrix_pair": ("GaussianPair",),
    "gaussian_matrix_rbm": ("rbm_matrix_law",),
    "gaussian_matrix_teacher": ("TeacherStudentMatrix",),
    "inverse_gamma_law": ("InverseGammaLaw",),
    "kesten": ("KestenTail", "kesten_exponent", "kesten_exponent_of_factors"),
    "kramers": ("flux_over_population_energies", "kramers_energies"),
    "landscape": ("Landscape", "find_landscape"),
    "level_law": ("LevelLaw",),
    "marchenko_pastur": ("MarchenkoPastur",),
    "ornstein_uhlenbeck": ("OrnsteinUhlenbeck",),
    "rates": ("dyson_rates", "jacobi_rates", "laguerre_rates"),
    "rbm_gaussian": ("GaussianRbm",),
    "rbm_second_order": ("WhiteNoiseMatrix", "rbm_second_order_law"),
    "rbm_white_noise": ("WhiteNoiseRbm",),
    "selberg": ("jacobi_log_norm", "laguerre_log_norm", "mehta_log_norm"),
    "semicircle_two_level": ("TwoLevelSemicircle",),
    "student_course": ("StudentCourse",),
    "singular_value_gamma": (
        "SingularValueGamma",
        "exact_singular_value_law",
        "published_singular_value_law",
    ),
    "skewed_matrix": ("SkewedMatrix",),
    "surmise": ("mean_spacing", "spacing_cdf", "spacing_pdf", "surmise_cdf", "surmise_pdf"),
    "tabulated": ("TabulatedLaw",),
    "third_cumulant": ("ThirdCumulantLaw", "third_cumulant_skewness"),
    "two_species_gas": ("TwoSpeciesGas",),
    "unitary_gas": ("UnitaryGas", "determinantal_gas"),
}


def __getattr__(name: str) -> object:
    """Load a public name from its module."""
    for home, names in _HOMES.items():
        if name in names:
            value: object = getattr(importlib.import_module(f"{__name__}.{home}"), name)
            globals()[name] = value
            return value
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__
