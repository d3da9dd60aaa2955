"""Semidefinite programs on a fixed pattern, and the solvers that propose answers to them."""
