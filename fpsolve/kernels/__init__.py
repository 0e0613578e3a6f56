"""Compiled kernels on floats and arrays: numbers in, numbers out, no Python objects."""
