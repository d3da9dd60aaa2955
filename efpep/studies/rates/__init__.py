"""Studies of rates: methods and a grid of settings, answered as a rate table."""
