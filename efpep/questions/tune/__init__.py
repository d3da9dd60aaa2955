"""Tuning: the best parameters of a method, up to a proved bracket."""
