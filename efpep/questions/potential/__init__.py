"""Growing potentials: the least constant K with ``f(x_T) - f* <= K ||x_0 - x*||^2 / A_T``."""
