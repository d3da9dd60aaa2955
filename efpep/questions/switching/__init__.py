"""Worst cases over switching patterns."""
