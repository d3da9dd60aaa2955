"""Nonconvex potentials: the largest decrease a with ``Phi+ <= Phi - a ||grad f(x)||^2``."""
