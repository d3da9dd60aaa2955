"""Averaging potentials: the least constant of one step of a subgradient method, and what it guarantees of averages."""
