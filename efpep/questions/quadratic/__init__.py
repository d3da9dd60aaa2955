"""Quadratic instances that a method multiplies in every step."""
