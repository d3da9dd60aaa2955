"""Numeric runs: the methods' own ``step`` on NumPy arrays."""
