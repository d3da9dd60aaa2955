"""Stochastic gradients: the least constant of the gradients' noise in a contraction, and in a bound of averages."""
