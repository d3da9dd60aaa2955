"""Noise in nonconvex potentials: the least constant c with ``E Phi+ <= Phi - a ||grad f(x)||^2 + c sigma^2``."""
