"""Grids: axes of cells."""
