"""Training without a deep-learning framework: ensembles whose levels a prediction can be held against."""

from fpsolve.sgd.rbm import train_rbm

__all__ = ["train_rbm"]
