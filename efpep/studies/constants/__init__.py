"""Studies of the least constants of one-step potentials, over contraction parameters in both directions."""
