"""Analyses: they ask solvers for proposals and turn them into certified answers."""
