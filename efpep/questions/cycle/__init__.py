"""Closed trajectories: cycles, and self-similar ones that bound the rate of the method itself from below."""
