"""Grids: axes of cells, and (for several levels) chambers of ordered multi-indices."""
