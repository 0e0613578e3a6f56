"""Training without a deep-learning framework: ensembles whose levels a prediction can be held against."""

from fpsolve.sgd.linear_network import train_linear_network
from fpsolve.sgd.matrix_langevin import train_matrix_langevin
from fpsolve.sgd.rbm import train_rbm
from fpsolve.sgd.teacher_student import train_teacher_student

__all__ = ["train_linear_network", "train_matrix_langevin", "train_rbm", "train_teacher_student"]
