"""Closed-form laws: the truth that solvers are held against, and features of their own."""
