"""Studies of questions of other kinds than the rate, over a grid of settings."""
