"""Solvers: evolution, bound states and stationary laws."""
