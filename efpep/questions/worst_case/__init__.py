"""Worst cases after a number of steps."""
