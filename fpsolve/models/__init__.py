"""Models: level gases and the laws they start from."""
