"""Rates: the best contraction factor that a Lyapunov function of a class proves."""
