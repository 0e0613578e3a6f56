"""Models: level gases and the laws they start from."""

from fpsolve.models.dyson import DysonLevel, dyson
from fpsolve.models.geometric import GeometricLevel, geometric
from fpsolve.models.jacobi import JacobiLevel, jacobi
from fpsolve.models.laguerre import LaguerreLevel, laguerre
from fpsolve.models.lattice import LatticeScalar, lattice_scalar_1d
from fpsolve.models.level_gas import Boundary, LevelGas, OneBody
from fpsolve.models.multiplicative import MultiplicativeLevel
from fpsolve.models.potential import PotentialLevel, potential
from fpsolve.models.potential_function import PotentialFunction
from fpsolve.models.rbm import RbmLevel, rbm
from fpsolve.models.rbm_pcd import PcdLevel, PcdNoise
from fpsolve.models.schedule import Schedule
from fpsolve.models.squared_level import SquaredLevel
from fpsolve.models.tail import tail_exponent
from fpsolve.models.teacher_student import teacher_student

__all__ = [
    "Boundary",
    "DysonLevel",
    "GeometricLevel",
    "JacobiLevel",
    "LaguerreLevel",
    "LatticeScalar",
    "LevelGas",
    "MultiplicativeLevel",
    "OneBody",
    "PcdLevel",
    "PcdNoise",
    "PotentialFunction",
    "PotentialLevel",
    "RbmLevel",
    "Schedule",
    "SquaredLevel",
    "dyson",
    "geometric",
    "jacobi",
    "laguerre",
    "lattice_scalar_1d",
    "potential",
    "rbm",
    "tail_exponent",
    "teacher_student",
]
