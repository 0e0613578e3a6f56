"""Discrete operators: a model on a grid becomes rates, factors and matrices."""
